package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// composite binds a foreign key of several columns, such as one that keeps an
// order and its customer with one tenant. Each column that leads to a record is a
// reference of its own: as plain values their identifiers would mean other records
// wherever primary keys differ.
func (b *binding) composite(m *model, fk *schema.ForeignKey) {
	for _, c := range fk.Columns {
		f, ok := m.names[c]
		if !ok || m.fields[f].ref != nil || m.table.ForeignKeyOf(c) != nil {
			continue
		}
		if to := b.catalogue.Reference(m.table, c); to != nil {
			m.fields[f].ref = b.reference(m, m.fields[f].name, to)
		}
	}
}

// plainParts names the columns of such foreign keys that lead to no record by
// themselves. They are values, and must not be identifiers that differ between
// environments.
func (b *binding) plainParts(m *model) {
	for i := range m.table.ForeignKeys {
		fk := &m.table.ForeignKeys[i]
		if len(fk.Columns) == 1 {
			continue
		}
		var plain []string
		for n, c := range fk.Columns {
			f, ok := m.names[c]
			if !ok || m.fields[f].ref != nil {
				continue
			}
			plain = append(plain, c)
			for _, t := range b.byTable[fk.RefTable] {
				b.staysApart(m, t, fk, fk.RefColumns[n])
			}
		}
		if len(plain) > 0 {
			slices.Sort(plain)
			b.diags.Add(diag.Diagnostic{
				Severity: diag.Warning, Code: "policy.composite", Range: m.policy.Range,
				Summary: fmt.Sprintf("The foreign key %s of %s has several columns", nameOfKey(fk), m.table.Name),
				Detail:  fmt.Sprintf("Of them, these are compared and written as plain values: %s.", strings.Join(plain, ", ")),
			})
		}
	}
}

// staysApart refuses a rule by which the column of a record on both sides would
// not become the package's, as values that refer to it do.
func (b *binding) staysApart(m, t *model, fk *schema.ForeignKey, column string) {
	to, ok := t.names[column]
	if !ok || slices.Contains(t.key, to) {
		return
	}
	rule, remedy := "", ""
	switch f := &t.fields[to]; {
	case f.surrogate:
		rule, remedy = "surrogate", "Take it out of surrogate, or into the natural key."
	case f.ignore:
		rule, remedy = "ignore", "Take it out of ignore, or into the natural key."
	case t.policy.Match == policy.MatchKeep:
		rule, remedy = "match", "Write match = update or match = fail, or take it into the natural key."
	default:
		return
	}
	b.add(t.rule(rule), "policy.composite",
		fmt.Sprintf("%s of %s may differ here from the package, and the foreign key %s of %s refers to it by value", column, t.label, nameOfKey(fk), m.table.Name),
		"A reference to it would lead to another record.", remedy)
}

// partlyApart refuses a plan that leaves out a model which records of another one
// refer to by values that are no part of its natural key.
func (p *planning) partlyApart() {
	for _, m := range p.models {
		if !p.inScope(m) {
			continue
		}
		for i := range m.table.ForeignKeys {
			fk := &m.table.ForeignKeys[i]
			if len(fk.Columns) == 1 {
				continue
			}
			for n, c := range fk.Columns {
				f, ok := m.names[c]
				if !ok || m.fields[f].ref != nil {
					continue
				}
				for _, t := range p.byTable[fk.RefTable] {
					if to, ok := t.names[fk.RefColumns[n]]; ok && !slices.Contains(t.key, to) && !p.inScope(t) {
						p.add(m.policy.Range, "policy.composite", fmt.Sprintf("%s refers by value to %s, which this plan leaves out", m.label, t.label),
							fmt.Sprintf("%s of %s may differ here from the package.", fk.RefColumns[n], t.label), fmt.Sprintf("Plan %s too.", t.label))
					}
				}
			}
		}
	}
}
