package planner

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// spool keeps encoded rows by offset: in memory while they are few, in a
// temporary file beyond that. Rows are read back at random, but mostly in the
// order in which they were written, so reads go through a window.
type spool struct {
	dir    string
	buf    []byte // what is not in the file yet; starts at base
	base   int64
	file   *os.File
	window []byte // a part of the file, from at
	at     int64
	limits spoolLimits
}

// spoolLimits are how many bytes a spool keeps in memory and how many it reads
// at once.
type spoolLimits struct{ memory, window int }

// spoolJump is how many bytes are read at once after a jump.
const spoolJump = 4 << 10

func newSpool(dir string, l spoolLimits) *spool {
	if l == (spoolLimits{}) {
		l = spoolLimits{memory: 256 << 10, window: 64 << 10}
	}
	return &spool{dir: dir, limits: l}
}

// put appends a row and returns its offset.
func (s *spool) put(r *row) (int64, error) { return s.putBytes(r.append(nil)) }

// putBytes appends any text and returns its offset.
func (s *spool) putBytes(body []byte) (int64, error) {
	start := s.end()
	s.buf = binary.AppendUvarint(s.buf, uint64(len(body)))
	s.buf = append(s.buf, body...)
	if len(s.buf) < s.limits.memory {
		return start, nil
	}
	return start, s.flush()
}

// end is the offset of what is put next.
func (s *spool) end() int64 { return s.base + int64(len(s.buf)) }

func (s *spool) flush() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "edmsplan-spool-*")
		if err != nil {
			return fmt.Errorf("make a temporary file: %w", err)
		}
		s.file = f
		// The name is not needed again, so that nothing is left behind by a
		// crash. Where the system keeps open files' names, close removes it.
		_ = os.Remove(f.Name())
	}
	if _, err := s.file.WriteAt(s.buf, s.base); err != nil {
		return fmt.Errorf("write a temporary file: %w", err)
	}
	s.base += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

// get reads the row at an offset that put returned.
func (s *spool) get(offset int64, fields int) (*row, error) {
	body, err := s.getBytes(offset)
	if err != nil {
		return nil, err
	}
	return decodeRow(body, fields)
}

// getBytes reads the text at an offset, valid until the next call.
func (s *spool) getBytes(offset int64) ([]byte, error) {
	body, _, err := s.getNext(offset)
	return body, err
}

// getNext does the same and tells the offset of what was put next.
func (s *spool) getNext(offset int64) (body []byte, next int64, err error) {
	head, err := s.bytes(offset, binary.MaxVarintLen64)
	if err != nil {
		return nil, 0, err
	}
	n, w := binary.Uvarint(head)
	if w <= 0 {
		return nil, 0, errSpool
	}
	offset += int64(w)
	if body, err = s.bytes(offset, int(n)); err != nil {
		return nil, 0, err
	}
	if len(body) < int(n) {
		return nil, 0, errSpool
	}
	return body[:n], offset + int64(n), nil
}

// bytes returns up to n bytes from an offset, fewer only at the end of the file
// or of the memory: a row is never in both.
func (s *spool) bytes(offset int64, n int) ([]byte, error) {
	if offset >= s.base {
		from := offset - s.base
		return s.buf[from:min(from+int64(n), int64(len(s.buf)))], nil
	}
	if offset < s.at || offset+int64(n) > s.at+int64(len(s.window)) {
		size := s.limits.window
		if end := s.at + int64(len(s.window)); offset < s.at || offset > end {
			size = min(size, spoolJump) // read at random: what follows is not needed next
		}
		size = max(size, n)
		if cap(s.window) < size {
			s.window = make([]byte, size)
		}
		s.window = s.window[:size]
		got, err := s.file.ReadAt(s.window, offset)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("read a temporary file: %w", err)
		}
		s.window, s.at = s.window[:got], offset
	}
	from := offset - s.at
	end := min(from+int64(n), int64(len(s.window)))
	return s.window[from:end], nil
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	_ = os.Remove(name)
	s.file = nil
	return err
}
