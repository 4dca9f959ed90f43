package backup

import (
	"context"
	"io"
)

// Reading is told how many bytes of a file, as they lie there, have been read
// of how many. The file is named by its base name. It is called by one goroutine
// at a time, which need not be the one that opens the file, and not after that
// is done.
type Reading func(file string, read, size int64)

// Watch returns a context in which whoever opens a stream has it tell about
// itself, once every MiB and at its end. A format reads all of a package when it
// opens it, which is what is worth watching.
func Watch(ctx context.Context, told Reading) context.Context {
	return context.WithValue(ctx, watchKey{}, told)
}

type watchKey struct{}

// every is after how many bytes a Reading is told.
const every = 1 << 20

// Watched is r, which is all of a file of that size, telling the Reading of the
// context, if there is one.
func Watched(ctx context.Context, file string, size int64, r io.Reader) io.Reader {
	told, ok := ctx.Value(watchKey{}).(Reading)
	if !ok {
		return r
	}
	return &watched{Reader: r, told: func(read int64) { told(file, read, size) }}
}

type watched struct {
	io.Reader
	told     func(read int64)
	in, said int64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.in += int64(n)
	if w.in-w.said >= every || err == io.EOF && w.in > w.said {
		w.said = w.in
		w.told(w.in)
	}
	return n, err
}

// counter counts what is read of the stream's file.
type counter struct{ s *Stream }

func (c counter) Read(p []byte) (int, error) {
	s := c.s
	n, err := s.file.Read(p)
	s.in += int64(n)
	if s.watch != nil && (s.in-s.told >= every || err == io.EOF && s.in > s.told) {
		s.told = s.in
		s.watch(s.member, s.in, s.size)
	}
	return n, err
}
