package planner

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strconv"

	"github.com/edmsplan/edmsplan/schema"
)

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

// readPackage reads the package's records of the model but for those chunks.
func (a *aside) readPackage(out lanes, quit <-chan struct{}, known []bool) {
	defer out.close()
	var last *layout
	cache := newLinkCache(a)
	w := newWriter(out, quit)
	labels, _ := a.labelsOf(a.m)
	for _, label := range labels {
		for rec, err := range a.in.Package.Scan(a.ctx, schema.Selection{Model: label, Skip: known}) {
			if err != nil {
				w.fail(fmt.Errorf("read %s: %w", a.in.Package.Name(), err))
				return
			}
			last = a.layoutOf(rec, last)
			x := w.add(rec, len(a.links)+len(a.m.generics))
			x.layout, x.number, x.own = last, rec.Number, rec.PK
			if a.lead(x, cache) {
				w.keys = a.appendPackageKey(w.keys, x, cache)
			}
			if !w.added() {
				return
			}
		}
	}
	w.flush()
}

// lead tells the package's record's primary key and where its references lead;
// false where that cannot be told.
func (a *aside) lead(x *item, cache *linkCache) bool {
	if x.layout.odd {
		return false
	}
	m := a.m
	own := x.own
	if i := x.layout.where[m.pk]; i >= 0 {
		own = x.values[i]
	}
	if own.Kind != schema.NullLiteral {
		v, ok := a.plainValue(m.pk, own)
		if !ok {
			return false
		}
		x.pk = v.Text
	}
	for i, n := range a.links {
		if at := x.layout.where[n]; at >= 0 {
			x.links[i] = cache.packageLink(n, x.values[at])
		} else {
			x.links[i] = lacking
		}
	}
	for g := range m.generics {
		x.links[len(a.links)+g] = cache.packageGeneric(g, x)
	}
	return true
}

// appendPackageKey appends the natural key of a package's record, nothing where
// that cannot be told.
func (a *aside) appendPackageKey(b []byte, x *item, cache *linkCache) []byte {
	m := a.m
	start := len(b)
	for _, n := range m.key {
		at := x.layout.where[n]
		if at < 0 && n != m.pk {
			return b[:start]
		}
		if m.fields[n].ref != nil {
			h := x.links[cache.index[n]]
			if h < 0 {
				return b[:start]
			}
			b = append(b, h.key(m.fields[n].ref.model)...)
			continue
		}
		l := x.own
		if at >= 0 {
			l = x.values[at]
		}
		v, ok := a.plainValue(n, l)
		if !ok || !v.Valid {
			return b[:start]
		}
		b = schema.AppendKey(b, keyText(m.fields[n].column.Type, v, false))
	}
	return b
}

// plainValue is the value of a field of the package that is no reference;
// false where it cannot be read.
func (a *aside) plainValue(n int, l schema.Literal) (schema.Value, bool) {
	if l.Kind == schema.CanonicalLiteral && a.same[n] {
		return schema.NewValue(l.Text), true
	}
	c, err := a.decodeCell(a.m, n, l)
	return c.value, err == nil && c.kind == plain
}

// readLive reads the live table, if possible in the order of its primary key
// where that is asked for.
func (a *aside) readLive(out lanes, quit <-chan struct{}, ordered bool) {
	defer out.close()
	m := a.m
	cache := newLinkCache(a)
	w := newWriter(out, quit)
	where := make([]int, len(m.fields))
	for i, n := range a.at {
		where[n] = i
	}
	for rec, err := range a.in.Live.Scan(a.ctx, schema.Selection{Model: m.label, Table: m.table, Columns: a.columns, KeyOrder: ordered}) {
		if err != nil {
			w.fail(fmt.Errorf("read the live table %s: %w", m.table.Name, err))
			return
		}
		x := w.add(rec, len(a.links)+len(m.generics))
		x.id, _ = strconv.ParseInt(x.values[a.pkAt].Text, 10, 64)
		for i, n := range a.links {
			x.links[i] = cache.liveLink(n, x.values[where[n]])
		}
		for g := range m.generics {
			x.links[len(a.links)+g] = cache.liveGeneric(g, x, x.values[where[m.generics[g].id]])
		}
		w.keys = a.appendLiveKey(w.keys, x, cache, where)
		if !w.added() {
			return
		}
	}
	w.flush()
}

// appendLiveKey appends the natural key of a live row, nothing where that
// cannot be told.
func (a *aside) appendLiveKey(b []byte, x *item, cache *linkCache, where []int) []byte {
	m := a.m
	start := len(b)
	for _, n := range m.key {
		l := x.values[where[n]]
		if m.fields[n].ref != nil {
			h := x.links[cache.index[n]]
			if h < 0 {
				return b[:start]
			}
			b = append(b, h.key(m.fields[n].ref.model)...)
			continue
		}
		if l.Kind == schema.NullLiteral {
			return b[:start]
		}
		b = schema.AppendKey(b, keyText(m.fields[n].column.Type, schema.NewValue(l.Text), false))
	}
	return b
}

// append encodes the item for the spool.
func (x *item) append(b []byte) []byte {
	if x.layout == nil {
		for _, l := range x.values {
			b = appendLiteral(b, l)
		}
		return b
	}
	b = binary.AppendUvarint(b, uint64(x.number))
	b = appendLiteral(b, x.own)
	for i, name := range x.layout.names {
		b = schema.AppendKey(b, name)
		b = appendLiteral(b, x.values[i])
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
			body, err := r.spool.getBytes(at)
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
	_, fields := m.liveColumns(nil)
	return func(yield func(*row, error) bool) {
		r := &row{cells: make([]cell, len(m.fields))}
		for _, at := range m.rest.live {
			body, err := m.rest.spool.getBytes(at)
			if err != nil {
				yield(nil, err)
				return
			}
			d := &rowReader{s: string(body)}
			clear(r.cells)
			for _, n := range fields {
				r.cells[n] = p.liveCell(m, n, d.literal())
			}
			if !yield(r, d.err) || d.err != nil {
				return
			}
		}
	}
}
