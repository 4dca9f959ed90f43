// Package native reads and writes edmsplan's own packages, .edmspkg: records
// with their models, tables and keys, and files, in one tar archive or the same
// members in a folder. docs/package-format.md describes the format.
//
// Fixtures of Django are read by package django, EDMS packages by edms.
package native

import (
	"context"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/providers/backup"
)

const (
	// formatName stands in the first member; Version is the only version that
	// is written and read.
	formatName = "edmspkg"
	// Version is the format's version.
	Version = 1
	// Extension is how files of the format are called.
	Extension = ".edmspkg"
)

// FormatName and FolderFormatName are backup.Info.Format of the two forms.
const (
	FormatName       = "edmspkg"
	FolderFormatName = "edmspkg-folder"
)

// ParentFunc opens the package that an incremental one builds on. Name is the
// base name that its parent had, digest its Info.Digest. The one who asks
// closes what it returns.
type ParentFunc func(ctx context.Context, name, digest string) (*Package, error)

// Options are how a package is opened.
type Options struct {
	Limits backup.Limits
	// Parent finds the parents of incremental packages; nil finds none, and
	// incremental packages are refused.
	Parent ParentFunc
	// Close is closed with the package, also when opening it fails. It may be
	// nil.
	Close interface{ Close() error }
	// Format and Path are what Info says; empty means FormatName and the name.
	Format, Path string
}

// Formats are the folder and the file, in the order to try them. Parents of
// incremental packages are looked for beside them, under their base names.
func Formats() []backup.Format {
	return []backup.Format{
		{
			Name:  FolderFormatName,
			Sniff: sniffFolder,
			Open: func(ctx context.Context, path string, l backup.Limits) (backup.Package, error) {
				return opened(OpenFolder(ctx, path, Options{Limits: l, Parent: Beside(path, l)}))
			},
		},
		{
			Name:  FormatName,
			Sniff: sniffFile,
			Open: func(ctx context.Context, path string, l backup.Limits) (backup.Package, error) {
				return opened(OpenFile(ctx, path, Options{Limits: l, Parent: Beside(path, l)}))
			},
		},
	}
}

// opened keeps a nil *Package from becoming a Package that is not nil.
func opened(p *Package, err error) (backup.Package, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Beside finds parents in the folder in which the package at path is, files and
// folders alike.
func Beside(path string, l backup.Limits) ParentFunc {
	return func(ctx context.Context, name, _ string) (*Package, error) {
		at := filepath.Join(filepath.Dir(path), name)
		o := Options{Limits: l, Parent: Beside(at, l)}
		if st, err := os.Stat(at); err == nil && st.IsDir() {
			return OpenFolder(ctx, at, o)
		}
		return OpenFile(ctx, at, o)
	}
}

// IsNative reports whether a file's first bytes, a whole block of 512 or more,
// are those of a package of any version.
func IsNative(head []byte) bool {
	return backup.IsTar(head) && len(head) >= blockSize && memberName(head) == headerName
}

func sniffFile(path string) (bool, error) {
	head, err := backup.Head(path, blockSize)
	return IsNative(head), err
}

func sniffFolder(path string) (bool, error) {
	st, err := os.Stat(path)
	if err != nil || !st.IsDir() {
		return false, err
	}
	first, err := os.Lstat(filepath.Join(path, headerName))
	return err == nil && first.Mode().IsRegular(), nil
}
