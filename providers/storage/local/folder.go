package local

import (
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"strings"
	"syscall"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// folderMode is the mode of folders that are made.
const folderMode = 0o750

// makeFolder makes a folder and those above it, and brings each to disk before
// it is used.
func (s *Store) makeFolder(folder string) error {
	if folder == "." {
		return nil
	}
	s.folders.Lock()
	defer s.folders.Unlock()
	for part := range paths(folder) {
		if err := s.makeOne(part); err != nil {
			return err
		}
	}
	return nil
}

// makeOne makes one folder whose parent exists, unless it exists.
func (s *Store) makeOne(folder string) error {
	seen, err := s.root.Lstat(folder)
	switch {
	case err == nil && seen.IsDir():
		return nil
	case err == nil && seen.Mode().IsRegular():
		return fmt.Errorf("%q is a file, and a folder is needed: %w", folder, storage.ErrExists)
	case err == nil:
		return fmt.Errorf("%q is %w", folder, storage.ErrIrregular)
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	// Another process may have made it meanwhile.
	if err := s.root.Mkdir(folder, folderMode); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return s.sync(path.Dir(folder))
}

// makeWay removes the empty folder that has the name, if there is one, with
// the empty folders in it: a folder is nothing that the store holds.
func (s *Store) makeWay(name string) error {
	seen, err := s.look(name)
	if errors.Is(err, storage.ErrNotExist) {
		return nil
	}
	if err != nil || !seen.IsDir() {
		return err
	}
	entries, err := s.entries(name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			return fmt.Errorf("%q is a folder with files: %w", name, storage.ErrExists)
		}
		if err := s.makeWay(join(name, e.Name())); err != nil {
			return err
		}
	}
	return s.root.Remove(name)
}

// dropEmptied removes the folders of a staged name that are empty now. Nothing
// depends on it, so it has no error.
func (s *Store) dropEmptied(name string) {
	for folder := path.Dir(name); inStage(folder); folder = path.Dir(folder) {
		if s.root.Remove(folder) != nil {
			return
		}
	}
}

// inStage reports whether the path is the stage folder or lies in it.
func inStage(name string) bool {
	return name == storage.StageFolder || strings.HasPrefix(name, storage.StageFolder+"/")
}

// sync brings a folder's entries to disk.
func (s *Store) sync(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such call, and its file systems need none
	}
	f, err := s.root.Open(folder)
	if err != nil {
		// A stage folder that another apply has emptied needs no entries.
		if inStage(folder) && errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	err = f.Sync()
	// Some network file systems have no such call for folders.
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// entries reads a folder.
func (s *Store) entries(folder string) (_ []os.DirEntry, err error) {
	if folder == "" {
		folder = "."
	}
	f, err := s.root.Open(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.ReadDir(-1)
}
