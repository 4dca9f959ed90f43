package postgres

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"

	"github.com/edmsplan/edmsplan/schema"
)

// copyReader is a batch's rows as COPY has them, made while it is read. It is
// read from pgconn's goroutine, which may still be at it for a moment after
// CopyFrom returned because the connection broke.
type copyReader struct {
	mu      sync.Mutex // guards all below
	next    func() ([]schema.Value, error, bool)
	end     func() // nil when stopped
	columns int
	// binary are the columns in the binary format, nil for the text format.
	binary []binaryColumn
	ended  bool   // the rows are at their end
	buf    []byte // what was not read yet is buf[off:]
	off    int
	// err is the error of the rows themselves, told apart from the server's.
	err error
}

func newCopyReader(rows iter.Seq2[[]schema.Value, error], columns int, binary []binaryColumn) *copyReader {
	next, end := iter.Pull2(rows)
	r := &copyReader{next: next, end: end, columns: columns, binary: binary}
	if binary != nil {
		r.buf = append(r.buf, binaryHeader...)
	}
	return r
}

// stop ends the rows and returns their error. Nothing reads them afterwards.
func (r *copyReader) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end != nil {
		r.end()
		r.end = nil
	}
	return r.err
}

// Read fills p with whole and partial rows.
func (r *copyReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == nil {
		return 0, io.ErrClosedPipe
	}
	n := 0
	for n < len(p) {
		if r.off == len(r.buf) {
			if err := r.row(); err != nil {
				return n, err
			}
		}
		c := copy(p[n:], r.buf[r.off:])
		n, r.off = n+c, r.off+c
	}
	return n, nil
}

// row encodes the next row.
func (r *copyReader) row() error {
	if r.err != nil {
		return r.err
	}
	if r.ended {
		return io.EOF
	}
	row, err, ok := r.next()
	r.buf, r.off = r.buf[:0], 0
	switch {
	case !ok && r.binary != nil:
		r.ended = true
		r.buf = append(r.buf, binaryTrailer...)
		return nil
	case !ok:
		return io.EOF
	case err != nil:
		r.err = err
		return err
	case len(row) != r.columns:
		r.err = fmt.Errorf("a row has %d values, want %d", len(row), r.columns)
		return r.err
	}
	if r.binary == nil {
		r.line(row)
		return nil
	}
	r.buf, r.err = appendTuple(r.buf, r.binary, row)
	return r.err
}

// line encodes a row in the text format.
func (r *copyReader) line(row []schema.Value) {
	for i, v := range row {
		if i > 0 {
			r.buf = append(r.buf, '\t')
		}
		r.buf = appendCopy(r.buf, v)
	}
	r.buf = append(r.buf, '\n')
}

// appendCopy appends a value as COPY's text format has it. What separates
// columns and lines and the backslash are escaped, so that neither \N nor \.
// can be forged.
func appendCopy(buf []byte, v schema.Value) []byte {
	if !v.Valid {
		return append(buf, `\N`...)
	}
	s := v.Text
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\r') < 0 {
		return append(buf, s...) // most values, and searching is faster than looking at each byte
	}
	from := 0
	for i := 0; i < len(s); i++ {
		var e byte
		switch s[i] {
		case '\\':
			e = '\\'
		case '\t':
			e = 't'
		case '\n':
			e = 'n'
		case '\r':
			e = 'r'
		default:
			continue
		}
		buf = append(buf, s[from:i]...)
		buf = append(buf, '\\', e)
		from = i + 1
	}
	return append(buf, s[from:]...)
}
