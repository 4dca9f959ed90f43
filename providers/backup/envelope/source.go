package envelope

import (
	"errors"
	"io"
)

// sourceError is an error of reading the encrypted bytes, as opposed to one of
// what they are. It is taken off again before anyone sees it.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }

func (e *sourceError) Unwrap() error { return e.err }

func mark(err error) error {
	var already *sourceError
	if err == nil || err == io.EOF || errors.As(err, &already) {
		return err
	}
	return &sourceError{err}
}

type marked struct{ r io.Reader }

func (m marked) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	return n, mark(err)
}

type markedAt struct{ r io.ReaderAt }

func (m markedAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := m.r.ReadAt(p, off)
	return n, mark(err)
}

// watched knows whether its end was reached.
type watched struct {
	io.Reader
	ended bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.ended = w.ended || err == io.EOF
	return n, err
}
