package planner

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strconv"

	"github.com/edmsplan/edmsplan/schema"
)

// item is a record of either side on its way to its like.
type item struct {
	place int // in its stream, from 1
	key   string
	pk    string // the package's, "" where it has none
	id    int64  // the live row's primary key where that is a number
	links []handle
	// A package's record has fields and their layout, a live row its values.
	layout *layout
	number int
	own    schema.Literal // the package's primary key beside the fields
	fields []schema.Field
	notes  []genericNote
	live   []schema.Literal
	fresh  *freshItem // what is known of the record where it is to be added as it is
}

// alone is the item without the others of its batch.
func (x *item) alone() *item {
	out := *x
	return &out
}

// layout is a list of field names as one record after the other has it.
type layout struct {
	names     []string
	at        []int // the model's fields, -1 for one that the policy discards
	where     []int // by the model's field: its place, -1
	discarded []string
	odd       bool // a field is unknown or there twice
}

// layoutOf is the layout of a record, mostly that of the one before.
func (a *aside) layoutOf(rec *schema.Record, last *layout) *layout {
	if last != nil && len(last.names) == len(rec.Fields) {
		same := true
		for i := range rec.Fields {
			same = same && rec.Fields[i].Name == last.names[i]
		}
		if same {
			return last
		}
	}
	s := &layout{where: make([]int, len(a.m.fields))}
	for n := range s.where {
		s.where[n] = -1
	}
	for i := range rec.Fields {
		name := rec.Fields[i].Name
		n, known := a.m.names[name]
		switch {
		case !known && a.m.discards(name):
			n = -1
			s.discarded = append(s.discarded, name)
		case !known || s.where[n] >= 0:
			s.odd = true
		default:
			s.where[n] = i
		}
		s.names, s.at = append(s.names, name), append(s.at, n)
	}
	return s
}

// readPackage reads the package's records of the model.
func (a *aside) readPackage(out lanes, quit <-chan struct{}) {
	defer out.close()
	place := 0
	var last *layout
	cache := newLinkCache(a)
	w := &writer{out: out, quit: quit}
	labels, _ := a.labelsOf(a.m)
	for _, label := range labels {
		for rec, err := range a.in.Package.Scan(a.ctx, schema.Selection{Model: label}) {
			if err != nil {
				w.fail(fmt.Errorf("read %s: %w", a.in.Package.Name(), err))
				return
			}
			place++
			last = a.layoutOf(rec, last)
			x := w.next()
			*x = item{place: place, number: rec.Number, own: rec.PK, layout: last, fields: w.copyFields(rec.Fields), links: w.links(len(a.links) + len(a.m.generics))}
			a.readRecord(x, cache)
			if !w.full() {
				return
			}
		}
	}
	w.flush()
}

// readRecord tells the record's keys and where its references lead.
func (a *aside) readRecord(x *item, cache *linkCache) {
	if x.layout.odd {
		return
	}
	m := a.m
	own := x.own
	if i := x.layout.where[m.pk]; i >= 0 {
		own = x.fields[i].Value
	}
	if own.Kind != schema.NullLiteral {
		c, err := a.decodeCell(m, m.pk, own)
		if err != nil {
			return
		}
		x.pk = c.value.Text
	}
	for i, n := range a.links {
		if at := x.layout.where[n]; at >= 0 {
			x.links[i] = cache.packageLink(n, x.fields[at].Value)
		} else {
			x.links[i] = lacking
		}
	}
	for g := range m.generics {
		x.links[len(a.links)+g] = cache.packageGeneric(g, x)
	}
	key := make([]byte, 0, 64)
	for _, n := range m.key {
		at := x.layout.where[n]
		switch l := x.own; {
		case m.fields[n].ref != nil:
			if at < 0 {
				return
			}
			h := x.links[cache.index[n]]
			if h < 0 {
				return
			}
			key = append(key, h.key(m.fields[n].ref.model)...)
		case at >= 0:
			l = x.fields[at].Value
			fallthrough
		default:
			if at < 0 && n != m.pk {
				return
			}
			c, err := a.decodeCell(m, n, l)
			if err != nil || c.kind != plain || !c.value.Valid {
				return
			}
			key = schema.AppendKey(key, keyText(m.fields[n].column.Type, c.value, false))
		}
	}
	x.key = string(key)
}

// readLive reads the live table.
func (a *aside) readLive(out lanes, quit <-chan struct{}) {
	defer out.close()
	m := a.m
	place := 0
	cache := newLinkCache(a)
	w := &writer{out: out, quit: quit}
	where := make([]int, len(m.fields))
	for i, n := range a.at {
		where[n] = i
	}
	for rec, err := range a.in.Live.Scan(a.ctx, schema.Selection{Model: m.label, Table: m.table, Columns: a.columns}) {
		if err != nil {
			w.fail(fmt.Errorf("read the live table %s: %w", m.table.Name, err))
			return
		}
		place++
		x := w.next()
		*x = item{place: place, live: w.copyValues(rec.Fields), links: w.links(len(a.links) + len(m.generics))}
		x.id, _ = strconv.ParseInt(x.live[a.pkAt].Text, 10, 64)
		for i, n := range a.links {
			x.links[i] = cache.liveLink(n, x.live[where[n]])
		}
		for g := range m.generics {
			x.links[len(a.links)+g] = cache.liveGeneric(g, x, x.live[where[m.generics[g].id]])
		}
		key := make([]byte, 0, 64)
		for _, n := range m.key {
			l := x.live[where[n]]
			if m.fields[n].ref != nil {
				h := x.links[cache.index[n]]
				if h < 0 {
					key = nil
					break
				}
				key = append(key, h.key(m.fields[n].ref.model)...)
				continue
			}
			if l.Kind == schema.NullLiteral {
				key = nil
				break
			}
			key = schema.AppendKey(key, keyText(m.fields[n].column.Type, schema.NewValue(l.Text), false))
		}
		x.key = string(key)
		if !w.full() {
			return
		}
	}
	w.flush()
}

// writer collects items and sends them in batches. What they hold is allotted
// for a batch at once.
type writer struct {
	out     lanes
	turn    int
	quit    <-chan struct{}
	items   []item
	fields  []schema.Field
	values  []schema.Literal
	handles []handle
}

func (w *writer) next() *item {
	if w.items == nil {
		w.items = make([]item, 0, batchRows)
	}
	w.items = append(w.items, item{})
	return &w.items[len(w.items)-1]
}

// full sends a full batch; false when nobody wants it any more.
func (w *writer) full() bool { return len(w.items) < batchRows || w.flush() }

func (w *writer) flush() bool {
	if len(w.items) == 0 {
		return true
	}
	sent := w.send(batch{items: w.items})
	w.items = nil
	return sent
}

func (w *writer) fail(err error) { w.send(batch{err: err}) }

// send returns false when nobody wants it any more.
func (w *writer) send(b batch) bool {
	lane := w.out[w.turn%len(w.out)]
	w.turn++
	select {
	case lane <- b:
		return true
	case <-w.quit:
		return false
	}
}

func (w *writer) copyFields(fields []schema.Field) []schema.Field {
	from := len(w.fields)
	if cap(w.fields)-from < len(fields) {
		w.fields, from = make([]schema.Field, 0, batchRows*max(len(fields), 1)), 0
	}
	w.fields = append(w.fields, fields...)
	return w.fields[from:len(w.fields):len(w.fields)]
}

func (w *writer) copyValues(fields []schema.Field) []schema.Literal {
	from := len(w.values)
	if cap(w.values)-from < len(fields) {
		w.values, from = make([]schema.Literal, 0, batchRows*max(len(fields), 1)), 0
	}
	for i := range fields {
		w.values = append(w.values, fields[i].Value)
	}
	return w.values[from:len(w.values):len(w.values)]
}

func (w *writer) links(n int) []handle {
	from := len(w.handles)
	if cap(w.handles)-from < n {
		w.handles, from = make([]handle, 0, batchRows*max(n, 1)), 0
	}
	w.handles = w.handles[:from+n]
	return w.handles[from : from+n : from+n]
}

// append encodes the item for the spool.
func (x *item) append(b []byte) []byte {
	if x.live != nil {
		for _, l := range x.live {
			b = appendLiteral(b, l)
		}
		return b
	}
	b = binary.AppendUvarint(b, uint64(x.number))
	b = appendLiteral(b, x.own)
	for i := range x.fields {
		b = schema.AppendKey(b, x.fields[i].Name)
		b = appendLiteral(b, x.fields[i].Value)
	}
	return b
}

func appendLiteral(b []byte, l schema.Literal) []byte {
	return schema.AppendKey(append(b, byte(l.Kind)), l.Text)
}

func (d *rowReader) literal() schema.Literal {
	k := schema.LiteralKind(d.byte())
	return schema.Literal{Kind: k, Text: d.text()}
}

// records yields the package's records of the rest.
func (r *rest) records() iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		rec := &schema.Record{}
		for _, at := range r.pkg {
			body, err := r.spool.getBytes(at.offset)
			if err != nil {
				yield(nil, err)
				return
			}
			d := &rowReader{s: string(body)}
			rec.Number, rec.PK, rec.Fields = int(d.uvarint()), d.literal(), rec.Fields[:0]
			for d.s != "" && d.err == nil {
				rec.Fields = append(rec.Fields, schema.Field{Name: d.text(), Value: d.literal()})
			}
			if !yield(rec, d.err) || d.err != nil {
				return
			}
		}
	}
}

// restRows yields the live rows of the rest. The row is reused.
func (p *planning) restRows(m *model) iter.Seq2[*row, error] {
	_, at := m.liveColumns(nil)
	return func(yield func(*row, error) bool) {
		r := &row{cells: make([]cell, len(m.fields))}
		for _, x := range m.rest.live {
			body, err := m.rest.spool.getBytes(x.offset)
			if err != nil {
				yield(nil, err)
				return
			}
			d := &rowReader{s: string(body)}
			clear(r.cells)
			for _, n := range at {
				r.cells[n] = p.liveCell(m, n, d.literal())
			}
			if !yield(r, d.err) || d.err != nil {
				return
			}
		}
	}
}
