package databasetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

func testCreate(t *testing.T, a Adapter) {
	f := open(t, a)
	kinds := []schema.Type{
		{Kind: schema.Bool},
		{Kind: schema.Integer, Bits: 64},
		{Kind: schema.Text},
		{Kind: schema.Text, Length: 20},
		{Kind: schema.Timestamp},
		{Kind: schema.TimestampTZ},
		{Kind: schema.JSON},
		{Kind: schema.UUID},
		{Kind: schema.Bytes},
		{Kind: schema.Date},
		{Kind: schema.Numeric, Precision: 8, Scale: 3},
	}
	want := &schema.Table{
		Name:       `new "table"`,
		Columns:    []schema.Column{{Name: "part a", Type: schema.Type{Kind: schema.Integer, Bits: 64}, NotNull: true}, {Name: "b", Type: kinds[2], NotNull: true}},
		PrimaryKey: []string{"part a", "b"},
		Uniques:    []schema.Unique{{Columns: []string{"c0", "c1"}}},
	}
	for i, k := range kinds {
		want.Columns = append(want.Columns, schema.Column{Name: fmt.Sprintf("c%d", i), Type: k})
	}
	for range 2 { // there on the second time
		tx := f.begin()
		if err := tx.Create(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if err := tx.Create(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		f.commit(tx)
	}
	if diff := cmp.Diff(neutral(want), neutral(f.table(want.Name))); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	row := []string{
		"1", "x", "t", "-5", "text", "short", "2025-12-10 08:19:38.5", "2025-12-10 08:19:38.5+00", `{"a": 1}`,
		"6f1c0000-0000-4000-8000-000000000001", `\x00ff`, "2025-12-10", "12345.600",
	}
	var columns []string
	for _, c := range want.Columns {
		columns = append(columns, c.Name)
	}
	f.insert(want, columns, row)
	if diff := cmp.Diff([][]string{row}, f.rows(f.view(), want, columns...)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	t.Run("is undone by Close", func(t *testing.T) {
		gone := &schema.Table{Name: "gone", Columns: want.Columns}
		tx := f.begin()
		if err := tx.Create(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		f.close(tx)
		c, err := f.view().Catalogue(t.Context())
		if err != nil || c.Table("gone") != nil {
			t.Errorf("the table is there, error %v", err)
		}
	})
}

// testCreateForeignKeys makes a table that refers to itself and to others.
func testCreateForeignKeys(t *testing.T, a Adapter) {
	f := open(t, a)
	table := nodes()
	tx := f.begin()
	if err := tx.Create(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	f.commit(tx)
	want := nodes()
	want.Uniques = want.Uniques[:2]
	want.Checks = nil
	want.Columns[4].Generated, want.Columns[4].NotNull = false, false
	for i := range want.Uniques {
		want.Uniques[i].Deferrable = false
	}
	for i := range want.ForeignKeys {
		want.ForeignKeys[i].Deferrable = true
	}
	made := f.table("nodes")
	got := neutral(made)
	for i := range got.Uniques {
		got.Uniques[i].Deferrable = false // where it can be
	}
	for i := range got.Columns {
		got.Columns[i].HasDefault = got.Columns[i].Sequence != nil
	}
	if diff := cmp.Diff(neutral(want), got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	columns := []string{"id", "parent", "person", "team"}
	insert := func(tx database.Tx, rows ...[]string) {
		t.Helper()
		f.write(tx, schema.Batch{Op: schema.Insert, Table: made, Columns: columns, Rows: rowsOf(rows), Count: int64(len(rows))})
	}
	t.Run("are judged at the commit", func(t *testing.T) {
		tx := f.begin()
		insert(tx, []string{"1", "2", "7", "red"}, []string{"2", null, "7", null})
		f.write(tx, schema.Batch{Op: schema.Insert, Table: f.table("people"), Columns: []string{"id", "username"}, Rows: rowsOf([][]string{{"7", "late"}}), Count: 1})
		f.write(tx, schema.Batch{Op: schema.Insert, Table: f.table("teams"), Columns: []string{"code", "name"}, Rows: rowsOf([][]string{{"red", "Red"}}), Count: 1})
		f.commit(tx)
	})
	for name, row := range map[string][]string{
		"the table itself": {"3", "99", "7", null}, "another table": {"3", null, "99", null}, "what is unique": {"3", null, "7", "none"},
	} {
		t.Run("are refused when they lead to nothing in "+name, func(t *testing.T) {
			tx := f.begin()
			insert(tx, row)
			if err := tx.Commit(t.Context()); !errors.Is(err, database.ErrConstraint) {
				t.Errorf("error %v, want one that wraps ErrConstraint", err)
			}
		})
	}
	t.Run("do what they say when their target goes", func(t *testing.T) {
		tx := f.begin()
		f.write(tx, schema.Batch{Op: schema.Delete, Table: f.table("teams"), Key: []string{"code"}, Rows: rowsOf([][]string{{"red"}}), Count: 1})
		f.commit(tx)
		want := [][]string{{"1", "2", "7", null}, {"2", null, "7", null}}
		if diff := cmp.Diff(want, f.rows(f.view(), made, columns...)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	t.Run("number rows by themselves", func(t *testing.T) {
		tx := f.begin()
		if err := tx.Advance(t.Context(), made, "id", 40); err != nil {
			t.Fatal(err)
		}
		f.write(tx, schema.Batch{Op: schema.Insert, Table: made, Columns: []string{"person"}, Rows: rowsOf([][]string{{"7"}}), Count: 1})
		if rows := f.rows(tx, made, "id"); len(rows) != 3 || rows[2][0] != "41" {
			t.Errorf("keys %v, want 41 at the end", rows)
		}
		f.close(tx)
	})
	t.Run("must not lead anywhere else", func(t *testing.T) {
		for name, spoil := range map[string]func(*schema.ForeignKey){
			"action": func(fk *schema.ForeignKey) { fk.OnDelete = "cascade; DROP TABLE people" },
			"name":   func(fk *schema.ForeignKey) { fk.Columns = []string{"person\x00"} },
		} {
			bad := nodes()
			bad.Name, bad.Relation = "bad", "bad"
			spoil(&bad.ForeignKeys[1])
			tx := f.begin()
			if err := tx.Create(t.Context(), bad); err == nil {
				t.Errorf("a hostile %s is no error", name)
			}
			f.close(tx)
		}
	})
}

// nodes is a table with what Create makes, and with what it leaves out.
func nodes() *schema.Table {
	integer := schema.Type{Kind: schema.Integer, Bits: 64}
	return &schema.Table{
		Name: "nodes", Relation: "nodes", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: integer, NotNull: true, HasDefault: true, Sequence: &schema.Sequence{Name: "elsewhere.nodes_id_seq"}},
			{Name: "parent", Type: integer},
			{Name: "person", Type: integer, NotNull: true},
			{Name: "team", Type: schema.Type{Kind: schema.Text, Length: 10, Native: "character varying(10)"}},
			{Name: "twice", Type: integer, NotNull: true, Generated: true},
		},
		Uniques: []schema.Unique{
			{Name: "people_plain", Columns: []string{"parent", "team"}, Deferrable: true}, // a name that is taken
			{Name: strings.Repeat("long", 20), Columns: []string{"twice"}},
			{Name: "partial", Columns: []string{"team"}, Predicate: "team = 'x'"},
			{Name: "expression", Expression: true, Definition: "CREATE UNIQUE INDEX ON nodes (lower(team))"},
		},
		ForeignKeys: []schema.ForeignKey{
			{Name: "same", Columns: []string{"parent"}, RefTable: "nodes", RefColumns: []string{"id"}, OnDelete: "no action", OnUpdate: "no action"},
			{Name: "same", Columns: []string{"person"}, RefTable: "people", RefColumns: []string{"id"}, OnDelete: "restrict", OnUpdate: "no action"},
			{Name: "", Columns: []string{"team"}, RefTable: "teams", RefColumns: []string{"code"}, OnDelete: "set null", OnUpdate: "cascade"},
		},
		Checks: []schema.Check{{Name: "impossible", Expression: "false"}},
	}
}

func testAdvance(t *testing.T, a Adapter) {
	f := open(t, a)
	f.run("INSERT INTO people (username) VALUES ('first')")
	people := f.table("people")
	advance := func(last int64, rows ...[]string) {
		t.Helper()
		tx := f.begin()
		f.write(tx, schema.Batch{Op: schema.Insert, Table: people, Columns: []string{"id", "username"}, Rows: rowsOf(rows), Count: int64(len(rows))})
		if err := tx.Advance(t.Context(), people, "id", last); err != nil {
			t.Fatal(err)
		}
		f.commit(tx)
	}
	state := func() int64 { return f.table("people").Column("id").Sequence.Last }

	advance(500, []string{"500", "added"})
	if got := state(); got != 500 {
		t.Errorf("advanced past 500 it stands at %d", got)
	}
	f.run("INSERT INTO people (username) VALUES ('next')")
	advance(10)
	advance(0)
	advance(501)
	if got := state(); got != 501 {
		t.Errorf("it was at 501 and moved to %d", got)
	}
	f.run("INSERT INTO people (username) VALUES ('last')")
	want := [][]string{{"1"}, {"500"}, {"501"}, {"502"}}
	if diff := cmp.Diff(want, f.rows(f.view(), people, "id")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	t.Run("a column without a sequence is an error", func(t *testing.T) {
		if err := f.begin().Advance(t.Context(), people, "username", 1); err == nil {
			t.Error("no error")
		}
	})
	t.Run("a sequence that was never used gives out the key after", func(t *testing.T) {
		notes := f.table("notes")
		tx := f.begin()
		if err := tx.Advance(t.Context(), notes, "id", 1); err != nil {
			t.Fatal(err)
		}
		f.commit(tx)
		f.run("INSERT INTO notes (body) VALUES ('x')")
		if diff := cmp.Diff([][]string{{"2"}}, f.rows(f.view(), notes, "id")); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
	})
}
