package postgres

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/edmsplan/edmsplan/schema"
)

// FuzzAppendCopy expects no byte in a value's text that COPY would take for
// the end of a column or a line, and each escape to mean what was there.
func FuzzAppendCopy(f *testing.F) {
	for _, s := range []string{"", `\N`, `\.`, "a\tb\nc\r\\", "é\x00\xff"} {
		f.Add(s)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	f.Fuzz(func(t *testing.T, s string) {
		got := appendCopy([]byte("x"), schema.NewValue(s))[1:]
		if bytes.ContainsAny(got, "\t\n\r") || string(got) == `\N` || string(got) == `\.` {
			t.Errorf("%q is written as %q", s, got)
		}
		if back := unescape.Replace(string(got)); back != s {
			t.Errorf("%q is written as %q and read as %q", s, got, back)
		}
	})
}

func TestCopyReaderFillsBuffersOfAnySize(t *testing.T) {
	rows := func(yield func([]schema.Value, error) bool) {
		_ = yield([]schema.Value{schema.NewValue("a\tb"), {}}, nil) && yield([]schema.Value{schema.NewValue(""), schema.NewValue(`\N`)}, nil)
	}
	const want = "a\\tb\t\\N\n\t\\\\N\n"
	for name, read := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader} {
		r := newCopyReader(rows, 2, nil)
		got, err := io.ReadAll(read(r))
		if stopErr := r.stop(); stopErr != nil {
			t.Errorf("%s: %v", name, stopErr)
		}
		if string(got) != want || err != nil {
			t.Errorf("%s: read %q, error %v, want %q", name, got, err, want)
		}
	}
	r := newCopyReader(rows, 3, nil)
	_, err := io.ReadAll(r)
	if kept := r.stop(); err == nil || !errors.Is(kept, err) {
		t.Errorf("a row too short: error %v, kept %v", err, kept)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("after stop: error %v", err)
	}
}
