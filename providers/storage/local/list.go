package local

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// List implements storage.Store.
func (s *Store) List(ctx context.Context, folder string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.CheckFolder(folder); err != nil {
			yield(storage.Info{Name: folder}, err)
			return
		}
		if folder != "" {
			seen, err := s.look(folder)
			if errors.Is(err, storage.ErrNotExist) || err == nil && !seen.IsDir() {
				return
			}
			if err != nil {
				yield(storage.Info{Name: folder}, fmt.Errorf("list %q: %w", folder, err))
				return
			}
		}
		s.list(ctx, folder, yield)
	}
}

// list yields the files below a folder and reports whether to go on.
func (s *Store) list(ctx context.Context, folder string, yield func(storage.Info, error) bool) bool {
	entries, err := s.entries(folder)
	if absent(err) {
		return true
	}
	if err != nil {
		yield(storage.Info{Name: folder}, fmt.Errorf("list %q: %w", folder, err))
		return false
	}
	sortByName(entries)
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			yield(storage.Info{}, fmt.Errorf("list %q: %w", folder, err))
			return false
		}
		if storage.Hidden(e.Name()) {
			continue
		}
		if !s.entry(ctx, join(folder, e.Name()), yield) {
			return false
		}
	}
	return true
}

// entry yields a file, or the files below a folder.
func (s *Store) entry(ctx context.Context, name string, yield func(storage.Info, error) bool) bool {
	// Not the entry's own Info, which is found by path, outside the root.
	seen, err := s.root.Lstat(name)
	if absent(err) {
		return true
	}
	if err != nil {
		yield(storage.Info{Name: name}, fmt.Errorf("list %q: %w", name, err))
		return false
	}
	if err := storage.CheckName(name); err != nil {
		return yield(storage.Info{Name: name}, err)
	}
	switch {
	case seen.IsDir():
		return s.list(ctx, name, yield)
	case seen.Mode().IsRegular():
		return yield(info(name, seen), nil)
	}
	return yield(storage.Info{Name: name}, fmt.Errorf("%q is %w", name, storage.ErrIrregular))
}

// sortByName puts a folder where the names of its files belong: "a.txt" stands
// before "a/b".
func sortByName(entries []os.DirEntry) {
	key := func(e os.DirEntry) string {
		if e.IsDir() {
			return e.Name() + "/"
		}
		return e.Name()
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(key(a), key(b)) })
}

// Sweep implements storage.Sweeper. It also removes empty folders in
// storage.StageFolder.
func (s *Store) Sweep(ctx context.Context, before time.Time) (int, error) {
	n, err := s.sweep(ctx, "", before)
	if err != nil {
		return n, fmt.Errorf("sweep: %w", err)
	}
	return n, nil
}

func (s *Store) sweep(ctx context.Context, folder string, before time.Time) (int, error) {
	entries, err := s.entries(folder)
	if absent(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		name, n := join(folder, e.Name()), 0
		seen, err := s.root.Lstat(name)
		switch {
		case absent(err):
		case err != nil:
			return removed, err
		case seen.IsDir():
			n, err = s.sweep(ctx, name, before)
		case seen.Mode().IsRegular() && strings.HasPrefix(e.Name(), tempPrefix) && seen.ModTime().Before(before):
			n, err = 1, s.root.Remove(name)
		}
		if err != nil && !absent(err) {
			return removed, err
		}
		removed += n
	}
	if inStage(folder) {
		_ = s.root.Remove(folder) // stays if it is not empty
	}
	return removed, nil
}
