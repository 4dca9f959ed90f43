package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

const absentDestroy = policy.AbsentDestroy

// match reads the live table once and compares each row with the package's
// record of the same natural key.
func (p *planning) match(m *model) error {
	held, err := p.liveLinks(m)
	if err != nil {
		return err
	}
	count := 0
	for r, err := range p.liveRows(m, nil) {
		if err != nil {
			return err
		}
		count++
		m.account.Live++
		p.observe(m, SideLive, count, false)
		n := int32(-1)
		if m.cyclic {
			if key, why, _ := p.keyOf(m, m.key, r, true, false); why == "" {
				if known, ok := m.byKey[key]; ok {
					n = known
				}
			}
		} else {
			n = p.register(m, r)
		}
		if err := p.meet(m, n, r, held); err != nil {
			return err
		}
	}
	p.observe(m, SideLive, count, true)
	for n := range m.entries {
		e := &m.entries[n]
		if e.status == pending && e.inPackage() && !e.inLive() {
			e.status = added
		}
	}
	return nil
}

// meet decides what becomes of a live row.
func (p *planning) meet(m *model, n int32, r *row, held map[int]map[string][]string) error {
	if n < 0 {
		m.account.Kept++
		return nil
	}
	e := &m.entries[n]
	if !e.inPackage() {
		return p.lacking(m, e, r, held)
	}
	m.account.Kept++
	if e.twice {
		if e.status == pending || e.status == unchanged || e.status == changed {
			p.liveDuplicate(m, e)
		}
		return nil
	}
	if e.status != pending {
		return nil
	}
	mine, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return err
	}
	p.resolve(m, mine, false)
	raw := &row{cells: slices.Clone(r.cells)}
	p.resolveLive(m, r)
	differs := p.differs(m, mine, r)
	e.links = p.compareLinks(m, mine, r, held)
	p.surrogatesOf(m, n, mine, r)
	switch {
	case !differs && e.links == nil:
		e.status = unchanged
	case m.policy.Match == policy.MatchKeep:
		e.links = nil
		p.skip(m, e, mine.number, "it differs from the live record, and match = keep", m.rule("match"))
	case m.policy.Match == policy.MatchFail:
		e.status = broken
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "match.fail", Range: m.rule("match"), Record: p.place(m, mine.number, e.key),
			Summary: "The record differs from the live one, and match = fail",
			Remedy:  "Write match = update to change the live record, or match = keep to leave it.",
		})
	default:
		e.status = changed
	}
	if e.status == changed || len(e.adopt) > 0 {
		e.live, err = m.spool.put(raw)
	}
	return err
}

// lacking is a live row that the package lacks.
func (p *planning) lacking(m *model, e *entry, r *row, held map[int]map[string][]string) (err error) {
	if m.policy.Absent != policy.AbsentDestroy {
		m.account.Kept++
		return nil
	}
	if e.twice {
		m.account.Kept++
		p.liveDuplicate(m, e)
		return nil
	}
	e.status = destroyed
	m.account.Destroyed++
	for n := range m.fields {
		f := &m.fields[n]
		if f.many == nil || f.ref.model == nil {
			continue
		}
		if gone := held[n][r.cells[f.many.ownerField].value.Text]; len(gone) > 0 {
			if e.links == nil {
				e.links = newLinks()
			}
			_, e.links.removed[n], _ = compareMembers(nil, p.memberCells(m, n, gone))
			e.links.gone[n] = gone
		}
	}
	e.live, err = m.spool.put(r)
	if m.policy.PreventDestroy {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "destroy.prevented", Range: m.rule("prevent_destroy"), Record: p.place(m, 0, e.key),
			Summary: "The record would be destroyed, and prevent_destroy forbids it",
			Remedy:  "Write absent = keep, or lift the protection.",
		})
	}
	return err
}

func (p *planning) liveDuplicate(m *model, e *entry) {
	e.status = broken
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "key.duplicate_live", Range: m.rule("natural_key"), Record: p.place(m, 0, e.key),
		Summary: "Several live rows have this natural key",
		Detail:  "Which of them the package's record is cannot be told.",
		Remedy:  "Take more fields into the natural key, or remove the duplicates.",
	})
}

// compared reports whether a difference in the field makes a change. A
// surrogate makes a remap, a primary key is never changed.
func (m *model) compared(n int) bool {
	f := &m.fields[n]
	return f.column != nil && !f.surrogate && !f.ignore && n != m.pk && !slices.Contains(m.key, n)
}

// differs reports whether the package's record says something else than the
// live row in a field that counts.
func (p *planning) differs(m *model, mine, live *row) bool {
	for n := range m.fields {
		if m.compared(n) && !p.equal(m, n, mine.cells[n], live.cells[n]) {
			return true
		}
	}
	return false
}

// equal compares a field of the package's record with the live row's.
func (p *planning) equal(m *model, n int, mine, live cell) bool {
	switch {
	case mine.kind == absent:
		return true
	case mine.kind == resolved || live.kind == resolved:
		if m.fields[n].generic > 0 && mine.kind == dangling {
			return mine.value.Digits == unidentified || mine.value.Text == live.value.Text
		}
		return mine.kind == live.kind && mine.key == live.key
	}
	return m.fields[n].column.Type.Equal(mine.value, live.value)
}

// surrogatesOf notes where the record has other surrogates on the two sides.
func (p *planning) surrogatesOf(m *model, id int32, mine, live *row) {
	e := &m.entries[id]
	note := func(n int) {
		a, b := mine.cells[n], live.cells[n]
		if a.kind != plain || !a.value.Valid || slices.Contains(m.key, n) || m.fields[n].column.Type.Equal(a.value, b.value) {
			return
		}
		for _, s := range m.surrogates {
			if s.field == n && s.adopt {
				e.adopt = append(e.adopt, n)
			}
		}
		e.remapped = true
		m.remaps = append(m.remaps, remapping{entry: id, Remapping: plans.Remapping{
			Model: m.label, Key: plansValue(p.keyText(m, e.key)), Field: m.fields[n].name,
			Package: p.show(m, n, mine.cells), Live: p.show(m, n, live.cells),
		}})
	}
	if m.pk >= 0 {
		note(m.pk)
	}
	for _, s := range m.surrogates {
		if s.field != m.pk {
			note(s.field)
		}
	}
}

// show is a field of a row for people.
func (p *planning) show(m *model, n int, cells []cell) plans.Value {
	f, c := &m.fields[n], cells[n]
	if f.sensitive && c.kind != absent {
		return plans.Masked
	}
	switch c.kind {
	case absent:
		return ""
	case resolved:
		t := m.referred(n, cells, p)
		if t == nil {
			break
		}
		return plansValue(keyJSON(c.key, t.keyTypes(t.key)))
	case byKey:
		return plansValue(keyJSON(c.key, f.ref.model.keyTypes(f.ref.model.packageKey)))
	case members:
		return p.showMembers(m, n, c.list)
	}
	if f.column == nil {
		return plans.Null
	}
	return plansValue(f.column.Type.JSON(c.value))
}

// referred is the model that a resolved reference of the row leads to.
func (m *model) referred(n int, cells []cell, p *planning) *model {
	f := &m.fields[n]
	if f.generic > 0 {
		_, t := p.genericTarget(cells[m.generics[f.generic-1].typ])
		return t
	}
	return f.ref.model
}

func (p *planning) showMembers(m *model, n int, list []cell) plans.Value {
	out := "["
	for i := range list {
		if i > 0 {
			out += ","
		}
		if list[i].kind == resolved {
			t := m.fields[n].ref.model
			out += keyJSON(list[i].key, t.keyTypes(t.key))
		} else {
			out += fmt.Sprintf("%q", list[i].value.Text)
		}
	}
	return plansValue(out + "]")
}

func plansValue(s string) plans.Value { return plans.Value(s) }

// compareKeys orders natural keys part by part.
func compareKeys(a, b schema.Key) int {
	if a == b {
		return 0
	}
	return slices.Compare(a.Parts(), b.Parts())
}
