package sqlite_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// django is a table as Django's SQLite backend makes it and fills it. Row 1 is
// in Django's storage forms; row 2 is what other programs have left.
const django = `
CREATE TABLE "records" (
	"id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "title" varchar(200) NOT NULL,
	"active" bool NOT NULL, "size" bigint NOT NULL, "rank" smallint unsigned NOT NULL CHECK ("rank" >= 0), "price" decimal NOT NULL,
	"ratio" real NOT NULL, "born" date NULL, "at" time NULL, "created" datetime NOT NULL, "seen" timestamp NULL, "meta" text NOT NULL CHECK ((JSON_VALID("meta") OR "meta" IS NULL)),
	"content" BLOB NULL, "took" bigint NULL, "address" char(39) NULL, "notes" text NOT NULL);
INSERT INTO records VALUES (1, '6f1c00000000400080000000000000ff', '', 1, 9223372036854775807, 3, 12.3, 0.1, '2025-12-10', '08:19:38.500000',
	'2025-12-10 08:19:38.545000', '2025-12-10 08:19:38', '{"b": 1, "a": 1.50}', x'00ff', 1500000, '192.0.2.7', 'O''Neil');
INSERT INTO records VALUES (2, '6F1C00000000400080000000000000FF', x'41', 7, 5.5, 'many', 'dear', 'NaN', 'soon', '8:19',
	'2025-12-10T08:19:38Z', 1765354778, '[]', 'text', NULL, '', '5');
`

func TestDjangosFormsAreCanonical(t *testing.T) {
	db := open(t, script(t, django))
	table := tableOf(t, db, "records")
	want := map[string][2]string{
		"id": {"1", "2"}, "uuid": {"6f1c0000-0000-4000-8000-0000000000ff", "6F1C00000000400080000000000000FF"},
		"title": {"", "\xffblob:41"}, "active": {"t", "7"}, "size": {"9223372036854775807", "5.5"}, "rank": {"3", "many"},
		"price": {"12.3", "dear"}, "ratio": {"0.1", "NaN"}, "born": {"2025-12-10", "soon"}, "at": {"08:19:38.5", "8:19"},
		"created": {"2025-12-10 08:19:38.545+00", "2025-12-10T08:19:38Z"}, "seen": {"2025-12-10 08:19:38+00", "1765354778"},
		"meta": {`{"b": 1, "a": 1.50}`, "[]"}, "content": {`\x00ff`, "text"}, "took": {"1500000", "NULL"}, "address": {"192.0.2.7", ""},
		"notes": {"O'Neil", "5"},
	}
	got := map[string][2]string{}
	rows := read(t, db, table)
	for i, c := range table.Columns {
		got[c.Name] = [2]string{rows[0][i], rows[1][i]}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	kinds := map[string]schema.Kind{}
	for _, c := range table.Columns {
		kinds[c.Name] = c.Type.Kind
	}
	wantKinds := map[string]schema.Kind{
		"id": schema.Integer, "uuid": schema.UUID, "title": schema.Text, "active": schema.Bool, "size": schema.Integer, "rank": schema.Integer,
		"price": schema.Numeric, "ratio": schema.Float, "born": schema.Date, "at": schema.Time, "created": schema.TimestampTZ, "seen": schema.TimestampTZ,
		"meta": schema.JSON, "content": schema.Bytes, "took": schema.Integer, "address": schema.Text, "notes": schema.Text,
	}
	if diff := cmp.Diff(wantKinds, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// TestDjangosFormsAreWrittenBack deletes and inserts what was read, and then
// updates one to the other: storage is the same, class and byte.
func TestDjangosFormsAreWrittenBack(t *testing.T) {
	path := script(t, django)
	db := open(t, path)
	table := tableOf(t, db, "records")
	before := stored(t, path, table)
	var columns []string
	var rows [][]schema.Value
	for _, c := range table.Columns {
		columns = append(columns, c.Name)
	}
	for _, r := range read(t, db, table) {
		rows = append(rows, valuesOf(r))
	}
	tx := begin(t, db)
	write(t, tx, schema.Batch{Op: schema.Delete, Table: table, Key: []string{"id"}, Rows: each([][]schema.Value{rows[0][:1], rows[1][:1]})}, 2)
	write(t, tx, schema.Batch{Op: schema.Insert, Table: table, Columns: columns, Rows: each(rows)}, 2)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, stored(t, path, table)); diff != "" {
		t.Errorf("storage after delete and insert (-want +got):\n%s", diff)
	}
	tx = begin(t, db)
	// Without the uuid, which is unique: row 1 becomes like row 2.
	same := append([]schema.Value{rows[0][0]}, rows[1][2:]...)
	write(t, tx, schema.Batch{Op: schema.Update, Table: table, Key: columns[:1], Columns: columns[2:], Rows: each([][]schema.Value{same})}, 1)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := stored(t, path, table)
	if diff := cmp.Diff(before[1][2:], after[0][2:]); diff != "" {
		t.Errorf("storage after the update (-want +got):\n%s", diff)
	}
}

// stored is every value of a table with its storage class, by another client.
func stored(t *testing.T, path string, table *schema.Table) [][]string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var parts []string
	for _, c := range table.Columns {
		parts = append(parts, fmt.Sprintf(`typeof("%[1]s") || ' ' || quote("%[1]s")`, c.Name))
	}
	rows, err := db.QueryContext(t.Context(), "SELECT "+strings.Join(parts, ", ")+` FROM "`+table.Name+`" ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		row, into := make([]string, len(parts)), make([]any, len(parts))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	if rows.Err() != nil || len(out) == 0 {
		t.Fatalf("%d rows, error %v", len(out), rows.Err())
	}
	return out
}

// TestACatalogueOfOddities has what only SQLite has.
func TestACatalogueOfOddities(t *testing.T) {
	db := open(t, script(t, `
CREATE TABLE Users (ID integer PRIMARY KEY, name text);
CREATE TABLE keyed (code text PRIMARY KEY, n int UNIQUE) WITHOUT ROWID;
CREATE TABLE backwards (id INTEGER PRIMARY KEY DESC);
CREATE TABLE strictly (id integer PRIMARY KEY, v ANY, w int) STRICT;
CREATE TABLE refs (
	id integer PRIMARY KEY AUTOINCREMENT,
	a int CONSTRAINT first REFERENCES USERS, -- the primary key is meant
	b int REFERENCES users (Id) DEFERRABLE INITIALLY DEFERRED,
	c text CONSTRAINT unique_c UNIQUE, d int AS (a + b), CONSTRAINT positive CHECK (a > 0));
ALTER TABLE refs ADD COLUMN late int REFERENCES keyed (n) ON DELETE SET DEFAULT DEFERRABLE;
CREATE TRIGGER watch AFTER INSERT ON REFS BEGIN SELECT 1; END;
INSERT INTO Users VALUES (7, 'a'); INSERT INTO refs (id) VALUES (9), (4); DELETE FROM refs WHERE id = 9;
CREATE VIEW seen AS SELECT * FROM refs;
CREATE VIRTUAL TABLE words USING fts5 (body); INSERT INTO words VALUES ('a b'), ('c');
CREATE VIRTUAL TABLE empty USING fts5 (body);
CREATE TABLE EDMSPLAN_log (id integer);`))
	cat := catalogue(t, db)
	if diff := cmp.Diff([]schema.Beside{{Name: "words (virtual table)", Rows: 2}}, cat.Beside); diff != "" {
		t.Errorf("beside the tables (-want +got):\n%s", diff)
	}
	var names []string
	for _, table := range cat.Tables {
		names = append(names, table.Name)
	}
	if diff := cmp.Diff([]string{"Users", "backwards", "keyed", "refs", "strictly"}, names); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	refs := cat.Table("refs")
	wantKeys := []schema.ForeignKey{
		{Name: "first", Columns: []string{"a"}, RefTable: "Users", RefColumns: []string{"ID"}, OnDelete: "no action", OnUpdate: "no action"},
		{Columns: []string{"b"}, RefTable: "Users", RefColumns: []string{"ID"}, Deferrable: true, OnDelete: "no action", OnUpdate: "no action"},
		{Columns: []string{"late"}, RefTable: "keyed", RefColumns: []string{"n"}, Deferrable: true, OnDelete: "set default", OnUpdate: "no action"},
	}
	if diff := cmp.Diff(wantKeys, refs.ForeignKeys); diff != "" {
		t.Errorf("foreign keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]schema.Unique{{Name: "unique_c", Columns: []string{"c"}}}, refs.Uniques); diff != "" {
		t.Errorf("uniques (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]schema.Check{{Name: "positive", Expression: "a > 0"}}, refs.Checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"watch"}, refs.Triggers); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
	if d := refs.Column("d"); d == nil || !d.Generated || d.Type.Kind != schema.Integer {
		t.Errorf("the generated column is %+v", d)
	}
	sequences := map[string]*schema.Sequence{
		"Users.ID": cat.Table("Users").Column("ID").Sequence, "refs.id": refs.Column("id").Sequence,
		"keyed.code": cat.Table("keyed").Column("code").Sequence, "backwards.id": cat.Table("backwards").Column("id").Sequence,
	}
	const end = 1<<63 - 1
	want := map[string]*schema.Sequence{
		"Users.ID": {Last: 7, Max: end}, "refs.id": {Name: "sqlite_sequence", Last: 9, Max: end}, "keyed.code": nil, "backwards.id": nil,
	}
	if diff := cmp.Diff(want, sequences); diff != "" {
		t.Errorf("sequences (-want +got):\n%s", diff)
	}
	if v := cat.Table("strictly").Column("v").Type; v.Kind != schema.Other || v.Native != "" {
		t.Errorf("ANY in a strict table is %+v", v)
	}
	if !cat.Table("keyed").Column("code").NotNull {
		t.Error("the key of a table without rowid may be null")
	}
}

func catalogue(t *testing.T, db database.Database) *schema.Catalogue {
	t.Helper()
	v, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	c, err := v.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tableOf(t *testing.T, db database.Database, name string) *schema.Table {
	t.Helper()
	table := catalogue(t, db).Table(name)
	if table == nil {
		t.Fatalf("there is no table %q", name)
	}
	return table
}

func begin(t *testing.T, db database.Database) database.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Close(); err != nil {
			t.Error(err)
		}
	})
	return tx
}

func write(t *testing.T, tx database.Tx, b schema.Batch, want int64) {
	t.Helper()
	if n, err := tx.Write(t.Context(), b); err != nil || n != want {
		t.Fatalf("wrote %d rows, want %d; error %v", n, want, err)
	}
}

// read returns all rows of a table, in the order of the first column.
func read(t *testing.T, db database.Database, table *schema.Table) [][]string {
	t.Helper()
	v, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var columns []string
	for _, c := range table.Columns {
		columns = append(columns, c.Name)
	}
	var out [][]string
	for rec, err := range v.Scan(t.Context(), schema.Selection{Table: table, Columns: columns, OrderBy: columns[:1]}) {
		if err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, f := range rec.Fields {
			if f.Value.Kind == schema.NullLiteral {
				f.Value.Text = "NULL"
			}
			row = append(row, f.Value.Text)
		}
		out = append(out, row)
	}
	return out
}

// valuesOf turns what read returned back into values.
func valuesOf(row []string) []schema.Value {
	out := make([]schema.Value, len(row))
	for i, s := range row {
		if s != "NULL" {
			out[i] = schema.NewValue(s)
		}
	}
	return out
}

func each(rows [][]schema.Value) func(func([]schema.Value, error) bool) {
	return func(yield func([]schema.Value, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestColumnsThatDoNotTellAllTextsApart(t *testing.T) {
	words := catalogue(t, open(t, script(t, `
CREATE TABLE words (a text PRIMARY KEY COLLATE NOCASE, b text COLLATE rtrim UNIQUE, c text UNIQUE, d text COLLATE NOCASE);`))).Table("words")
	for name, want := range map[string]bool{"a": true, "b": true, "c": false, "d": false} { // d is kept unique by nothing
		if got := words.Column(name).Loose; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
