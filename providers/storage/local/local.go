// Package local is the storage adapter for a folder of a local disk.
//
// No name leaves the folder: the operating system resolves names below it
// (os.Root), and symbolic links, devices, pipes and sockets are refused
// wherever they stand. The folder itself may be reached through a link.
//
// A file is written under a hidden name beside its place and moved there when
// it is on disk. Folders are made as they are needed, with mode 0750. They are
// never removed, since nobody can tell later who made them, with two
// exceptions: those in storage.StageFolder go with their last file, and an
// empty folder gives way to a file that is to have its name.
package local

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"syscall"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// tempPrefix begins the names of files that are being written.
const tempPrefix = storage.HiddenPrefix + "temp-"

// Store is a folder. It is a storage.Store, a storage.Renamer, a
// storage.Sweeper and a storage.Drafter. Its listings keep the names of one folder at each level in
// memory.
type Store struct {
	root *os.Root
	// folders is held while folders are made, so that nobody relies on a
	// folder that is not on disk yet.
	folders sync.Mutex
}

var (
	_ storage.Store   = (*Store)(nil)
	_ storage.Renamer = (*Store)(nil)
	_ storage.Sweeper = (*Store)(nil)
	_ storage.Drafter = (*Store)(nil)
)

// Open opens the folder, which exists: a wrong path must not become an empty
// store.
func Open(folder string) (*Store, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	return &Store{root: root}, nil
}

// Close implements storage.Store.
func (s *Store) Close() error { return s.root.Close() }

// look returns what stands at the path: a file or a folder. Its error wraps
// storage.ErrIrregular if that, or a folder on the way, is something else, and
// storage.ErrNotExist if there is nothing.
//
// os.Root would follow links that stay inside. They are refused here because a
// file that has two names would be counted, and destroyed, twice.
func (s *Store) look(name string) (os.FileInfo, error) {
	for part := range paths(name) {
		info, err := s.root.Lstat(part)
		switch {
		case absent(err):
			return nil, storage.ErrNotExist
		case err != nil:
			return nil, err
		case !info.IsDir() && !info.Mode().IsRegular():
			return nil, fmt.Errorf("%q is %w", part, storage.ErrIrregular)
		case part == name:
			return info, nil
		case !info.IsDir():
			return nil, storage.ErrNotExist
		}
	}
	return nil, storage.ErrNotExist // no path is empty
}

// paths yields the folders that lead to the path, outermost first, and the
// path itself.
func paths(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i, c := range []byte(name) {
			if c == '/' && !yield(name[:i]) {
				return
			}
		}
		yield(name)
	}
}

// absent reports whether the error says that there is nothing of that name,
// be it that a file stands where a folder of it would.
func absent(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// info describes a regular file.
func info(name string, i os.FileInfo) storage.Info {
	return storage.Info{Name: name, Size: i.Size(), ModTime: i.ModTime(), Mode: i.Mode().Perm()}
}

// join is path.Join for a folder that may be the root, "".
func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}
