package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// tables reads the records of models out of a database's snapshot, as
// schema.Typed has them. A renaming may stand in between, where the database
// calls its tables and columns otherwise.
type tables struct {
	view      database.Snapshot
	catalogue *schema.Catalogue
	names     renaming
	// ordered reads the rows in the order of their primary keys.
	ordered bool
}

// records yields the model's records in the order of its fields.
func (t *tables) records(ctx context.Context, m *schema.Model) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		members, err := t.members(ctx, m)
		if err != nil {
			yield(nil, err)
			return
		}
		sel, at := t.selection(m)
		rec := &schema.Record{Fields: make([]schema.Field, len(m.Fields))}
		for i := range m.Fields {
			rec.Fields[i].Name = m.Fields[i].Name
		}
		for r, err := range t.view.Scan(ctx, sel) {
			if err != nil {
				yield(nil, err)
				return
			}
			rec.Number++
			for i, n := range at {
				rec.Fields[n].Value = r.Fields[i].Value
			}
			for n, byOwner := range members {
				rec.Fields[n].Value = schema.Members(byOwner[t.owner(m, n, rec)])
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// selection reads all columns of the model's table; at says which field each
// of them is.
func (t *tables) selection(m *schema.Model) (sel schema.Selection, at []int) {
	table := t.catalogue.Table(m.Table)
	sel = schema.Selection{Model: m.Label, Table: t.names.table(table)}
	for n := range m.Fields {
		if c := m.Fields[n].Column; c != "" {
			sel.Columns = append(sel.Columns, t.names.column(m.Table, c))
			at = append(at, n)
		}
	}
	if t.ordered {
		key := table.PrimaryKey
		if len(key) == 0 {
			for _, name := range m.NaturalKey {
				key = append(key, m.Field(name).Column)
			}
		}
		for _, c := range key {
			sel.OrderBy = append(sel.OrderBy, t.names.column(m.Table, c))
		}
	}
	return sel, at
}

// members reads the join tables of the model's many-to-many fields: by field,
// the members of each owner as the join table names it. They are keys only.
func (t *tables) members(ctx context.Context, m *schema.Model) (map[int]map[string][]schema.Member, error) {
	out := map[int]map[string][]schema.Member{}
	for n := range m.Fields {
		link := m.Fields[n].Link
		if link == nil {
			continue
		}
		sel := schema.Selection{Table: t.names.table(t.catalogue.Table(link.Table))}
		for _, c := range []string{link.Owner, link.Member, link.Key} {
			if c != "" {
				sel.Columns = append(sel.Columns, t.names.column(link.Table, c))
			}
		}
		sel.OrderBy = sel.Columns[:2]
		owners := map[string][]schema.Member{}
		for r, err := range t.view.Scan(ctx, sel) {
			if err != nil {
				return nil, err
			}
			member := schema.Member{ID: r.Fields[1].Value.Text}
			if link.Key != "" {
				member.Row = r.Fields[2].Value.Text
			}
			owner := r.Fields[0].Value.Text
			owners[owner] = append(owners[owner], member)
		}
		out[n] = owners
	}
	return out, nil
}

// owner is how the field's join table names the record.
func (t *tables) owner(m *schema.Model, n int, rec *schema.Record) string {
	link := m.Fields[n].Link
	fk := t.catalogue.Table(link.Table).ForeignKeyOf(link.Owner)
	for i := range m.Fields {
		if m.Fields[i].Column == fk.RefColumns[0] {
			return rec.Fields[i].Value.Text
		}
	}
	return ""
}

// count is how many rows a table has.
func (t *tables) count(ctx context.Context, table *schema.Table) (int64, error) {
	counter, ok := t.view.(database.Counter)
	if !ok {
		return 0, fmt.Errorf("the database cannot count the rows of %s", table.Name)
	}
	n, err := counter.Count(ctx, t.names.table(table))
	if err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", table.Name, err)
	}
	return n, nil
}
