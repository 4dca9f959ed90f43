package databasetest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// openTypes opens a database whose table "every" has a column c0, c1, … of
// each of the adapter's types.
func openTypes(t *testing.T, a Adapter) *fixture {
	t.Helper()
	db, exec := a.Open(t)
	f := &fixture{t: t, db: db, exec: exec}
	columns := []string{"id integer NOT NULL PRIMARY KEY"}
	for i, typ := range a.Types {
		if typ.Setup != "" {
			f.run(typ.Setup)
		}
		columns = append(columns, fmt.Sprintf("c%d %s", i, typ.SQL))
	}
	f.run("CREATE TABLE every (" + strings.Join(columns, ", ") + ")")
	return f
}

// testTypes checks what the catalogue makes of each type.
func testTypes(t *testing.T, a Adapter) {
	table := openTypes(t, a).table("every")
	for i, typ := range a.Types {
		t.Run(typ.SQL, func(t *testing.T) {
			got := table.Column("c" + strconv.Itoa(i)).Type
			if got.Native == "" {
				t.Error("the native name is missing")
			}
			if diff := cmp.Diff(withoutNative(typ.Want), withoutNative(got)); diff != "" {
				t.Errorf("type (-want +got):\n%s", diff)
			}
		})
	}
}

func withoutNative(t schema.Type) schema.Type {
	t.Native = ""
	if t.Elem != nil {
		elem := withoutNative(*t.Elem)
		t.Elem = &elem
	}
	return t
}

// testRoundTrip writes values of every type and expects to read the same
// texts: inserted, updated, and found again as a key to delete by.
func testRoundTrip(t *testing.T, a Adapter) {
	f := openTypes(t, a)
	table := f.table("every")
	columns := make([]string, len(a.Types))
	values := make([]*rapid.Generator[string], len(a.Types))
	for i, typ := range a.Types {
		columns[i] = "c" + strconv.Itoa(i)
		values[i] = rapid.OneOf(valuesOf(typ), valuesOf(typ), rapid.Just(null))
	}
	t.Run("examples", func(t *testing.T) {
		for i, typ := range a.Types {
			var rows [][]string
			for _, v := range typ.Examples {
				row := slices.Repeat([]string{null}, len(columns))
				row[i] = v
				rows = append(rows, row)
			}
			if err := f.roundTrip(a, table, columns, rows, rows); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("drawn", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			draw := func(name string, n int) [][]string {
				rows := make([][]string, n)
				for i := range rows {
					for c, g := range values {
						rows[i] = append(rows[i], g.Draw(t, fmt.Sprintf("%s %d %s", name, i, a.Types[c].SQL)))
					}
				}
				return rows
			}
			n := rapid.IntRange(1, 3).Draw(t, "rows")
			if err := f.roundTrip(a, table, columns, draw("insert", n), draw("update", n)); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// roundTrip inserts rows, updates them to others, deletes them and compares
// what is there after each. All of it is rolled back.
func (f *fixture) roundTrip(a Adapter, table *schema.Table, columns []string, inserts, updates [][]string) error {
	ctx := context.Background()
	tx, err := f.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Close() }()
	steps := []struct {
		op       schema.Op
		key      []string
		columns  []string
		give     [][]string
		wantRows [][]string
	}{
		{schema.Insert, nil, append([]string{"id"}, columns...), numbered(inserts), inserts},
		{schema.Update, []string{"id"}, columns, numbered(updates), updates},
		{schema.Delete, []string{"id"}, nil, numbered(make([][]string, len(updates))), nil},
	}
	for _, step := range steps {
		n, err := tx.Write(ctx, schema.Batch{
			Op: step.op, Table: table, Key: step.key, Columns: step.columns, Rows: rowsOf(step.give), Count: int64(len(step.give)),
		})
		if err != nil || n != int64(len(step.give)) {
			return fmt.Errorf("operation %d wrote %d rows, want %d: %w", step.op, n, len(step.give), err)
		}
		if err := expect(a, tx, table, columns, step.wantRows); err != nil {
			return fmt.Errorf("after operation %d: %w", step.op, err)
		}
	}
	return nil
}

// numbered puts 0, 1, … before the rows.
func numbered(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = append([]string{strconv.Itoa(i)}, r...)
	}
	return out
}

func expect(a Adapter, tx database.Tx, table *schema.Table, columns []string, want [][]string) error {
	got, err := read(tx, schema.Selection{Table: table, Columns: columns, OrderBy: []string{"id"}})
	if err != nil {
		return err
	}
	if len(got) != len(want) {
		return fmt.Errorf("there are %d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for c, typ := range a.Types {
			if !a.same(typ.Want, want[i][c], got[i][c]) {
				return fmt.Errorf("type %s: wrote %q, read %q", typ.SQL, want[i][c], got[i][c])
			}
		}
	}
	return nil
}

// same compares two canonical texts. PostgreSQL is asked for the meaning of JSON
// and for the number of floats (the shortest text is not always the only one);
// all else, and all that is in SQLite, must be as it was.
func (a Adapter) same(t schema.Type, want, got string) bool {
	if want == got || want == null || got == null || a.Dialect == "sqlite" {
		return want == got
	}
	switch t.Kind {
	case schema.JSON:
		var x, y any
		return json.Unmarshal([]byte(want), &x) == nil && json.Unmarshal([]byte(got), &y) == nil && reflect.DeepEqual(x, y)
	case schema.Float:
		x, xErr := strconv.ParseFloat(want, t.Bits)
		y, yErr := strconv.ParseFloat(got, t.Bits)
		return xErr == nil && yErr == nil && x == y
	}
	return false
}

// testHostileValues writes texts that break careless quoting and escaping, in
// a table whose names do so too.
func testHostileValues(t *testing.T, a Adapter) {
	f := open(t, a)
	table := f.table(`we"ird ; table`)
	texts := []string{
		"", " ", "NULL", "null", `\N`, `\\N`, `\.`, "\n\\.\n", `'; DROP TABLE people; --`, `"`, `''`, `\`, `\\`, `\'`, `\x41`, `\101`,
		"tab\there", "line\nbreak", "return\r\nhere", "\b\f\v\x01\x1f\x7f", "😀 𝔘𝔫𝔦", "e\u0301", "\u2028\ufeff", "$1", "$$", "%s", "?", ":x", "@x",
		"{}", `{"a":1}`, strings.Repeat("long ", 100_000),
	}
	var rows [][]string
	for i, text := range texts {
		rows = append(rows, []string{fmt.Sprint(i), text, null, text})
	}
	columns := []string{"a b", "select", `Quo"ted`, "x'y"}
	f.insert(table, columns, rows...)
	if diff := cmp.Diff(rows, f.rows(f.view(), table, columns...)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// Found again by each text, and not by null.
	tx := f.begin()
	f.write(tx, schema.Batch{
		Op: schema.Update, Table: table, Key: []string{"select", "x'y"}, Columns: []string{`Quo"ted`}, Count: int64(len(texts)),
		Rows: func(yield func([]schema.Value, error) bool) {
			for _, text := range texts {
				if v := schema.NewValue(text); !yield([]schema.Value{v, v, v}, nil) {
					return
				}
			}
		},
	})
	for i := range rows {
		rows[i][2] = rows[i][1]
	}
	if diff := cmp.Diff(rows, f.rows(tx, table, columns...)); diff != "" {
		t.Errorf("rows after the update (-want +got):\n%s", diff)
	}
}
