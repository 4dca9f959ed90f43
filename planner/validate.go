package planner

import (
	"context"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Validate checks the policy against the catalogue of the live database and
// the natural keys against its rows: duplicates and nulls are errors with the
// rows, a natural key that no unique constraint backs is a warning.
func Validate(ctx context.Context, pol *policy.Policy, c *schema.Catalogue, live schema.Source) (diag.List, error) {
	diags := &diag.Collector{}
	p := &planning{binding: bind(pol, c, diags), ctx: ctx, in: Input{Policy: pol, Catalogue: c, Live: live}, diags: diags}
	if diags.List().HasErrors() {
		return diags.List(), nil
	}
	for _, m := range p.models {
		p.reset(m)
		p.backed(m)
		if err := p.checkKeys(m); err != nil {
			return nil, err
		}
	}
	return diags.List(), nil
}

// backed warns of a natural key that the database does not keep unique.
func (p *planning) backed(m *model) {
	columns := m.columns(m.key)
	if m.table.UniqueOn(columns...) != nil {
		return
	}
	for _, u := range m.table.Uniques { // a unique constraint on a part is as good
		if !u.Expression && u.Predicate == "" && subset(u.Columns, columns) {
			return
		}
	}
	if len(m.table.PrimaryKey) > 0 && subset(m.table.PrimaryKey, columns) {
		return
	}
	r := m.rule("natural_key")
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Warning, Code: "key.unbacked", Range: r, Source: p.sourceLine(r),
		Summary: fmt.Sprintf("No unique constraint backs the natural key of %s", m.label),
		Detail:  fmt.Sprintf("The table %s may come to hold several rows with the same (%s).", m.table.Name, strings.Join(columns, ", ")),
		Remedy:  "Add a unique constraint to the database, or take a natural key that has one.",
	})
}

func subset(part, whole []string) bool {
	for _, s := range part {
		found := false
		for _, w := range whole {
			found = found || s == w
		}
		if !found {
			return false
		}
	}
	return len(part) > 0
}

// checkKeys looks for live rows whose natural key is null or not unique.
func (p *planning) checkKeys(m *model) error {
	fields := append([]int{}, m.key...)
	fields = append(fields, m.rowKey...)
	for _, t := range m.targets {
		fields = append(fields, t.field)
	}
	first := map[schema.Key]schema.Key{}
	r := m.rule("natural_key")
	for row, err := range p.liveRows(m, fields) {
		if err != nil {
			return err
		}
		id := m.rowID(row)
		key, why, at := p.keyOf(m, m.key, row, true, false)
		if m.isTarget() {
			p.register(m, row)
		}
		at2 := fmt.Sprintf("Row (%s) = (%s).", strings.Join(m.columns(m.rowKey), ", "), strings.Join(id.Parts(), ", "))
		if why != "" {
			p.diags.Add(diag.Diagnostic{
				Severity: diag.Error, Code: "key.null_live", Range: r, Source: p.sourceLine(r), Record: &diag.Record{Model: m.label},
				Summary: fmt.Sprintf("A live row of %s has no natural key: its %s is null", m.table.Name, m.fields[at].name), Detail: at2,
				Remedy: "Take fields that are never null as the natural key.",
			})
			continue
		}
		if other, twice := first[key]; twice {
			p.diags.Add(diag.Diagnostic{
				Severity: diag.Error, Code: "key.duplicate_live", Range: r, Source: p.sourceLine(r),
				Record:  &diag.Record{Model: m.label, Key: p.keyText(m, key)},
				Summary: fmt.Sprintf("Two live rows of %s have this natural key", m.table.Name),
				Detail:  fmt.Sprintf("%s The other one is (%s).", at2, strings.Join(other.Parts(), ", ")),
				Remedy:  "Take more fields into the natural key, or remove the duplicates.",
			})
			continue
		}
		first[key] = id
	}
	return nil
}
