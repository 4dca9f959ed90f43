package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// claim is a package record's surrogate that no live row of its own has.
type claim struct {
	entry int32
	field int
}

// collide looks for live rows that have a surrogate of a package record which
// is not theirs: the natural key and the surrogate disagree. What then
// happens, on_collision says.
func (p *planning) collide(m *model) error {
	if !m.hasLive || len(m.surrogates) == 0 {
		return nil
	}
	claims, err := p.claims(m)
	if err != nil || len(claims) == 0 {
		return err
	}
	for r, err := range p.liveRows(m, nil) {
		if err != nil {
			return err
		}
		for _, s := range m.surrogates {
			c, hit := claims[claimKey(s.field, r.cells[s.field].value.Text)]
			if !hit || !r.cells[s.field].value.Valid || m.entries[c.entry].row == m.rowID(r) {
				continue
			}
			if err := p.collision(m, c, r); err != nil {
				return err
			}
			delete(claims, claimKey(s.field, r.cells[s.field].value.Text))
		}
	}
	p.adopt(m, claims)
	return nil
}

func claimKey(field int, text string) string { return fmt.Sprint(field, " ", text) }

// claims are the surrogates of added records, and of matched ones whose live
// row has another.
func (p *planning) claims(m *model) (map[string]claim, error) {
	claims := map[string]claim{}
	for n := range m.entries {
		e := &m.entries[n]
		if !e.inPackage() || e.status == broken || (e.status == skipped && !e.inLive()) {
			continue
		}
		if e.inLive() && !e.remapped {
			continue
		}
		r, err := m.spool.get(e.pkg, len(m.fields))
		if err != nil {
			return nil, err
		}
		for _, s := range m.surrogates {
			if v := r.cells[s.field].value; r.cells[s.field].kind == plain && v.Valid && !slices.Contains(m.key, s.field) {
				claims[claimKey(s.field, v.Text)] = claim{entry: int32(n), field: s.field}
			}
		}
	}
	return claims, nil
}

// collision is a live row that has a package record's surrogate but another
// natural key.
func (p *planning) collision(m *model, c claim, live *row) error {
	e := &m.entries[c.entry]
	key, why, _ := p.keyOf(m, m.key, live, true, false)
	if why != "" {
		key = ""
	}
	if e.inLive() && m.policy.OnCollision == policy.OnCollisionRemint {
		e.adopt = slices.DeleteFunc(e.adopt, func(n int) bool { return n == c.field })
		return nil // the live row keeps its own
	}
	if !e.inLive() {
		switch m.policy.OnCollision {
		case policy.OnCollisionRemint:
			e.remint = append(e.remint, c.field)
			return nil
		case policy.OnCollisionRename:
			if n, known := m.byKey[key]; !known || !m.entries[n].inPackage() {
				return p.rename(m, c.entry, live, key)
			}
		}
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "collision." + m.fields[c.field].name, Range: m.policy.Range, Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("The %s of the record belongs to another live record", m.fields[c.field].name),
		Detail:  fmt.Sprintf("In the live database it is that of %s %s.", m.label, p.keyText(m, key)),
		Remedy:  "If the record was renamed, write on_collision = rename; to give it a new uuid, on_collision = remint.",
	})
	e.status = broken
	return nil
}

// rename makes a package record the live row that has its surrogate: the row
// is changed and gets the record's natural key.
func (p *planning) rename(m *model, n int32, live *row, oldKey schema.Key) error {
	e := &m.entries[n]
	e.oldKey, e.row, e.status = oldKey, m.rowID(live), changed
	if m.pk >= 0 {
		e.pk = live.cells[m.pk].value.Text
	}
	for _, t := range m.targets {
		if v := live.cells[t.field].value; v.Valid {
			t.live[v.Text] = n
		}
	}
	if old, known := m.byKey[oldKey]; known {
		m.entries[old].row, m.entries[old].status = "", skipped
	}
	var err error
	e.live, err = m.spool.put(live)
	return err
}

// adopt takes the package's surrogates that turned out to be free.
func (p *planning) adopt(m *model, claims map[string]claim) {
	free := map[claim]bool{}
	for _, c := range claims {
		free[c] = true
	}
	for n := range m.entries {
		e := &m.entries[n]
		e.adopt = slices.DeleteFunc(e.adopt, func(f int) bool { return !free[claim{int32(n), f}] })
		if len(e.adopt) == 0 {
			continue
		}
		if e.status == unchanged {
			e.status = changed
		}
		m.remaps = slices.DeleteFunc(m.remaps, func(r remapping) bool {
			return r.entry == int32(n) && slices.ContainsFunc(e.adopt, func(f int) bool { return m.fields[f].name == r.Field })
		})
		e.remapped = slices.ContainsFunc(m.remaps, func(r remapping) bool { return r.entry == int32(n) })
	}
}

// recordOf is the place of an entry's package record.
func (p *planning) recordOf(m *model, e *entry) *diag.Record {
	number := 0
	if e.inPackage() {
		if r, err := m.spool.get(e.pkg, len(m.fields)); err == nil {
			number = r.number
		}
	}
	return p.place(m, number, e.key)
}
