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
	gone := map[string]map[string]map[string]string{} // table, column, value: natural key
	for _, m := range p.models {
		for _, n := range m.destroys {
			if err := p.noteGone(m, &m.entries[n], gone); err != nil {
				return err
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for _, t := range p.catalogue.Tables {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			if len(fk.Columns) != 1 || gone[fk.RefTable] == nil {
				continue
			}
			if err := p.danglingIn(t, fk, gone[fk.RefTable][fk.RefColumns[0]]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *planning) noteGone(m *model, e *entry, gone map[string]map[string]map[string]string) error {
	r, err := m.spool.get(e.live, len(m.fields))
	if err != nil {
		return err
	}
	columns := gone[m.table.Name]
	if columns == nil {
		columns = map[string]map[string]string{}
		gone[m.table.Name] = columns
	}
	for n := range m.fields {
		f := &m.fields[n]
		if f.column == nil || !r.cells[n].value.Valid || (n != m.pk && m.target(n) == nil) {
			continue
		}
		if columns[f.column.Name] == nil {
			columns[f.column.Name] = map[string]string{}
		}
		columns[f.column.Name][r.cells[n].value.Text] = m.label + " " + p.keyText(m, e.key)
	}
	return nil
}

// danglingIn looks through one foreign key for rows that stay and keep
// referring to a destroyed row.
func (p *planning) danglingIn(t *schema.Table, fk *schema.ForeignKey, gone map[string]string) error {
	if len(gone) == 0 {
		return nil
	}
	free := p.leavingRows(t, fk.Columns[0])
	id := p.rowColumnsOf(t)
	sel := schema.Selection{Table: t, Columns: append([]string{fk.Columns[0]}, id...)}
	count, first := 0, ""
	for rec, err := range p.in.Live.Scan(p.ctx, sel) {
		if err != nil {
			return fmt.Errorf("read the live table %s: %w", t.Name, err)
		}
		what, hit := gone[rec.Fields[0].Value.Text]
		if !hit || rec.Fields[0].Value.Kind == schema.NullLiteral {
			continue
		}
		var row []byte
		for _, f := range rec.Fields[1:] {
			row = schema.AppendKey(row, f.Value.Text)
		}
		if free[schema.Key(row)] {
			continue
		}
		if count++; count == 1 {
			first = what
		}
	}
	if count == 0 {
		return nil
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.reference." + t.Name + "." + fk.Columns[0],
		Summary: fmt.Sprintf("%d rows of %s would refer to destroyed records by %s", count, t.Name, strings.Join(fk.Columns, ", ")),
		Detail:  fmt.Sprintf("One of the destroyed records is %s. The foreign key %s would be violated, or the database would cascade.", first, fk.Name),
		Remedy:  "Write absent = keep for the model that is destroyed, or let the plan destroy or change these rows too.",
	})
	return nil
}

// leavingRows are the rows of a table that are destroyed, or whose column is
// changed, and the join rows that are removed.
func (p *planning) leavingRows(t *schema.Table, column string) map[schema.Key]bool {
	free := map[schema.Key]bool{}
	for _, m := range p.byTable[t.Name] {
		for _, n := range m.destroys {
			free[m.entries[n].row] = true
		}
		f, ok := m.names[column]
		for _, n := range m.changes {
			e := &m.entries[n]
			if !ok || !e.inLive() {
				continue
			}
			before, after, err := p.beforeAfter(m, e)
			if err == nil && before != nil && before.cells[f].key != after.cells[f].key {
				free[e.row] = true
			}
		}
	}
	if !p.joins[t.Name] {
		return free
	}
	for _, m := range p.models {
		for n := range m.fields {
			if j := m.fields[n].many; j != nil && j.table == t {
				p.leavingLinks(m, n, free)
			}
		}
	}
	return free
}

func (p *planning) leavingLinks(m *model, field int, free map[schema.Key]bool) {
	for i := range m.entries {
		e := &m.entries[i]
		if e.links == nil {
			continue
		}
		owner, err := p.ownerText(m, e, field)
		if err != nil {
			continue
		}
		for _, member := range e.links.gone[field] {
			free[schema.MakeKey(owner, member)] = true
		}
	}
}

// rowColumnsOf are the columns that identify a row of any table when it is looked at from outside: a
// join table's row by its two references, a listed model's by its row key.
func (p *planning) rowColumnsOf(t *schema.Table) []string {
	for _, m := range p.models {
		for n := range m.fields {
			if j := m.fields[n].many; j != nil && j.table == t {
				return []string{j.owner, j.member}
			}
		}
	}
	for _, m := range p.byTable[t.Name] {
		out := make([]string, len(m.rowKey))
		for i, f := range m.rowKey {
			out[i] = m.fields[f].column.Name
		}
		return out
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
		if p.policy.Unlisted != policy.UnlistedRefuse {
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
	return out, nil
}
