package django

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/ahead"
)

// check is the verifying pass over a fixture: it digests the bytes, makes sure
// that each record is one, and builds the index. Of JSON, one goroutine reads
// and digests, one finds the records, and one, the caller's, takes them apart:
// each is ahead of the next, and what is first in the file is told first.
type check struct {
	p      *fixture
	sum    hash.Hash
	reader *reader       // of JSON
	spool  *bufio.Writer // of what is converted, to the temporary file
	number int           // of the record being read

	chunk, batch int // sizes of what goes from one goroutine to the next, in bytes
}

func newCheck(path string, s syntax, l backup.Limits) *check {
	return &check{
		p: &fixture{
			name: filepath.Base(path), syntax: s, limits: l, models: map[string]*model{},
			info: backup.Info{Format: s.format(), Path: path},
		},
		sum: sha256.New(), chunk: 128 << 10, batch: 128 << 10,
	}
}

// run reads everything. On success p is complete but for its stamps.
func (c *check) run(ctx context.Context, in *backup.Stream) error {
	if in.Gzip {
		c.p.info.Facts = append(c.p.info.Facts, backup.Fact{Name: "compression", Value: "gzip"})
	}
	if err := c.store(in); err != nil {
		return err
	}
	var seen io.Writer = c.sum
	if in.Gzip && c.p.syntax != yamlSyntax {
		seen = io.MultiWriter(c.sum, c.p.data)
	}
	next, stop := iter.Pull(ahead.Run(chunks(in, seen, c.chunk), depth))
	defer stop()
	text := bufio.NewReaderSize(&joined{next: next}, 4096)
	head, err := text.Peek(4096)
	if err != nil && err != io.EOF {
		return err
	}
	if err := c.judgeHead(head, text); err != nil {
		return err
	}
	base := 0
	if bytes.HasPrefix(head, []byte(bom)) {
		base, _ = text.Discard(len(bom))
	}
	if c.p.syntax == yamlSyntax {
		err = c.yaml(ctx, text)
	} else {
		c.reader = newReader(c.p.syntax == jsonSyntax, c.p.limits.Record)
		err = c.json(text, int64(base))
	}
	if err != nil {
		return err
	}
	return c.finish()
}

// store decides where the records can be read again.
func (c *check) store(in *backup.Stream) error {
	if !in.Gzip && c.p.syntax != yamlSyntax {
		c.p.data = in.File()
		return nil
	}
	f, err := os.CreateTemp("", "edmsplan-fixture-*")
	if err != nil {
		return fmt.Errorf("making a temporary file: %w", err)
	}
	c.p.data, c.p.temp = f, f.Name()
	if c.p.syntax == yamlSyntax {
		c.spool = bufio.NewWriterSize(f, 256<<10)
	}
	return nil
}

// json reads the records of a list or a sequence of objects.
func (c *check) json(src io.Reader, base int64) error {
	r := c.reader
	if err := r.start(src, base); err != nil {
		return c.explain(err)
	}
	next, stop := iter.Pull(ahead.Run(r.batches(c.batch), depth))
	defer stop()
	var err error
	for err == nil {
		b, _ := next()
		from := 0
		for _, rec := range b.records {
			c.number++
			if err := c.add(b.text[from:rec.to], rec.at); err != nil {
				return err
			}
			from = rec.to
		}
		err = b.err
	}
	c.number++
	if err != io.EOF {
		return c.explain(err)
	}
	if r.array {
		if err := r.rest(); err != io.EOF {
			return c.trailing(err)
		}
	}
	return nil
}

// add notes the record whose text begins at that byte of the data.
func (c *check) add(raw []byte, at int64) error {
	l := layoutOf(raw)
	if l.problem != "" {
		return c.refuse(l.code, l.problem, c.place(at), l.remedy)
	}
	if d := c.p.limits.Depth; d > 0 && l.depth > d {
		return c.refuse("package.depth", fmt.Sprintf("it is nested deeper than %d levels", d), c.place(at), dumped)
	}
	if c.number > math.MaxInt32 {
		return c.refuse("package.too_large", "there are too many records", "", "Split the package by application.")
	}
	m, err := c.model(bare(l.model.of(raw)), at)
	if err != nil {
		return err
	}
	m.add(c.number, at)
	m.keys.add(l.pk.of(raw))
	c.p.info.Records++
	return nil
}

// manyModels is far beyond any project's and bounds what a hostile package
// can make us remember.
const manyModels = 100_000

func (c *check) model(written []byte, at int64) (*model, error) {
	if m := c.p.models[string(written)]; m != nil {
		return m, nil
	}
	label := strings.ToLower(string(written))
	if m := c.p.models[label]; m != nil {
		return m, nil
	}
	if len(c.p.order) >= manyModels {
		return nil, c.refuse("package.models", fmt.Sprintf("it names more than %d models", manyModels), c.place(at), dumped)
	}
	m := &model{label: label}
	c.p.models[label] = m
	c.p.order = append(c.p.order, m)
	return m, nil
}

func (m *model) add(number int, at int64) {
	m.records++
	if n := len(m.runs) - 1; n >= 0 && m.runs[n].number+m.runs[n].count == uint32(number) {
		m.runs[n].count++
		return
	}
	m.runs = append(m.runs, run{at: at, number: uint32(number), count: 1})
}

// finish closes what the pass wrote.
func (c *check) finish() error {
	if c.spool != nil {
		if err := c.spool.Flush(); err != nil {
			return fmt.Errorf("writing a temporary file: %w", err)
		}
	}
	if c.p.info.Records == 0 {
		return &backup.Refusal{
			Member: c.p.name, Code: "package.empty", Summary: "the list of records is empty",
			Detail: "A package without records would describe an empty database.",
			Remedy: "Export again, and look at what dumpdata printed: an application label may be wrong.",
		}
	}
	c.p.info.Digest = hex.EncodeToString(c.sum.Sum(nil))
	return nil
}

// refuse refuses the record being read.
func (c *check) refuse(code, summary, detail, remedy string) error {
	return &backup.Refusal{
		Member: c.p.name, Number: c.number, Code: code, Summary: summary, Detail: detail, Remedy: remedy,
	}
}

// uniqueKeys refuses two records of one model with one primary key. Where
// keys ascend, as dumpdata writes them, that is known already; elsewhere the
// model is read again and what is kept of a key is a seeded hash.
func (p *fixture) uniqueKeys(ctx context.Context) error {
	for _, m := range p.order {
		if !m.keys.disordered {
			continue
		}
		second, err := p.repeated(ctx, m.label)
		if err != nil || second == 0 {
			if err != nil {
				return err
			}
			continue
		}
		first, err := p.firstLike(ctx, m.label, second)
		if err != nil {
			return err
		}
		return &backup.Refusal{
			Member: p.name, Number: second, Model: m.label, Code: "package.duplicate_record",
			Summary: fmt.Sprintf("record %d has the same primary key", first),
			Detail:  "A package holds each record once; which of the two is meant cannot be known.",
			Remedy:  "Export the package again in one run of dumpdata, or take one of the two records out.",
		}
	}
	return nil
}

// repeated returns the number of the first record whose key an earlier one
// has, 0 if there is none.
func (p *fixture) repeated(ctx context.Context, label string) (int, error) {
	seen, err := newKeySet()
	if err != nil {
		return 0, err
	}
	for r, err := range p.Scan(ctx, schema.Selection{Model: label}) {
		if err != nil {
			return 0, err
		}
		if r.PK.Kind != schema.NullLiteral && !seen.add(r.PK.Text) {
			return r.Number, nil
		}
	}
	return 0, nil
}

// firstLike returns the number of the record whose key that record repeats.
func (p *fixture) firstLike(ctx context.Context, label string, second int) (int, error) {
	var key schema.Literal
	for r, err := range p.Scan(ctx, schema.Selection{Model: label}) {
		if err != nil {
			return 0, err
		}
		if r.Number == second {
			key = r.PK
			break
		}
	}
	for r, err := range p.Scan(ctx, schema.Selection{Model: label}) {
		if err != nil {
			return 0, err
		}
		if r.PK.Kind != schema.NullLiteral && r.PK.Text == key.Text {
			return r.Number, nil
		}
	}
	return 0, fmt.Errorf("%s was changed while it was being read", p.name)
}
