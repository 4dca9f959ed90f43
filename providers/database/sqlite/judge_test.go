package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

// A foreign key that was broken before, by a client that does not keep them,
// does not keep a transaction from being committed: Judge agrees with Commit.
func TestJudgeLeavesOldViolationsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.sqlite")
	if err := sqlite.Script(t.Context(), path, "PRAGMA foreign_keys = OFF; CREATE TABLE kinds (id integer PRIMARY KEY);"+
		"CREATE TABLE apples (id integer PRIMARY KEY, kind_id integer REFERENCES kinds (id));"+
		"INSERT INTO apples VALUES (1, 99)"); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"99", "1"} { // the first leaves nothing
		refused := kind == "99"
		tx, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c, err := tx.Catalogue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		insert := func(table string, columns []string, texts ...string) {
			row := make([]schema.Value, len(texts))
			for i, s := range texts {
				row[i] = schema.NewValue(s)
			}
			b := schema.Batch{Op: schema.Insert, Table: c.Table(table), Columns: columns, Count: 1}
			b.Rows = func(yield func([]schema.Value, error) bool) { yield(row, nil) }
			if _, err := tx.Write(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		insert("kinds", []string{"id"}, "1")
		insert("apples", []string{"id", "kind_id"}, "2", kind)
		err = tx.(database.Judger).Judge(t.Context()) //nolint:forcetypeassert // it can
		if errors.Is(err, database.ErrConstraint) != refused {
			t.Errorf("a reference to %s: error %v, want refused %v", kind, err, refused)
		}
		if !refused {
			if err := tx.Commit(t.Context()); err != nil {
				t.Errorf("a reference to %s: %v", kind, err)
			}
		}
		if err := tx.Close(); err != nil {
			t.Error(err)
		}
	}
}
