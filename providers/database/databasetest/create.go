package databasetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

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
