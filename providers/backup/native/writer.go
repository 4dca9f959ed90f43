package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"

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
	idle     []*zstd.Encoder // for chunks
	turns    chan struct{}   // of those who compress one
	buffers  [][]byte        // for chunks, not in use
	files    *zstd.Encoder
	finished bool

	buf, stored []byte // of the file that is written
}

// NewWriter begins a package in one file, which it streams to w. Its WriteModel
// may be called from several goroutines for different models; each compresses
// in others besides, and w is written by one at a time.
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
		turns: make(chan struct{}, runtime.GOMAXPROCS(0)),
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
	c := w.newChunker(i)
	defer c.stop()
	for r, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		c.number++
		if err == nil {
			err = c.add(r)
		}
		if err != nil {
			return c.out.Records, w.fail(fmt.Errorf("writing %s record %d: %w", m.Label, c.number, err))
		}
	}
	if err := c.finish(); err != nil {
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

// encoder takes an encoder that is not in use. There are as many as processors
// can be at work.
func (w *writer) encoder() (*zstd.Encoder, error) {
	w.turns <- struct{}{}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		e := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return e, nil
	}
	e, err := newEncoder(chunkWindow)
	if err != nil {
		<-w.turns
	}
	return e, err
}

func (w *writer) rest(e *zstd.Encoder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, e)
	<-w.turns
}

// buffer takes a buffer for a chunk.
func (w *writer) buffer() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.buffers); n > 0 {
		b := w.buffers[n-1]
		w.buffers = w.buffers[:n-1]
		return b[:0]
	}
	return make([]byte, 0, maxChunkSize+maxChunkSize/8)
}

// keep keeps buffers for other chunks.
func (w *writer) keep(buffers ...[]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range buffers {
		if cap(b) > 0 && cap(b) <= maxKept {
			w.buffers = append(w.buffers, b)
		}
	}
}
