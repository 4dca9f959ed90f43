package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// followersOfChanges finds rows that the database itself would change because
// the plan changes a value that they refer to. A foreign key that sets them to
// null or a default refuses the plan: that would lose what they say. One that
// lets them follow is named, as neither plan nor change log have these rows.
func (p *planning) followersOfChanges() error {
	for _, t := range p.catalogue.Tables {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			if fk.OnUpdate == "" || fk.OnUpdate == "no action" || fk.OnUpdate == "restrict" {
				continue
			}
			left, err := p.valuesLeft(fk)
			if err != nil {
				return err
			}
			if len(left) == 0 {
				continue
			}
			if err := p.followers(t, fk, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// valuesLeft are the values that changed rows had in the columns that a foreign
// key refers to, and whose they were.
func (p *planning) valuesLeft(fk *schema.ForeignKey) (map[string]string, error) {
	left := map[string]string{}
	for _, m := range p.byTable[fk.RefTable] {
		for _, n := range m.changes {
			e := m.entries.at(n)
			if !e.inLive() {
				continue
			}
			before, after, err := p.beforeAfter(m, e)
			if err != nil {
				return nil, err
			}
			written := slices.ContainsFunc(p.written(m, before, after), func(f int) bool {
				return slices.Contains(fk.RefColumns, m.fields[f].column.Name)
			})
			if !written {
				continue
			}
			raw, err := m.spool.get(e.live, len(m.fields))
			if err != nil {
				return nil, err
			}
			if tuple, whole := m.referredBy(fk, raw.cells); whole {
				left[tuple] = m.label + " " + p.keyText(m, e.key)
			}
		}
	}
	return left, nil
}

// followers looks through one foreign key for rows that stay as they are and
// refer to such a value.
func (p *planning) followers(t *schema.Table, fk *schema.ForeignKey, left map[string]string) error {
	rows, first := 0, ""
	err := p.referring(t, fk, left, func(whose string, moving bool) {
		if moving {
			return
		}
		if rows++; rows == 1 {
			first = whose
		}
	})
	if err != nil {
		return err
	}
	if rows == 0 {
		return nil
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.follow." + t.Name + "." + strings.Join(fk.Columns, "."),
		Summary: fmt.Sprintf(plural(rows, "%d row{|s} of %s would lose {its|their} %s: the database sets it otherwise when what {it refers|they refer} to changes"), rows, t.Name, quoteList(fk.Columns)),
		Detail: fmt.Sprintf("They refer to %s of a record that is changed, such as %s, and the foreign key %s says ON UPDATE %s.",
			quoteList(fk.RefColumns), first, nameOfKey(fk), strings.ToUpper(fk.OnUpdate)),
		Remedy: fmt.Sprintf("Leave the value as it is here: ignore = [%s] for the model of %s, or let these rows refer to others first.", quoteList(fk.RefColumns), fk.RefTable),
	}
	if fk.OnUpdate == "cascade" {
		d.Severity = diag.Warning
		d.Summary = fmt.Sprintf(plural(rows, "%d row{|s} of %s {follows|follow} by %s when what {it refers|they refer} to changes"), rows, t.Name, quoteList(fk.Columns))
		d.Remedy = "The database does that by itself, so these rows are not among the changes and not in the change log."
	}
	p.diags.Add(d)
	return nil
}

// nameOfKey is what to call a foreign key; those of SQLite mostly have no name.
func nameOfKey(fk *schema.ForeignKey) string {
	if fk.Name != "" {
		return fk.Name
	}
	return "(" + strings.Join(fk.Columns, ", ") + ")"
}
