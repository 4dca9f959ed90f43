package django

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// reader takes records one by one from a JSON list or from a sequence of
// objects. Memory holds one record.
type reader struct {
	dec    *jsontext.Decoder
	in     allowance
	array  bool
	record int64 // limit, 0 is none
	base   int64 // offset in the data of the decoder's first byte
	end    int64 // where the last record ended
}

// slack is what may stand around a record and in buffers beyond its limit.
const slack = 1 << 20

// fewRecords is the length of a run below which reading ahead is waste.
const fewRecords = 64

func newReader(array bool, record int64) *reader {
	return &reader{dec: jsontext.NewDecoder(strings.NewReader("")), array: array, record: record}
}

// start begins at the start of the data, which follows base bytes of it.
func (r *reader) start(src io.Reader, base int64) error {
	r.in = allowance{r: src, left: slack}
	r.dec.Reset(&r.in)
	r.base, r.end = base, base
	if !r.array {
		return nil
	}
	_, err := r.dec.ReadToken()
	r.end = base + r.dec.InputOffset()
	return err
}

// next returns the next record, valid until the next call, and where it
// begins. At the end of the list or the sequence the error is io.EOF.
func (r *reader) next() (jsontext.Value, int64, error) {
	if r.record > 0 {
		r.in.left = r.record + slack
	} else {
		r.in.left = 1<<63 - 1
	}
	if r.array && r.dec.PeekKind() == ']' {
		_, err := r.dec.ReadToken()
		r.end = r.base + r.dec.InputOffset()
		if err == nil {
			err = io.EOF
		}
		return nil, r.end, err
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, r.end, err
	}
	r.end = r.base + r.dec.InputOffset()
	if r.record > 0 && int64(len(v)) > r.record {
		return nil, r.end - int64(len(v)), errTooLarge
	}
	return v, r.end - int64(len(v)), nil
}

// rest returns io.EOF when nothing but white space is left after the list.
func (r *reader) rest() error {
	_, err := r.dec.ReadToken()
	if err == nil {
		return errTrailing
	}
	return err
}

var (
	errTooLarge = fmt.Errorf("the record exceeds the limit")
	errTrailing = fmt.Errorf("data after the end of the list")
)

// allowance lets the decoder have so many bytes until the allowance is
// renewed: its buffer cannot outgrow a record.
type allowance struct {
	r    io.Reader
	left int64
	err  error // why reading failed, if it did; the decoder may hide it
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		a.err = errTooLarge
		return 0, a.err
	}
	if int64(len(p)) > a.left {
		p = p[:a.left]
	}
	n, err := a.r.Read(p)
	a.left -= int64(n)
	if err != nil && err != io.EOF {
		a.err = err
	}
	return n, err
}
