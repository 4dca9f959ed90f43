package native_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// drawType draws a column's type and how to draw its canonical texts.
func drawType(t *rapid.T) (schema.Type, *rapid.Generator[string]) {
	huge := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.StringN(1, 4, 16).Draw(t, "piece"), rapid.IntRange(1, 200_000).Draw(t, "times"))
	})
	texts := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.String(), rapid.String(), huge)
	noNUL := rapid.Map(texts, func(s string) string { return strings.ReplaceAll(s, "\x00", "") })
	kinds := []struct {
		typ  schema.Type
		text *rapid.Generator[string]
	}{
		{longText, noNUL},
		{schema.Type{Kind: schema.Other, Native: "tsvector"}, noNUL},
		{integer, rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) })},
		{boolean, rapid.SampledFrom([]string{"t", "f"})},
		{money, rapid.Map(rapid.IntRange(0, 99999999), func(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) })},
		{schema.Type{Kind: schema.UUID, Native: "uuid"}, rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)},
		{schema.Type{Kind: schema.Bytes, Native: "bytea"}, rapid.StringMatching(`\\x([0-9a-f]{2}){0,40}`)},
		{instant, rapid.StringMatching(`20[0-9]{2}-1[0-2]-[0-2][1-9] 1[0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{0,5}[1-9])?\+00`)},
		{schema.Type{Kind: schema.Date, Native: "date"}, rapid.SampledFrom([]string{"2025-12-10", "infinity", "0044-03-15 BC"})},
		{schema.Type{Kind: schema.Float, Bits: 64, Native: "double precision"}, rapid.SampledFrom([]string{"1e+100", "0.1", "-0", "NaN", "Infinity", "123456"})},
		{schema.Type{Kind: schema.Interval, Native: "interval"}, rapid.SampledFrom([]string{"P1DT2H3M4.5S", "PT0S"})},
		{document, rapid.SampledFrom([]string{`{}`, `{"a": [1.50, null, "x"]}`, `"text"`, `null`})},
		{schema.Type{Kind: schema.Enum, Labels: []string{"draft", "final"}, Native: "state"}, rapid.SampledFrom([]string{"draft", "final"})},
		{schema.Type{Kind: schema.Inet, Native: "inet"}, rapid.SampledFrom([]string{"192.0.2.7", "2001:db8::1", "192.0.2.0/24"})},
	}
	k := rapid.SampledFrom(kinds).Draw(t, "kind")
	return k.typ, k.text
}

// drawState draws models of one table each with some records; about half of
// the databases are SQLite's, whose columns hold anything.
func drawState(t *rapid.T) state {
	s := state{header: sample().header, records: map[string][]schema.Record{}}
	s.header.Models, s.header.Tables, s.header.LeftOut = nil, nil, nil
	loose := rapid.Bool().Draw(t, "sqlite")
	if loose {
		s.header.Source.Dialect = "sqlite"
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "models") {
		drawModel(t, &s, fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"a.b", ".hidden", "ü/x%", "..", "A b"}).Draw(t, "label"), i), i, loose)
	}
	return s
}

func drawModel(t *rapid.T, s *state, label string, i int, loose bool) {
	table := &schema.Table{Name: fmt.Sprintf("t%d", i), Columns: []schema.Column{{Name: "id", Type: integer}}, PrimaryKey: []string{"id"}}
	join := &schema.Table{Name: fmt.Sprintf("j%d", i), Columns: []schema.Column{{Name: "o", Type: integer}, {Name: "m", Type: integer}}}
	m := &schema.Model{Label: label, Table: table.Name, Fields: []schema.ModelField{{Name: "id", Column: "id", Type: integer}}}
	texts := []*rapid.Generator[string]{nil}
	for n := range rapid.IntRange(0, 5).Draw(t, "columns") {
		typ, text := drawType(t)
		if loose {
			text = rapid.OneOf(text, rapid.SampledFrom([]string{"\xffblob:00ff", "\xfftext:5", "07", "not of the type", "\xc3"}))
		}
		name := fmt.Sprintf("c%d", n)
		table.Columns = append(table.Columns, schema.Column{Name: name, Type: typ})
		m.Fields = append(m.Fields, schema.ModelField{Name: name, Column: name, Type: typ})
		texts = append(texts, text)
	}
	if rapid.Bool().Draw(t, "many-to-many") {
		m.Fields = append(m.Fields, schema.ModelField{Name: "many", Link: &schema.Link{Table: join.Name, Owner: "o", Member: "m"}})
	}
	for id := range rapid.IntRange(0, 12).Draw(t, "records") {
		var values []schema.Literal
		for n := range m.Fields {
			switch {
			case n == 0:
				values = append(values, text(fmt.Sprint(id)))
			case m.Fields[n].Link != nil:
				var list []schema.Member
				for range rapid.IntRange(0, 3).Draw(t, "members") {
					list = append(list, schema.Member{ID: rapid.StringN(1, 9, -1).Draw(t, "id")})
				}
				values = append(values, schema.Members(list))
			case rapid.IntRange(0, 4).Draw(t, "null") == 0:
				values = append(values, schema.Literal{})
			default:
				values = append(values, text(texts[n].Draw(t, "text")))
			}
		}
		s.records[label] = append(s.records[label], rows(m, values)...)
	}
	s.header.Tables = append(s.header.Tables, table, join)
	s.header.Models = append(s.header.Models, m)
}

func TestAnyStateIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := drawState(rt)
		b := s.pack(t, native.WriterOptions{})
		if !bytes.Equal(b, s.pack(t, native.WriterOptions{})) {
			rt.Fatal("the same state became another package")
		}
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		w, err := native.NewFolderWriter(path, s.header, native.WriterOptions{})
		if err != nil {
			rt.Fatal(err)
		}
		if err := s.fill(w); err != nil {
			rt.Fatal(err)
		}
		folder, err := native.OpenFolder(context.Background(), path, options())
		if err != nil {
			rt.Fatal(err)
		}
		defer folder.Close()
		single, err := open(b, options())
		if err != nil {
			rt.Fatal(err)
		}
		defer single.Close()
		if single.Info().Digest != folder.Info().Digest {
			rt.Fatal("the file and the folder have different digests")
		}
		for _, p := range []*native.Package{single, folder} {
			if diff := cmp.Diff(s.all(), backuptest.Read(t, p)); diff != "" {
				rt.Fatalf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(s.header.Models, p.Models()); diff != "" {
				rt.Fatalf("models (-want +got):\n%s", diff)
			}
			if _, err := p.Verify(context.Background(), nil, nil); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// Each point of a chain is read exactly, and what did not change is not stored
// again.
func TestEachPointOfAChainIsReadExactly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := sample()
		users := s.header.Models[0]
		next := 14700
		for id := 13300; id < next; id++ { // five chunks
			s.records[users.Label] = append(s.records[users.Label], user(users, id, "user"))
		}
		c := &chainOf{}
		for i := range 6 {
			c.add(rt, s)
			if i < 5 {
				s, next = change(rt, s, next), next+10
			}
		}
		if full := s.pack(rt, native.WriterOptions{}); len(c.packages[5]) > len(full) {
			rt.Fatalf("the last point has %d bytes, a full one %d", len(c.packages[5]), len(full))
		}
	})
}

// chainOf is a chain of packages in memory, each the parent of the next.
type chainOf struct{ packages [][]byte }

func (c *chainOf) open(ctx context.Context, i int) (*native.Package, error) {
	b := c.packages[i]
	return native.Open(ctx, bytes.NewReader(b), int64(len(b)), fmt.Sprintf("%d.edmspkg", i), native.Options{
		Limits: backup.DefaultLimits(),
		Parent: func(ctx context.Context, name, _ string) (*native.Package, error) {
			var n int
			if _, err := fmt.Sscanf(name, "%d.edmspkg", &n); err != nil {
				return nil, err
			}
			return c.open(ctx, n)
		},
	})
}

// add writes the state on top of the chain and compares what is read.
func (c *chainOf) add(t *rapid.T, s state) {
	i := len(c.packages)
	var o native.WriterOptions
	if i > 0 {
		parent, err := c.open(context.Background(), i-1)
		if err != nil {
			t.Fatal(err)
		}
		defer parent.Close()
		o = native.WriterOptions{Parent: parent, ParentName: fmt.Sprintf("%d.edmspkg", i-1)}
	}
	c.packages = append(c.packages, s.pack(t, o))
	p, err := c.open(context.Background(), i)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if !cmp.Equal(lines(s.all()), lines(backuptest.Read(t, p))) {
		t.Fatalf("the records of point %d differ", i)
	}
	if diff := cmp.Diff(s.files, files(t, p)); diff != "" {
		t.Fatalf("files of point %d (-want +got):\n%s", i, diff)
	}
	if v := mustVerify(t, p); i > 0 && v.Inherited < 2 {
		t.Fatalf("point %d inherits nothing: %+v", i, v)
	}
}

// user is a record of the sample's first model.
func user(m *schema.Model, id int, name string) schema.Record {
	return rows(m, lits(text(fmt.Sprint(id)), text(fmt.Sprint(name, id)), text("t"), text("2025-12-10 08:19:38+00"), text("note")))[0]
}

// change adds, changes and removes a few records and files.
func change(rt *rapid.T, s state, next int) state {
	users := s.header.Models[0]
	list := slices.Clone(s.records[users.Label])
	for i := range rapid.IntRange(0, 3).Draw(rt, "added") {
		list = append(list, user(users, next+i, "new"))
	}
	for range rapid.IntRange(0, 3).Draw(rt, "removed") {
		at := rapid.IntRange(0, len(list)-1).Draw(rt, "at")
		list = slices.Delete(list, at, at+1)
	}
	for range rapid.IntRange(0, 2).Draw(rt, "changed") {
		at := rapid.IntRange(0, len(list)-1).Draw(rt, "at")
		r := list[at]
		r.Fields = slices.Clone(r.Fields)
		r.Fields[1].Value = text(rapid.StringMatching("[a-z]{1,9}").Draw(rt, "name"))
		list[at] = r
	}
	out := s
	out.records = map[string][]schema.Record{users.Label: list, "docs.document": s.records["docs.document"]}
	out.files = slices.Clone(s.files)
	if len(out.files) > 1 && rapid.Bool().Draw(rt, "file removed") {
		out.files = out.files[1:]
	}
	if rapid.Bool().Draw(rt, "file added") {
		out.files = append(out.files, file{fmt.Sprintf("z%d", next), rapid.String().Draw(rt, "content")})
	}
	return out
}
