package planner

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// item is a record of either side on its way to its like.
type item struct {
	place int    // in its stream, from 1
	key   string // the natural key, "" where it cannot be told
	links []handle
	// values are those of a package's record in the order of its layout, or those
	// of a live row, which has no layout, in the order of aside.at.
	values []schema.Literal
	layout *layout
	id     int64 // a live row's primary key where that is a number
	// Of a package's record only:
	number int
	pk     string         // its primary key, "" where it has none
	own    schema.Literal // the primary key beside the fields
	notes  []genericNote
	fresh  *freshItem // what is known of it where it is to be added as it is
}

// alone is the item without the others of its batch and of what it was read from.
func (x *item) alone() *item {
	out := *x
	out.key, out.pk, out.own.Text = strings.Clone(x.key), strings.Clone(x.pk), strings.Clone(x.own.Text)
	out.links, out.values = slices.Clone(x.links), slices.Clone(x.values)
	var texts strings.Builder
	for _, l := range x.values {
		texts.WriteString(l.Text)
	}
	text := texts.String()
	for i := range out.values {
		n := len(out.values[i].Text)
		out.values[i].Text, text = text[:n], text[n:]
	}
	return &out
}

// batch is a part of a stream, or why it ended early. What its items hold is
// allotted for all of them, and used again for a later batch.
type batch struct {
	items  []item
	values []schema.Literal
	links  []handle
	keys   []byte
	ends   []int // of the items' keys among keys
	size   int   // of the values' texts
	err    error
}

// batchRows is how many rows change hands at once between the goroutines, or
// fewer when they are as large as batchBytes.
const (
	batchRows  = 128
	batchBytes = 64 << 10
)

// lanes are channels that the batches of a stream go through in turn: what
// several goroutines do with them at the same time is taken in order.
type lanes struct {
	turns []chan *batch
	idle  chan *batch // those that are to be used again
	// gate holds one for each batch that waits, where the room can be made less;
	// else it is nil.
	gate chan struct{}
}

// laneRoom is how many batches wait in a lane, mostly.
const laneRoom = 2

func newLanes(n, room int) lanes {
	l := lanes{turns: make([]chan *batch, n), idle: make(chan *batch, (room+laneRoom)*n)}
	for i := range l.turns {
		l.turns[i] = make(chan *batch, room)
	}
	return l
}

func (l lanes) close() {
	for _, c := range l.turns {
		close(c)
	}
}

// reuse hands a batch back that is used up.
func (l lanes) reuse(b *batch) {
	select {
	case l.idle <- b:
	default:
	}
}

// stream is what comes out of lanes.
type stream struct {
	lanes lanes
	turn  int
	now   *batch
	items []item // what is left of it
	ended bool
	back  []*batch // those that come before what is in the lanes
	// surplus is how much less room the gate is to have.
	surplus int
}

// fill takes the next batch where the last one is used up. At the end there
// is none.
func (s *stream) fill() error {
	if len(s.items) > 0 || s.ended {
		return nil
	}
	if s.now != nil {
		s.lanes.reuse(s.now)
		s.now = nil
	}
	if len(s.back) > 0 {
		s.now, s.back = s.back[0], s.back[1:]
		s.items = s.now.items
		return nil
	}
	b, ok := <-s.lanes.turns[s.turn%len(s.lanes.turns)]
	s.turn++
	if s.ended = !ok; s.ended {
		return nil
	}
	if s.surplus > 0 {
		s.surplus--
	} else if s.lanes.gate != nil {
		<-s.lanes.gate
	}
	s.now, s.items = b, b.items
	return b.err
}

// putBack makes all of these batches and of the one that is being used come
// again.
func (s *stream) putBack(batches []*batch) {
	s.back, s.items, s.ended = batches, nil, false
	if s.now != nil {
		s.back = append(s.back, s.now)
		s.now = nil
	}
}

// next leaves the first item.
func (s *stream) next() { s.items = s.items[1:] }

// writer collects items and sends them in batches.
type writer struct {
	*batch
	out   lanes
	turn  int
	place int
	quit  <-chan struct{}
}

func newWriter(out lanes, quit <-chan struct{}) *writer {
	return &writer{batch: &batch{}, out: out, quit: quit}
}

// add adds a record that leads to so many others.
func (w *writer) add(rec *schema.Record, links int) *item {
	w.place++
	w.items = append(w.items, item{place: w.place, values: allot(&w.values, len(rec.Fields)), links: allot(&w.links, links)})
	x := &w.items[len(w.items)-1]
	for i := range rec.Fields {
		x.values[i] = rec.Fields[i].Value
		w.size += len(x.values[i].Text)
	}
	return x
}

// allot takes n of the list, which has room for a batch of them.
func allot[T any](list *[]T, n int) []T {
	from := len(*list)
	if cap(*list)-from < n {
		*list, from = make([]T, 0, batchRows*n), 0
	}
	*list = (*list)[:from+n]
	return (*list)[from : from+n : from+n]
}

// added sends a full batch once the item's key is among the keys; false when
// nobody wants it any more.
func (w *writer) added() bool {
	w.ends = append(w.ends, len(w.keys))
	return len(w.items) < batchRows && w.size < batchBytes || w.flush()
}

func (w *writer) flush() bool {
	keys, from := string(w.keys), 0
	for i, to := range w.ends {
		w.items[i].key = keys[from:to]
		from = to
	}
	return len(w.items) == 0 || w.send()
}

func (w *writer) fail(err error) {
	w.batch = &batch{err: err}
	w.send()
}

// send returns false when nobody wants it any more.
func (w *writer) send() bool {
	lane := w.out.turns[w.turn%len(w.out.turns)]
	w.turn++
	if w.out.gate != nil {
		select {
		case w.out.gate <- struct{}{}:
		case <-w.quit:
			return false
		}
	}
	select {
	case lane <- w.batch:
	case <-w.quit:
		return false
	}
	select {
	case w.batch = <-w.out.idle:
		w.reset()
	default:
		w.batch = &batch{}
	}
	return true
}

// reset makes room for other items in the same memory.
func (b *batch) reset() {
	clear(b.items)
	*b = batch{items: b.items[:0], values: b.values[:0], links: b.links[:0], keys: b.keys[:0], ends: b.ends[:0]}
}
