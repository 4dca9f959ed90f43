package postgres_test

import (
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

// A row of a table that inherits is not one of the table inherited from too:
// it would be planned, written and counted twice.
func TestRowsOfHeirsAreNotTheirParents(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, `
CREATE TABLE base (id integer PRIMARY KEY, note text);
CREATE TABLE heir (extra integer) INHERITS (base);
INSERT INTO base VALUES (1, 'base'), (2, 'base');
INSERT INTO heir VALUES (1, 'heir', 0), (3, 'heir', 0);
CREATE TABLE log (at date PRIMARY KEY) PARTITION BY RANGE (at);
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO log VALUES ('2025-05-05')`)
	db := connect(t, url)
	c := catalogueOf(t, db)
	base := c.Table("base")

	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Close() }()
	if err := tx.Lock(t.Context(), c.Tables, 0); err != nil {
		t.Fatal(err)
	}
	write := func(op schema.Op, columns []string, rows ...[]schema.Value) {
		t.Helper()
		n, err := tx.Write(t.Context(), schema.Batch{Table: base, Op: op, Key: []string{"id"}, Columns: columns, Rows: each(rows)})
		if err != nil || n != 1 {
			t.Fatalf("%d rows were written, want 1: %v", n, err)
		}
	}
	one, two, three := schema.NewValue("1"), schema.NewValue("2"), schema.NewValue("3")
	write(schema.Update, []string{"note"}, []schema.Value{one, schema.NewValue("changed")})
	write(schema.Delete, nil, []schema.Value{two})
	write(schema.Insert, []string{"id", "note"}, []schema.Value{three, schema.NewValue("new")})

	for table, want := range map[string][]string{
		"base": {"1 changed", "3 new"}, "heir": {"1 heir", "3 heir"}, "log": {"2025-05-05"},
	} {
		sel := schema.Selection{Table: c.Table(table), Columns: []string{"id", "note"}, OrderBy: []string{"id"}}
		if table == "log" {
			sel.Columns, sel.OrderBy = []string{"at"}, nil
		}
		var got []string
		for rec, err := range tx.Scan(t.Context(), sel) {
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, f := range rec.Fields {
				text += " " + f.Value.Text
			}
			got = append(got, text[1:])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", table, got, want)
		}
	}
}

func each(rows [][]schema.Value) iter.Seq2[[]schema.Value, error] {
	return func(yield func([]schema.Value, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Rows of a partition go with a foreign key that only the partition has, and
// rows elsewhere with one that leads to a partition: nobody may overlook either.
func TestForeignKeysOfPartitionsAreTheTables(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, `
CREATE TABLE people (id integer PRIMARY KEY);
CREATE TABLE log (at date NOT NULL, person integer, PRIMARY KEY (at)) PARTITION BY RANGE (at);
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY RANGE (at);
CREATE TABLE log_2026_a PARTITION OF log_2026 FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
ALTER TABLE log_2025 ADD FOREIGN KEY (person) REFERENCES people DEFERRABLE;
ALTER TABLE log_2026_a ADD FOREIGN KEY (person) REFERENCES people ON DELETE CASCADE;
CREATE TABLE notes (at date CONSTRAINT notes_at REFERENCES log_2025 ON DELETE CASCADE);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER log_watch AFTER INSERT ON log_2026_a FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER log_all AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION nothing()`)
	c := catalogueOf(t, connect(t, url))
	for table, want := range map[string]schema.ForeignKey{
		"log":   {Name: "log_2025_person_fkey", Columns: []string{"person"}, RefTable: "people", RefColumns: []string{"id"}, OnDelete: "cascade", OnUpdate: "no action"},
		"notes": {Name: "notes_at", Columns: []string{"at"}, RefTable: "log", RefColumns: []string{"at"}, OnDelete: "cascade", OnUpdate: "no action"},
	} {
		if diff := cmp.Diff([]schema.ForeignKey{want}, c.Table(table).ForeignKeys); diff != "" {
			t.Errorf("foreign keys of %s (-want +got):\n%s", table, diff)
		}
	}
	if diff := cmp.Diff([]string{"log_all", "log_watch"}, c.Table("log").Triggers); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
}
