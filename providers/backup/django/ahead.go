package django

import (
	"io"
	"iter"
	"sync"
)

// ahead is how many values wait between two goroutines, so that a slow moment of
// one does not stop the other.
const ahead = 2

// pull is iter.Pull with seq in a goroutine of its own, which makes the next
// values while one is being used. When yield returns, all values but the last
// ahead+1 are done with: what they point to may be used again. Stop ends seq and
// waits for its end.
func pull[V any](seq iter.Seq[V]) (next func() (V, bool), stop func()) {
	values, stopped := make(chan V, ahead), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		defer close(values)
		seq(func(v V) bool {
			select {
			case values <- v:
				return true
			case <-stopped:
				return false
			}
		})
	})
	next = func() (V, bool) {
		v, ok := <-values
		return v, ok
	}
	stop = func() {
		close(stopped)
		running.Wait()
	}
	return next, stop
}

// chunk is a stretch of a stream. The last one's error is why it is the last,
// io.EOF at the end.
type chunk struct {
	bytes []byte
	err   error
}

// chunks yields what r holds in chunks of that many bytes, for pull. Each of
// them was written to w before.
func chunks(r io.Reader, w io.Writer, size int) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		var buffers [ahead + 2][]byte
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
