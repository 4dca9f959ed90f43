package sqlite_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

func TestRefusedRows(t *testing.T) {
	const secret = "s3cr3t"
	const tables = `
CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE ON CONFLICT REPLACE, code string, price decimal(30, 10), at int NOT NULL ON CONFLICT IGNORE DEFAULT 0);
CREATE TABLE child (id integer PRIMARY KEY, t_id int REFERENCES t (id));
CREATE TABLE strictly (n int) STRICT;
CREATE TABLE orphan (a int REFERENCES nowhere (a));
CREATE TRIGGER constant BEFORE INSERT ON t WHEN new.name = 's3cr3t1' BEGIN SELECT RAISE(ABORT, 'that''s not allowed'); END;
CREATE TRIGGER telling BEFORE INSERT ON t WHEN new.name = 's3cr3t2' BEGIN SELECT RAISE(ABORT, 'not ' || new.name); END;
INSERT INTO t (id, name) VALUES (1, 's3cr3t')`
	tests := map[string]struct {
		table   string
		columns []string
		row     []string
		says    string
	}{
		"a taken value, though the table says to replace":  {"t", []string{"name"}, []string{secret}, "t.name"},
		"a missing value, though the table says to ignore": {"t", []string{"name", "at"}, []string{"other", "NULL"}, "t.at"},
		"a text that would become a number":                {"t", []string{"code"}, []string{"007"}, `"code"`},
		"a numeric with too many digits":                   {"t", []string{"price"}, []string{"12345.67890123456789"}, `"price"`},
		"a text in a strict table":                         {"strictly", []string{"n"}, []string{secret}, "strictly.n"},
		"a text for a rowid":                               {"t", []string{"id"}, []string{secret}, "mismatch"},
		"a reference to nothing":                           {"child", []string{"t_id"}, []string{"9"}, "child refers to rows that t lacks"},
		"a trigger with a constant message":                {"t", []string{"name"}, []string{secret + "1"}, "constant: that's not allowed"},
		"a trigger that quotes the row":                    {"t", []string{"name"}, []string{secret + "2"}, "a trigger raised an error"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			db := open(t, script(t, tables))
			tx := begin(t, db)
			_, err := tx.Write(t.Context(), schema.Batch{
				Op: schema.Insert, Table: tableOf(t, db, tt.table), Columns: tt.columns, Rows: each([][]schema.Value{valuesOf(tt.row)}),
			})
			if err == nil {
				err = tx.Commit(t.Context())
			}
			if !errors.Is(err, database.ErrConstraint) {
				t.Fatalf("error %v, want one that wraps ErrConstraint", err)
			}
			if got := err.Error(); strings.Contains(got, secret) || strings.Contains(got, "007") || !strings.Contains(got, tt.says) {
				t.Errorf("the error quotes the value or does not say %q: %s", tt.says, got)
			}
		})
	}
}

func TestRestrictWaitsForTheCommit(t *testing.T) {
	db := open(t, script(t, `CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE c (id integer PRIMARY KEY, p int NOT NULL REFERENCES p (id) ON DELETE RESTRICT); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)`))
	tx := begin(t, db)
	one := each([][]schema.Value{{schema.NewValue("1")}})
	write(t, tx, schema.Batch{Op: schema.Delete, Table: tableOf(t, db, "p"), Key: []string{"id"}, Rows: one}, 1)
	write(t, tx, schema.Batch{Op: schema.Delete, Table: tableOf(t, db, "c"), Key: []string{"id"}, Rows: one}, 1)
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAdvanceIsNeverBack: the greatest key that was ever given out is in
// sqlite_sequence alone once its row is gone.
func TestAdvanceIsNeverBack(t *testing.T) {
	path := script(t, "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (9); DELETE FROM t")
	db := open(t, path)
	for last, want := range map[int64]int64{5: 9, 0: 9} {
		tx := begin(t, db)
		if err := tx.Advance(t.Context(), tableOf(t, db, "t"), "id", last); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := tableOf(t, db, "t").Column("id").Sequence.Last; got != want {
			t.Errorf("advanced past %d it stands at %d, want %d", last, got, want)
		}
	}
}
