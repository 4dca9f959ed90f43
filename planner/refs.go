package planner

import (
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// missing is a reference that leads to no record.
type missing struct {
	field int
	cell  cell
}

// find returns the entry that a package's reference means.
func find(t *model, field int, c cell) (int32, bool) {
	switch c.kind {
	case byID:
		if tg := t.target(field); tg != nil {
			return t.byPackageID(tg, c.value.Text)
		}
	case byKey:
		if !t.ownSpelling {
			if n, ok := t.ruling.formerly(c.key); ok {
				return n, n >= 0
			}
			return t.byNaturalKey(c.key)
		}
		if n, ok := t.bySpelling[c.key]; ok {
			return n, ok
		}
		n, ok := t.liveBySpelling[c.key]
		return n, ok
	case byName:
		return t.byNaturalKey(c.key)
	}
	return 0, false
}

// resolve replaces the row's references by the natural keys of the records
// they mean, as the policy's rules have it, and returns those that lead
// nowhere. While p.noting, references are counted on the records they lead to.
func (p *planning) resolve(m *model, r *row) []missing {
	var out []missing
	for n := range r.cells {
		c := &r.cells[n]
		switch c.kind {
		case byID, byKey, byName:
			if !p.resolveCell(m, n, c) {
				out = append(out, missing{n, *c})
				m.unset(n, c)
			}
		case members:
			kept := c.list[:0]
			for i := range c.list {
				if !p.resolveCell(m, n, &c.list[i]) {
					out = append(out, missing{n, c.list[i]})
					continue
				}
				kept = append(kept, c.list[i])
			}
			c.list = uniqueCells(kept)
		case dangling:
			if m.fields[n].ref != nil && m.fields[n].ref.model == nil {
				out = append(out, missing{n, *c})
				m.unset(n, c)
			}
		}
	}
	for i := range m.generics {
		p.resolveGeneric(m, &m.generics[i], r)
	}
	for i := range m.jsonRefs {
		p.resolveJSON(m, &m.jsonRefs[i], r)
	}
	return out
}

// unset writes null for a reference that leads nowhere, if the policy says so.
func (m *model) unset(n int, c *cell) {
	if m.onMissing(n) == policy.OnMissingUnset {
		*c = cell{kind: plain}
	}
}

func (p *planning) resolveCell(m *model, n int, c *cell) bool {
	ref := m.fields[n].ref
	if ref.model == nil || c.kind == resolved {
		return c.kind == resolved
	}
	id, ok := find(ref.model, ref.field, *c)
	if !ok {
		return false
	}
	e := ref.model.entries.at(id)
	if e.doomed || (!e.stays() && e.status != broken) {
		return false
	}
	if p.noting && c.kind == byID {
		e.refs++
	}
	*c = cell{kind: resolved, key: e.key, row: c.row}
	return true
}

// uniqueCells sorts resolved members and drops those named twice.
func uniqueCells(list []cell) []cell {
	slices.SortStableFunc(list, func(a, b cell) int { return compareKeys(a.key, b.key) })
	return slices.CompactFunc(list, func(a, b cell) bool { return a.key == b.key })
}

// keyOf is the natural key (or the key that references spell, by another list
// of fields) of a row whose references in it can be resolved. why says what is
// wrong when there is none.
func (p *planning) keyOf(m *model, fields []int, r *row, live, cut bool) (key schema.Key, why string, at int) {
	var b []byte
	for _, n := range fields {
		c := r.cells[n]
		f := &m.fields[n]
		switch {
		case c.kind == absent:
			return "", "lacks", n
		case c.isNull():
			return "", "null", n
		case c.kind == plain:
			b = schema.AppendKey(b, keyText(f.column.Type, c.value, cut))
			continue
		case c.kind == resolved:
			b = append(b, c.key...)
			continue
		case f.ref == nil || f.ref.model == nil:
			return "", "missing", n
		}
		part, ok := refKey(f.ref, c, live)
		if !ok {
			return "", "missing", n
		}
		b = append(b, part...)
	}
	return schema.Key(b), "", -1
}

// refKey is the natural key that a reference contributes to a key. The record
// referred to need not exist: that is judged later.
func refKey(ref *reference, c cell, live bool) (schema.Key, bool) {
	t := ref.model
	if c.kind == byName {
		return c.key, true
	}
	if c.kind == byKey && !t.ownSpelling {
		n, ok := t.ruling.formerly(c.key)
		switch {
		case !ok:
			return c.key, true
		case n < 0:
			return "", false
		}
		return t.entries.at(n).key, true
	}
	var (
		n  int32
		ok bool
	)
	if live {
		tg := t.target(ref.field)
		if tg == nil {
			return "", false
		}
		n, ok = t.byLiveID(tg, c.value.Text)
	} else {
		n, ok = find(t, ref.field, c)
	}
	if !ok {
		return "", false
	}
	return t.entries.at(n).key, true
}
