// Package edms reads and writes the EDMS migration package: a folder or a tar archive
// with a Django fixture, what the source said of itself, its configuration and
// its files, with checksums of all of them.
//
// The fixture in it is read and written by whatever the constructor is given,
// in practice django; fixtures alone are opened there.
package edms

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// Fixture opens the Django fixture at path.
type Fixture func(ctx context.Context, path string, l backup.Limits) (backup.Package, error)

// Formats are the folder and the archive, in the order to try them.
func Formats(fixture Fixture) []backup.Format {
	return []backup.Format{
		{
			Name:  "edms-folder",
			Sniff: sniffFolder,
			Open: func(ctx context.Context, path string, l backup.Limits) (backup.Package, error) {
				t, err := folderTree(ctx, path, l)
				if err != nil {
					return nil, err
				}
				return open(ctx, t, fixture, backup.Info{Format: "edms-folder", Path: path}, l)
			},
		},
		{
			Name: "edms-archive",
			Sniff: func(path string) (bool, error) {
				head, err := backup.Head(path, 512)
				return backup.IsTar(head), err
			},
			Open: func(ctx context.Context, path string, l backup.Limits) (backup.Package, error) {
				t, err := archiveTree(ctx, path, l)
				if err != nil {
					return nil, err
				}
				return open(ctx, t, fixture, backup.Info{Format: "edms-archive", Path: path}, l)
			},
		},
	}
}

// sniffFolder reports whether the folder has a package's members, itself or
// in the one folder that it holds.
func sniffFolder(dir string) (bool, error) {
	st, err := os.Stat(dir)
	if err != nil || !st.IsDir() {
		return false, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	if hasMembers(entries) {
		return true, nil
	}
	if len(entries) != 1 || !entries[0].IsDir() {
		return false, nil
	}
	inner, err := os.ReadDir(filepath.Join(dir, entries[0].Name()))
	return hasMembers(inner), err
}

func hasMembers(entries []os.DirEntry) bool {
	for _, e := range entries {
		if e.Name() == "database" && e.IsDir() || e.Name() == metadataName || e.Name() == fullName {
			return true
		}
	}
	return false
}

// open checks the package's members against each other and opens the fixture.
// It takes over the tree.
func open(ctx context.Context, t *tree, fixture Fixture, info backup.Info, l backup.Limits) (opened backup.Package, err error) {
	p := &pack{tree: t, info: info}
	defer func() {
		if err != nil {
			opened, err = nil, errors.Join(err, p.Close())
		}
	}()
	t.findRoot()
	if _, ok := t.member(fixtureName); !ok {
		return nil, noFixture(t)
	}
	digest, err := checkDatabase(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, verify := range []func(context.Context, *tree) ([]string, error){checkConfiguration, checkStorage} {
		warnings, err := verify(ctx, t)
		if err != nil {
			return nil, err
		}
		p.info.Warnings = append(p.info.Warnings, warnings...)
	}
	p.records, err = fixture(ctx, t.path(fixtureName), l)
	if err != nil {
		return nil, backup.InMember(err, fixtureName)
	}
	if got := p.records.Info().Digest; got != digest {
		return nil, fmt.Errorf("%s was changed while it was being read", fixtureName)
	}
	return p, p.describe()
}
