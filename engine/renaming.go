package engine

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// renaming leads from the names that this policy's tables and columns have to
// those that they have in another database, as the source blocks say. What is
// not in it has the same name.
type renaming struct {
	tables  map[string]*schema.Table     // the real table by the name it is given
	columns map[string]map[string]string // the real column by table and given name
}

// table is the real table.
func (r renaming) table(t *schema.Table) *schema.Table {
	if t != nil && r.tables[t.Name] != nil {
		return r.tables[t.Name]
	}
	return t
}

// column is the real name of a column of a table with a given name.
func (r renaming) column(table, column string) string {
	if real, ok := r.columns[table][column]; ok {
		return real
	}
	return column
}

// rename gives the tables and columns of another database the names that the
// policy has for them, by the models' source blocks.
func rename(p *policy.Policy, c *schema.Catalogue) (*schema.Catalogue, renaming) {
	names := renaming{tables: map[string]*schema.Table{}, columns: map[string]map[string]string{}}
	given := map[string]string{} // by the real name of the table
	for _, m := range p.Models {
		if m.Source == nil {
			continue
		}
		real := m.Table.Text
		if m.Source.Table.Text != "" {
			real = m.Source.Table.Text
		}
		t := c.Table(real)
		if t == nil {
			continue
		}
		given[real] = m.Table.Text
		names.tables[m.Table.Text] = t
		columns := map[string]string{}
		for _, x := range m.Source.Columns {
			columns[x.Field.Text] = x.Column.Text
		}
		names.columns[m.Table.Text] = columns
	}
	if len(given) == 0 {
		return c, renaming{}
	}
	out := *c
	out.Tables = make([]*schema.Table, 0, len(c.Tables))
	for _, t := range c.Tables {
		if _, hidden := names.tables[t.Name]; hidden && given[t.Name] == "" {
			continue // another table is taken for the one of this name
		}
		out.Tables = append(out.Tables, names.renamed(t, given))
	}
	slices.SortFunc(out.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	return &out, names
}

// renamed is the table with the names it is given, in its foreign keys as well.
func (r renaming) renamed(t *schema.Table, given map[string]string) *schema.Table {
	out := *t
	if name := given[t.Name]; name != "" {
		out.Name, out.Relation = name, name
	}
	column := r.given(out.Name)
	out.Columns = slices.Clone(t.Columns)
	for i := range out.Columns {
		out.Columns[i].Name = column(out.Columns[i].Name)
	}
	out.PrimaryKey = each(t.PrimaryKey, column)
	out.Uniques = slices.Clone(t.Uniques)
	for i := range out.Uniques {
		out.Uniques[i].Columns = each(out.Uniques[i].Columns, column)
	}
	out.ForeignKeys = slices.Clone(t.ForeignKeys)
	for i := range out.ForeignKeys {
		fk := &out.ForeignKeys[i]
		fk.Columns = each(fk.Columns, column)
		if name := given[fk.RefTable]; name != "" {
			fk.RefTable = name
		}
		fk.RefColumns = each(fk.RefColumns, r.given(fk.RefTable))
	}
	return &out
}

// given is the name that a table's real column is given.
func (r renaming) given(table string) func(string) string {
	names := map[string]string{}
	for name, real := range r.columns[table] {
		names[real] = name
	}
	return func(real string) string {
		if name, ok := names[real]; ok {
			return name
		}
		return real
	}
}

func each(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}
