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
// lets them follow is named, as neither plan nor change log have these rows. One
// that does neither would be violated.
func (p *planning) followersOfChanges() error {
	for _, t := range p.catalogue.Tables {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			if p.staysPut(fk) {
				continue
			}
			left, err := p.valuesLeft(fk)
			if err != nil {
				return err
			}
			if len(left) == 0 {
				continue
			}
			look := p.followers
			if fk.OnUpdate == "" || fk.OnUpdate == "no action" || fk.OnUpdate == "restrict" {
				look = p.leftBehind
			}
			if err := look(t, fk, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// staysPut reports whether a foreign key leads to primary keys, which no change
// of a live row writes, so that nothing needs to be looked at.
func (p *planning) staysPut(fk *schema.ForeignKey) bool {
	return !slices.ContainsFunc(p.byTable[fk.RefTable], func(m *model) bool {
		return len(fk.RefColumns) != 1 || m.pk < 0 || m.fields[m.pk].column.Name != fk.RefColumns[0] || slices.Contains(m.key, m.pk)
	})
}

// leftBehind finds rows that would refer to a value which no row has any more,
// or that let go of it too late.
func (p *planning) leftBehind(t *schema.Table, fk *schema.ForeignKey, left map[string]string) error {
	for _, m := range p.byTable[fk.RefTable] {
		if err := p.tuplesOf(m, fk.RefColumns, false, func(tuple string, _ schema.Key) { delete(left, tuple) }); err != nil {
			return err
		}
	}
	late := fk.OnUpdate == "restrict" || !fk.Deferrable && p.catalogue.Dialect != "sqlite"
	staying, held, first := 0, 0, ""
	err := p.referring(t, fk, left, func(whose string, moving bool) {
		switch {
		case !moving:
			staying++
		case late:
			held++
		default:
			return
		}
		if first == "" || whose < first {
			first = whose
		}
	})
	if err != nil {
		return err
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.changed." + t.Name + "." + strings.Join(fk.Columns, "."),
		Detail: fmt.Sprintf("One of the records that have other values in %s then is %s. The foreign key %s would be violated.", quoteList(fk.RefColumns), first, nameOfKey(fk)),
		Remedy: fmt.Sprintf("Leave the value as it is here: ignore = [%s] for the model of %s, or let these rows refer to others first. With ON UPDATE CASCADE they would follow.", quoteList(fk.RefColumns), fk.RefTable),
	}
	if staying > 0 {
		d.Summary = fmt.Sprintf(plural(staying, "%d row{|s} of %s would refer by %s to a value that is changed"), staying, t.Name, quoteList(fk.Columns))
		p.diags.Add(d)
	} else if held > 0 {
		d.Summary = fmt.Sprintf(plural(held, "%d row{|s} of %s {lets|let} go by %s of a value only after that is changed"), held, t.Name, quoteList(fk.Columns))
		p.diags.Add(d)
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
