package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/schema"
)

// live is a database whose tables a scratch schema has the same ones of.
const live = `
CREATE SCHEMA hr;
CREATE TABLE people (id bigserial PRIMARY KEY, name text UNIQUE);
CREATE TABLE hr.people (id integer PRIMARY KEY, person bigint REFERENCES people (id));
CREATE TABLE hr.pay (id integer PRIMARY KEY, person integer REFERENCES hr.people (id));
INSERT INTO people (name) VALUES ('live'); INSERT INTO hr.people VALUES (1, 1); INSERT INTO hr.pay VALUES (1, 1)`

// What is done in a scratch schema with the tables as the live database
// describes them, schemas and all, is done in the scratch schema.
func TestScratch(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, live)
	db := connect(t, url)
	before := describe(t, db)
	scratch, drop, err := postgres.OpenScratch(t.Context(), url)
	must(t, err)
	if got := describe(t, scratch).Tables; len(got) != 0 {
		t.Fatalf("it begins with %d tables", len(got))
	}
	fillScratch(t, scratch, before)
	after := describe(t, scratch)
	for i, table := range after.Tables {
		if table.Name != before.Tables[i].Name || table.Relation != table.Name || !strings.HasPrefix(table.Schema, "scratch_edmsplan_") {
			t.Errorf("table %q is %q in %q", table.Name, table.Relation, table.Schema)
		}
		for j, fk := range table.ForeignKeys {
			if fk.RefTable != before.Tables[i].ForeignKeys[j].RefTable {
				t.Errorf("a foreign key of %q leads to %q", table.Name, fk.RefTable)
			}
		}
	}
	people := before.Table("people")
	testScratchReads(t, scratch, people)
	testScratchStaysInside(t, scratch, people)

	must(t, scratch.Close())
	if diff := cmp.Diff(before, hide(describe(t, db), after)); diff != "" {
		t.Errorf("the live catalogue (-before +after):\n%s", diff)
	}
	must(t, drop(t.Context()))
	if diff := cmp.Diff(before, describe(t, db)); diff != "" {
		t.Errorf("the live catalogue when all is gone (-before +after):\n%s", diff)
	}
	if got := names(t, db, people); !cmp.Equal(got, []string{"live"}) {
		t.Errorf("the live people are %v", got)
	}
	server.Exec(t, url, "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_namespace WHERE nspname LIKE 'scratch%'); END $$")
}

// fillScratch makes the live tables and writes rows to them, children first.
func fillScratch(t *testing.T, scratch database.Database, live *schema.Catalogue) {
	t.Helper()
	tx, err := scratch.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	must(t, tx.Lock(t.Context(), nil, 0))
	for _, name := range []string{"people", "hr.people", "hr.pay"} {
		must(t, tx.Create(t.Context(), live.Table(name)))
	}
	rows := func(name string, columns []string, texts ...string) schema.Batch {
		return schema.Batch{Op: schema.Insert, Table: live.Table(name), Columns: columns, Count: 1, Rows: func(yield func([]schema.Value, error) bool) {
			var row []schema.Value
			for _, s := range texts {
				row = append(row, schema.NewValue(s))
			}
			yield(row, nil)
		}}
	}
	update := rows("people", []string{"name"}, "9", "changed")
	update.Op, update.Key = schema.Update, []string{"id"}
	for _, b := range []schema.Batch{
		rows("hr.pay", []string{"id", "person"}, "7", "8"), rows("hr.people", []string{"id", "person"}, "8", "9"),
		rows("people", []string{"id", "name"}, "9", "scratch"), update,
	} {
		_, err := tx.Write(t.Context(), b)
		must(t, err)
	}
	must(t, tx.Commit(t.Context()))
}

func testScratchReads(t *testing.T, scratch database.Database, people *schema.Table) {
	t.Helper()
	if got := names(t, scratch, people); !cmp.Equal(got, []string{"changed"}) {
		t.Errorf("the scratch people are %v", got)
	}
	v, err := scratch.View(t.Context())
	must(t, err)
	defer func() { must(t, v.Close()) }()
	if n, err := v.(database.Counter).Count(t.Context(), people); n != 1 || err != nil { //nolint:forcetypeassert // it can
		t.Errorf("%d people, error %v", n, err)
	}
}

// testScratchStaysInside tries what would reach the live database.
func testScratchStaysInside(t *testing.T, scratch database.Database, people *schema.Table) {
	t.Helper()
	tx, err := scratch.Begin(t.Context())
	must(t, err)
	if err := tx.Lock(t.Context(), []*schema.Table{people}, time.Second); err != nil {
		t.Error(err)
	}
	if err := tx.Advance(t.Context(), people, "id", 1000); err == nil {
		t.Error("a live sequence was moved")
	}
	must(t, tx.Close())
	tx, err = scratch.Begin(t.Context())
	must(t, err)
	lost := &schema.Table{
		Name: "lost", Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Integer, Bits: 64}}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"id"}, RefTable: "public.people", RefColumns: []string{"id"}}},
	}
	if err := tx.Create(t.Context(), lost); err == nil {
		t.Error("a foreign key leads into the live database")
	}
	must(t, tx.Close())
}

// hide leaves the scratch schema's tables out of a catalogue.
func hide(c, scratch *schema.Catalogue) *schema.Catalogue {
	var left []*schema.Table
	for _, table := range c.Tables {
		if table.Schema != scratch.Tables[0].Schema {
			left = append(left, table)
		}
	}
	c.Tables = left
	return c
}

func describe(t *testing.T, db database.Database) *schema.Catalogue {
	t.Helper()
	v, err := db.View(t.Context())
	must(t, err)
	defer func() { must(t, v.Close()) }()
	c, err := v.Catalogue(t.Context())
	must(t, err)
	return c
}

func names(t *testing.T, db database.Database, people *schema.Table) (out []string) {
	t.Helper()
	v, err := db.View(t.Context())
	must(t, err)
	defer func() { must(t, v.Close()) }()
	for rec, err := range v.Scan(t.Context(), schema.Selection{Table: people, Columns: []string{"name"}}) {
		must(t, err)
		out = append(out, rec.Fields[0].Value.Text)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A script reaches nothing outside a scratch database, which is gone when it is
// removed.
func TestScratchDatabase(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, live)
	db := connect(t, url)
	before := describe(t, db)
	scratch, err := postgres.NewScratch(t.Context(), url)
	must(t, err)
	must(t, scratch.Script(t.Context(), "\\restrict x\nDROP SCHEMA public CASCADE; CREATE SCHEMA public;\nSELECT set_config('search_path', '', false); CREATE TABLE public.own (id integer PRIMARY KEY);"))
	if got := describe(t, scratch).Tables; len(got) != 1 || got[0].Name != "own" {
		t.Errorf("it has %d tables", len(got))
	}
	if err := scratch.Script(t.Context(), "CREATE TABLE own ("); err == nil {
		t.Error("a script that is no SQL is taken")
	}
	if d := cmp.Diff(before.Tables, describe(t, db).Tables); d != "" {
		t.Error(d)
	}
	must(t, scratch.Close())
	must(t, scratch.Remove(t.Context()))
	if _, err := scratch.View(t.Context()); err == nil {
		t.Error("it is still there")
	}
}
