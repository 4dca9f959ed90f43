package planner

import (
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// edge is a live row that refers, by a field, to a live row that may be
// destroyed.
type edge struct {
	child, parent who
	field         int
	held          holding // of a many-to-many field, the join row
}

// noteEdges remembers the references of a live row that lead to rows which
// may be destroyed. Rows of the model's own group may turn out so later.
func (p *planning) noteEdges(m *model, n int32, r *row) error {
	for f := range m.fields {
		ref := m.fields[f].ref
		if ref == nil || ref.model == nil {
			continue
		}
		tg := ref.model.target(ref.field)
		if tg == nil {
			continue
		}
		c := r.cells[f]
		leads := []holding{{member: c.value.Text}}
		switch j := m.fields[f].many; {
		case j != nil:
			leads = m.held[f][r.cells[j.ownerField].value.Text]
		case !c.value.Valid || (c.kind != byID && c.kind != resolved):
			continue
		}
		for _, h := range leads {
			t, ok := ref.model.byLiveID(tg, h.member)
			if !ok {
				continue
			}
			if err := p.noteEdge(edge{child: who{m, n}, parent: who{ref.model, t}, field: f, held: h}, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *planning) noteEdge(x edge, r *row) error {
	m, parent := x.child.m, x.parent.entry()
	if parent.status != destroyed && !parent.perhaps && x.parent.m.group != m.group {
		return nil
	}
	if x.child.n < 0 || x.child.entry().row != m.rowID(r) {
		x.child.n = p.entryOf(m, r)
	}
	child := x.child.entry()
	if child.live < 0 {
		offset, err := m.spool.put(r)
		if err != nil {
			return err
		}
		child.live = offset
	}
	if child.own == nil {
		child.own = p.ownLinks(m, r)
	}
	child.perhaps = child.perhaps || m.onDestroy(x.field) == policy.OnDestroyDestroy
	p.edges = append(p.edges, x)
	return nil
}

// rowMark begins the key of an entry that is named by its row: no natural key
// begins with an empty part and goes on like that.
const rowMark = schema.Key("\x00row")

// rowText names such an entry for people.
func rowText(key schema.Key) (string, bool) {
	id, marked := strings.CutPrefix(string(key), string(rowMark))
	if !marked {
		return "", false
	}
	text := schema.Type{Kind: schema.Text}.JSON(schema.NewValue("row " + strings.Join(schema.Key(id).Parts(), ", ")))
	return "[" + text + "]", true
}

// entryOf makes an entry for a live row that had none because nothing refers
// to it. A row without a natural key, or one of several with the same, is
// named by its row.
func (p *planning) entryOf(m *model, r *row) int32 {
	id := m.rowID(r)
	key, why, _ := p.keyOf(m, m.key, r, true, false)
	if why != "" {
		key = rowMark + id
	}
	n, isNew := m.entries.put(key)
	if first := m.entries.at(n); !isNew && first.row != id {
		// Which of several rows comes first says nothing: all are named alike.
		if _, marked := rowText(first.key); !marked && !first.inPackage() && first.inLive() {
			m.entries.rekey(n, rowMark+first.row)
		}
		n, _ = m.entries.put(rowMark + id)
	}
	e := m.entries.at(n)
	e.row = id
	if m.pk >= 0 {
		e.pk = strings.Clone(r.cells[m.pk].value.Text)
	}
	return n
}
