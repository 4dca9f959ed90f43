package native

import (
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/edmsplan/edmsplan/schema"
)

// chunker cuts one model's rows into chunks. Where it cuts depends on the
// records around the place only, so that a record more or less leaves the
// other chunks as they are.
type chunker struct {
	w       *writer
	model   *schema.Model
	judge   *judge
	keys    *keyCheck
	out     rowsMember
	rows    []byte
	records int
	number  int // of the record that is added
	seen    map[digest]bool
	cutter  cutter
	packing []*packing // the chunks that are compressed, in order
}

func (w *writer) newChunker(i int) *chunker {
	m := w.header.Models[i]
	t := tableOf(&w.header, m.Table)
	return &chunker{
		w: w, model: m, judge: newJudge(m, w.header.Source.Dialect), keys: newKeyCheck(m, t), cutter: newCutter(m, t),
		out: rowsMember{Model: m.Label, Encoding: textEncoding, Chunks: []chunkMember{}}, seen: map[digest]bool{},
	}
}

func (c *chunker) add(r *schema.Record) error {
	if c.rows == nil {
		c.rows = c.w.buffer()
	}
	before := len(c.rows)
	rows, err := appendRow(c.rows, c.model, r)
	if err == nil {
		err = c.judge.record(r)
	}
	if err == nil {
		err = c.keys.next(r)
	}
	if err != nil {
		return err
	}
	c.rows = rows
	c.records++
	if c.cutter.ends(len(rows), c.records, rows[before:], func(n int) string { return c.keys.last[n] }) {
		return c.flush()
	}
	return nil
}

// cutter says where a model's chunks end.
type cutter struct {
	at  []int  // the fields of the primary key, nil if they are not all there
	key []byte // of the last row
}

func newCutter(m *schema.Model, t *schema.Table) cutter { return cutter{at: keyFields(m, t)} }

// ends reports whether a chunk ends with the row, which makes it so many bytes
// and records: when it is large, and else about every thousandth time, by the
// row's primary key or, without one, by all of it.
func (c *cutter) ends(size, records int, row []byte, part func(n int) string) bool {
	if size >= maxChunkSize || records >= maxChunkRecords {
		return true
	}
	if len(c.at) == 0 {
		return xxh3.Hash(row)&cutMask == 0
	}
	c.key = c.key[:0]
	for n := range c.at {
		c.key = schema.AppendKey(c.key, part(n))
	}
	return xxh3.Hash(c.key)&cutMask == 0
}

// packing is a chunk that is compressed beside the reading of the next ones.
type packing struct {
	rows, stored []byte // buffers of the writer's
	chunk        chunkMember
	known        bool // the parent has it
	err          error
	done         chan struct{}
}

// flush begins to write the rows as a chunk.
func (c *chunker) flush() error {
	if c.records == 0 {
		return nil
	}
	if len(c.packing) == maxPacking {
		if err := c.put(); err != nil {
			return err
		}
	}
	p := &packing{rows: c.rows}
	c.rows = nil
	p.chunk = chunkMember{Records: int64(c.records), Size: int64(len(p.rows))}
	p.done = make(chan struct{})
	c.records = 0
	c.packing = append(c.packing, p)
	go p.run(c.w, c.model.Label)
	return nil
}

// maxPacking is how many chunks of a model are compressed at once.
const maxPacking = 2

func (p *packing) run(w *writer, label string) {
	defer close(p.done)
	m := &p.chunk
	m.Digest = sha(p.rows)
	// The same bytes are other rows where the model had other fields.
	old, ok := w.parent.chunk(label, m.Digest)
	if p.known = ok && old.Records == m.Records; p.known {
		m.Stored, m.StoredDigest = old.Stored, old.StoredDigest
		return
	}
	enc, err := w.encoder()
	if p.err = err; err != nil {
		return
	}
	p.stored = compress(enc, p.rows, w.buffer())
	w.rest(enc)
	m.Stored, m.StoredDigest = int64(len(p.stored)), sha(p.stored)
}

// put writes the chunk that was begun first, unless it is stored already.
func (c *chunker) put() error {
	p := c.packing[0]
	<-p.done
	if p.err != nil {
		return p.err
	}
	c.packing = c.packing[1:]
	defer func() { c.w.keep(p.rows, p.stored) }()
	m := p.chunk
	if c.seen[m.Digest] && len(c.keys.at) > 0 {
		return fmt.Errorf("writing %s: rows were given twice", c.model.Label)
	}
	if !p.known && !c.seen[m.Digest] {
		if err := c.w.put(rowsName(c.model.Label, m.Digest), p.stored); err != nil {
			return err
		}
	}
	c.seen[m.Digest] = true
	c.out.Chunks = append(c.out.Chunks, m)
	c.out.Records += m.Records
	c.out.Bytes += m.Size
	return nil
}

// finish writes what is left.
func (c *chunker) finish() error {
	err := c.flush()
	for err == nil && len(c.packing) > 0 {
		err = c.put()
	}
	return err
}

// stop waits for what was begun.
func (c *chunker) stop() {
	for _, p := range c.packing {
		<-p.done
	}
	c.w.keep(c.rows)
}

// end is the model's part of the manifest.
func (c *chunker) end() rowsMember {
	c.out.Digest = modelDigest(c.out.Chunks)
	c.out.Irregular = c.judge.list()
	return c.out
}
