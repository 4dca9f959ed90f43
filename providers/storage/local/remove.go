package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"syscall"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Remove implements storage.Store.
func (s *Store) Remove(ctx context.Context, name string) error {
	if err := storage.CheckName(name); err != nil {
		return err
	}
	if err := s.remove(ctx, name); err != nil {
		return fmt.Errorf("remove %q: %w", name, err)
	}
	return nil
}

func (s *Store) remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	seen, err := s.look(name)
	switch {
	case errors.Is(err, storage.ErrNotExist):
		// The call that removed it may have been killed before this.
		s.dropEmptied(name)
		return nil
	case err != nil:
		return err
	case seen.IsDir():
		return nil
	}
	if err := s.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := s.sync(path.Dir(name)); err != nil {
		return err
	}
	s.dropEmptied(name)
	return nil
}

// Rename implements storage.Renamer.
func (s *Store) Rename(ctx context.Context, from, to string) error {
	if err := errors.Join(storage.CheckName(from), storage.CheckName(to)); err != nil {
		return err
	}
	if err := s.rename(ctx, from, to); err != nil {
		return fmt.Errorf("rename %q to %q: %w", from, to, err)
	}
	return nil
}

func (s *Store) rename(ctx context.Context, from, to string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	seen, err := s.look(from)
	if err != nil {
		return err
	}
	if seen.IsDir() {
		return storage.ErrNotExist
	}
	if err := s.free(to, false); err != nil {
		return err
	}
	if from == to {
		return nil
	}
	if err := s.makeFolder(path.Dir(to)); err != nil {
		return err
	}
	if err := s.makeWay(to); err != nil {
		return err
	}
	if err := s.root.Rename(from, to); err != nil {
		if errors.Is(err, syscall.EXDEV) {
			return errors.Join(errors.ErrUnsupported, err)
		}
		return err
	}
	// The new name first: it is the one that must not be lost.
	if err := s.sync(path.Dir(to)); err != nil {
		return err
	}
	if err := s.sync(path.Dir(from)); err != nil {
		return err
	}
	s.dropEmptied(from)
	return nil
}
