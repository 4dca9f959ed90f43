package backuptest

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// Row is a record's values in the order of the model's fields, canonical, as
// schema.Typed has them.
type Row []schema.Literal

// SampleHeader announces the packages of the writers' suite: models with
// columns of every kind, references to others and to themselves, many-to-many
// fields, and one without records. Each call makes it anew.
func SampleHeader() backup.Header {
	at := time.Date(2026, 3, 1, 2, 0, 0, 123456000, time.UTC)
	h := backup.Header{
		Kind: backup.Full, Created: at, Snapshot: at.Add(time.Second), Program: "test", Policy: "library",
		PolicyDigest: strings.Repeat("0", 64),
		Source:       backup.Origin{Dialect: "postgres", Server: "PostgreSQL 15.18", Identity: "sample", Name: "library"},
		LeftOut:      []backup.LeftOut{{Table: "sessions", Rows: 3}},
	}
	integer, uuid, text := schema.Type{Kind: schema.Integer, Bits: 64}, schema.Type{Kind: schema.UUID}, schema.Type{Kind: schema.Text}
	h.Models = []*schema.Model{
		{Label: "lib.shelf", Table: "shelves", NaturalKey: []string{"name"}, Fields: []schema.ModelField{
			column("id", integer), column("name", text), column("note", text),
		}},
		{Label: "lib.nothing", Table: "nothings", NaturalKey: []string{"id"}, Fields: []schema.ModelField{column("id", integer)}},
		{Label: "lib.author", Table: "authors", NaturalKey: []string{"name"}, Fields: []schema.ModelField{
			column("id", uuid), column("name", text), refer("mentor", uuid, "lib.author"),
		}},
		{Label: "lib.book", Table: "books", NaturalKey: []string{"id"}, Fields: bookFields(integer, uuid)},
	}
	for _, m := range h.Models {
		h.Tables = append(h.Tables, tableOf(m))
	}
	h.Tables = append(h.Tables, joinTable("books_authors", "book_id", "books", integer, "author_id", "authors", uuid),
		joinTable("books_see_also", "from_book_id", "books", integer, "to_book_id", "books", integer))
	return h
}

func bookFields(integer, uuid schema.Type) []schema.ModelField {
	fields := []schema.ModelField{column("id", integer), refer("shelf", integer, "lib.shelf")}
	for i, t := range sampleTypes() {
		fields = append(fields, column(fmt.Sprintf("c%02d_%s", i, t.Kind), t))
	}
	return append(fields,
		many("authors", "lib.author", schema.Link{Table: "books_authors", Owner: "book_id", Member: "author_id", Key: "id"}),
		many("see_also", "lib.book", schema.Link{Table: "books_see_also", Owner: "from_book_id", Member: "to_book_id", Key: "id"}))
}

// sampleTypes are the types of the books' columns.
func sampleTypes() []schema.Type {
	integer, text := schema.Type{Kind: schema.Integer, Bits: 32}, schema.Type{Kind: schema.Text}
	return []schema.Type{
		{Kind: schema.Bool},
		{Kind: schema.Numeric, Precision: 20, Scale: 2},
		{Kind: schema.Float, Bits: 64},
		{Kind: schema.Text, Length: 50},
		{Kind: schema.Bytes},
		{Kind: schema.UUID},
		{Kind: schema.Date},
		{Kind: schema.Time},
		{Kind: schema.Timestamp},
		{Kind: schema.TimestampTZ},
		{Kind: schema.Interval},
		{Kind: schema.JSON, Native: "jsonb"},
		{Kind: schema.Array, Elem: &integer},
		{Kind: schema.Array, Elem: &text},
		{Kind: schema.Inet, Native: "inet"},
		{Kind: schema.Enum, Labels: []string{"draft", "final"}},
		{Kind: schema.Other, Native: "tsvector"},
	}
}

func column(name string, t schema.Type) schema.ModelField {
	return schema.ModelField{Name: name, Column: name, Type: t}
}

func refer(name string, t schema.Type, model string) schema.ModelField {
	return schema.ModelField{Name: name, Column: name + "_id", Type: t, References: &schema.ModelReference{Model: model, Field: "id"}}
}

func many(name, model string, l schema.Link) schema.ModelField {
	return schema.ModelField{Name: name, References: &schema.ModelReference{Model: model, Field: "id"}, Link: &l}
}

func tableOf(m *schema.Model) *schema.Table {
	t := &schema.Table{Name: m.Table, Schema: "public", Relation: m.Table, PrimaryKey: []string{"id"}}
	tables := map[string]string{"lib.shelf": "shelves", "lib.author": "authors"}
	for _, f := range m.Fields {
		if f.Link != nil {
			continue
		}
		t.Columns = append(t.Columns, schema.Column{Name: f.Column, Type: f.Type, NotNull: f.Column == "id"})
		if f.References != nil {
			t.ForeignKeys = append(t.ForeignKeys, schema.ForeignKey{
				Name: f.Column, Columns: []string{f.Column}, RefTable: tables[f.References.Model], RefColumns: []string{"id"}, Deferrable: true,
			})
		}
	}
	return t
}

func joinTable(name, owner, ownerTable string, ownerType schema.Type, member, memberTable string, memberType schema.Type) *schema.Table {
	return &schema.Table{
		Name: name, Schema: "public", Relation: name, PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: schema.Type{Kind: schema.Integer, Bits: 64}, NotNull: true},
			{Name: owner, Type: ownerType, NotNull: true},
			{Name: member, Type: memberType, NotNull: true},
		},
		ForeignKeys: []schema.ForeignKey{
			{Name: owner, Columns: []string{owner}, RefTable: ownerTable, RefColumns: []string{"id"}},
			{Name: member, Columns: []string{member}, RefTable: memberTable, RefColumns: []string{"id"}},
		},
	}
}

// SampleRows are the records of one of the sample's models, in its order.
func SampleRows(label string) []Row {
	const a, b = "0b0c7c98-a20c-40a9-8727-67e6a48ebefe", "f0ac7c98-a20c-40a9-8727-67e6a48ebefe"
	null := schema.Literal{}
	some := func(texts ...string) Row {
		var r Row
		for _, s := range texts {
			r = append(r, schema.Literal{Kind: schema.CanonicalLiteral, Text: s})
		}
		return r
	}
	members := func(list ...schema.Member) schema.Literal { return schema.Members(list) }
	switch label {
	case "lib.shelf":
		return []Row{some("1", "null", ""), append(some("2", "NULL é \"\\\u2028\x01"), null), some("10", " ", " \n"), some("11", "last", "a")}
	case "lib.author":
		return []Row{some(a, "Ann", b), append(some(b, "Bob"), null)}
	case "lib.book":
		empty := Row{some("3")[0], null}
		for range sampleTypes() {
			empty = append(empty, null)
		}
		return []Row{
			append(some("1", "10", "t", "123456789012345678.90", "1e+100", "", `\x`, a, "2025-12-12", "02:00:00.5", "2025-12-10 08:19:38.545",
				"2025-12-10 08:19:38.545123+00", "P1DT2H3M4.5S", `{"a":[1,2.50,"é"],"b":{}}`, "{1,NULL,-3}", `{a,"b c","",NULL,"NULL","{"}`,
				"192.0.2.7", "draft", "'a':1"), members(schema.Member{ID: b, Row: "7"}, schema.Member{ID: a, Row: "8"}), members(schema.Member{ID: "3", Row: "1"})),
			append(some("2", "2", "f", "0.00", "-0.5", "<b>&amp;</b>", `\x00ff`, b, "0001-01-01", "00:00:00", "9999-12-31 23:59:59.999999",
				"1999-01-01 00:00:00+00", "PT-1S", `"text"`, "{}", "{}", "2001:db8::1", "final", ""), members(), members()),
			append(empty, members(), members(schema.Member{ID: "3", Row: "2"}, schema.Member{ID: "1", Row: "3"})),
		}
	}
	return nil
}

// SampleRecords yields the records of one of the sample's models.
func SampleRecords(m *schema.Model) iter.Seq2[*schema.Record, error] {
	return rows(m, SampleRows(m.Label))
}

// ReadRows returns the records of a model, canonical again.
func ReadRows(t testing.TB, p backup.Package, m *schema.Model) []Row {
	t.Helper()
	var out []Row
	for r, err := range p.Scan(context.Background(), schema.Selection{Model: m.Label}) {
		if err != nil {
			t.Fatalf("scanning %s: %v", m.Label, err)
		}
		at := map[string]schema.Literal{}
		for _, f := range r.Fields {
			at[f.Name] = f.Value
		}
		if _, ok := at["id"]; !ok {
			at["id"] = r.PK
		}
		var row Row
		for _, f := range m.Fields {
			l, ok := at[f.Name]
			if !ok {
				t.Fatalf("%s record %d has no field %s", m.Label, r.Number, f.Name)
			}
			row = append(row, canonicalOf(t, f, l))
		}
		out = append(out, row)
	}
	return out
}

func canonicalOf(t testing.TB, f schema.ModelField, l schema.Literal) schema.Literal {
	t.Helper()
	if f.Link == nil {
		v, err := f.Type.Parse(l)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if !v.Valid {
			return schema.Literal{}
		}
		return schema.Literal{Kind: schema.CanonicalLiteral, Text: v.Text}
	}
	if _, err := schema.ParseMembers(l); err == nil {
		return l
	}
	var ids []any
	if err := json.Unmarshal([]byte(l.Text), &ids); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	members := []schema.Member{}
	for _, id := range ids {
		members = append(members, schema.Member{ID: fmt.Sprint(id)})
	}
	return schema.Members(members)
}
