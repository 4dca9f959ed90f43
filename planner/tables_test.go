package planner

import (
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// The planner's tests describe a world in four texts: the tables, the policy,
// the live rows and the package's records.
//
// A table is a line `name: column type flags, …, unique(a, b)`. Types are
// serial (an integer primary key with a sequence), int, text, varchar(N),
// uuid, json, ts, bool and num. Flags are pk, !, unique, default, `-> table`
// or `-> table.column`, and now: a constraint that cannot be deferred. Of several columns: unique(a, b),
// pk(a, b), fk(a, b) -> table(c, d).
//
// A row is a line `table {JSON}`, a record `label {JSON}` with its primary key
// as "pk" where the source has it apart.
type world struct {
	tables, policy, live, pkg string
	dialect                   string
}

// catalogue reads the tables.
func catalogue(t testing.TB, text, dialect string) *schema.Catalogue {
	t.Helper()
	if dialect == "" {
		dialect = "postgres"
	}
	c := &schema.Catalogue{Dialect: dialect, Name: "memory"}
	for line := range lines(text) {
		name, rest, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("table %q", line)
		}
		tab := &schema.Table{Name: name, Relation: name, Schema: "public"}
		if i := strings.IndexByte(name, '.'); i > 0 {
			tab.Schema, tab.Relation = name[:i], name[i+1:]
		}
		for _, part := range splitTop(rest) {
			column(t, tab, part)
		}
		c.Tables = append(c.Tables, tab)
	}
	for _, tab := range c.Tables {
		for i := range tab.ForeignKeys {
			fk := &tab.ForeignKeys[i]
			if target := c.Table(fk.RefTable); fk.RefColumns == nil && target != nil {
				fk.RefColumns = target.PrimaryKey
			}
		}
	}
	slices.SortFunc(c.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	return c
}

func splitTop(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, strings.TrimSpace(s[from:i])), i+1
			}
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

var listOf = regexp.MustCompile(`^(unique|pk)\((.*)\)( now)?$`)

var tupleReference = regexp.MustCompile(`^fk\((.*)\) -> (\w+)\((.*)\)$`)

func column(t testing.TB, tab *schema.Table, text string) {
	t.Helper()
	if m := listOf.FindStringSubmatch(text); m != nil {
		columns := splitTop(m[2])
		if m[1] == "pk" {
			tab.PrimaryKey = columns
			return
		}
		tab.Uniques = append(tab.Uniques, schema.Unique{Name: strings.Join(columns, "_"), Columns: columns, Deferrable: m[3] == ""})
		return
	}
	if m := tupleReference.FindStringSubmatch(text); m != nil {
		tab.ForeignKeys = append(tab.ForeignKeys, schema.ForeignKey{
			Name: tab.Name + "_fk", Columns: splitTop(m[1]), RefTable: m[2], RefColumns: splitTop(m[3]), Deferrable: true,
		})
		return
	}
	words := strings.Fields(text)
	c := schema.Column{Name: words[0], Type: typeOf(t, words[1])}
	if words[1] == "serial" {
		tab.PrimaryKey = []string{c.Name}
		c.NotNull, c.HasDefault, c.Sequence = true, true, &schema.Sequence{Name: tab.Name + "_seq", Max: 1 << 31}
	}
	deferrable := !slices.Contains(words, "now")
	for i, w := range words[2:] {
		switch w {
		case "!":
			c.NotNull = true
		case "pk":
			c.NotNull, tab.PrimaryKey = true, append(tab.PrimaryKey, c.Name)
		case "default":
			c.HasDefault = true
		case "unique":
			tab.Uniques = append(tab.Uniques, schema.Unique{Name: tab.Name + "_" + c.Name, Columns: []string{c.Name}, Deferrable: deferrable})
		case "->":
			table, col, found := strings.Cut(words[i+3], ".")
			if strings.Count(words[i+3], ".") == 2 {
				at := strings.LastIndexByte(words[i+3], 0x2e)
				table, col = words[i+3][:at], words[i+3][at+1:]
			}
			fk := schema.ForeignKey{Name: tab.Name + "_" + c.Name + "_fk", Columns: []string{c.Name}, RefTable: table, Deferrable: deferrable, OnDelete: "no action"}
			if found {
				fk.RefColumns = []string{col}
			}
			tab.ForeignKeys = append(tab.ForeignKeys, fk)
		}
	}
	tab.Columns = append(tab.Columns, c)
}

func typeOf(t testing.TB, s string) schema.Type {
	t.Helper()
	name, length, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	n, _ := strconv.Atoi(length)
	switch name {
	case "serial", "int":
		return schema.Type{Kind: schema.Integer, Bits: 32, Native: "integer"}
	case "text":
		return schema.Type{Kind: schema.Text, Native: "text"}
	case "varchar":
		return schema.Type{Kind: schema.Text, Length: n, Native: "character varying(" + length + ")"}
	case "uuid":
		return schema.Type{Kind: schema.UUID, Native: "uuid"}
	case "json":
		return schema.Type{Kind: schema.JSON, Native: "jsonb"}
	case "ts":
		return schema.Type{Kind: schema.TimestampTZ, Native: "timestamp with time zone"}
	case "bool":
		return schema.Type{Kind: schema.Bool, Native: "boolean"}
	case "num":
		return schema.Type{Kind: schema.Numeric, Native: "numeric"}
	}
	t.Fatalf("type %q", s)
	return schema.Type{}
}

func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}

// object reads `name {JSON}`.
func object(t testing.TB, line string) (name string, fields []schema.Field) {
	t.Helper()
	name, rest, _ := strings.Cut(line, " ")
	d := jsontext.NewDecoder(strings.NewReader(rest))
	if _, err := d.ReadToken(); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		field := key.String()
		v, err := d.ReadValue()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		l, err := literal(v)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		l.Text = strings.Clone(l.Text)
		fields = append(fields, schema.Field{Name: field, Value: l})
	}
	return name, fields
}
