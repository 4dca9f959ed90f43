package django

import (
	"io"
	"iter"
)

// depth is how many chunks or batches wait between two goroutines, so that a
// slow moment of one does not stop the other.
const depth = 2

// chunk is a stretch of a stream. The last one's error is why it is the last,
// io.EOF at the end.
type chunk struct {
	bytes []byte
	err   error
}

// chunks yields what r holds in chunks of that many bytes, to run
// ahead. Each of them was written to w before.
func chunks(r io.Reader, w io.Writer, size int) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		var buffers [depth + 2][]byte
		for turn := 0; ; turn = (turn + 1) % len(buffers) {
			if buffers[turn] == nil {
				buffers[turn] = make([]byte, size)
			}
			c := fill(r, buffers[turn])
			if _, err := w.Write(c.bytes); err != nil {
				c = chunk{err: err}
			}
			if !yield(c) || c.err != nil {
				return
			}
		}
	}
}

func fill(r io.Reader, buf []byte) chunk {
	n, err := 0, error(nil)
	for n < len(buf) && err == nil {
		var got int
		got, err = r.Read(buf[n:])
		n += got
	}
	return chunk{buf[:n], err}
}

// joined reads chunks one after the other.
type joined struct {
	next func() (chunk, bool)
	at   chunk // what is left of it
}

func (j *joined) Read(p []byte) (int, error) {
	for len(j.at.bytes) == 0 {
		if j.at.err != nil {
			return 0, j.at.err
		}
		j.at, _ = j.next()
	}
	n := copy(p, j.at.bytes)
	j.at.bytes = j.at.bytes[n:]
	return n, nil
}
