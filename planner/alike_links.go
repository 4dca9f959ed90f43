package planner

import (
	"math"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// handle names a record that a reference leads to: the number of its entry, or
// that of a settled record, marked.
type handle int64

const (
	settledMark handle = 1 << 40
	// The others are no records.
	nowhere handle = math.MinInt64 + iota // it leads to none, or to one that is not to stay as it is
	noRef                                 // the reference is null
	lacking                               // the record has no such field
	unknown                               // a generic reference whose record the package cannot tell
)

// key is the natural key of the record.
func (h handle) key(t *model) string {
	if h >= settledMark {
		return string(t.settled.key(uint32(h - settledMark)))
	}
	return string(t.entries.at(int32(h)).key)
}

// linkCache finds what references lead to. References to few records are
// mostly spelt as shortly before, so that is looked up first.
type linkCache struct {
	*aside
	index  []int // by field: its place among links
	recent [][]cached
	kinds  map[handle]meant // by content type
}

type cached struct {
	literal schema.Literal
	handle  handle
}

// keep keeps where a spelling leads, not the record that it is from.
func (s *cached) keep(l schema.Literal, h handle) {
	s.literal = schema.Literal{Kind: l.Kind, Text: strings.Clone(l.Text)}
	s.handle = h
}

// cacheSlots is a power of two.
const cacheSlots = 1 << 10

func newLinkCache(a *aside) *linkCache {
	c := &linkCache{aside: a, index: make([]int, len(a.m.fields)), recent: make([][]cached, len(a.links)), kinds: map[handle]meant{}}
	for i, n := range a.links {
		c.index[n] = i
		c.recent[i] = make([]cached, cacheSlots)
	}
	return c
}

// slot is where a spelling is kept: any cheap function of it will do, as a
// collision only costs time.
func (c *linkCache) slot(i int, l schema.Literal) *cached {
	h := uint32(len(l.Text))
	for j := max(0, len(l.Text)-8); j < len(l.Text); j++ {
		h = h*31 + uint32(l.Text[j])
	}
	return &c.recent[i][h&(cacheSlots-1)]
}

func (c *linkCache) packageLink(n int, l schema.Literal) handle {
	if l.Kind == schema.NullLiteral {
		return noRef
	}
	s := c.slot(c.index[n], l)
	if s.literal != l {
		s.keep(l, c.findPackage(n, l))
	}
	return s.handle
}

func (c *linkCache) findPackage(n int, l schema.Literal) handle {
	ref := c.m.fields[n].ref
	x, err := c.decodeCell(c.m, n, l)
	if err != nil || ref.model == nil {
		return nowhere
	}
	t := ref.model
	switch x.kind {
	case byID:
		if tg := t.target(ref.field); tg != nil {
			if e, ok := tg.pkg.get(x.value.Text); ok {
				return t.entered(e)
			}
			if i, ok := t.settled.findID(x.value.Text); ok && t.settled.carried && ref.field == t.pk {
				return settledMark + handle(i)
			}
		}
	case byKey:
		if t.ownSpelling {
			return nowhere
		}
		if e, ok := t.ruling.formerly(x.key); ok {
			if e < 0 {
				return nowhere
			}
			return t.entered(e)
		}
		if e, ok := t.entries.find(x.key); ok {
			return t.entered(e)
		}
		if i, ok := t.settled.find(string(x.key)); ok {
			return settledMark + handle(i)
		}
	}
	return nowhere
}

// entered is the handle of an entry that stays as it is known.
func (m *model) entered(n int32) handle {
	if e := m.entries.at(n); e.remapped || e.doomed || !e.stays() || e.status == broken || e.status == skipped {
		return nowhere
	}
	return handle(n)
}

func (c *linkCache) liveLink(n int, l schema.Literal) handle {
	if l.Kind == schema.NullLiteral {
		return noRef
	}
	s := c.slot(c.index[n], l)
	if s.literal != l {
		s.keep(l, findLive(c.m.fields[n].ref, l.Text))
	}
	return s.handle
}

func findLive(ref *reference, text string) handle {
	t := ref.model
	if t == nil {
		return nowhere
	}
	tg := t.target(ref.field)
	if tg == nil {
		return nowhere
	}
	if e, ok := tg.live.get(text); ok {
		return handle(e)
	}
	if i, ok := t.settled.findLive(text); ok && ref.field == t.pk {
		return settledMark + handle(i)
	}
	return nowhere
}

// meant is what a content type means; model is nil where that has no block.
type meant struct {
	label string
	model *model
}

func (c *linkCache) meant(typ int, h handle) meant {
	t, known := c.kinds[h]
	if !known {
		t.label, t.model = c.genericTarget(cell{kind: resolved, key: schema.Key(h.key(c.m.fields[typ].ref.model))})
		c.kinds[h] = t
	}
	return t
}

// packageGeneric follows resolveGeneric for a record whose content type is
// known.
func (c *linkCache) packageGeneric(g int, x *item) handle {
	ref := &c.m.generics[g]
	at := x.layout.where[ref.id]
	if at < 0 {
		return lacking
	}
	id := x.values[at]
	if id.Kind == schema.NullLiteral {
		return noRef
	}
	typ := x.links[c.index[ref.typ]]
	if typ < 0 {
		return nowhere
	}
	what := c.meant(ref.typ, typ)
	t := what.model
	if what.label == "" {
		return nowhere
	}
	if t == nil || t.pk < 0 || t.group >= c.m.group || !t.pkCarried {
		return c.unidentified(ref, what, x)
	}
	v, err := c.decodeCell(c.m, ref.id, id)
	if err != nil || v.kind != plain {
		return nowhere
	}
	if e, ok := t.pkOwner.get(v.value.Text); ok {
		return t.entered(e)
	}
	if i, ok := t.settled.findID(v.value.Text); ok && t.settled.carried {
		return settledMark + handle(i)
	}
	return nowhere
}

// unidentified is a generic reference whose record the package cannot tell: a
// live row's id is then left as it is. It is counted as noteGeneric does.
func (c *linkCache) unidentified(g *generic, what meant, x *item) handle {
	note := genericNote{holder: c.m.label, field: g.policy.Label, target: what.label, why: "unidentified"}
	if what.model == nil {
		note.why = "unlisted"
	}
	switch g.policy.OnMissing {
	case policy.OnMissingFail, policy.OnMissingSkip:
		return nowhere
	case policy.OnMissingUnset:
		note.why = "unset"
	}
	x.notes = append(x.notes, note)
	return unknown
}

func (c *linkCache) liveGeneric(g int, x *item, id schema.Literal) handle {
	ref := &c.m.generics[g]
	if id.Kind == schema.NullLiteral {
		return noRef
	}
	typ := x.links[c.index[ref.typ]]
	if typ < 0 {
		return nowhere
	}
	t := c.meant(ref.typ, typ).model
	if t == nil || t.pk < 0 || t.group >= c.m.group || t.target(t.pk) == nil {
		return nowhere
	}
	return findLive(&reference{model: t, field: t.pk}, id.Text)
}
