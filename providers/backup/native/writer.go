package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// WriterOptions are how a package is written.
type WriterOptions struct {
	// Parent makes the package incremental: what the parent lists is not stored
	// again. ParentName is the base name under which a reader will find it. The
	// parent stays the caller's and must be open until Finish.
	Parent     *Package
	ParentName string
	// salvaged marks the package.
	salvaged bool
}

// writer implements backup.Writer.
type writer struct {
	header   backup.Header
	parent   *Package
	salvaged bool
	models   map[string]int

	mu       sync.Mutex
	sink     sink
	err      error // the first; nothing is written after it
	manifest manifestDocument
	started  []bool
	done     []bool
	written  map[string]bool
	parts    map[digest]partMember
	idle     []*zstd.Encoder
	finished bool

	buf, stored []byte // of the file that is written
}

// NewWriter begins a package in one file, which it streams to w. Its WriteModel
// may be called from several goroutines for different models; each compresses
// in its own, and w is written by one at a time.
func NewWriter(w io.Writer, h backup.Header, o WriterOptions) (backup.Writer, error) {
	nw, err := newWriter(tarSink{w}, h, o)
	if err != nil {
		return nil, err
	}
	return nw, nil
}

// NewFolderWriter begins a package in a folder, as NewWriter does in a file. The
// folder must not exist; it appears when Finish returns nil.
func NewFolderWriter(path string, h backup.Header, o WriterOptions) (backup.Writer, error) {
	s, err := newFolderSink(path)
	if err != nil {
		return nil, err
	}
	w, err := newWriter(s, h, o)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return w, nil
}

func newWriter(s sink, h backup.Header, o WriterOptions) (*writer, error) {
	w := &writer{
		header: h, parent: o.Parent, salvaged: o.salvaged, sink: s, models: map[string]int{}, written: map[string]bool{},
		parts: map[digest]partMember{}, started: make([]bool, len(h.Models)), done: make([]bool, len(h.Models)),
	}
	var parent *parentMember
	if o.Parent != nil {
		if !isBaseName(o.ParentName) {
			return nil, fmt.Errorf("the parent's name %s is not the name of a file", quoted(o.ParentName))
		}
		parent = &parentMember{Name: o.ParentName, Digest: o.Parent.digest}
		o.Parent.index() // before several goroutines look
	}
	c, err := catalogueOf(h)
	if err != nil {
		return nil, fmt.Errorf("describing the package: %w", err)
	}
	for i, m := range h.Models {
		w.models[m.Label] = i
	}
	w.manifest.Models = make([]rowsMember, len(h.Models))
	if w.manifest.Header, err = w.document(headerName, headerOf(h, parent, o.salvaged)); err != nil {
		return nil, err
	}
	if w.manifest.Catalogue, err = w.document(catalogueName, c); err != nil {
		return nil, err
	}
	return w, w.put(headName, []byte(headOf(w.manifest.Header, w.manifest.Catalogue)))
}

// document writes one of the documents.
func (w *writer) document(name string, v any) (digest, error) {
	b, err := marshal(v)
	if err != nil {
		return digest{}, fmt.Errorf("writing %s: %w", name, err)
	}
	return sha(b), w.put(name, b)
}

// put writes a member unless something failed before.
func (w *writer) put(name string, content []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if err := w.sink.put(name, content); err != nil {
		w.err = fmt.Errorf("writing %s: %w", name, err)
	}
	return w.err
}

// fail notes the first error.
func (w *writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	return err
}

// begin takes a model once.
func (w *writer) begin(label string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, ok := w.models[label]
	switch {
	case w.err != nil:
		return 0, w.err
	case w.finished:
		return 0, errFinished
	case !ok:
		return 0, fmt.Errorf("the package was not begun with the model %s", quoted(label))
	case w.started[i]:
		return 0, fmt.Errorf("the model %s is written twice", quoted(label))
	}
	w.started[i] = true
	return i, nil
}

var errFinished = errors.New("the package is finished")

// WriteModel implements backup.Writer.
func (w *writer) WriteModel(ctx context.Context, m *schema.Model, records iter.Seq2[*schema.Record, error]) (int64, error) {
	i, err := w.begin(m.Label)
	if err != nil {
		return 0, w.fail(err)
	}
	c, err := w.newChunker(i)
	if err != nil {
		return 0, w.fail(err)
	}
	defer w.rest(c.enc)
	for r, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.add(r)
		}
		if err != nil {
			return c.out.Records, w.fail(fmt.Errorf("writing %s record %d: %w", m.Label, c.out.Records+int64(c.records)+1, err))
		}
	}
	if err := c.flush(); err != nil {
		return c.out.Records, w.fail(err)
	}
	w.complete(i, c.end())
	return c.out.Records, nil
}

// complete takes a model's part of the manifest.
func (w *writer) complete(i int, rows rowsMember) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.manifest.Models[i] = rows
	w.done[i] = true
}

// encoder takes an encoder that is not in use.
func (w *writer) encoder() (*zstd.Encoder, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		e := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return e, nil
	}
	return newEncoder()
}

func (w *writer) rest(e *zstd.Encoder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, e)
}

// chunker cuts one model's rows into chunks. Where it cuts depends on the
// records around the place only, so that a record more or less leaves the
// other chunks as they are.
type chunker struct {
	w       *writer
	model   *schema.Model
	enc     *zstd.Encoder
	judge   *judge
	keys    *keyCheck
	out     rowsMember
	rows    []byte
	stored  []byte
	records int
	seen    map[digest]bool
}

func (w *writer) newChunker(i int) (*chunker, error) {
	enc, err := w.encoder()
	if err != nil {
		return nil, err
	}
	m := w.header.Models[i]
	return &chunker{
		w: w, model: m, enc: enc, judge: newJudge(m, w.header.Source.Dialect), keys: newKeyCheck(m, tableOf(&w.header, m.Table)),
		out: rowsMember{Model: m.Label, Encoding: textEncoding, Chunks: []chunkMember{}}, seen: map[digest]bool{},
	}, nil
}

func (c *chunker) add(r *schema.Record) error {
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
	if len(c.rows) >= maxChunkSize || c.records >= maxChunkRecords || c.cuts(rows[before:]) {
		return c.flush()
	}
	return nil
}

// cuts reports whether a chunk ends with the row: about every thousandth does,
// by its primary key or, without one, by all of it.
func (c *chunker) cuts(row []byte) bool {
	if len(c.keys.at) == 0 {
		return xxh3.Hash(row)&cutMask == 0
	}
	var key []byte
	for _, part := range c.keys.last {
		key = schema.AppendKey(key, part)
	}
	return xxh3.Hash(key)&cutMask == 0
}

// flush writes the rows as a chunk, unless it is stored already.
func (c *chunker) flush() error {
	if c.records == 0 {
		return nil
	}
	d := sha(c.rows)
	if c.seen[d] && len(c.keys.at) > 0 {
		return fmt.Errorf("writing %s: rows were given twice", c.model.Label)
	}
	m := chunkMember{Digest: d, Records: int64(c.records), Size: int64(len(c.rows))}
	// The same bytes are other rows where the model had other fields.
	if old, ok := c.w.parent.chunk(c.model.Label, d); ok && old.Records == m.Records {
		m.Stored, m.StoredDigest = old.Stored, old.StoredDigest
	} else {
		c.stored = compress(c.enc, c.rows, c.stored)
		m.Stored, m.StoredDigest = int64(len(c.stored)), sha(c.stored)
		if !c.seen[d] {
			if err := c.w.put(rowsName(c.model.Label, d), c.stored); err != nil {
				return err
			}
		}
	}
	c.seen[d] = true
	c.out.Chunks = append(c.out.Chunks, m)
	c.out.Records += m.Records
	c.out.Bytes += m.Size
	c.rows, c.records = c.rows[:0], 0
	return nil
}

// end is the model's part of the manifest.
func (c *chunker) end() rowsMember {
	c.out.Digest = modelDigest(c.out.Chunks)
	c.out.Irregular = c.judge.list()
	return c.out
}
