package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// danglingAfterDestroy finds rows that would still refer to destroyed ones, in
// tables with a model block or without: nothing is left to a cascade.
func (p *planning) danglingAfterDestroy() error {
	for _, t := range p.catalogue.Tables {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			gone, err := p.gone(fk)
			if err != nil {
				return err
			}
			if len(gone) == 0 {
				continue
			}
			if err := p.danglingIn(t, fk, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// gone are the destroyed rows that a foreign key could lead to, by the values
// of the columns that it refers to.
func (p *planning) gone(fk *schema.ForeignKey) (map[string]string, error) {
	gone := map[string]string{}
	for _, m := range p.byTable[fk.RefTable] {
		for _, n := range m.destroys {
			e := m.entries.at(n)
			r, err := m.spool.get(e.live, len(m.fields))
			if err != nil {
				return nil, err
			}
			if tuple, whole := m.referredBy(fk, r.cells); whole {
				gone[tuple] = m.label + " " + p.keyText(m, e.key)
			}
		}
	}
	return gone, nil
}

// referredBy is what the row has in the columns that a foreign key refers to;
// false where it lacks one.
func (m *model) referredBy(fk *schema.ForeignKey, cells []cell) (tuple string, whole bool) {
	var b []byte
	for _, c := range fk.RefColumns {
		f, known := m.names[c]
		if !known || !cells[f].value.Valid {
			return "", false
		}
		b = schema.AppendKey(b, cells[f].value.Text)
	}
	return string(b), true
}

// referring visits the live rows that refer by a foreign key to one of the
// values and are not destroyed: with whose the value is, and whether the plan
// changes what they refer to.
func (p *planning) referring(t *schema.Table, fk *schema.ForeignKey, values map[string]string, visit func(whose string, moving bool)) error {
	leaving, moving, err := p.leavingRows(t, fk.Columns)
	if err != nil {
		return err
	}
	width := len(fk.Columns)
	for rec, err := range p.in.Live.Scan(p.ctx, schema.Selection{Table: t, Columns: append(slices.Clone(fk.Columns), p.rowColumnsOf(t)...)}) {
		if err != nil {
			return fmt.Errorf("read the live table %s: %w", t.Name, err)
		}
		whose, hit := values[string(fieldKey(rec.Fields[:width]))]
		row := fieldKey(rec.Fields[width:])
		if hit && !leaving[row] && !slices.ContainsFunc(rec.Fields[:width], func(f schema.Field) bool { return f.Value.Kind == schema.NullLiteral }) {
			visit(whose, moving[row])
		}
	}
	return nil
}

// danglingIn looks through one foreign key for rows that stay and keep
// referring to a destroyed row, or that let go of it too late.
func (p *planning) danglingIn(t *schema.Table, fk *schema.ForeignKey, gone map[string]string) error {
	late := !waits(fk) || (!fk.Deferrable && p.catalogue.Dialect != "sqlite")
	staying, first := 0, ""
	held, firstHeld := 0, ""
	err := p.referring(t, fk, gone, func(what string, moving bool) {
		switch {
		case !moving:
			if staying++; staying == 1 {
				first = what
			}
		case late:
			if held++; held == 1 {
				firstHeld = what
			}
		}
	})
	if err != nil {
		return err
	}
	if staying > 0 {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "predicted.reference." + t.Name + "." + strings.Join(fk.Columns, "."),
			Summary: fmt.Sprintf(plural(staying, "%d row{|s} of %s would refer to destroyed records by %s"), staying, t.Name, quoteList(fk.Columns)),
			Detail:  fmt.Sprintf("One of the destroyed records is %s. The foreign key %s would be violated, or the database would cascade.", first, nameOfKey(fk)),
			Remedy:  "Write absent = keep for the model that is destroyed, or let the plan destroy or change these rows too.",
		})
	}
	if held > 0 {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "predicted.order." + t.Name + "." + strings.Join(fk.Columns, "."),
			Summary: fmt.Sprintf(plural(held, "%d row{|s} of %s {lets|let} go of destroyed records by %s only after those are destroyed"), held, t.Name, quoteList(fk.Columns)),
			Detail:  fmt.Sprintf("One of the destroyed records is %s. The database does not let the foreign key %s wait for the commit.", firstHeld, nameOfKey(fk)),
			Remedy:  remedyOfOrder(t, fk),
		})
	}
	return nil
}

// remedyOfOrder says how rows can let go of what the same plan destroys.
func remedyOfOrder(t *schema.Table, fk *schema.ForeignKey) string {
	if !waits(fk) {
		return fmt.Sprintf("The foreign key says ON DELETE %s; with NO ACTION and DEFERRABLE it waits. Or let these rows refer to others first, in a plan of its own.", strings.ToUpper(fk.OnDelete))
	}
	return fmt.Sprintf("Let it wait: ALTER TABLE %s ALTER CONSTRAINT %s DEFERRABLE. Or let these rows refer to others first, in a plan of its own.", t.Name, nameOfKey(fk))
}

func fieldKey(fields []schema.Field) schema.Key {
	var b []byte
	for _, f := range fields {
		b = schema.AppendKey(b, f.Value.Text)
	}
	return schema.Key(b)
}

// leavingRows are the rows of a table that are destroyed, join rows that are
// removed among them, and those that change one of the columns.
func (p *planning) leavingRows(t *schema.Table, columns []string) (leaving, moving map[schema.Key]bool, err error) {
	leaving, moving = map[schema.Key]bool{}, map[schema.Key]bool{}
	for _, m := range p.byTable[t.Name] {
		for _, n := range m.destroys {
			leaving[m.entries.at(n).row] = true
		}
		for c := range p.complained {
			if f, ok := m.names[columns[0]]; ok && c.table == t.Name && c.field == m.fields[f].name {
				leaving[c.row] = true
			}
		}
		for _, n := range m.changes {
			e := m.entries.at(n)
			if !e.inLive() {
				continue
			}
			before, after, err := p.beforeAfter(m, e)
			if err != nil {
				return nil, nil, err
			}
			for _, f := range p.written(m, before, after) {
				if slices.Contains(columns, m.fields[f].column.Name) {
					moving[e.row] = true
				}
			}
		}
	}
	if !p.joins[t.Name] {
		return leaving, moving, nil
	}
	for _, m := range p.models {
		for n := range m.fields {
			if j := m.fields[n].many; j != nil && j.table == t {
				if err := p.leavingLinks(m, n, leaving); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	return leaving, moving, nil
}

func (p *planning) leavingLinks(m *model, field int, leaving map[schema.Key]bool) error {
	for i := range m.entries.len() {
		e := m.entries.at(i)
		if e.links == nil || e.status == added {
			continue
		}
		owner, err := p.ownerText(m, e, field)
		if err != nil {
			return err
		}
		for _, member := range e.links.gone[field] {
			leaving[schema.MakeKey(owner, member.member)] = true
		}
	}
	for c := range p.complained {
		if c.table != m.table.Name || c.field != m.fields[field].name {
			continue
		}
		for i := range m.entries.len() {
			if e := m.entries.at(i); e.row == c.row {
				if owner, err := p.ownerText(m, e, field); err == nil {
					leaving[schema.MakeKey(owner, c.member)] = true
				}
			}
		}
	}
	return nil
}

// rowColumnsOf are the columns that identify a row of any table when it is
// looked at from outside: a join table's row by its two references, a listed
// model's by its row key.
func (p *planning) rowColumnsOf(t *schema.Table) []string {
	for _, m := range p.models {
		for n := range m.fields {
			if j := m.fields[n].many; j != nil && j.table == t {
				return []string{j.owner, j.member}
			}
		}
	}
	if models := p.byTable[t.Name]; len(models) > 0 {
		return models[0].columns(models[0].rowKey)
	}
	return t.PrimaryKey
}

// untouchedTables lists the tables that the policy says nothing of, and refuses
// them where the policy asks for that.
func (p *planning) untouchedTables() ([]string, error) {
	var out []string
	for _, t := range p.catalogue.Tables {
		if len(p.byTable[t.Name]) > 0 || p.joins[t.Name] {
			continue
		}
		out = append(out, t.Name)
		if len(t.Columns) == 0 || p.policy.Unlisted != policy.UnlistedRefuse {
			continue
		}
		filled := false
		for _, err := range p.in.Live.Scan(p.ctx, schema.Selection{Table: t, Columns: []string{t.Columns[0].Name}, Limit: 1}) {
			if err != nil {
				return nil, fmt.Errorf("read the live table %s: %w", t.Name, err)
			}
			filled = true
		}
		if filled {
			p.diags.Add(diag.Diagnostic{
				Severity: diag.Error, Code: "unlisted", Summary: fmt.Sprintf("The table %s has rows and no model block, and unlisted = refuse", t.Name),
				Remedy: "Add a model block for it, or write unlisted = preserve.",
			})
		}
	}
	slices.Sort(out)
	for _, d := range BesideTables(p.policy, p.catalogue) {
		p.diags.Add(d)
	}
	return out, nil
}

// BesideTables refuses what holds data beside the tables, where the policy
// refuses tables that it says nothing of.
func BesideTables(pol *policy.Policy, c *schema.Catalogue) diag.List {
	var out diag.List
	if pol.Unlisted != policy.UnlistedRefuse {
		return nil
	}
	for _, x := range c.Beside {
		out = append(out, diag.Diagnostic{
			Severity: diag.Error, Code: "unlisted", Summary: fmt.Sprintf("The database has %d rows or objects that no model can hold: %s, and unlisted = refuse", x.Rows, x.Name),
			Remedy: "Move them into tables or take care of them otherwise, and write unlisted = preserve.",
		})
	}
	return out
}
