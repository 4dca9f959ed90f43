package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// liveLinks reads the join tables of the model's many-to-many fields: for each
// field the members of each owner, both as the join table holds them.
func (p *planning) liveLinks(m *model) (map[int]map[string][]string, error) {
	held := map[int]map[string][]string{}
	for n := range m.fields {
		j := m.fields[n].many
		if j == nil {
			continue
		}
		owners := map[string][]string{}
		held[n] = owners
		sel := schema.Selection{Table: j.table, Columns: []string{j.owner, j.member}}
		for rec, err := range p.in.Live.Scan(p.ctx, sel) {
			if err != nil {
				return nil, fmt.Errorf("read the live table %s: %w", j.table.Name, err)
			}
			owner := rec.Fields[0].Value.Text
			owners[owner] = append(owners[owner], rec.Fields[1].Value.Text)
			m.linkCount[n].Live++
		}
	}
	return held, nil
}

// compareLinks compares the members of the record's many-to-many fields with
// the live ones. It returns nil when nothing differs.
func (p *planning) compareLinks(m *model, mine, live *row) *links {
	var out *links
	for n := range m.fields {
		f := &m.fields[n]
		if f.many == nil || mine.cells[n].kind != members || f.ref.model == nil {
			continue
		}
		want := mine.cells[n].list
		m.linkCount[n].Package += len(want)
		have := p.memberCells(m, n, m.held[n][live.cells[f.many.ownerField].value.Text])
		live.cells[n] = cell{kind: members, list: have}
		add, remove, gone := compareMembers(want, have)
		if len(add)+len(remove) == 0 {
			continue
		}
		if out == nil {
			out = newLinks()
		}
		out.added[n], out.removed[n], out.gone[n] = add, remove, gone
	}
	return out
}

func newLinks() *links {
	return &links{added: map[int][]schema.Key{}, removed: map[int][]schema.Key{}, gone: map[int][]string{}}
}

// memberCells names the members that a join table holds. Those that lead to
// no known record stay out: they are neither compared nor removed.
func (p *planning) memberCells(m *model, n int, ids []string) []cell {
	ref := m.fields[n].ref
	tg := ref.model.target(ref.field)
	var out []cell
	for _, id := range ids {
		if t, ok := tg.live[id]; ok {
			out = append(out, cell{kind: resolved, key: ref.model.entries[t].key, value: schema.NewValue(id)})
		}
	}
	slices.SortFunc(out, func(a, b cell) int { return compareKeys(a.key, b.key) })
	return out
}

func compareMembers(want, have []cell) (add, remove []schema.Key, gone []string) {
	i, j := 0, 0
	for i < len(want) || j < len(have) {
		order := 0
		switch {
		case i == len(want):
			order = 1
		case j == len(have):
			order = -1
		default:
			order = compareKeys(want[i].key, have[j].key)
		}
		switch {
		case order < 0:
			add = append(add, want[i].key)
			i++
		case order > 0:
			remove = append(remove, have[j].key)
			gone = append(gone, have[j].value.Text)
			j++
		default:
			i++
			j++
		}
	}
	return add, remove, gone
}
