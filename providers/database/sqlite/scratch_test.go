package sqlite_test

import (
	"errors"
	"os"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

func TestScratchIsEmptyWrittenAndRemoved(t *testing.T) {
	dir := t.TempDir()
	db, remove, err := sqlite.OpenScratch(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cups := &schema.Table{
		Name: "cups", Schema: "public", Relation: "cups",
		Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Integer, Bits: 64}}},
	}
	if err := errors.Join(tx.Create(t.Context(), cups), tx.Commit(t.Context()), tx.Close()); err != nil {
		t.Fatal(err)
	}
	v, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c, err := v.Catalogue(t.Context()); err != nil || len(c.Tables) != 1 || c.Table("cups") == nil {
		t.Errorf("catalogue %+v, error %v", c, err)
	}
	if err := errors.Join(v.Close(), db.Close(), remove(t.Context())); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left behind, error %v", left, err)
	}
}

// Two names that SQLite takes for one are two tables elsewhere: neither may
// stand for the other.
func TestCreateTellsTablesThatDifferInCase(t *testing.T) {
	db := open(t, script(t, "CREATE TABLE People (id integer); CREATE VIEW seen AS SELECT 1"))
	for _, name := range []string{"people", "seen"} {
		tx, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		table := &schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Integer}}}}
		if err := tx.Create(t.Context(), table); err == nil {
			t.Errorf("%q was taken for what is there", name)
		}
		if err := tx.Close(); err != nil {
			t.Error(err)
		}
	}
}
