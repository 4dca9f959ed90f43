package planner

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/edmsplan/edmsplan/schema"
)

// holding is a join row as the live database has it: the member and the row's
// own primary key, empty if it has none.
type holding struct{ member, id string }

// holdings are the members of each owner, by field and by what the join table
// calls the owner.
type holdings map[int]map[string][]holding

// liveLinks reads the join tables of the model's many-to-many fields: for each
// field the members of each owner, both as the join table holds them.
func (p *planning) liveLinks(m *model) (holdings, error) {
	held := holdings{}
	for n := range m.fields {
		j := m.fields[n].many
		if j == nil {
			continue
		}
		owners := map[string][]holding{}
		held[n] = owners
		sel := schema.Selection{Table: j.table, Columns: append([]string{j.owner, j.member}, j.key...)}
		for rec, err := range p.in.Live.Scan(p.ctx, sel) {
			if err != nil {
				return nil, fmt.Errorf("read the live table %s: %w", j.table.Name, err)
			}
			owner := rec.Fields[0].Value.Text
			owners[owner] = append(owners[owner], holding{member: rec.Fields[1].Value.Text})
			m.linkCount[n].Live++
			for _, f := range rec.Fields[2:] {
				owners[owner][len(owners[owner])-1].id = f.Value.Text
				if id, err := strconv.ParseInt(f.Value.Text, 10, 64); err == nil {
					j.maxKey = max(j.maxKey, id)
				}
			}
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

// ownLinks are the members of a live row, as they are removed with it.
func (p *planning) ownLinks(m *model, r *row) *links {
	var out *links
	for n := range m.fields {
		f := &m.fields[n]
		if f.many == nil || f.ref.model == nil {
			continue
		}
		gone := m.held[n][r.cells[f.many.ownerField].value.Text]
		if len(gone) == 0 {
			continue
		}
		if out == nil {
			out = newLinks()
		}
		_, out.removed[n], _ = compareMembers(nil, p.memberCells(m, n, gone))
		out.gone[n] = gone
	}
	return out
}

func newLinks() *links {
	return &links{added: map[int][]schema.Key{}, removed: map[int][]schema.Key{}, gone: map[int][]holding{}}
}

// memberCells names the members that a join table holds. Those that lead to
// no known record stay out: they are neither compared nor removed.
func (p *planning) memberCells(m *model, n int, ids []holding) []cell {
	ref := m.fields[n].ref
	tg := ref.model.target(ref.field)
	var out []cell
	for _, id := range ids {
		if t, ok := tg.live[id.member]; ok {
			out = append(out, cell{kind: resolved, key: ref.model.entries[t].key, value: schema.NewValue(id.member), list: []cell{{value: schema.NewValue(id.id)}}})
		}
	}
	slices.SortFunc(out, func(a, b cell) int { return compareKeys(a.key, b.key) })
	return out
}

func compareMembers(want, have []cell) (add, remove []schema.Key, gone []holding) {
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
			gone = append(gone, holding{have[j].value.Text, have[j].list[0].value.Text})
			j++
		default:
			i++
			j++
		}
	}
	return add, remove, gone
}
