package databasetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// foreignType is a type as a catalogue describes it, with canonical values of it.
type foreignType struct {
	typ    schema.Type
	values []string
}

func typed(native string, t schema.Type, values ...string) foreignType {
	t.Native = native
	return foreignType{t, values}
}

func ofKind(native string, k schema.Kind, values ...string) foreignType {
	return typed(native, schema.Type{Kind: k}, values...)
}

func arrayOf(native string, elem foreignType, values ...string) foreignType {
	return typed(native, schema.Type{Kind: schema.Array, Elem: &elem.typ}, values...)
}

// numericOf and textOf are types with their numbers, floatOf and integerOf with
// their bits.
func numericOf(native string, precision, scale int, values ...string) foreignType {
	return typed(native, schema.Type{Kind: schema.Numeric, Precision: precision, Scale: scale}, values...)
}

func textOf(native string, length int, values ...string) foreignType {
	return typed(native, schema.Type{Kind: schema.Text, Length: length}, values...)
}

func integerOf(native string, bits int, values ...string) foreignType {
	return typed(native, schema.Type{Kind: schema.Integer, Bits: bits}, values...)
}

func floatOf(native string, bits int, values ...string) foreignType {
	return typed(native, schema.Type{Kind: schema.Float, Bits: bits}, values...)
}

// postgresTypes are types as PostgreSQL's catalogue has them.
func postgresTypes() []foreignType {
	mood := typed("mood", schema.Type{Kind: schema.Enum, Labels: []string{"sad", "o'k", "very happy"}})
	stamps := []string{"infinity", "-infinity", "0044-03-15 10:00:00 BC", "294276-12-31 23:59:59.999999", "2000-01-01 00:00:00"}
	return []foreignType{
		ofKind("boolean", schema.Bool),
		integerOf("smallint", 16, "-32768"), integerOf("integer", 32, "2147483647"), integerOf("bigint", 64, "-9223372036854775808"),
		numericOf("numeric", 0, 0, "NaN", "Infinity", "-Infinity", "1.50", "0.000000000000000000000000000001", "123456789012345678901234567890"),
		numericOf("numeric(9,6)", 9, 6, "NaN", "-0.000001"), numericOf("numeric(15,2)", 15, 2, "9999999999999.99"),
		numericOf("numeric(38,10)", 38, 10, "1234567890123456789012345678.0123456789"),
		floatOf("real", 32, "1e+06", "100000", "0.1", "3.4028235e+38", "1e-45", "NaN", "Infinity"),
		floatOf("double precision", 64, "1e+100", "5e-324", "NaN", "-Infinity"),
		textOf("text", 0, "", "007", `\x41`, "1e5"), textOf("character varying(50)", 50, "1.0"), textOf("character varying", 0),
		textOf("character(3)", 3, "a", "abc"), textOf("character(32)", 32, "00000000000000000000000000000000"), textOf("code", 4, "0101"),
		ofKind("bytea", schema.Bytes, `\x`, `\x00ff`), ofKind("uuid", schema.UUID, "00000000-0000-0000-0000-000000000001"),
		ofKind("date", schema.Date, "infinity", "0044-03-15 BC", "294276-12-31"),
		ofKind("time without time zone", schema.Time, "24:00:00", "02:00:00.5"), ofKind("time(3) without time zone", schema.Time, "02:00:00.5"),
		ofKind("timestamp without time zone", schema.Timestamp, stamps...),
		ofKind("timestamp with time zone", schema.TimestampTZ, "infinity", "2025-12-10 08:19:38.545+00", "0044-03-15 10:00:00+00 BC"),
		ofKind("timestamp(3) with time zone", schema.TimestampTZ, "2025-12-10 08:19:38.545+00"),
		ofKind("interval", schema.Interval, "PT0S", "P1Y2M-3DT-4H", "PT-0.000001S"), ofKind("interval day to second", schema.Interval, "P1D"),
		ofKind("json", schema.JSON, `{"b": 1,  "a": [1.50, null], "b": 2}`, "null", "1.50"),
		ofKind("jsonb", schema.JSON, `{"a": 12.30}`, "12345678901234567890", "1.50", `"5"`),
		ofKind("inet", schema.Inet, "192.0.2.7", "192.0.2.0/24", "2001:db8::1"),
		arrayOf("integer[]", integerOf("integer", 32), "{{1,2},{3,NULL}}", "[0:1]={1,2}"), arrayOf("text[]", textOf("text", 0), `{a,"b c",NULL,"NULL"}`),
		arrayOf("character varying(50)[]", textOf("character varying", 50)), arrayOf("numeric(38,10)[]", numericOf("numeric", 38, 10)),
		arrayOf("timestamp with time zone[]", ofKind("timestamp with time zone", schema.TimestampTZ)), arrayOf("uuid[]", ofKind("uuid", schema.UUID)),
		mood, arrayOf("mood[]", mood, `{sad,"very happy"}`), arrayOf("cidr[]", ofKind("cidr", schema.Other), "{192.0.2.0/24}"),
		ofKind("cidr", schema.Other, "192.0.2.0/24"), ofKind("time with time zone", schema.Other, "10:00:00+05:45"),
		ofKind("point", schema.Other, "(1.5,2)"), ofKind("int4range", schema.Other, "[1,5)", "empty"), ofKind("bit(4)", schema.Other, "0101"),
		ofKind("oid", schema.Other, "4294967295"), ofKind("money", schema.Other, "$1.50"), ofKind(`"char"`, schema.Other, "0", "1"),
		ofKind("tsvector", schema.Other, "'a':1 'b''c':2"), ofKind(`odd."do""main"`, schema.Other, "1.50"),
	}
}

// sqliteTypes are types as SQLite's catalogue has them, of a Django project and
// of people who declare what they like.
func sqliteTypes() []foreignType {
	return []foreignType{
		ofKind("bool", schema.Bool), integerOf("integer", 64, "9223372036854775807"), integerOf("smallint unsigned", 64, "-1"), integerOf("bigint", 64),
		integerOf("INT UNSIGNED ZEROFILL", 64), numericOf("decimal", 0, 0, "0", "12.3", "1000000000000000000000"), numericOf("decimal(9, 6)", 9, 6),
		numericOf("decimal(2, 5)", 2, 5, "0.00012"), numericOf("decimal(40, 20)", 40, 20), numericOf("NUMERIC(2000, 0)", 2000, 0),
		numericOf("decimal text(30, 10)", 30, 10), floatOf("real", 64, "0.1"), floatOf("DOUBLE", 64), textOf("text", 0, "007", "5"),
		textOf("varchar(50)", 50), textOf("NVARCHAR(20)", 20), textOf("varchar(4000000000)", 4000000000), textOf("long text of some kind", 0),
		ofKind("text", schema.JSON, `{"a": [1, 2]}`, "1.50"), ofKind("json", schema.JSON, "5"), ofKind("BLOB", schema.Bytes, `\x00`), ofKind("char(32)", schema.UUID),
		ofKind("uuid", schema.UUID), ofKind("date", schema.Date), ofKind("time", schema.Time), ofKind("datetime", schema.TimestampTZ, "2025-12-10 08:19:38.545+00"),
		ofKind("timestamp", schema.TimestampTZ), ofKind("timestamp without time zone", schema.Timestamp), ofKind("interval", schema.Interval),
		ofKind("inet", schema.Inet), ofKind("hstore", schema.Other, "a=>1", "5", "0101"), ofKind("", schema.Other, "2.5", "0101", `\x00`, "text"),
		ofKind("a-b 'c", schema.Other, "1.50"), ofKind("primary key", schema.Other, "x"), textOf("text default secret", 0, "x"),
	}
}

// testCreateForeign makes a table of all the types that either database's
// catalogue has, and expects the same kinds and the same texts.
func testCreateForeign(t *testing.T, a Adapter) {
	for dialect, types := range map[string][]foreignType{"postgres": postgresTypes(), "sqlite": sqliteTypes()} {
		t.Run(dialect, func(t *testing.T) {
			db, exec := a.Open(t)
			f := &fixture{t: t, db: db, exec: exec}
			table := &schema.Table{
				Name: "every", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Integer, Bits: 64}, NotNull: true}},
			}
			foreign := a
			foreign.Types = nil
			for i, ft := range types {
				table.Columns = append(table.Columns, schema.Column{
					Name: fmt.Sprintf("c%d", i), Type: ft.typ, HasDefault: true, Default: "nextval('none'::regclass)",
				})
				foreign.Types = append(foreign.Types, Type{SQL: ft.typ.Native, Want: ft.typ, Examples: ft.values})
			}
			tx := f.begin()
			if err := tx.Create(t.Context(), table); err != nil {
				t.Fatal(err)
			}
			f.commit(tx)
			made := f.table("every")
			for i, c := range table.Columns {
				if diff := cmp.Diff(a.made(c.Type), withoutNative(made.Columns[i].Type)); diff != "" {
					t.Errorf("type %q (-want +got):\n%s", c.Type.Native, diff)
				}
				if got := made.Columns[i]; got.HasDefault || got.NotNull != c.NotNull {
					t.Errorf("type %q: default %q, NOT NULL %v", c.Type.Native, got.Default, got.NotNull)
				}
			}
			foreign.testForeignValues(t, f, made)
		})
	}
}

// made is the type of a column that Create made for the type t, without the
// native name.
func (a Adapter) made(t schema.Type) schema.Type {
	if a.Made != nil {
		t = a.Made(t)
	}
	return withoutNative(t)
}

// drawn reports whether the suite's generators know values of the type.
func drawn(t schema.Type) bool {
	if t.Kind == schema.Array {
		return drawn(*t.Elem)
	}
	return t.Kind != schema.Other && t.Scale <= t.Precision
}

func (a Adapter) testForeignValues(t *testing.T, f *fixture, table *schema.Table) {
	columns := make([]string, len(a.Types))
	var values []*rapid.Generator[string]
	for i := range columns {
		columns[i] = table.Columns[i+1].Name
	}
	for i, typ := range a.Types {
		g := rapid.SampledFrom(append(slices.Clone(typ.Examples), null))
		if drawn(typ.Want) {
			g = rapid.OneOf(g, canonical(typ.Want))
		}
		values = append(values, g)
		for _, v := range typ.Examples {
			row := slices.Repeat([]string{null}, len(a.Types))
			row[i] = v
			if err := f.roundTrip(a, table, columns, [][]string{row}, [][]string{row}); err != nil {
				t.Error(err)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func() [][]string {
			row := make([]string, len(values))
			for i, g := range values {
				row[i] = g.Draw(t, columns[i])
			}
			return [][]string{row}
		}
		if err := f.roundTrip(a, table, columns, draw(), draw()); err != nil {
			t.Fatal(err)
		}
	})
}
