package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/zstd"

	"github.com/edmsplan/edmsplan/plans"
)

// Write writes the plan. It reads the changes once and refuses a plan whose
// changes are not those that its summary counts and its digest seals.
func Write(w io.Writer, p *plans.Plan) error {
	// A block is compressed while the next is filled; the file is the same.
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(2))
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	out := &sealed{w: z, sum: sha256.New()}
	err = writeLine(out, wireHeader(p.Header))
	if err == nil {
		// So that the header of a file that was cut off can still be read.
		err = z.Flush()
	}
	if err == nil {
		err = writePlan(out, p)
	}
	if err != nil {
		z.Reset(nil) // drop what is buffered: the file is not to look complete
		return fmt.Errorf("write plan: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// sealed passes on what is written and digests it.
type sealed struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (s *sealed) Write(b []byte) (int, error) {
	s.sum.Write(b)
	s.n += int64(len(b))
	return s.w.Write(b)
}

func writePlan(w *sealed, p *plans.Plan) error {
	if err := writeHead(w, p); err != nil {
		return err
	}
	if w.n > maxHead {
		return fmt.Errorf("remaps, skips and diagnostics take %d bytes; at most %d can be saved", w.n, maxHead)
	}
	found, err := writeChanges(w, p)
	if err != nil {
		return err
	}
	if err := found.check(p.Summary, p.Digests.ChangeSet); err != nil {
		return err
	}
	return writeTrailer(w, p)
}

func writeHead(w io.Writer, p *plans.Plan) error {
	for _, a := range p.Accounting {
		if err := writeLine(w, line{Accounting: wireAccounting(a)}); err != nil {
			return err
		}
	}
	for _, d := range p.Decisions {
		if err := writeLine(w, line{Decision: wireDecision(d)}); err != nil {
			return err
		}
	}
	for _, r := range p.Remaps {
		if err := writeLine(w, line{Remap: wireRemap(r)}); err != nil {
			return err
		}
	}
	for _, s := range p.Skips {
		if err := writeLine(w, line{Skip: wireSkip(s)}); err != nil {
			return err
		}
	}
	for _, d := range p.Diagnostics {
		if err := writeLine(w, line{Diagnostic: wireDiagnostic(d)}); err != nil {
			return err
		}
	}
	for _, t := range p.Untouched {
		if err := writeLine(w, line{Untouched: &t}); err != nil {
			return err
		}
	}
	return nil
}

func writeChanges(w io.Writer, p *plans.Plan) (*tally, error) {
	t := newTally(p.Decisions)
	if p.Changes == nil {
		return t, nil
	}
	var b []byte
	for r, err := range p.Changes() {
		if err != nil {
			return nil, err
		}
		b = append(r.AppendJSON(b[:0]), '\n')
		if len(b) > maxLine {
			return nil, fmt.Errorf("a change of %s takes %d bytes; at most %d can be saved", r.Model, len(b), maxLine)
		}
		t.add(r.Action, b)
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func writeTrailer(w *sealed, p *plans.Plan) error {
	b, err := marshal(trailer{Summary: summary(p.Summary), Digests: digests(p.Digests)})
	if err != nil {
		return err
	}
	// The sum is the trailer's last member and covers what stands before it.
	if _, err := w.Write(b[:len(b)-len(`"}`)]); err != nil {
		return err
	}
	_, err = io.WriteString(w.w, hex.EncodeToString(w.sum.Sum(nil))+"\"}\n")
	return err
}

func writeLine(w io.Writer, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// marshal accepts text that is no UTF-8, which the package or the database may
// hold, and writes U+FFFD in its place. The strings of a Value stay as they are
// spelt, so that the key of a remap is still that of its change.
func marshal(v any) ([]byte, error) {
	return json.Marshal(v, json.Deterministic(true),
		jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true),
		jsontext.PreserveRawStrings(true))
}
