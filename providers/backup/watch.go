package backup

import (
	"context"
	"io"
)

// Reading is told how many bytes of a file, as they lie there, have been read
// of how many. The file is named by its base name.
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
