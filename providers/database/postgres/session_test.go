package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

// What a database is set to for its ordinary clients must not change how values
// are read and written: the text NULL in an array for a null, an amount of money
// a hundred times over.
func TestSettingsOfTheDatabaseDoNotChangeValues(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, `
CREATE TABLE odd (id integer PRIMARY KEY, list text[], doc xml, price money);
INSERT INTO odd VALUES (1, '{NULL,"NULL",a}', 'a<b/>c', 12.50::numeric::money);
DO $$ BEGIN
	EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database());
	EXECUTE format('ALTER DATABASE %I SET xmloption = document', current_database());
END $$`)
	db := connect(t, url)
	odd := catalogueOf(t, db).Table("odd")
	columns := []string{"id", "list", "doc", "price"}
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Close() }()
	read := func(key string) []string {
		var out []string
		for rec, err := range tx.Scan(t.Context(), schema.Selection{Table: odd, Columns: columns, OrderBy: []string{"id"}}) {
			if err != nil {
				t.Fatal(err)
			}
			if rec.Fields[0].Value.Text != key {
				continue
			}
			for _, f := range rec.Fields[1:] {
				out = append(out, f.Value.Text)
			}
		}
		return out
	}
	want := []string{`{NULL,"NULL",a}`, "a<b/>c", "$12.50"}
	if diff := cmp.Diff(want, read("1")); diff != "" {
		t.Fatalf("read (-want +got):\n%s", diff)
	}
	row := []schema.Value{schema.NewValue("2")}
	for _, text := range want {
		row = append(row, schema.NewValue(text))
	}
	if _, err := tx.Write(t.Context(), schema.Batch{Op: schema.Insert, Table: odd, Columns: columns, Rows: each([][]schema.Value{row})}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read("2")); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
}
