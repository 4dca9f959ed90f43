package edms

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// folder gathers members beside the place where they are to be.
type folder struct {
	dir  string   // where the package is to be
	temp string   // where it is until then, empty when it is there no more
	root *os.Root // of temp
}

func newFolder(dir string) (*folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return nil, fmt.Errorf("%s: there is something in the folder: %w", dir, fs.ErrExist)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".edmsplan-package-*")
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(temp)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(temp))
	}
	return &folder{dir: dir, temp: temp, root: root}, nil
}

func (f *folder) begin(name string) (*os.File, error) {
	if err := f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

func (f *folder) take(_ context.Context, file *os.File, e entry) error {
	err := errors.Join(file.Chmod(e.mode), file.Sync(), file.Close())
	return errors.Join(err, f.root.Chtimes(e.name, e.at, e.at))
}

func (f *folder) finish(context.Context) error {
	err := filepath.WalkDir(f.temp, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncFolder(name)
	})
	if err != nil {
		return err
	}
	if err := os.Rename(f.temp, f.dir); err != nil {
		return err
	}
	f.temp = ""
	return syncFolder(filepath.Dir(f.dir))
}

// syncFolder makes the names in a folder last.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *folder) discard() error {
	err := f.root.Close()
	if f.temp != "" {
		err = errors.Join(err, os.RemoveAll(f.temp))
		f.temp = ""
	}
	return err
}
