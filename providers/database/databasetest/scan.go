package databasetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// many is enough rows for a result not to fit into buffers.
const many = 20_000

// fill inserts many teams, t00000 and on.
func (f *fixture) fill(teams *schema.Table) {
	f.t.Helper()
	tx := f.begin()
	f.write(tx, schema.Batch{
		Op: schema.Insert, Table: teams, Columns: []string{"code", "name"}, Count: many,
		Rows: func(yield func([]schema.Value, error) bool) {
			row := make([]schema.Value, 2)
			for i := range many {
				row[0] = schema.NewValue(fmt.Sprintf("t%05d", i))
				row[1] = schema.NewValue("some name that makes the row longer")
				if !yield(row, nil) {
					return
				}
			}
		},
	})
	f.commit(tx)
	f.close(tx)
}

func testScan(t *testing.T, a Adapter) {
	f := open(t, a)
	people, teams := f.table("people"), f.table("teams")
	f.insert(people, []string{"id", "username", "email", "active"},
		[]string{"1", "b", "x", "t"}, []string{"2", "B", null, "f"}, []string{"3", "a", "", "t"}, []string{"4", "é", "_", "t"})
	f.fill(teams)
	s := f.view()

	t.Run("yields fields in the order asked for", func(t *testing.T) {
		want := &schema.Record{Fields: []schema.Field{
			{Name: "email"},
			{Name: "id", Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: "2"}},
			{Name: "active", Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: "f"}},
		}}
		sel := schema.Selection{Table: people, Columns: []string{"email", "id", "active"}, OrderBy: []string{"username"}, Limit: 1}
		for rec, err := range s.Scan(t.Context(), sel) {
			if diff := cmp.Diff(want, rec); diff != "" || err != nil {
				t.Errorf("error %v, record (-want +got):\n%s", err, diff)
			}
		}
	})
	orders := map[string]struct {
		by         []string
		descending bool
		limit      int
		want       string
	}{
		"texts sort by their bytes":             {by: []string{"username"}, want: "2314"},
		"descending turns it round":             {by: []string{"username"}, descending: true, want: "4132"},
		"null comes first, then the empty text": {by: []string{"email"}, want: "2341"},
		"and last when descending":              {by: []string{"email"}, descending: true, want: "1432"},
		"the second column decides among equals": {
			by: []string{"active", "username"}, want: "2314",
		},
		"descending is for all columns": {by: []string{"active", "username"}, descending: true, want: "4132"},
		"a limit cuts":                  {by: []string{"id"}, limit: 3, want: "123"},
	}
	for name, test := range orders {
		t.Run(name, func(t *testing.T) {
			rows, err := read(s, schema.Selection{
				Table: people, Columns: []string{"id"}, OrderBy: test.by, Descending: test.descending, Limit: test.limit,
			})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range rows {
				got += r[0]
			}
			if got != test.want {
				t.Errorf("order %s, want %s", got, test.want)
			}
		})
	}
	t.Run("reads all of many rows", func(t *testing.T) {
		rows, err := read(s, schema.Selection{Table: teams, Columns: []string{"code"}, OrderBy: []string{"code"}})
		if err != nil || len(rows) != many || rows[many-1][0] != "t19999" {
			t.Errorf("%d rows, error %v", len(rows), err)
		}
	})
	t.Run("goes on after a loop that was left early", func(t *testing.T) {
		for range 3 {
			for _, err := range s.Scan(t.Context(), schema.Selection{Table: teams, Columns: []string{"code"}}) {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		if rows := f.rows(s, people, "id"); len(rows) != 4 {
			t.Errorf("then %d people, want 4", len(rows))
		}
	})
	t.Run("can be ranged over twice", func(t *testing.T) {
		seq := s.Scan(t.Context(), schema.Selection{Table: people, Columns: []string{"id"}})
		for range 2 {
			n := 0
			for _, err := range seq {
				if n++; err != nil {
					t.Fatal(err)
				}
			}
			if n != 4 {
				t.Errorf("%d people, want 4", n)
			}
		}
	})
	t.Run("ends with one error when there is no such column", func(t *testing.T) {
		_, err := read(f.view(), schema.Selection{Table: people, Columns: []string{"nothing"}})
		if err == nil {
			t.Error("no error")
		}
	})
	testCancelledScan(t, f, teams)
}

// testCancelledScan cancels in the middle of a result.
func testCancelledScan(t *testing.T, f *fixture, teams *schema.Table) {
	t.Run("ends when the context is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := f.view()
		n := 0
		var last error
		for _, err := range s.Scan(ctx, schema.Selection{Table: teams, Columns: []string{"code", "name"}}) {
			if last = err; err != nil {
				break
			}
			if n++; n == 1 {
				cancel()
				time.Sleep(50 * time.Millisecond) // what was sent by now may still come
			}
		}
		if last == nil || n == many {
			t.Errorf("%d rows, error %v", n, last)
		}
		f.close(s)
	})
	t.Run("a closed snapshot yields an error", func(t *testing.T) {
		s := f.view()
		f.close(s)
		f.close(s)
		if _, err := read(s, schema.Selection{Table: teams, Columns: []string{"code"}}); err == nil {
			t.Error("no error")
		}
		if _, err := s.Catalogue(t.Context()); err == nil {
			t.Error("and a catalogue")
		}
	})
	t.Run("a cancelled context opens nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.db.View(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("view: error %v", err)
		}
		if _, err := f.db.Begin(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("begin: error %v", err)
		}
	})
}

func testSnapshot(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	f.run("INSERT INTO teams VALUES ('a', 'first')")
	old := f.view()
	if err := f.exec("INSERT INTO teams VALUES ('b', 'second')"); err != nil {
		// Not forbidden; but then there is nothing to be seen either.
		t.Logf("a view keeps this writer out: %v", err)
		return
	}
	f.run("CREATE TABLE late (id integer)")
	if rows := f.rows(old, teams, "code"); len(rows) != 1 {
		t.Errorf("a view opened before the write reads %v", rows)
	}
	fresh := f.view()
	if rows := f.rows(fresh, teams, "code"); len(rows) != 2 {
		t.Errorf("a view opened after the write reads %v", rows)
	}
	tableIn(t, fresh, "late")
	c, err := old.Catalogue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if c.Table("late") != nil {
		t.Error("a view opened before has the new table in its catalogue")
	}
	if _, ok := old.(database.Tx); ok {
		t.Error("a view is a transaction")
	}
}
