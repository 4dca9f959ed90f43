package sqlite

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestTokens(t *testing.T) {
	tests := map[string]struct {
		sql  string
		want []token
	}{
		"words and punctuation":      {"a (b)", []token{{wordToken, "a", 0, 1}, {punctToken, "(", 2, 3}, {wordToken, "b", 3, 4}, {punctToken, ")", 4, 5}}},
		"doubled quotes":             {`"a""b" 'c''d'`, []token{{nameToken, `a"b`, 0, 6}, {stringToken, "c'd", 7, 13}}},
		"backticks and brackets":     {"`x``y`[a b]", []token{{nameToken, "x`y", 0, 6}, {nameToken, "a b", 6, 11}}},
		"numbers":                    {"12.5e3 .5 0x1F", []token{{numberToken, "12.5e3", 0, 6}, {numberToken, ".5", 7, 9}, {numberToken, "0x1F", 10, 14}}},
		"comments are blank":         {"a -- b\n/* c */ d", []token{{wordToken, "a", 0, 1}, {wordToken, "d", 15, 16}}},
		"a comment to the end":       {"a --", []token{{wordToken, "a", 0, 1}}},
		"an unclosed comment":        {"a /* b", []token{{wordToken, "a", 0, 1}}},
		"an unclosed quote":          {`"a`, []token{{nameToken, "a", 0, 2}}},
		"an unclosed bracket":        {`[a`, []token{{nameToken, "a", 0, 2}}},
		"a quote that ends the text": {`'`, []token{{stringToken, "", 0, 1}}},
		"letters beyond ASCII":       {"straße", []token{{wordToken, "straße", 0, 7}}},
		"nothing":                    {"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tokenize(tt.sql)); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseTable(t *testing.T) {
	tests := map[string]struct {
		sql  string
		want tableDef
	}{
		"as Django writes it": {
			`CREATE TABLE "documents" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "meta" text NOT NULL CHECK ((JSON_VALID("meta") OR "meta" IS NULL)), ` +
				`"n" integer unsigned NOT NULL CHECK ("n" >= 0), "author_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED, ` +
				`CONSTRAINT "unique_title" UNIQUE ("title", "n"))`,
			tableDef{
				AutoIncrement: true,
				ForeignKeys:   []foreignKeyDef{{Columns: []string{"author_id"}, Table: "users", RefColumns: []string{"id"}, Deferrable: true}},
				Uniques:       []uniqueDef{{Name: "unique_title", Columns: []string{"title", "n"}}},
				Checks:        []checkDef{{Expression: `(JSON_VALID("meta") OR "meta" IS NULL)`}, {Expression: `"n" >= 0`}},
			},
		},
		"named constraints of a column": {
			"CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0) CONSTRAINT one UNIQUE CONSTRAINT fk REFERENCES b ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE)",
			tableDef{
				ForeignKeys: []foreignKeyDef{{Name: "fk", Columns: []string{"a"}, Table: "b"}},
				Uniques:     []uniqueDef{{Name: "one", Columns: []string{"a"}}},
				Checks:      []checkDef{{Name: "positive", Expression: "a > 0"}},
			},
		},
		"a name holds for one constraint": {
			"CREATE TABLE t (a int CONSTRAINT n NOT NULL, b int CONSTRAINT m CHECK (b) CHECK (a))",
			tableDef{Checks: []checkDef{{Name: "m", Expression: "b"}, {Expression: "a"}}},
		},
		"table constraints without commas": {
			"CREATE TABLE t (a, b, FOREIGN KEY (a, b) REFERENCES p (x, y) DEFERRABLE INITIALLY IMMEDIATE CONSTRAINT u UNIQUE (b COLLATE nocase DESC, a) CHECK (a <> ')'))",
			tableDef{
				ForeignKeys: []foreignKeyDef{{Columns: []string{"a", "b"}, Table: "p", RefColumns: []string{"x", "y"}, Deferrable: true}},
				Uniques:     []uniqueDef{{Name: "u", Columns: []string{"b", "a"}}},
				Checks:      []checkDef{{Expression: "a <> ')'"}},
			},
		},
		"keywords in quotes, strings, comments and defaults": {
			`CREATE TABLE "t (" ("unique" text DEFAULT 'UNIQUE, CHECK (x)', -- REFERENCES x
				[check] text DEFAULT (max(1, 2)) /* , UNIQUE (a) */, "primary" int DEFAULT -1, "d" DEFAULT NULL UNIQUE)`,
			tableDef{Uniques: []uniqueDef{{Columns: []string{"d"}}}},
		},
		"generated columns": {
			"CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2, 'CHECK') STORED UNIQUE, c AS (a) VIRTUAL)",
			tableDef{Uniques: []uniqueDef{{Columns: []string{"b"}}}},
		},
		"autoincrement in a table constraint": {
			"CREATE TABLE t (id integer, PRIMARY KEY (id AUTOINCREMENT))", tableDef{AutoIncrement: true},
		},
		"types with parentheses": {
			"CREATE TABLE t (a decimal(10, 2) REFERENCES b(c), d varchar ( 5 ))",
			tableDef{ForeignKeys: []foreignKeyDef{{Columns: []string{"a"}, Table: "b", RefColumns: []string{"c"}}}},
		},
		"options after the parenthesis": {"CREATE TABLE t (a) STRICT, WITHOUT ROWID", tableDef{}},
		"a text that ends early":        {"CREATE TABLE t (a REFERENCES", tableDef{ForeignKeys: []foreignKeyDef{{Columns: []string{"a"}}}}},
		"no table at all":               {"CREATE", tableDef{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseTable(tt.sql), cmpopts.IgnoreFields(checkDef{}, "Tokens")); diff != "" {
				t.Errorf("definition (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPredicate(t *testing.T) {
	tests := map[string]struct{ sql, want string }{
		"none":                      {"CREATE UNIQUE INDEX i ON t (a)", ""},
		"one":                       {"CREATE UNIQUE INDEX i ON t (a) WHERE b IS NULL ", "b IS NULL"},
		"a name and a string of it": {`CREATE UNIQUE INDEX "where" ON t (iif(a = 'where', 1, 2)) wHeRe "c" = 1`, `"c" = 1`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := predicate(tt.sql); got != tt.want {
				t.Errorf("predicate %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzParseTable: a damaged sqlite_schema may hold anything.
func FuzzParseTable(f *testing.F) {
	f.Add(`CREATE TABLE "t" (a int CONSTRAINT x CHECK (a > 0) REFERENCES b (c) DEFERRABLE, UNIQUE (a), PRIMARY KEY (a AUTOINCREMENT)) -- c`)
	f.Add("CREATE TABLE t (a CHECK (")
	f.Add("(((,,)')[`\"/*")
	f.Fuzz(func(t *testing.T, sql string) {
		for _, tok := range tokenize(sql) {
			if tok.Start < 0 || tok.End <= tok.Start || tok.End > len(sql) {
				t.Errorf("token %+v is outside of the text", tok)
			}
		}
		parseTable(sql).jsonChecked("a")
		predicate(sql)
	})
}
