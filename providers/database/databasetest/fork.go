package databasetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

func testCount(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	f.run("INSERT INTO teams VALUES ('a', 'A'), ('b', 'B'), ('c', 'C')")
	s := f.view()
	if _, ok := s.(database.Counter); !ok {
		t.Skip("its snapshots do not count")
	}
	f.run("INSERT INTO teams VALUES ('d', 'D')")
	f.count(s, teams, 3)
	f.count(f.view(), teams, 4)
	f.count(s, f.table(`we"ird ; table`), 0)

	t.Run("counts in a transaction what it wrote", func(t *testing.T) {
		tx := f.begin()
		if _, ok := tx.(database.Counter); !ok {
			t.Skip("its transactions do not count")
		}
		f.count(tx, teams, 4)
		f.write(tx, schema.Batch{Op: schema.Delete, Table: teams, Key: []string{"code"}, Rows: rowsOf([][]string{{"a"}, {"b"}}), Count: 2})
		f.count(tx, teams, 2)
		f.close(tx)
	})
	t.Run("a table that is not there is an error", func(t *testing.T) {
		missing := &schema.Table{Name: "missing", Relation: "missing"}
		if _, err := f.view().(database.Counter).Count(t.Context(), missing); !errors.Is(err, database.ErrNoTable) { //nolint:forcetypeassert // it can
			t.Errorf("error %v, want one that wraps ErrNoTable", err)
		}
	})
	t.Run("a closed snapshot does not count", func(t *testing.T) {
		f.close(s)
		if _, err := s.(database.Counter).Count(t.Context(), teams); err == nil { //nolint:forcetypeassert // it can
			t.Error("no error")
		}
	})
}

// count expects Count to say as many rows as Scan yields.
func (f *fixture) count(s database.Snapshot, table *schema.Table, want int64) {
	f.t.Helper()
	n, err := s.(database.Counter).Count(f.t.Context(), table) //nolint:forcetypeassert // the caller asked
	if err != nil {
		f.t.Fatal(err)
	}
	if rows := f.rows(s, table, table.Columns[0].Name); n != want || int64(len(rows)) != want {
		f.t.Errorf("Count of %q says %d, Scan yields %d, want %d", table.Name, n, len(rows), want)
	}
}

// forks is how many forks are read at a time.
const forks = 4

func testFork(t *testing.T, a Adapter) {
	f := open(t, a)
	teams, people := f.table("teams"), f.table("people")
	f.fill(teams)
	f.run("INSERT INTO people (username) VALUES ('first')")
	origin := f.view()
	if _, ok := origin.(database.Forker); !ok {
		t.Skip("its snapshots do not fork")
	}
	// Others change all that there is, before the forks and between them.
	f.run("DELETE FROM teams WHERE code < 't10000'; UPDATE teams SET name = 'changed'; CREATE TABLE late (id integer)")
	var list []database.Snapshot
	from := origin
	for i := range forks {
		fork := f.fork(from)
		if i == 1 {
			from = fork // a fork of a fork
		}
		list = append(list, fork)
		f.run(fmt.Sprintf("INSERT INTO people (username) VALUES ('later %d')", i))
	}
	want := f.rows(origin, teams, "code", "name")
	if len(want) != many {
		t.Fatalf("the origin sees %d teams, want %d", len(want), many)
	}
	t.Run("each sees what its origin sees, at the same time", func(t *testing.T) {
		var all sync.WaitGroup
		for i, fork := range list {
			all.Go(func() {
				got, err := read(fork, schema.Selection{Table: teams, Columns: []string{"code", "name"}, OrderBy: []string{"code"}})
				if err != nil || !cmp.Equal(want, got) {
					t.Errorf("fork %d sees %d teams of the origin's %d, or others; error %v", i, len(got), len(want), err)
				}
				got, err = read(fork, schema.Selection{Table: people, Columns: []string{"username"}})
				if err != nil || !cmp.Equal([][]string{{"first"}}, got) {
					t.Errorf("fork %d sees the people %v, error %v", i, got, err)
				}
			})
		}
		all.Wait()
	})
	t.Run("each lives as long as it likes", func(t *testing.T) {
		f.close(list[0])
		f.close(origin)
		f.close(list[1])
		for _, fork := range list[2:] {
			if got := f.rows(fork, teams, "code", "name"); !cmp.Equal(want, got) {
				t.Errorf("%d teams of %d, or others", len(got), len(want))
			}
			c, err := fork.Catalogue(t.Context())
			if err != nil || c.Table("late") != nil {
				t.Errorf("a fork has a table that is newer than it, error %v", err)
			}
		}
		if _, err := origin.(database.Forker).Fork(t.Context()); err == nil { //nolint:forcetypeassert // it can
			t.Error("a closed snapshot forks")
		}
	})
	t.Run("a transaction that could be forked would hide what it wrote", func(t *testing.T) {
		if _, ok := f.begin().(database.Forker); ok {
			t.Error("it can be forked")
		}
	})
}

// fork forks a snapshot; the fork ends with the test.
func (f *fixture) fork(s database.Snapshot) database.Snapshot {
	f.t.Helper()
	fork, err := s.(database.Forker).Fork(f.t.Context()) //nolint:forcetypeassert // the caller asked
	if err != nil {
		f.t.Fatalf("cannot fork: %v", err)
	}
	f.t.Cleanup(func() { f.close(fork) })
	return fork
}
