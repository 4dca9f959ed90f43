package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// predictUniques finds unique constraints that would not hold after all
// changes: among the records that are added or changed, and between them and
// the live rows that stay as they are.
func (p *planning) predictUniques(m *model) error {
	for i := range m.uniques {
		u := &m.uniques[i]
		if sameSet(u.fields, m.key) && !slices.ContainsFunc(m.entries, func(e entry) bool { return e.oldKey != "" }) {
			continue // matching would have found the row
		}
		claims, err := p.uniqueClaims(m, u)
		if err != nil {
			return err
		}
		if len(claims) == 0 || !m.hasLive {
			continue
		}
		if err := p.uniqueLive(m, u, claims); err != nil {
			return err
		}
	}
	return nil
}

func sameSet(a, b []int) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// uniqueClaims are the tuples that added and changed records will have where
// they have not got them already.
func (p *planning) uniqueClaims(m *model, u *unique) (map[string]int32, error) {
	claims := map[string]int32{}
	for _, n := range m.changes {
		e := &m.entries[n]
		before, after, err := p.beforeAfter(m, e)
		if err != nil {
			return nil, err
		}
		tuple, ok := m.tuple(u, after)
		if !ok {
			continue
		}
		if before != nil {
			if old, ok := m.tuple(u, before); ok && old == tuple {
				continue
			}
		}
		if other, taken := claims[tuple]; taken {
			p.violation(m, u, e, fmt.Sprintf("The package's record %s has the same.", p.keyText(m, m.entries[other].key)))
			continue
		}
		claims[tuple] = n
	}
	return claims, nil
}

// uniqueLive looks for live rows that hold a claimed tuple and do not let go.
func (p *planning) uniqueLive(m *model, u *unique, claims map[string]int32) error {
	leaving := map[schema.Key]int32{}
	for _, n := range slices.Concat(m.changes, m.destroys) {
		if e := &m.entries[n]; e.inLive() {
			leaving[e.row] = n
		}
	}
	for r, err := range p.liveRows(m, slices.Concat(u.fields, m.rowKey, m.key)) {
		if err != nil {
			return err
		}
		p.resolveLive(m, r)
		tuple, ok := m.tuple(u, r)
		if !ok {
			continue
		}
		n, claimed := claims[tuple]
		row := m.rowID(r)
		if !claimed || m.entries[n].row == row {
			continue
		}
		if err := p.heldTuple(m, u, tuple, n, leaving, r); err != nil {
			return err
		}
	}
	return nil
}

// heldTuple judges a claim on what a live row holds.
func (p *planning) heldTuple(m *model, u *unique, tuple string, n int32, leaving map[schema.Key]int32, r *row) error {
	e := &m.entries[n]
	if holder, ok := leaving[m.rowID(r)]; ok {
		h := &m.entries[holder]
		if h.status == destroyed {
			return nil
		}
		_, after, err := p.beforeAfter(m, h)
		if err != nil {
			return err
		}
		if now, ok := m.tuple(u, after); !ok || now != tuple {
			if e.status == changed && !u.Deferrable {
				p.violation(m, u, e, fmt.Sprintf("The live record %s gives it up in the same plan, but the constraint is checked row by row, so the two cannot be changed together. Change one of them in a plan of its own.", p.keyText(m, h.key)))
			}
			return nil
		}
	}
	key, why, _ := p.keyOf(m, m.key, r, true, false)
	holder := "A live row without a natural key has it."
	if why == "" {
		holder = fmt.Sprintf("The live record %s has it and keeps it.", p.keyText(m, key))
	}
	p.violation(m, u, e, holder)
	return nil
}

func (p *planning) violation(m *model, u *unique, e *entry, detail string) {
	names := make([]string, len(u.fields))
	for i, f := range u.fields {
		names[i] = m.fields[f].name
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.unique." + u.Name, Range: m.policy.Range, Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("The unique constraint %s on (%s) would be violated", u.Name, strings.Join(names, ", ")),
		Detail:  detail,
		Remedy:  "Decide which record is meant: another natural key, match = keep, on_collision = rename, or discard the record at its source.",
	})
}

// tuple is what a row has for a unique constraint; false where a null makes
// it distinct from every other.
func (m *model) tuple(u *unique, r *row) (string, bool) {
	var b []byte
	for _, n := range u.fields {
		c := r.cells[n]
		switch {
		case c.kind == resolved:
			b = schema.AppendKey(append(b, 'k'), string(c.key))
		case c.value.Valid:
			text := c.value.Text
			if m.fields[n].ref == nil {
				text = m.fields[n].column.Type.KeyText(c.value)
			}
			b = schema.AppendKey(append(b, 'v'), text)
		case u.NullsNotDistinct:
			b = append(b, 'n')
		default:
			return "", false
		}
	}
	return string(b), true
}
