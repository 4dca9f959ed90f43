package django

import (
	"fmt"
	"io"
)

// window is the part of the data that is in memory while records are read
// again that the check has found sound. It moves forward and grows with the
// longest record only.
type window struct {
	data io.ReaderAt
	size int64
	at   int64  // of the data, where buf ends
	buf  []byte // what was read and not used yet is buf[from:]
	from int
}

// windowSize is how much is read at once; a short run reads less.
const (
	windowSize = 256 << 10
	shortRead  = 8 << 10
)

// seek moves to a place in the data.
func (w *window) seek(data io.ReaderAt, size, at int64) {
	w.data, w.size, w.at, w.buf, w.from = data, size, at, w.buf[:0], 0
}

// rest is what is in memory from here on.
func (w *window) rest() []byte { return w.buf[w.from:] }

// more reads on behind what is in memory: about n bytes. At the end of the
// data the error is io.ErrUnexpectedEOF.
func (w *window) more(n int) error {
	if w.at >= w.size {
		return io.ErrUnexpectedEOF
	}
	kept := copy(w.buf, w.buf[w.from:])
	w.from = 0
	n = int(min(int64(max(n, kept)), w.size-w.at)) // twice as much each time
	if cap(w.buf) < kept+n {
		w.buf = append(make([]byte, 0, kept+n), w.buf[:kept]...)
	}
	w.buf = w.buf[:kept+n]
	got, err := w.data.ReadAt(w.buf[kept:], w.at)
	w.buf = w.buf[:kept+got]
	w.at += int64(got)
	if got > 0 {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading on: %w", err)
}
