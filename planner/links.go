package planner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// holding is a join row as the live database has it: the member and the row's
// own primary key, empty if it has none.
type holding struct{ member, id string }

// joining is a member that is added: the record's key, and the primary key of
// the row in the join table, first the package's and, once the model is
// finished, the one that is written; "" where the package does not say and
// where the database makes it up.
type joining struct {
	key schema.Key
	row string
}

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
		if p.typed {
			j.taken = map[string]bool{}
		}
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
				j.note(f.Value.Text)
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

// forgetLinks takes back compareLinks: nothing comes of the record's members.
func (m *model) forgetLinks(e *entry, mine *row) {
	e.links = nil
	for n := range m.fields {
		if c := &mine.cells[n]; c.kind == members && m.fields[n].ref.model != nil {
			m.linkCount[n].Package -= len(c.list)
		}
	}
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
	return &links{added: map[int][]joining{}, removed: map[int][]schema.Key{}, gone: map[int][]holding{}}
}

// memberCells names the members that a join table holds. Those that lead to
// no known record stay out: they are neither compared nor removed.
func (p *planning) memberCells(m *model, n int, ids []holding) []cell {
	ref := m.fields[n].ref
	tg := ref.model.target(ref.field)
	var out []cell
	for _, id := range ids {
		if t, ok := ref.model.byLiveID(tg, id.member); ok {
			out = append(out, cell{kind: resolved, key: ref.model.entries.at(t).key, value: schema.NewValue(id.member), row: id.id})
		}
	}
	slices.SortFunc(out, func(a, b cell) int { return compareKeys(a.key, b.key) })
	return out
}

func compareMembers(want, have []cell) (add []joining, remove []schema.Key, gone []holding) {
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
			add = append(add, joining{want[i].key, strings.Clone(want[i].row)})
			i++
		case order > 0:
			remove = append(remove, have[j].key)
			gone = append(gone, holding{have[j].value.Text, have[j].row})
			j++
		default:
			i++
			j++
		}
	}
	return add, remove, gone
}

// note takes notice of a primary key that the live join table has.
func (j *many) note(key string) {
	if id, err := strconv.ParseInt(key, 10, 64); err == nil {
		j.maxKey = max(j.maxKey, id)
	}
	if j.taken != nil {
		j.taken[key] = true
	}
}

// allotLinks settles the primary keys of the rows that are added to the join
// tables: the package's where the table has it free, then new ones after the
// highest.
func (p *planning) allotLinks(m *model) {
	for n := range m.fields {
		j := m.fields[n].many
		if j == nil || len(j.key) == 0 {
			continue
		}
		all := true
		m.eachAdded(n, func(k *joining) {
			if k.row != "" && (j.taken[k.row] || m.policy.PrimaryKey == policy.PrimaryKeyNew) {
				k.row = ""
			}
			if k.row != "" {
				j.note(k.row)
			}
			all = all && k.row != ""
		})
		// They are given, not left to the sequence, so that a rolled back plan
		// moves no sequence.
		j.given = all || j.sequence() != nil
		next := j.maxKey
		if s := j.sequence(); s != nil {
			next = max(next, s.Last)
		}
		m.eachAdded(n, func(k *joining) {
			switch {
			case !j.given:
				k.row = ""
			case k.row == "":
				next++
				k.row = strconv.FormatInt(next, 10)
			}
		})
		j.last = next
	}
}

// eachAdded calls f for the rows that are added to a field's join table, in
// the order in which they are written.
func (m *model) eachAdded(n int, f func(*joining)) {
	for _, i := range m.changes {
		if k := m.entries.at(i).links; k != nil {
			for at := range k.added[n] {
				f(&k.added[n][at])
			}
		}
	}
}
