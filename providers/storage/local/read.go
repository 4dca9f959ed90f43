package local

import (
	"context"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Open implements storage.Store.
func (s *Store) Open(ctx context.Context, name string) (io.ReadCloser, storage.Info, error) {
	if err := storage.CheckName(name); err != nil {
		return nil, storage.Info{}, err
	}
	f, i, err := s.open(ctx, name)
	if err != nil {
		return nil, storage.Info{}, fmt.Errorf("open %q: %w", name, err)
	}
	return &reader{ctx: ctx, f: f}, info(name, i), nil
}

// open opens a regular file, and nothing that is put in its place between
// looking and opening.
func (s *Store) open(ctx context.Context, name string) (*os.File, os.FileInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	seen, err := s.look(name)
	if err != nil {
		return nil, nil, err
	}
	if seen.IsDir() {
		return nil, nil, storage.ErrNotExist
	}
	// Without O_NONBLOCK, a pipe put in the file's place would wait for ever.
	f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if absent(err) {
		return nil, nil, storage.ErrNotExist
	}
	if err != nil {
		return nil, nil, err
	}
	i, err := f.Stat()
	if err == nil && !i.Mode().IsRegular() {
		err = fmt.Errorf("%q is %w", name, storage.ErrIrregular)
	}
	if err != nil {
		_ = f.Close() // the other error says more
		return nil, nil, err
	}
	return f, i, nil
}

// reader stops reading when the context is cancelled. It does not embed the
// file, whose WriteTo would go past that.
type reader struct {
	ctx context.Context
	f   *os.File
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.f.Read(p)
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.f.ReadAt(p, off)
}

func (r *reader) Seek(offset int64, whence int) (int64, error) { return r.f.Seek(offset, whence) }

func (r *reader) Close() error { return r.f.Close() }
