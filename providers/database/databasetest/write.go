package databasetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

func testWrite(t *testing.T, a Adapter) {
	t.Run("counts and changes the rows that the key names", func(t *testing.T) { testUpdateAndDelete(t, a) })
	t.Run("writes many rows", func(t *testing.T) { testManyRows(t, a) })
	t.Run("is undone by Close", func(t *testing.T) { testRollback(t, a) })
	t.Run("fails with the error of the rows", func(t *testing.T) { testRowsError(t, a) })
	t.Run("stops when the context is cancelled", func(t *testing.T) { testWriteCancelled(t, a) })
}

func testUpdateAndDelete(t *testing.T, a Adapter) {
	f := open(t, a)
	lines, teams := f.table("lines"), f.table("teams")
	columns := []string{"doc", "line", "quantity"}
	f.insert(lines, columns, []string{"1", "1", "5"}, []string{"1", "2", "6"}, []string{"2", "1", "7"}, []string{"3", "1", "8"})
	f.insert(teams, []string{"code", "name"}, []string{"a", "A"}, []string{"b", "B"}, []string{"c", "C"})

	tx := f.begin()
	f.write(tx, schema.Batch{
		Op: schema.Update, Table: lines, Key: []string{"line", "doc"}, Columns: []string{"quantity"}, Count: 2,
		Rows: rowsOf([][]string{{"2", "1", "60"}, {"1", "3", "80"}, {"9", "9", "1"}}),
	})
	f.write(tx, schema.Batch{
		Op: schema.Delete, Table: lines, Key: []string{"doc", "line"}, Count: 1, Rows: rowsOf([][]string{{"2", "1"}, {"2", "2"}}),
	})
	// The key itself may change; a second batch of the same kind may follow.
	f.write(tx, schema.Batch{
		Op: schema.Update, Table: teams, Key: []string{"code"}, Columns: []string{"name", "code"}, Count: 2,
		Rows: rowsOf([][]string{{"a", "AA", "x"}, {"b", "BB", "b"}}),
	})
	f.write(tx, schema.Batch{Op: schema.Delete, Table: teams, Key: []string{"name"}, Count: 1, Rows: rowsOf([][]string{{"C"}})})
	f.write(tx, schema.Batch{Op: schema.Delete, Table: teams, Key: []string{"code"}, Rows: rowsOf(nil)})
	f.write(tx, schema.Batch{Op: schema.Insert, Table: teams, Columns: []string{"code", "name"}, Rows: rowsOf(nil)})
	f.commit(tx)

	s := f.view()
	wantLines := [][]string{{"1", "1", "5", "10"}, {"1", "2", "60", "120"}, {"3", "1", "80", "160"}}
	got, err := read(s, schema.Selection{Table: lines, Columns: []string{"doc", "line", "quantity", "doubled"}, OrderBy: []string{"doc", "line"}})
	if diff := cmp.Diff(wantLines, got); diff != "" || err != nil {
		t.Errorf("error %v, lines (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([][]string{{"b", "BB"}, {"x", "AA"}}, f.rows(s, teams, "code", "name")); diff != "" {
		t.Errorf("teams (-want +got):\n%s", diff)
	}
}

func testManyRows(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	f.fill(teams)
	tx := f.begin()
	keyed := func(op schema.Op, columns []string, row func(i int) []string) schema.Batch {
		return schema.Batch{
			Op: op, Table: teams, Key: []string{"code"}, Columns: columns, Count: many,
			Rows: func(yield func([]schema.Value, error) bool) {
				for i := range many {
					if !yield(values(row(i)), nil) {
						return
					}
				}
			},
		}
	}
	code := func(i int) string { return fmt.Sprintf("t%05d", i) }
	f.write(tx, keyed(schema.Update, []string{"name"}, func(i int) []string { return []string{code(i), fmt.Sprint(i)} }))
	rows := f.rows(tx, teams, "code", "name")
	for i, r := range rows {
		if r[0] != code(i) || r[1] != fmt.Sprint(i) {
			t.Fatalf("row %d is %q", i, r)
		}
	}
	f.write(tx, keyed(schema.Delete, nil, func(i int) []string { return []string{code(i)} }))
	f.commit(tx)
	if rows := f.rows(f.view(), teams, "code"); len(rows) != 0 {
		t.Errorf("%d rows are left", len(rows))
	}
}

func testRollback(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	f.run("INSERT INTO teams VALUES ('a', 'first')")
	tx := f.begin()
	f.write(tx, schema.Batch{Op: schema.Delete, Table: teams, Key: []string{"code"}, Count: 1, Rows: rowsOf([][]string{{"a"}})})
	f.write(tx, schema.Batch{Op: schema.Insert, Table: teams, Columns: []string{"code", "name"}, Count: 1, Rows: rowsOf([][]string{{"b", "B"}})})
	if diff := cmp.Diff([][]string{{"b"}}, f.rows(tx, teams, "code")); diff != "" {
		t.Errorf("inside (-want +got):\n%s", diff)
	}
	f.close(tx)
	f.close(tx)
	if diff := cmp.Diff([][]string{{"a"}}, f.rows(f.view(), teams, "code")); diff != "" {
		t.Errorf("after Close (-want +got):\n%s", diff)
	}
	if err := tx.Commit(context.Background()); err == nil {
		t.Error("a closed transaction commits")
	}
}

func testRowsError(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	broken := errors.New("the package ends here")
	for name, op := range map[string]schema.Op{"insert": schema.Insert, "update": schema.Update} {
		tx := f.begin()
		b := schema.Batch{Op: op, Table: teams, Columns: []string{"code", "name"}, Count: 2}
		b.Rows = func(yield func([]schema.Value, error) bool) {
			if yield(values([]string{"a", "A"}), nil) {
				yield(nil, broken)
			}
		}
		if op == schema.Update {
			b.Key, b.Columns = []string{"code"}, []string{"name"}
		}
		if _, err := tx.Write(t.Context(), b); !errors.Is(err, broken) {
			t.Errorf("%s: error %v, want that of the rows", name, err)
		}
		f.close(tx)
	}
	if rows := f.rows(f.view(), teams, "code"); len(rows) != 0 {
		t.Errorf("the rows before the error are there: %v", rows)
	}
}

// testWriteCancelled cancels in the middle of the rows, of which there is no
// end.
func testWriteCancelled(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := false
	tx := f.begin()
	_, err := tx.Write(ctx, schema.Batch{
		Op: schema.Insert, Table: teams, Columns: []string{"code", "name"},
		Rows: func(yield func([]schema.Value, error) bool) {
			defer func() { ended = true }()
			for i := 0; ; i++ {
				if i == 2000 {
					cancel()
				}
				if !yield(values([]string{fmt.Sprint(i), "x"}), nil) {
					return
				}
			}
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if !ended {
		t.Error("the rows were not told to end")
	}
	f.close(tx)
	if rows := f.rows(f.view(), teams, "code"); len(rows) != 0 {
		t.Errorf("%d rows are left", len(rows))
	}
}

// secret is part of every refused row. No error may quote it.
const secret = "s3cr3t"

func testConstraints(t *testing.T, a Adapter) {
	insert := func(table string, columns []string, rows ...[]string) func(*fixture) schema.Batch {
		return func(f *fixture) schema.Batch {
			return schema.Batch{Op: schema.Insert, Table: f.table(table), Columns: columns, Rows: rowsOf(rows), Count: int64(len(rows))}
		}
	}
	tests := map[string]struct {
		batch func(*fixture) schema.Batch
		names string // what the error names
	}{
		"a second row with the same primary key": {
			insert("teams", []string{"code", "name"}, []string{"a", secret}), "teams",
		},
		"a second row with the same unique value": {
			insert("people", []string{"id", "username", "email"}, []string{"7", "boss", secret}), "username",
		},
		"two rows of the batch that are equal": {
			insert("people", []string{"id", "username"}, []string{"7", secret}, []string{"8", secret}), "username",
		},
		"a second row in an index over an expression": {
			insert("people", []string{"id", "username", "email", "active"}, []string{"7", secret, "BOSS@EXAMPLE.test", "t"}), "people_email_lower",
		},
		"a missing value": {
			insert("people", []string{"id", "username", "email"}, []string{"7", null, secret}), "username",
		},
		"a value that a check refuses": {
			insert("teams", []string{"code", "name"}, []string{secret, "refused"}), "",
		},
		"a reference to nothing": {
			insert("members", []string{"id", "person_id", "team_code"}, []string{"7", "1", secret}), "",
		},
		"a reference to nothing that may wait": {
			insert("people", []string{"id", "username", "manager_id"}, []string{"7", secret, "77"}), "",
		},
		"an update to a value that is taken": {
			func(f *fixture) schema.Batch {
				return schema.Batch{
					Op: schema.Update, Table: f.table("people"), Key: []string{"id"}, Columns: []string{"username", "email"},
					Rows: rowsOf([][]string{{"2", "boss", secret}}), Count: 1,
				}
			}, "username",
		},
		"a row deleted that others refer to": {
			func(f *fixture) schema.Batch {
				return schema.Batch{Op: schema.Delete, Table: f.table("teams"), Key: []string{"code"}, Rows: rowsOf([][]string{{"a"}}), Count: 1}
			}, "",
		},
	}
	shared := open(t, a) // each refusal leaves it as it was
	shared.run(`INSERT INTO people (id, username, email) VALUES (1, 'boss', 'boss@example.test');
INSERT INTO people (id, username, manager_id) VALUES (2, 'worker', 1);
INSERT INTO teams VALUES ('a', 'A'); INSERT INTO members (person_id, team_code) VALUES (1, 'a')`)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := &fixture{t: t, db: shared.db, exec: shared.exec}
			b := test.batch(f)
			tx := f.begin()
			_, err := tx.Write(t.Context(), b)
			if err == nil { // then it waits until the commit
				err = tx.Commit(t.Context())
			}
			if !errors.Is(err, database.ErrConstraint) {
				t.Fatalf("error %v, want one that wraps ErrConstraint", err)
			}
			if strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), test.names) {
				t.Errorf("the error quotes the row or does not name %q: %v", test.names, err)
			}
			f.close(tx)
			if rows := f.rows(f.view(), f.table("people"), "id", "username"); len(rows) != 2 {
				t.Errorf("not all is rolled back: %v", rows)
			}
		})
	}
	t.Run("a reference that may wait until its target is there", func(t *testing.T) {
		f := open(t, a)
		people := f.table("people")
		f.insert(people, []string{"id", "username", "manager_id"}, []string{"1", "worker", "2"}, []string{"2", "boss", null})
		if rows := f.rows(f.view(), people, "id"); len(rows) != 2 {
			t.Errorf("%d people, want 2", len(rows))
		}
	})
}
