package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
)

// Stream is a package's file read once from its start, uncompressed on the
// way and bounded by Limits.
type Stream struct {
	// Gzip says that the file is compressed.
	Gzip bool

	ctx    context.Context
	member string
	file   *os.File
	size   int64 // of the file
	in     int64 // bytes of the file read so far
	told   int64 // of which watch, nil without one, was told
	watch  Reading
	r      io.Reader
}

// OpenStream opens the regular file. Its reads fail when ctx is done and are
// refused, with a Refusal that names the file by its base name, when the file
// is no sound gzip stream or exceeds l.
func OpenStream(ctx context.Context, path string, l Limits) (*Stream, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Stream{ctx: ctx, member: filepath.Base(path), file: f, size: st.Size()}
	s.watch, _ = ctx.Value(watchKey{}).(Reading)
	raw := bufio.NewReaderSize(counter{s}, 64<<10)
	s.r = raw
	if magic, err := raw.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		s.Gzip = true
		z, err := gzip.NewReader(raw)
		if err != nil {
			_ = f.Close()
			return nil, s.corrupt(err)
		}
		s.r = z
	}
	s.r = l.Bound(s.r, s.member, func() int64 { return s.in })
	return s, nil
}

// File is the file underneath. What reads it does so by ReadAt.
func (s *Stream) File() *os.File { return s.file }

// Close closes the file.
func (s *Stream) Close() error { return s.file.Close() }

// Read reads uncompressed bytes.
func (s *Stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF && s.Gzip && !errors.Is(err, ErrRefused) {
		err = s.corrupt(err)
	}
	return n, err
}

// corrupt turns the decompressor's error into a refusal, unless reading the
// file itself failed.
func (s *Stream) corrupt(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return err
	}
	r := &Refusal{
		Member: s.member, Code: "package.gzip", Summary: "not a sound gzip stream", Cause: err,
		Detail: fmt.Sprintf("The compressed data is damaged near its byte %d.", s.in),
		Remedy: "Test the file with gzip -t and copy or export it again.",
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		r.Code, r.Summary = "package.truncated", "the gzip stream is cut off"
		r.Detail = fmt.Sprintf("The file ends after %d bytes, before the end of the compressed data.", s.in)
	}
	return r
}

// Head returns up to n bytes from the start of the regular file, uncompressed
// when it is a gzip stream, as far as that is sound. A folder has none.
func Head(path string, n int) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	head := make([]byte, n)
	if magic, err := r.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(r)
		if err != nil {
			return magic, nil
		}
		got, _ := io.ReadFull(z, head) // how far it goes; Open judges it
		return head[:got], nil
	}
	got, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return head[:got], nil
}
