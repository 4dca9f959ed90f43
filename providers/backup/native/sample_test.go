package native_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// state is what a package is made of.
type state struct {
	header  backup.Header
	records map[string][]schema.Record
	files   []file
}

type file struct{ name, content string }

func text(s string) schema.Literal {
	return schema.Literal{Kind: schema.CanonicalLiteral, Text: s}
}

func members(pairs ...string) schema.Literal {
	var list []schema.Member
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, schema.Member{ID: pairs[i], Row: pairs[i+1]})
	}
	return schema.Members(list)
}

var (
	integer  = schema.Type{Kind: schema.Integer, Bits: 64, Native: "bigint"}
	varchar  = schema.Type{Kind: schema.Text, Length: 50, Native: "character varying(50)"}
	longText = schema.Type{Kind: schema.Text, Native: "text"}
	instant  = schema.Type{Kind: schema.TimestampTZ, Native: "timestamp with time zone"}
	boolean  = schema.Type{Kind: schema.Bool, Native: "boolean"}
	document = schema.Type{Kind: schema.JSON, Native: "jsonb"}
	money    = schema.Type{Kind: schema.Numeric, Precision: 10, Scale: 2, Native: "numeric(10,2)"}
	tags     = schema.Type{Kind: schema.Array, Elem: &varchar, Native: "character varying(50)[]"}
)

// sample is a small state with all that a package can hold.
func sample() state {
	user := &schema.Table{
		Name: "users", Schema: "public", Relation: "users", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: integer, NotNull: true, HasDefault: true, Sequence: &schema.Sequence{Name: "users_id_seq", Last: 9, Max: 1 << 40}},
			{Name: "username", Type: varchar, NotNull: true},
			{Name: "active", Type: boolean, NotNull: true, HasDefault: true, Default: "true"},
			{Name: "joined", Type: instant},
			{Name: "note", Type: longText},
		},
		Uniques:  []schema.Unique{{Name: "users_username_key", Columns: []string{"username"}, Deferrable: true}},
		Checks:   []schema.Check{{Name: "named", Expression: "username <> ''"}},
		Triggers: []string{"stamp"},
	}
	doc := &schema.Table{
		Name: "documents", Schema: "public", Relation: "documents", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: integer, NotNull: true},
			{Name: "owner_id", Type: integer},
			{Name: "meta", Type: document},
			{Name: "price", Type: money},
			{Name: "tags", Type: tags},
		},
		ForeignKeys: []schema.ForeignKey{{
			Name: "owner", Columns: []string{"owner_id"}, RefTable: "users", RefColumns: []string{"id"}, OnDelete: "cascade", OnUpdate: "no action",
		}},
	}
	join := &schema.Table{
		Name: "documents_readers", Schema: "public", Relation: "documents_readers", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: integer, NotNull: true}, {Name: "document_id", Type: integer, NotNull: true}, {Name: "user_id", Type: integer, NotNull: true},
		},
		ForeignKeys: []schema.ForeignKey{{
			Name: "doc", Columns: []string{"document_id"}, RefTable: "documents", RefColumns: []string{"id"}, OnDelete: "no action", OnUpdate: "no action",
		}},
	}
	models := []*schema.Model{
		{Label: "users.user", Table: "users", NaturalKey: []string{"username"}, Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: integer},
			{Name: "username", Column: "username", Type: varchar},
			{Name: "active", Column: "active", Type: boolean},
			{Name: "joined", Column: "joined", Type: instant},
			{Name: "note", Column: "note", Type: longText, Sensitive: true},
		}},
		{Label: "docs.document", Table: "documents", Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: integer},
			{Name: "owner", Column: "owner_id", Type: integer, References: &schema.ModelReference{Model: "users.user", Field: "id"}},
			{Name: "meta", Column: "meta", Type: document},
			{Name: "price", Column: "price", Type: money},
			{Name: "tags", Column: "tags", Type: tags},
			{
				Name: "readers", References: &schema.ModelReference{Model: "users.user", Field: "id"},
				Link: &schema.Link{Table: "documents_readers", Owner: "document_id", Member: "user_id", Key: "id"},
			},
		}},
		{Label: "docs.empty", Table: "documents", Fields: []schema.ModelField{{Name: "id", Column: "id", Type: integer}}},
	}
	at := time.Date(2026, 1, 11, 8, 19, 38, 545_000_000, time.UTC)
	s := state{
		header: backup.Header{
			Kind: backup.Full, Created: at, Snapshot: at.Add(time.Second), Program: "1.0.0",
			Source: backup.Origin{Dialect: "postgres", Server: "PostgreSQL 15.18", Identity: "7d9f", Name: "edms"},
			Policy: "edms", PolicyDigest: strings.Repeat("ab", 32), Models: models, Tables: []*schema.Table{user, doc, join},
			LeftOut: []backup.LeftOut{{Table: "sessions", Rows: 12}},
		},
		records: map[string][]schema.Record{},
	}
	s.records["users.user"] = rows(models[0],
		[]schema.Literal{text("1"), text("admin"), text("t"), text("2025-12-10 08:19:38.545123+00"), text("")},
		[]schema.Literal{text("2"), text("Zoë"), text("f"), {}, text("a\nb\x01\"")},
		[]schema.Literal{text("10"), text("viewer"), text("t"), text("infinity"), {}},
	)
	s.records["docs.document"] = rows(models[1],
		[]schema.Literal{text("7"), text("1"), text(`{"a": [1.50, null]}`), text("12.30"), text(`{a,"b c",NULL}`), members("2", "5", "10", "6")},
		[]schema.Literal{text("8"), {}, {}, {}, {}, members()},
	)
	s.files = []file{
		{"storage/a.txt", "Hello"},
		{"storage/deep/copy of a.txt", "Hello"},
		{"storage/empty", ""},
		{"storage/ü.bin", strings.Repeat("\x00\x01\x02", 1000)},
	}
	return s
}

// rows makes records of a model's values.
func rows(m *schema.Model, values ...[]schema.Literal) []schema.Record {
	var out []schema.Record
	for _, v := range values {
		r := schema.Record{}
		for i, l := range v {
			r.Fields = append(r.Fields, schema.Field{Name: m.Fields[i].Name, Value: l})
		}
		out = append(out, r)
	}
	return out
}

// each yields records as a database would: the record is reused.
func each(records []schema.Record) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		var one schema.Record
		for _, r := range records {
			one.Fields = append(one.Fields[:0], r.Fields...)
			if !yield(&one, nil) {
				return
			}
		}
	}
}

// fill writes the state and finishes the package.
func (s state) fill(w backup.Writer) error {
	ctx := context.Background()
	for _, m := range s.header.Models {
		n, err := w.WriteModel(ctx, m, each(s.records[m.Label]))
		if err != nil {
			return err
		}
		if n != int64(len(s.records[m.Label])) {
			return fmt.Errorf("%s: %d records written of %d", m.Label, n, len(s.records[m.Label]))
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, f := range s.files {
		if _, err := w.WriteFile(ctx, backup.StoredFile{Name: f.name, Mode: 0o640, ModTime: at}, strings.NewReader(f.content)); err != nil {
			return err
		}
	}
	if err := w.Finish(ctx); err != nil {
		return err
	}
	return w.Close()
}

// tester is a test or a property's.
type tester interface {
	Helper()
	Fatal(args ...any)
}

// pack is the state as a file.
func (s state) pack(t tester, o native.WriterOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := native.NewWriter(&b, s.header, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.fill(w); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// all are the records that a scan of the whole package yields.
func (s state) all() []backuptest.Record {
	out := []backuptest.Record{}
	for _, m := range s.header.Models {
		for _, r := range s.records[m.Label] {
			out = append(out, backuptest.Record{Model: m.Label, Fields: r.Fields})
		}
	}
	return out
}

func options() native.Options { return native.Options{Limits: backup.DefaultLimits()} }

// open opens a package in memory.
func open(b []byte, o native.Options) (*native.Package, error) {
	return native.Open(context.Background(), bytes.NewReader(b), int64(len(b)), "x.edmspkg", o)
}

func mustOpen(t testing.TB, b []byte, o native.Options) *native.Package {
	t.Helper()
	p, err := open(b, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func lits(l ...schema.Literal) []schema.Literal { return l }
