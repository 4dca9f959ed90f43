package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
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
				if to, ok := t.names[fk.RefColumns[n]]; ok && t.fields[to].surrogate {
					b.add(t.rule("surrogate"), "policy.composite", fmt.Sprintf("%s is part of what the foreign key %s of %s refers to, and no surrogate", fk.RefColumns[n], nameOfKey(fk), m.table.Name),
						"References to it would not follow where it differs.", "Take it out of surrogate, or into the natural key.")
				}
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
