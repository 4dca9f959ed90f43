package engine_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// state is all rows of all tables as one snapshot has them.
type state struct {
	catalogue *schema.Catalogue
	// rows are by table and primary key; a row is by column.
	rows map[string]map[string]row
}

type row map[string]schema.Literal

func look(t *testing.T, db database.Database) *state {
	t.Helper()
	view, err := db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	c, err := view.Catalogue(t.Context())
	must(t, err)
	s := &state{catalogue: c, rows: map[string]map[string]row{}}
	for _, table := range c.Tables {
		s.rows[table.Name] = readTable(t, view, table)
	}
	return s
}

func readTable(t *testing.T, view database.Snapshot, table *schema.Table) map[string]row {
	t.Helper()
	sel := schema.Selection{Table: table}
	for _, c := range table.Columns {
		sel.Columns = append(sel.Columns, c.Name)
	}
	rows := map[string]row{}
	for rec, err := range view.Scan(t.Context(), sel) {
		must(t, err)
		r := row{}
		var key []string
		for _, f := range rec.Fields {
			r[f.Name] = f.Value
			if slices.Contains(table.PrimaryKey, f.Name) {
				key = append(key, f.Value.Text)
			}
		}
		if len(key) == 0 {
			t.Fatalf("table %s has no primary key to tell its rows by", table.Name)
		}
		rows[strings.Join(key, "\x00")] = r
	}
	return rows
}

// column finds the column of a policy's field.
func column(t *schema.Table, field string) *schema.Column {
	if c := t.Column(field); c != nil {
		return c
	}
	return t.Column(field + "_id")
}

// target is the table that a column refers to, nil if it refers to none, and
// the row there.
func (s *state) target(table *schema.Table, r row, column string) (*schema.Table, row) {
	fk := table.ForeignKeyOf(column)
	if fk == nil {
		return nil, nil
	}
	to := s.catalogue.Table(fk.RefTable)
	return to, s.rows[to.Name][r[column].Text]
}

// key is a row's natural key, worked out apart from the planner: references
// contribute the keys of the rows they lead to.
func (s *state) key(pol *policy.Policy, table *schema.Table, r row) []string {
	m := modelOf(pol, table)
	if m == nil || r == nil {
		return []string{"?"}
	}
	var key []string
	for _, f := range m.NaturalKey {
		c := column(table, f.Text)
		if to, other := s.target(table, r, c.Name); to != nil && r[c.Name].Kind != schema.NullLiteral {
			key = append(key, s.key(pol, to, other)...)
			continue
		}
		key = append(key, r[c.Name].Text)
	}
	return key
}

func modelOf(pol *policy.Policy, table *schema.Table) *policy.Model {
	for _, m := range pol.Models {
		if m.Table.Text == table.Name {
			return m
		}
	}
	return nil
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	must(t, err)
	return n
}
