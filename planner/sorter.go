package planner

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// sorter puts texts in the order of the natural keys that they begin with. It
// keeps a megabyte of them; what is more, it sorts in runs, spools them and
// merges them when they are read.
type sorter struct {
	spool *spool
	texts []sortedText
	size  int
	runs  []span
}

// sortedText is a text and the key that it begins with.
type sortedText struct {
	key  schema.Key
	text string
}

// span is a part of a spool.
type span struct{ from, to int64 }

// Limits of a sorter: what it keeps, in times of a spool's memory, and how much
// of all runs is read ahead, where they are not so many that each would get
// less than the least.
const (
	sorterMemory = 4
	readAhead    = 4 << 20
	leastAhead   = 4 << 10
	mostAhead    = 64 << 10
)

func newSorter(dir string, l spoolLimits) *sorter { return &sorter{spool: newSpool(dir, l)} }

// add takes a text; its key comes first in it, as schema.AppendKey has it.
func (s *sorter) add(text string) error {
	key, err := leadingKey(text)
	if err != nil {
		return err
	}
	s.texts = append(s.texts, sortedText{key, text})
	if s.size += len(text); s.size < sorterMemory*s.spool.limits.memory {
		return nil
	}
	return s.run()
}

// leadingKey is the key that a text begins with.
func leadingKey(text string) (schema.Key, error) {
	d := rowReader{s: text}
	key := d.text()
	return schema.Key(key), d.err
}

// run spools what is kept as a run.
func (s *sorter) run() error {
	s.sort()
	r := span{from: s.spool.end()}
	for _, x := range s.texts {
		if _, err := s.spool.putBytes([]byte(x.text)); err != nil {
			return err
		}
	}
	r.to = s.spool.end()
	s.runs = append(s.runs, r)
	clear(s.texts)
	s.texts, s.size = s.texts[:0], 0
	return nil
}

// done says that there is no more to add.
func (s *sorter) done() error {
	if len(s.runs) == 0 {
		s.sort()
		return nil
	}
	if len(s.texts) > 0 {
		if err := s.run(); err != nil {
			return err
		}
	}
	s.texts = nil
	return s.spool.flush()
}

func (s *sorter) sort() {
	slices.SortFunc(s.texts, func(a, b sortedText) int { return compareKeys(a.key, b.key) })
}

// all yields the texts in their order, once done.
func (s *sorter) all() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if len(s.runs) == 0 {
			for _, x := range s.texts {
				if !yield(x.text, nil) {
					return
				}
			}
			return
		}
		if err := s.merge(yield); err != nil {
			yield("", err)
		}
	}
}

func (s *sorter) merge(yield func(string, error) bool) error {
	window := min(max(readAhead/len(s.runs), leastAhead), mostAhead)
	m := make(merging, 0, len(s.runs))
	for _, r := range s.runs {
		h := &head{rest: bufio.NewReaderSize(io.NewSectionReader(s.spool.file, r.from, r.to-r.from), window)}
		if err := h.next(); err != nil {
			return err
		}
		m = append(m, h)
	}
	heap.Init(&m)
	for len(m) > 0 {
		if !yield(m[0].text, nil) {
			return nil
		}
		switch err := m[0].next(); err {
		case nil:
			heap.Fix(&m, 0)
		case io.EOF:
			heap.Pop(&m)
		default:
			return err
		}
	}
	return nil
}

func (s *sorter) close() error { return s.spool.close() }

// head is the first text of a run that was not read yet.
type head struct {
	sortedText
	rest *bufio.Reader
}

// next takes the next text; io.EOF says that there is none.
func (h *head) next() error {
	n, err := binary.ReadUvarint(h.rest)
	if err == io.EOF {
		return err
	}
	if err == nil {
		body := make([]byte, n)
		_, err = io.ReadFull(h.rest, body)
		h.text = string(body)
	}
	if err == nil {
		h.key, err = leadingKey(h.text)
	}
	if err != nil {
		return fmt.Errorf("read a temporary file: %w", err)
	}
	return nil
}

// merging are the runs that are being merged, as a heap.
type merging []*head

func (m merging) Len() int           { return len(m) }
func (m merging) Less(i, j int) bool { return compareKeys(m[i].key, m[j].key) < 0 }
func (m merging) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merging) Push(x any)        { *m = append(*m, x.(*head)) }
func (m *merging) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
