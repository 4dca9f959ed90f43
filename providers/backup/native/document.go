package native

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// marshal is the one text of a document: compact JSON in the order of its
// struct's members and a line feed.
func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

var (
	errSpelling = errors.New("not spelt as documents of packages are")
	errDocument = errors.New("not the JSON that belongs there")
)

// unmarshal reads a document that marshal wrote; another spelling of the same,
// and members that this version does not know, are errors. It reads the
// section twice instead of keeping it, and returns its digest. The error quotes
// nothing.
func unmarshal(r *io.SectionReader, v any) (d digest, err error) {
	sum := sha256.New()
	in := io.TeeReader(r, sum)
	if err := json.UnmarshalRead(in, v, json.RejectUnknownMembers(true)); err != nil {
		if cause := readError(err); cause != nil {
			return d, cause
		}
		return d, errDocument
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return d, err
	}
	c := &comparer{r: r}
	if err := json.MarshalWrite(c, v); err != nil {
		if c.err != nil {
			return d, c.err
		}
		return d, errDocument
	}
	if _, err := c.Write([]byte{'\n'}); err != nil {
		return d, err
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 {
		return d, errSpelling
	} else if err != io.EOF {
		return d, err
	}
	sum.Sum(d[:0])
	return d, nil
}

// readError finds the error of reading in one of parsing.
func readError(err error) error {
	var failed *failure
	if errors.As(err, &failed) {
		return failed
	}
	return nil
}

// failure is an error of reading the package, as against one of what was read.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// failing marks the errors of a ReaderAt.
type failing struct{ r io.ReaderAt }

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = &failure{err}
	}
	return n, err
}

// comparer is a writer that demands that what is written is what r reads.
type comparer struct {
	r   io.Reader
	buf []byte
	err error
}

func (c *comparer) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if cap(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	got := c.buf[:len(p)]
	_, err := io.ReadFull(c.r, got)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		c.err = errSpelling
	case err != nil:
		c.err = err
	case !bytes.Equal(got, p):
		c.err = errSpelling
	}
	if c.err != nil {
		return 0, c.err
	}
	return len(p), nil
}

// badDocument is the refusal of a document.
func badDocument(member string, err error) error {
	if errors.Is(err, backup.ErrRefused) {
		return err
	}
	if cause := readError(err); cause != nil {
		return cause
	}
	return &backup.Refusal{
		Member: member, Code: "package.document", Summary: "the document is damaged", Cause: err,
		Detail: fmt.Sprintf("It is %s.", plain(err)), Remedy: remedyDamaged,
	}
}

// plain is an error's text if it is one of ours, which quote nothing.
func plain(err error) string {
	for _, ours := range []error{errSpelling, errDocument} {
		if errors.Is(err, ours) {
			return ours.Error()
		}
	}
	return err.Error()
}

const remedyDamaged = "Copy the package again or take another one; edmsplan inspect -salvage tells what can still be read."
