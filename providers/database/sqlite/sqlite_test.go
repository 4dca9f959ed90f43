package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/databasetest"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	databasetest.Run(t, databasetest.Adapter{
		Name: "sqlite", Dialect: "sqlite", Types: types(), Made: made,
		Open: func(t *testing.T) (database.Database, func(string) error) {
			// WAL, since in the other modes no one can commit beside an open View.
			path := script(t, "PRAGMA journal_mode = WAL")
			return open(t, path), func(sql string) error { return sqlite.Script(context.Background(), path, sql) }
		},
	})
}

// script makes a database file.
func script(t *testing.T, sql string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "live.db")
	if err := sqlite.Script(context.Background(), path, sql); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) database.Database {
	t.Helper()
	db, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// made is a type as Create makes it: an enum has no labels.
func made(t schema.Type) schema.Type {
	t.Labels = nil
	if t.Elem != nil {
		elem := made(*t.Elem)
		t.Elem = &elem
	}
	return t
}

func types() []databasetest.Type {
	plain := func(sql string, kind schema.Kind, examples ...string) databasetest.Type {
		return databasetest.Type{SQL: sql, Want: schema.Type{Kind: kind}, Examples: examples}
	}
	integer := func(sql string) databasetest.Type {
		return databasetest.Type{SQL: sql, Want: schema.Type{Kind: schema.Integer, Bits: 64}, Examples: []string{"0", "-9223372036854775808", "9223372036854775807"}}
	}
	return []databasetest.Type{
		plain("bool", schema.Bool, "t", "f"), plain("boolean", schema.Bool, "t"),
		integer("integer"), integer("bigint"), integer("smallint"), integer("integer unsigned"),
		{SQL: "decimal(12, 2)", Want: schema.Type{Kind: schema.Numeric, Precision: 12, Scale: 2}, Examples: []string{"12.30", "0.00", "-0.01", "9999999999.99", "NaN"}},
		{
			// A REAL holds 15 digits, and without a scale no zeros at the end.
			SQL: "decimal", Want: schema.Type{Kind: schema.Numeric}, Examples: []string{"0", "12.3", "-0.000001", "123456789012345", "1000000000000000000000"},
			Values: rapid.Map(rapid.Int64Range(-999_999_999_999_999, 999_999_999_999_999), decimalText),
		},
		{SQL: "decimal text(38, 10)", Want: schema.Type{Kind: schema.Numeric, Precision: 38, Scale: 10}, Examples: []string{"1234567890123456789012345678.0123456789"}},
		plain("decimal text", schema.Numeric, "1.50", "0.000000000000000000000000000001", "NaN"),
		{SQL: "real", Want: schema.Type{Kind: schema.Float, Bits: 64}, Examples: []string{"0", "0.1", "1e+100", "1e-05", "5e-324", "1.7976931348623157e+308", "123456789012345", "NaN", "Infinity", "-Infinity"}},
		{SQL: "double precision", Want: schema.Type{Kind: schema.Float, Bits: 64}, Examples: []string{"-2.5"}},
		plain("text", schema.Text, "", " ", "5", "1e5", "t", `\x41`, "2025-12-10"),
		{SQL: "varchar(20)", Want: schema.Type{Kind: schema.Text, Length: 20}, Examples: []string{"", "007"}},
		{SQL: "char(39)", Want: schema.Type{Kind: schema.Text, Length: 39}, Examples: []string{"192.0.2.7"}},
		plain("BLOB", schema.Bytes, `\x`, `\x00ff`),
		plain("char(32)", schema.UUID, "00000000-0000-0000-0000-000000000000"), plain("uuid", schema.UUID, "12345678-1234-1234-1234-123456789012"),
		plain("date", schema.Date, "2025-12-10", "0001-01-01", "9999-12-31", "infinity"),
		plain("time", schema.Time, "02:00:00", "02:00:00.5", "23:59:59.999999"),
		plain("datetime", schema.TimestampTZ, "2025-12-10 08:19:38.545+00", "2025-12-10 08:19:38+00", "infinity"),
		plain("timestamp", schema.TimestampTZ, "0001-01-01 00:00:00+00"),
		plain("timestamp without time zone", schema.Timestamp, "2025-12-10 08:19:38.000001"),
		plain("interval", schema.Interval, "PT0S", "P1DT2H3M4.5S"),
		plain("json", schema.JSON, "5", "1.5", "null", `"5"`, `{"a": [1, 2]}`),
		{SQL: `text CHECK (JSON_VALID("c25") OR "c25" IS NULL)`, Want: schema.Type{Kind: schema.JSON}, Examples: []string{"5", "1.50", `{"a": 12345678901234567890}`, "[]"}},
		plain("inet", schema.Inet, "192.0.2.7", "192.0.2.0/24", "2001:db8::1"),
		plain("hstore", schema.Other, "a=>1", "5", "2.5", `\x00`),
	}
}

// decimalText is n millionths, as a column without a scale gives them.
func decimalText(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%06d", n/1_000_000, n%1_000_000), "0"), ".")
}
