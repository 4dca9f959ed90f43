package databasetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// writing is a transaction that has written a person.
func writing(f *fixture) database.Tx {
	f.t.Helper()
	tx := f.begin()
	f.write(tx, schema.Batch{
		Op: schema.Insert, Table: f.table("people"), Columns: []string{"id", "username"}, Count: 1, Rows: rowsOf([][]string{{"1", "ann"}}),
	})
	return tx
}

func testQuery(t *testing.T, a Adapter) {
	number := func(s string) schema.Literal { return schema.Literal{Kind: schema.NumberLiteral, Text: s} }
	text := func(s string) schema.Literal { return schema.Literal{Kind: schema.StringLiteral, Text: s} }
	answers := map[string]schema.Literal{
		"SELECT count(*) FROM people": number("1"),
		"SELECT 2.5":                  number("2.5"),
		"SELECT -3;":                  number("-3"),
		"SELECT username FROM people -- and a comment":      text("ann"),
		"SELECT email FROM people":                          {},
		"SELECT active FROM people":                         {Kind: schema.BoolLiteral, Text: "true"},
		"WITH p AS (SELECT id FROM people) SELECT 7 FROM p": number("7"),
		"SELECT '; it''s'":                                  text("; it's"),
	}
	if a.Dialect == "sqlite" { // it keeps true as 1
		answers["SELECT active FROM people"] = number("1")
	}
	refusals := map[string]string{
		"no row":                     "SELECT 1 FROM people WHERE id = 2",
		"two rows":                   "SELECT 1 UNION ALL SELECT 2",
		"two columns":                "SELECT 1, 2",
		"two statements":             "SELECT 1; SELECT 2",
		"a second that writes":       "SELECT 1; DELETE FROM people",
		"a delete":                   "DELETE FROM people RETURNING 1",
		"a delete without a result":  "DELETE FROM people",
		"a delete after WITH":        "WITH p AS (SELECT 1) DELETE FROM people RETURNING 1",
		"the end of the transaction": "COMMIT",
		"its rollback":               "ROLLBACK",
		"a table that is not there":  "SELECT count(*) FROM nowhere",
		"no SQL":                     "it is fine",
		"nothing":                    "",
	}
	f := open(t, a)
	tx := writing(f)
	q, ok := tx.(database.Querier)
	if !ok {
		t.Fatal("the transaction answers no queries")
	}
	for sql, want := range answers {
		got, err := q.Query(t.Context(), sql)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", sql, err, diff)
		}
	}
	for name, sql := range refusals {
		if l, err := q.Query(t.Context(), sql); err == nil {
			t.Errorf("%s: it answers %v", name, l)
		}
	}
	// It goes on, still writes, and holds what it wrote.
	f.write(tx, schema.Batch{
		Op: schema.Insert, Table: f.table("people"), Columns: []string{"id", "username"}, Count: 1, Rows: rowsOf([][]string{{"2", "bob"}}),
	})
	if rows := f.rows(f.view(), f.table("people"), "username"); len(rows) != 0 {
		t.Errorf("another client reads %v before the commit", rows)
	}
	f.commit(tx)
	if diff := cmp.Diff([][]string{{"ann"}, {"bob"}}, f.rows(f.view(), f.table("people"), "username")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func testJudge(t *testing.T, a Adapter) {
	follow := func(f *fixture, manager string) database.Tx {
		tx := f.begin()
		f.write(tx, schema.Batch{
			Op: schema.Insert, Table: f.table("people"), Columns: []string{"id", "username", "manager_id"}, Count: 1,
			Rows: rowsOf([][]string{{"1", "ann", manager}}),
		})
		return tx
	}
	judge := func(tx database.Tx) error {
		j, ok := tx.(database.Judger)
		if !ok {
			t.Fatal("the transaction judges nothing")
		}
		return j.Judge(t.Context())
	}
	t.Run("a row that refers to none is refused", func(t *testing.T) {
		f := open(t, a)
		if err := judge(follow(f, "99")); !errors.Is(err, database.ErrConstraint) {
			t.Errorf("error %v, want ErrConstraint", err)
		}
		if rows := f.rows(f.view(), f.table("people"), "id"); len(rows) != 0 {
			t.Errorf("it left %v", rows)
		}
	})
	t.Run("what holds is not, and nothing is committed", func(t *testing.T) {
		f := open(t, a)
		tx := follow(f, "1")
		if err := judge(tx); err != nil {
			t.Error(err)
		}
		if rows := f.rows(f.view(), f.table("people"), "id"); len(rows) != 0 {
			t.Errorf("another client reads %v", rows)
		}
		f.commit(tx)
	})
}
