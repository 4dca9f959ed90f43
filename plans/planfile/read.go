package planfile

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
)

// errStop ends a read whose reader wants no more changes.
var errStop = errors.New("stopped")

// changes reads the file again for its changes.
func (f *File) changes() iter.Seq2[*plans.Record, error] {
	return func(yield func(*plans.Record, error) bool) {
		_, err := read(f.section(), func(r *plans.Record) error {
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, fmt.Errorf("%s: %w", f.file.Name(), err))
		}
	}
}

// read reads a whole saved plan and checks it. Each change is given to visit,
// which may be nil.
func read(r io.Reader, visit func(*plans.Record) error) (*plans.Plan, error) {
	lines, err := newLines(r)
	if err != nil {
		return nil, err
	}
	defer lines.close()
	first, err := lines.next(maxHead)
	if err != nil {
		return nil, fmt.Errorf("%w, or %w: its header cannot be read: %w", ErrNotPlan, ErrAltered, err)
	}
	var s sniff
	if err := unmarshal(first, &s); err != nil || s.Format != format {
		return nil, fmt.Errorf("%w: its first line does not say %q", ErrNotPlan, format)
	}
	switch {
	case s.Version == 1:
		return readVersion1(lines, first, visit)
	case s.Version > version:
		return nil, fmt.Errorf("%w: it has version %d, written by edmsplan %s; this edmsplan reads up to version %d: upgrade edmsplan",
			ErrVersion, s.Version, printable(s.Program), version)
	}
	return nil, fmt.Errorf("%w: there is no version %d", ErrNotPlan, s.Version)
}

func readVersion1(lines *lines, first []byte, visit func(*plans.Record) error) (*plans.Plan, error) {
	var h headerLine
	if err := unmarshal(first, &h); err != nil {
		return nil, altered("header", err)
	}
	lines.hash(first)
	p := &plans.Plan{Header: h.plan()}
	var t *tally
	head := len(first)
	for changing := false; ; {
		b, err := lines.next(maxLine)
		if err != nil {
			return nil, altered("line", err)
		}
		switch {
		case bytes.HasPrefix(b, []byte(`{"action":`)):
			if !changing {
				changing, t = true, newTally(p.Decisions)
			}
			if err := readChange(b, t, visit); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(b, []byte(`{"summary":`)):
			if !changing {
				t = newTally(p.Decisions)
			}
			return p, readTrailer(lines, b, p, t)
		default:
			if head += len(b); changing || head > maxHead {
				return nil, altered("order of lines", nil)
			}
			if err := readHead(b, p); err != nil {
				return nil, altered("line", err)
			}
		}
		lines.hash(b)
	}
}

func readChange(b []byte, t *tally, visit func(*plans.Record) error) error {
	r, err := plans.DecodeRecord(b)
	if err != nil {
		return altered("change", err)
	}
	t.add(r.Action, b)
	if visit == nil {
		return nil
	}
	return visit(r)
}

func readHead(b []byte, p *plans.Plan) error {
	var l line
	if err := unmarshal(b, &l); err != nil {
		return err
	}
	switch {
	case l.Accounting != nil:
		p.Accounting = append(p.Accounting, l.Accounting.plan())
	case l.Decision != nil:
		p.Decisions = append(p.Decisions, l.Decision.plan())
	case l.Remap != nil:
		p.Remaps = append(p.Remaps, l.Remap.plan())
	case l.Skip != nil:
		p.Skips = append(p.Skips, l.Skip.plan())
	case l.Diagnostic != nil:
		d, err := l.Diagnostic.plan()
		if err != nil {
			return err
		}
		p.Diagnostics = append(p.Diagnostics, d)
	case l.Untouched != nil:
		p.Untouched = append(p.Untouched, *l.Untouched)
	}
	// A line that this version does not know is one it may ignore.
	return nil
}

// readTrailer checks the last line against what was read, and that it is last.
func readTrailer(lines *lines, b []byte, p *plans.Plan, t *tally) error {
	var last trailer
	if err := unmarshal(b, &last); err != nil {
		return altered("trailer", err)
	}
	cut := len(b) - len(last.SHA256) - len("\"}\n")
	if cut < 0 || string(b[cut:]) != last.SHA256+"\"}\n" {
		return altered("trailer", nil)
	}
	lines.hash(b[:cut])
	sum := hex.EncodeToString(lines.sum.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(sum), []byte(last.SHA256)) != 1 {
		return altered("digest", nil)
	}
	if _, err := lines.next(1); !errors.Is(err, io.EOF) {
		return altered("end: something follows it", nil)
	}
	p.Summary, p.Digests = plans.Summary(last.Summary), plans.Digests(last.Digests)
	if err := t.check(p.Summary, p.Digests.ChangeSet); err != nil {
		return altered("change set", err)
	}
	return nil
}

func altered(what string, err error) error {
	if err == nil {
		return fmt.Errorf("%w: its %s is not right", ErrAltered, what)
	}
	return fmt.Errorf("%w: its %s is not right: %w", ErrAltered, what, err)
}

func unmarshal(b []byte, v any) error {
	return json.Unmarshal(b, v, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

// printable is a program's version as a message may show it.
func printable(s string) string {
	if s == "" {
		return "of unknown version"
	}
	if len(s) > 40 {
		s = s[:40]
	}
	return fmt.Sprintf("%+q", s)
}
