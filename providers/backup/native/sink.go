package native

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// sink is where a writer's members go. It is used under the writer's lock.
type sink interface {
	put(name string, content []byte) error
	// finish completes the package.
	finish() error
	// close releases the sink and what was not finished.
	close() error
}

// tarSink streams the archive.
type tarSink struct{ w io.Writer }

func (s tarSink) put(name string, content []byte) error { return writeMember(s.w, name, content) }
func (s tarSink) finish() error                         { return writeEnd(s.w) }
func (s tarSink) close() error                          { return nil }

// folderSink writes files below a temporary folder, which gets its name last.
type folderSink struct {
	path, temp string
	done       bool
}

func newFolderSink(path string) (*folderSink, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	// The beginning of the name is one that stores take for edmsplan's own.
	temp, err := os.MkdirTemp(filepath.Dir(path), ".edmsplan-package-*")
	if err != nil {
		return nil, err
	}
	return &folderSink{path: path, temp: temp}, nil
}

func (s *folderSink) put(name string, content []byte) (err error) {
	at := filepath.Join(s.temp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

// finish puts the folder in place for good.
func (s *folderSink) finish() error {
	err := filepath.WalkDir(s.temp, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncFolder(path)
	})
	if err != nil {
		return err
	}
	if err := os.Chmod(s.temp, 0o750); err != nil {
		return err
	}
	// A rename would replace an empty folder silently.
	if _, err := os.Lstat(s.path); err == nil {
		return fmt.Errorf("%s: %w", s.path, os.ErrExist)
	}
	if err := os.Rename(s.temp, s.path); err != nil {
		return err
	}
	s.done = true
	return syncFolder(filepath.Dir(s.path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *folderSink) close() error {
	if s.done {
		return nil
	}
	return os.RemoveAll(s.temp)
}
