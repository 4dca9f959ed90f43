package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/databasetest"
	"github.com/edmsplan/edmsplan/schema"
)

// unusual makes a database whose clients see everything in another form than
// the canonical one, unless they ask for it.
const unusual = `DO $$ BEGIN
	EXECUTE format('ALTER DATABASE %I SET DateStyle = "SQL, DMY"', current_database());
	EXECUTE format('ALTER DATABASE %I SET TimeZone = "Asia/Kathmandu"', current_database());
	EXECUTE format('ALTER DATABASE %I SET IntervalStyle = "sql_standard"', current_database());
	EXECUTE format('ALTER DATABASE %I SET bytea_output = "escape"', current_database());
	EXECUTE format('ALTER DATABASE %I SET extra_float_digits = -3', current_database());
	EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database());
	EXECUTE format('ALTER DATABASE %I SET statement_timeout = 20000', current_database());
END $$`

func TestConformance(t *testing.T) {
	databasetest.Run(t, databasetest.Adapter{
		Name: "postgres", Dialect: "postgres", Types: types(), Made: made,
		Open: func(t *testing.T) (database.Database, func(string) error) {
			url := server.Database(t)
			server.Exec(t, url, unusual)
			exec := func(sql string) error {
				conn, err := pgconn.Connect(context.Background(), url)
				if err != nil {
					return err
				}
				defer func() { _ = conn.Close(context.Background()) }()
				return conn.Exec(context.Background(), sql).Close()
			}
			return connect(t, url), exec
		},
	})
}

// made is a type as Create makes it: labels and what is of no kind become text,
// and limits that the server does not have none.
func made(t schema.Type) schema.Type {
	switch t.Kind {
	case schema.Enum, schema.Other:
		return schema.Type{Kind: schema.Text}
	case schema.Array:
		elem := made(*t.Elem)
		t.Elem = &elem
	case schema.Text:
		if t.Length > 10_485_760 {
			t.Length = 0
		}
	case schema.Numeric:
		if t.Precision > 1000 || t.Scale > t.Precision {
			t.Precision, t.Scale = 0, 0
		}
	}
	return t
}

func types() []databasetest.Type {
	kind := func(k schema.Kind) schema.Type { return schema.Type{Kind: k} }
	text := kind(schema.Text)
	mood := schema.Type{Kind: schema.Enum, Labels: []string{"sad", "o'k", "very happy", "a,\"b\""}}
	money := schema.Type{Kind: schema.Numeric, Precision: 12, Scale: 2}
	array := func(elem schema.Type) schema.Type { return schema.Type{Kind: schema.Array, Elem: &elem} }
	dates := []string{"infinity", "-infinity", "0044-03-15 BC", "294276-12-31"}
	stamps := []string{"infinity", "-infinity", "0044-03-15 10:00:00 BC", "294276-12-31 23:59:59.999999", "2000-01-01 00:00:00"}
	return []databasetest.Type{
		{SQL: "boolean", Want: kind(schema.Bool)},
		{SQL: "smallint", Want: schema.Type{Kind: schema.Integer, Bits: 16}},
		{SQL: "integer", Want: schema.Type{Kind: schema.Integer, Bits: 32}},
		{SQL: "bigint", Want: schema.Type{Kind: schema.Integer, Bits: 64}, Examples: []string{"9223372036854775807", "-9223372036854775808"}},
		{SQL: "numeric(12,2)", Want: money, Examples: []string{"12.30", "0.00", "-0.01", "NaN"}},
		{SQL: "numeric", Want: kind(schema.Numeric), Examples: []string{"12.300", "NaN", "Infinity", "-Infinity", "0.000000000000000000000000000001"}},
		{SQL: "real", Want: schema.Type{Kind: schema.Float, Bits: 32}, Examples: []string{"1e+06", "100000", "0.1", "NaN", "-Infinity"}},
		{SQL: "double precision", Want: schema.Type{Kind: schema.Float, Bits: 64}, Examples: []string{"1e+100", "-0", "0.1", "5e-324", "Infinity", "NaN"}},
		{SQL: "text", Want: text},
		{SQL: "varchar", Want: text},
		{SQL: "varchar(7)", Want: schema.Type{Kind: schema.Text, Length: 7}},
		// The server pads with blanks what is shorter.
		{SQL: "char(3)", Want: schema.Type{Kind: schema.Text, Length: 3}, Values: blankPadded(), Examples: []string{"abc", "a  ", "   "}},
		{SQL: "bytea", Want: kind(schema.Bytes)},
		{SQL: "uuid", Want: kind(schema.UUID)},
		{SQL: "date", Want: kind(schema.Date), Examples: dates},
		{SQL: "time", Want: kind(schema.Time), Examples: []string{"24:00:00", "02:00:00.5"}},
		{SQL: "timestamp", Want: kind(schema.Timestamp), Examples: stamps},
		{SQL: "timestamptz", Want: kind(schema.TimestampTZ), Examples: []string{"infinity", "2025-12-10 08:19:38.545+00", "0044-03-15 10:00:00+00 BC"}},
		{SQL: "interval", Want: kind(schema.Interval), Examples: []string{"PT0S", "P1Y2M-3DT-4H", "PT-0.000001S"}},
		{SQL: "json", Want: kind(schema.JSON), Examples: []string{`{"b": 1,  "a": [1.50, null], "b": 2}`, "null"}},
		{SQL: "jsonb", Want: kind(schema.JSON), Examples: []string{`{"a": 12.30, "b": "\\u"}`, "null", `""`}},
		{SQL: "inet", Want: kind(schema.Inet), Examples: []string{"192.0.2.7", "192.0.2.0/24", "2001:db8::1"}},
		{SQL: "integer[]", Want: array(schema.Type{Kind: schema.Integer, Bits: 32}), Examples: []string{"{{1,2},{3,NULL}}", "[0:1]={1,2}"}},
		{SQL: "text[]", Want: array(text), Examples: []string{`{a,"b c",NULL,"NULL","",",","\\","\""}`}},
		{SQL: "varchar(5)[]", Want: array(schema.Type{Kind: schema.Text, Length: 5})},
		{SQL: "numeric(12,2)[]", Want: array(money)},
		{SQL: "timestamptz[]", Want: array(kind(schema.TimestampTZ))},
		{
			SQL: "mood", Want: mood,
			Setup: `CREATE TYPE mood AS ENUM ('sad', 'o''k', 'very happy', 'a,"b"')`,
		},
		{SQL: "mood[]", Want: array(mood)},
		{
			SQL: "code", Want: schema.Type{Kind: schema.Text, Length: 4},
			Setup: `CREATE DOMAIN basecode AS varchar(4); CREATE DOMAIN code AS basecode CHECK (value <> 'none')`,
			// Whatever else the domain's check lets pass.
			Examples: []string{"", "some"},
		},
		{SQL: "code[]", Want: array(schema.Type{Kind: schema.Text, Length: 4}), Examples: []string{"{abcd,NULL}"}},
		{
			SQL: "tags", Want: array(text), Examples: []string{"{}", "{a}"},
			Setup: `CREATE DOMAIN tags AS text[]`,
		},
		{SQL: "timetz", Examples: []string{"10:00:00+05:45"}},
		{SQL: "cidr", Examples: []string{"192.0.2.0/24", "192.0.2.1/32"}},
		{SQL: "macaddr", Examples: []string{"08:00:2b:01:02:03"}},
		{SQL: "int4range", Examples: []string{"[1,5)", "empty", "(,)"}},
		{SQL: "point", Examples: []string{"(1.5,2)"}},
		{SQL: "bit(4)", Examples: []string{"0101"}},
		{SQL: "tsvector", Examples: []string{"'a':1 'b''c':2"}},
		{SQL: "xml", Examples: []string{"<a>b</a>"}},
		{SQL: "pair", Setup: "CREATE TYPE pair AS (a integer, b text)", Examples: []string{`(1,"x, y")`, "(,)"}},
		{SQL: "int2vector", Examples: []string{"1 2 3"}},
	}
}
