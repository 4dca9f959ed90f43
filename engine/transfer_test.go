package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

// The real database made anew in SQLite, and from that one in PostgreSQL again:
// all tables, kinds and rows are the same, text by text.
func TestTheRealDatabaseInTheOtherKindAndBack(t *testing.T) {
	origin := populated(t)(t)
	path := filepath.Join(t.TempDir(), "other.sqlite")
	must(t, os.WriteFile(path, nil, 0o600))
	other, err := sqlite.Open(t.Context(), path)
	must(t, err)
	back, err := postgres.Open(t.Context(), server.Database(t))
	must(t, err)

	first := look(t, origin.db)
	if len(first.catalogue.Tables) != 82 {
		t.Errorf("%d tables, want 82", len(first.catalogue.Tables))
	}
	transfer(t, origin.db, other)
	second := look(t, other)
	transfer(t, other, back)
	third := look(t, back)
	for name, copied := range map[string]*state{"SQLite": second, "PostgreSQL": third} {
		if diff := cmp.Diff(kinds(first.catalogue), kinds(copied.catalogue)); diff != "" {
			t.Errorf("%s: tables (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(first.rows, copied.rows); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
	}
}

// kinds tells of each table its keys and its columns' types. The width of a key
// that SQLite numbers is 64 bits.
func kinds(c *schema.Catalogue) map[string][]string {
	out := map[string][]string{}
	for _, t := range c.Tables {
		list := []string{fmt.Sprintf("key %v", t.PrimaryKey)}
		for _, col := range t.Columns {
			typ := col.Type
			if col.Sequence != nil {
				typ.Bits = 64
			}
			list = append(list, fmt.Sprintf("%s %s bits %d length %d digits %d, %d not null %v sequence %v",
				col.Name, typ.Kind, typ.Bits, typ.Length, typ.Precision, typ.Scale, col.NotNull, col.Sequence != nil))
		}
		for _, fk := range t.ForeignKeys {
			list = append(list, fmt.Sprintf("%v to %s %v, %s, %s", fk.Columns, fk.RefTable, fk.RefColumns, fk.OnDelete, fk.OnUpdate))
		}
		for _, u := range t.Uniques {
			if u.Predicate == "" && !u.Expression {
				list = append(list, fmt.Sprintf("unique %v", u.Columns))
			}
		}
		slices.Sort(list[1+len(t.Columns):])
		out[t.Name] = list
	}
	return out
}

// transfer makes the tables of one database in another and copies the rows, in
// one transaction, so that references may come before what they lead to.
func transfer(t *testing.T, from, to database.Database) {
	t.Helper()
	source, err := from.View(t.Context())
	must(t, err)
	defer func() { must(t, source.Close()) }()
	c, err := source.Catalogue(t.Context())
	must(t, err)
	tx, err := to.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	for _, table := range parentsFirst(t, c) {
		must(t, tx.Create(t.Context(), table))
	}
	made, err := tx.Catalogue(t.Context())
	must(t, err)
	for _, table := range c.Tables {
		n, err := tx.Write(t.Context(), copyOf(t, source, table, made.Table(table.Name)))
		must(t, err)
		if want, err := source.(database.Counter).Count(t.Context(), table); err != nil || n != want { //nolint:forcetypeassert // both can
			t.Errorf("%s: %d rows copied, want %d, error %v", table.Name, n, want, err)
		}
	}
	must(t, tx.Commit(t.Context()))
}

func copyOf(t *testing.T, source database.Snapshot, from, to *schema.Table) schema.Batch {
	b := schema.Batch{Op: schema.Insert, Table: to}
	for _, c := range from.Columns {
		b.Columns = append(b.Columns, c.Name)
	}
	b.Rows = func(yield func([]schema.Value, error) bool) {
		row := make([]schema.Value, len(b.Columns))
		for rec, err := range source.Scan(t.Context(), schema.Selection{Table: from, Columns: b.Columns}) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, f := range rec.Fields {
				row[i] = schema.Value{Text: f.Value.Text, Valid: f.Value.Kind != schema.NullLiteral}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	return b
}

// parentsFirst orders the tables. A foreign key that closes a circle is left
// out; the real database has none.
func parentsFirst(t *testing.T, c *schema.Catalogue) []*schema.Table {
	var out []*schema.Table
	made, entered := map[string]bool{}, map[string]bool{}
	var visit func(table *schema.Table)
	visit = func(table *schema.Table) {
		if entered[table.Name] {
			return
		}
		entered[table.Name] = true
		for _, fk := range table.ForeignKeys {
			visit(c.Table(fk.RefTable))
		}
		trimmed := *table
		trimmed.ForeignKeys = slices.DeleteFunc(slices.Clone(table.ForeignKeys), func(fk schema.ForeignKey) bool {
			return !made[fk.RefTable] && fk.RefTable != table.Name
		})
		if n := len(table.ForeignKeys) - len(trimmed.ForeignKeys); n > 0 {
			t.Errorf("table %q: %d foreign keys are part of circles", table.Name, n)
		}
		made[table.Name] = true
		out = append(out, &trimmed)
	}
	for _, table := range c.Tables {
		visit(table)
	}
	return out
}
