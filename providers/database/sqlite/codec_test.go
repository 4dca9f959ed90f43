package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// declared are the ways to declare a column that differ for the codec.
func declared() []string {
	return []string{
		"bool", "integer", "smallint unsigned", "decimal", "decimal(12, 2)", "decimal text(20, 4)", "real", "text", "varchar(20)",
		"BLOB", "char(32)", "uuid", "date", "time", "datetime", "timestamp", "timestamp without time zone", "interval", "json", "json text", "inet",
		"", "string", "hstore", "point", "bytea",
	}
}

// stored draws what anybody may have put into a column: values of every
// storage class, most of them nearly of a declared form.
func stored() *rapid.Generator[driver.Value] {
	texts := rapid.SampledFrom([]string{
		"", "t", "f", "5", "-0", "1.50", "007", " 7 ", "1e5", "NaN", "Infinity", "-Infinity", "inf", `\x`, `\x00ff`, `\x0`, `\xFF`,
		"\xff", "\xfftext:5", "\xffblob:00", "\xffnumber:5", "\xffblob:zz", "\xffnumber:", "null", `{"a":1}`, "0x10",
		"0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF", "01234567-89ab-cdef-0123-456789abcdef",
		"12345678901234567890123456789012", "2025-12-10", "2025-12-10 08:19:38", "2025-12-10 08:19:38.545000", "2025-12-10 08:19:38.545",
		"2025-12-10 08:19:38.000000", "2025-12-10 08:19:38+00", "2025-12-10 08:19:38.545+00", "2025-12-10T08:19:38Z", "2025-02-30 08:19:38",
		"0000-01-01 00:00:00", "2025-12-10 24:00:00", "08:19:38", "08:19:38.500000", "08:19:38.5", "08:19", "nul\x00inside", "123456789012345678901234567890",
	})
	return rapid.OneOf(
		rapid.Map(texts, func(s string) driver.Value { return s }),
		rapid.Map(rapid.String(), func(s string) driver.Value { return s }),
		rapid.Map(rapid.Int64(), func(n int64) driver.Value { return n }),
		rapid.Map(rapid.Int64Range(-3, 8), func(n int64) driver.Value { return n }),
		rapid.Map(rapid.Float64(), func(f float64) driver.Value { return f }),
		rapid.Map(rapid.Int64Range(-1e6, 1e6), func(n int64) driver.Value { return float64(n) / 100 }),
		rapid.Map(rapid.SampledFrom([]float64{1 << 62, 1 << 63, -1 << 63, 1e300, 0.1, 5e-324}), func(f float64) driver.Value { return f }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) driver.Value { return append([]byte{}, b...) }),
	)
}

// TestWhatWasReadIsRestored puts values of all storage classes into columns
// of all declared types, reads them, writes what was read into another table
// and lets SQLite compare the two, storage classes included.
func TestWhatWasReadIsRestored(t *testing.T) {
	types := declared()
	table := &schema.Table{Name: "a"}
	for i, d := range types {
		typ := typeOf(d)
		table.Columns = append(table.Columns, schema.Column{Name: fmt.Sprintf("c%d", i), Type: typ})
	}
	f := twoTables(t, types)
	rapid.Check(t, func(rt *rapid.T) {
		c, err := connect(t.Context(), f, "rw")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = c.close() }()
		var row []driver.Value
		for _, d := range types {
			row = append(row, stored().Draw(rt, d))
		}
		if _, err := c.exec(t.Context(), "BEGIN"); err != nil {
			rt.Fatal(err)
		}
		holders := strings.TrimSuffix(strings.Repeat("?, ", len(row)), ", ")
		if _, err := c.exec(t.Context(), "INSERT INTO a VALUES ("+holders+")", row...); err != nil {
			rt.Fatal(err)
		}
		copyRow(t.Context(), rt, c, table)
		for i, d := range types {
			compare(t.Context(), rt, c, fmt.Sprintf("c%d", i), d)
		}
	})
}

func twoTables(t *testing.T, types []string) string {
	t.Helper()
	columns := make([]string, len(types))
	for i, d := range types {
		columns[i] = fmt.Sprintf("c%d %s", i, d)
	}
	all := strings.Join(columns, ", ")
	path := filepath.Join(t.TempDir(), "types.db")
	if err := Script(t.Context(), path, "CREATE TABLE a ("+all+"); CREATE TABLE b ("+all+")"); err != nil {
		t.Fatal(err)
	}
	return path
}

// copyRow copies the row of table a to b through the canonical form.
func copyRow(ctx context.Context, rt *rapid.T, c *conn, table *schema.Table) {
	var names []string
	for _, col := range table.Columns {
		names = append(names, col.Name)
	}
	var values []schema.Value
	for rec, err := range c.scan(ctx, schema.Selection{Table: table, Columns: names}) {
		if err != nil {
			rt.Fatal(err)
		}
		for _, f := range rec.Fields {
			values = append(values, schema.Value{Text: f.Value.Text, Valid: f.Value.Kind == schema.CanonicalLiteral})
		}
	}
	to := *table
	to.Name = "b"
	w, err := newWriter(c, schema.Batch{Op: schema.Insert, Table: &to, Columns: names})
	if err != nil {
		rt.Fatal(err)
	}
	rows := func(yield func([]schema.Value, error) bool) { yield(values, nil) }
	if _, err := w.run(ctx, schema.Batch{Rows: rows}); err != nil {
		rt.Fatalf("cannot write back %+v: %v", values, err)
	}
}

// compare lets SQLite compare a column of both tables.
func compare(ctx context.Context, rt *rapid.T, c *conn, column, declared string) {
	row, err := c.one(ctx, strings.ReplaceAll(`SELECT typeof(a.#) = typeof(b.#) AND
		(CAST(a.# AS BLOB) IS CAST(b.# AS BLOB)) AND +a.# IS +b.#,
		typeof(a.#) || ' ' || quote(a.#), typeof(b.#) || ' ' || quote(b.#) FROM a, b`, "#", column))
	if err != nil {
		rt.Fatal(err)
	}
	if !isTrue(row[0]) {
		rt.Fatalf("a column declared %q held %s and got %s", declared, row[1], row[2])
	}
}

func TestStoredFormsAndTheirCanonicalText(t *testing.T) {
	tests := map[string]struct {
		declared string
		stored   driver.Value
		text     string
	}{
		"a bool":                                 {"bool", int64(1), "t"},
		"a bool that is neither":                 {"bool", int64(7), "7"},
		"a text in a bool that reads like true":  {"bool", "t", "\xfftext:t"},
		"an integer":                             {"bigint", int64(-9223372036854775808), "-9223372036854775808"},
		"a real in an integer column":            {"integer", 5.5, "5.5"},
		"a text in an integer column":            {"integer", "five", "five"},
		"a decimal that is an integer":           {"decimal(10, 2)", int64(12), "12.00"},
		"a decimal":                              {"decimal(10, 2)", 12.3, "12.30"},
		"a decimal with more digits than scale":  {"decimal(10, 2)", 12.345, "12.345"},
		"a decimal without a scale":              {"decimal", 12.3, "12.3"},
		"a float in plain digits":                {"real", 123456789012345.0, "123456789012345"},
		"a float with an exponent":               {"real", 1e15, "1e+15"},
		"a text":                                 {"text", `\x41`, `\x41`},
		"bytes in a text column":                 {"text", []byte("A"), "\xffblob:41"},
		"bytes":                                  {"BLOB", []byte{0, 255}, `\x00ff`},
		"a text in a column of bytes":            {"BLOB", "A", "A"},
		"an integer in a column of bytes":        {"BLOB", int64(5), "\xffnumber:5"},
		"a UUID":                                 {"char(32)", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"},
		"a UUID in upper case":                   {"char(32)", "0123456789ABCDEF0123456789ABCDEF", "0123456789ABCDEF0123456789ABCDEF"},
		"a UUID with hyphens in char(32)":        {"char(32)", "01234567-89ab-cdef-0123-456789abcdef", "\xfftext:01234567-89ab-cdef-0123-456789abcdef"},
		"a UUID in a column declared so":         {"uuid", "01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"},
		"an instant in whole seconds":            {"datetime", "2025-12-10 08:19:38", "2025-12-10 08:19:38+00"},
		"an instant in microseconds":             {"datetime", "2025-12-10 08:19:38.545000", "2025-12-10 08:19:38.545+00"},
		"an instant with three digits":           {"datetime", "2025-12-10 08:19:38.545", "2025-12-10 08:19:38.545"},
		"an instant that is none":                {"datetime", "2025-02-30 08:19:38", "2025-02-30 08:19:38"},
		"a day that is none in a leap year":      {"datetime", "2024-02-29 08:19:38", "2024-02-29 08:19:38+00"},
		"a number in a datetime column":          {"datetime", int64(1765354778), "1765354778"},
		"a time of day":                          {"time", "08:19:38.500000", "08:19:38.5"},
		"a number in a json column":              {"json", 1.5, "1.5"},
		"an integer in a column without a type":  {"", int64(5), "5"},
		"a text of digits in a typeless column":  {"", "5", "\xfftext:5"},
		"a real like an integer, typeless":       {"", 5.0, "\xffnumber:5.0"},
		"a text that looks marked":               {"text", "\xfftext:5", "\xfftext:\xfftext:5"},
		"a text with an unknown mark":            {"text", "\xff", "\xff"},
		"bytes in a datetime column":             {"datetime", []byte{}, `\x`},
		"a text in a datetime column like bytes": {"datetime", `\x41`, "\xfftext:\\x41"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := codecFor(typeOf(tt.declared))
			if got := c.decode(tt.stored); got != tt.text {
				t.Errorf("%s column holding %v reads %q, want %q", tt.declared, tt.stored, got, tt.text)
			}
			if got, err := c.encode(tt.text); err != nil || !same(got, tt.stored) {
				t.Errorf("%q is stored as %v (%T), want %v; error %v", tt.text, got, got, tt.stored, err)
			}
		})
	}
}

func TestWhatAColumnCannotKeepIsRefused(t *testing.T) {
	tests := map[string]struct{ declared, text string }{
		"more digits than a REAL":          {"decimal(30, 10)", "12345.67890123456789"},
		"an integer beyond 64 bits":        {"integer", "9223372036854775808"},
		"leading zeros in numeric clothes": {"string", "007"},
		"a JSON number beyond a REAL":      {"json", "0.12345678901234567890"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := codecFor(typeOf(tt.declared)).encode(tt.text); err == nil {
				t.Errorf("%s column takes %q as %v", tt.declared, tt.text, got)
			}
		})
	}
}

// TestWhatLooksNumeric compares looksNumeric with SQLite itself.
func TestWhatLooksNumeric(t *testing.T) {
	path := filepath.Join(t.TempDir(), "numeric.db")
	if err := Script(t.Context(), path, "CREATE TABLE n (v numeric)"); err != nil {
		t.Fatal(err)
	}
	c, err := connect(t.Context(), path, "rw")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("0159+-.eE x\t\u00a0")), 0, 8, -1).Draw(rt, "text")
		if _, err := c.exec(t.Context(), "DELETE FROM n"); err != nil {
			rt.Fatal(err)
		}
		if _, err := c.exec(t.Context(), "INSERT INTO n VALUES (?)", s); err != nil {
			rt.Fatal(err)
		}
		row, err := c.one(t.Context(), "SELECT typeof(v) <> 'text' FROM n")
		if err != nil {
			rt.Fatal(err)
		}
		if isTrue(row[0]) != looksNumeric(s) {
			rt.Fatalf("%q looks numeric to SQLite: %v", s, isTrue(row[0]))
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	typ := func(k schema.Kind, native string) schema.Type { return schema.Type{Kind: k, Native: native} }
	codecs := []codec{
		codecFor(typ(schema.Integer, "integer")), codecFor(typ(schema.UUID, "char(32)")), codecFor(typ(schema.TimestampTZ, "datetime")),
		codecFor(typ(schema.Text, "varchar(200)")), codecFor(typ(schema.JSON, "text")), codecFor(typ(schema.Bool, "bool")),
	}
	row := []driver.Value{int64(123456), "f0ac7c98a20c40a9872767e6a48ebefe", "2025-12-31 08:19:38.545000", "Standard operating procedure", `{"pages": 7}`, int64(1)}
	b.ReportAllocs()
	for b.Loop() {
		for i, c := range codecs {
			_ = c.decode(row[i])
		}
	}
}
