package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// tuples are, for one unique constraint, the values that added and changed
// records will have where they have not got them already, and whose they are.
type tuples struct {
	*unique
	claims map[string]int32
}

// predictUniques finds unique constraints that would not hold after all
// changes: among the records that are added or changed, and between them and
// the live rows that stay as they are. Each is read once for all constraints.
func (p *planning) predictUniques(m *model) error {
	var all []tuples
	for i := range m.uniques {
		u := &m.uniques[i]
		if sameSet(u.fields, m.key) && len(m.renamed) == 0 {
			continue // matching would have found the row
		}
		all = append(all, tuples{u, map[string]int32{}})
	}
	if len(all) == 0 || len(m.changes) == 0 {
		return nil
	}
	for _, n := range m.changes {
		before, after, err := p.beforeAfter(m, m.entries.at(n))
		if err != nil {
			return err
		}
		for _, u := range all {
			p.claimTuple(m, u, n, before, after)
		}
	}
	all = slices.DeleteFunc(all, func(u tuples) bool { return len(u.claims) == 0 })
	if len(all) == 0 || !m.hasLive {
		return nil
	}
	return p.uniqueLive(m, all)
}

func sameSet(a, b []int) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// claimTuple notes what a record will have. Two records cannot have the same.
func (p *planning) claimTuple(m *model, u tuples, n int32, before, after *row) {
	tuple, ok := m.tuple(u.unique, after)
	if !ok {
		return
	}
	if before != nil {
		if old, ok := m.tuple(u.unique, before); ok && old == tuple {
			return
		}
	}
	if other, taken := u.claims[tuple]; taken {
		p.violation(m, u.unique, m.entries.at(n), fmt.Sprintf("The package's record %s has the same.", p.keyText(m, m.entries.at(other).key)), decideWhich)
		return
	}
	u.claims[tuple] = n
}

// uniqueLive looks for live rows that hold a claimed tuple and do not let go.
func (p *planning) uniqueLive(m *model, all []tuples) error {
	leaving := map[schema.Key]int32{}
	for _, n := range slices.Concat(m.changes, m.destroys) {
		if e := m.entries.at(n); e.inLive() {
			leaving[e.row] = n
		}
	}
	fields := slices.Concat(m.rowKey, m.key)
	for _, u := range all {
		fields = append(fields, u.fields...)
	}
	for r, err := range p.liveRows(m, fields) {
		if err != nil {
			return err
		}
		p.resolveLive(m, r)
		for _, u := range all {
			tuple, ok := m.tuple(u.unique, r)
			if !ok {
				continue
			}
			n, claimed := u.claims[tuple]
			if !claimed || m.entries.at(n).row == m.rowID(r) {
				continue
			}
			if err := p.heldTuple(m, u.unique, tuple, n, leaving, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// heldTuple judges a claim on what a live row holds.
func (p *planning) heldTuple(m *model, u *unique, tuple string, n int32, leaving map[schema.Key]int32, r *row) error {
	e := m.entries.at(n)
	if holder, ok := leaving[m.rowID(r)]; ok {
		h := m.entries.at(holder)
		if h.status == destroyed {
			return nil
		}
		_, after, err := p.beforeAfter(m, h)
		if err != nil {
			return err
		}
		if now, ok := m.tuple(u, after); !ok || now != tuple {
			if e.status == changed && !u.Deferrable {
				p.violation(m, u, e, fmt.Sprintf("The live record %s gives it up in the same plan, but the constraint is checked row by row, so the two cannot be changed together.", p.keyText(m, h.key)),
					"Give both of them other values first, by hand, and plan again; or make the constraint deferrable, where the database can.")
			}
			return nil
		}
	}
	key, why, _ := p.keyOf(m, m.key, r, true, false)
	holder := "A live row without a natural key has it."
	if why == "" {
		holder = fmt.Sprintf("The live record %s has it and keeps it.", p.keyText(m, key))
	}
	p.violation(m, u, e, holder, decideWhich)
	return nil
}

// decideWhich is the remedy where two records want what only one can have.
const decideWhich = "Decide which record is meant: another natural key, match = keep, on_collision = rename, or discard the record at its source."

func (p *planning) violation(m *model, u *unique, e *entry, detail, remedy string) {
	names := make([]string, len(u.fields))
	for i, f := range u.fields {
		names[i] = m.fields[f].name
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.unique." + u.Name, Range: m.policy.Range, Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("The unique constraint %s on (%s) would be violated", u.Name, strings.Join(names, ", ")),
		Detail:  detail,
		Remedy:  remedy,
	})
}

// tuple is what a row has for a unique constraint; false where a null makes
// it distinct from every other.
func (m *model) tuple(u *unique, r *row) (string, bool) {
	b, ok := m.appendTuple(nil, u, r)
	return string(b), ok
}

func (m *model) appendTuple(b []byte, u *unique, r *row) ([]byte, bool) {
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
			return b, false
		}
	}
	return b, true
}
