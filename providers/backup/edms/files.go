package edms

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

var _ backup.Files = (*pack)(nil)

// HasFiles implements backup.Files.
func (p *pack) HasFiles(folder string) bool { return len(p.stored(folder)) > 0 }

// stored lists the members below a folder in order, without the manifest.
func (p *pack) stored(folder string) []string {
	names := slices.DeleteFunc(p.tree.under(folder), func(name string) bool { return name == storageName })
	slices.Sort(names)
	return names
}

// Files implements backup.Files. A folder's files are read for their digests;
// those of an archive's are known.
func (p *pack) Files(ctx context.Context, folder string) iter.Seq2[backup.FileInfo, error] {
	return func(yield func(backup.FileInfo, error) bool) {
		for _, name := range p.stored(folder) {
			m, _ := p.tree.member(name)
			digest, err := p.tree.digest(ctx, name)
			info := backup.FileInfo{Name: strings.TrimPrefix(name, folder+"/"), Size: m.size, Digest: digest}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

// OpenFile implements backup.Files. The first file of an archive unpacks all
// that stand in its top folder: an archive cannot be read out of its order.
func (p *pack) OpenFile(ctx context.Context, name string) (io.ReadCloser, error) {
	m, ok := p.tree.member(name)
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	if p.tree.folder == "" && m.at == "" {
		top, _, _ := strings.Cut(name, "/")
		if err := p.tree.unpack(ctx, top); err != nil {
			return nil, fmt.Errorf("unpack %s: %w", top, err)
		}
		if m, _ = p.tree.member(name); m.at == "" {
			return nil, fmt.Errorf("%s was changed while it was being read", filepath.Base(p.tree.archive))
		}
	}
	return p.tree.open(name)
}

// unpack reads the archive again and unpacks the members of a folder that were
// not unpacked, under names of our own.
func (t *tree) unpack(ctx context.Context, folder string) (err error) {
	in, err := backup.OpenStream(ctx, t.archive, t.limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	dir, err := os.MkdirTemp(t.temp, "files-*")
	if err != nil {
		return err
	}
	r := tar.NewReader(in)
	for n := 1; ; n++ {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damaged(err, filepath.Base(t.archive), n)
		}
		name, err := cleanName(h.Name)
		if err != nil {
			return err
		}
		m, known := t.members[name]
		// Only what was there at the first reading, within its size.
		if !known || m.at != "" || h.Typeflag != tar.TypeReg || h.Size != m.size || !strings.HasPrefix(name, t.root+folder+"/") {
			continue
		}
		m.at = filepath.Join(dir, strconv.Itoa(n))
		if err := unpackOne(m.at, r); err != nil {
			return damaged(err, filepath.Base(t.archive), n)
		}
		t.members[name] = m
	}
}

func unpackOne(at string, r io.Reader) (err error) {
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, r)
	return err
}
