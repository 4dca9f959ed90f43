package native

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

func section(b []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
}

// small is a header with one model of one table.
func small() backup.Header {
	integer := schema.Type{Kind: schema.Integer, Bits: 32, Native: "integer"}
	return backup.Header{
		Kind: backup.Database, Source: backup.Origin{Dialect: "sqlite"},
		Tables: []*schema.Table{
			{Name: "t", Columns: []schema.Column{{Name: "id", Type: integer}, {Name: "x", Type: schema.Type{Kind: schema.Array, Elem: &integer}}}, PrimaryKey: []string{"id"}},
			{Name: "j", Columns: []schema.Column{{Name: "o"}, {Name: "m"}}},
		},
		Models: []*schema.Model{{Label: "a.b", Table: "t", NaturalKey: []string{"x"}, Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: integer},
			{Name: "x", Column: "x", Type: schema.Type{Kind: schema.Array, Elem: &integer}},
			{Name: "m", Link: &schema.Link{Table: "j", Owner: "o", Member: "m"}},
		}}},
	}
}

// A catalogue that is read is written in the same bytes.
func FuzzCatalogue(f *testing.F) {
	c, err := catalogueOf(small())
	if err != nil {
		f.Fatal(err)
	}
	b, err := marshal(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"models":[],"tables":[],"left_out":[]}` + "\n"))
	f.Add([]byte(`{"models":[],"models":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c catalogueDocument
		if _, err := unmarshal(section(b), &c); err != nil {
			return
		}
		h := backup.Header{}
		if err := c.fill(&h); err != nil {
			return
		}
		again, err := catalogueOf(h)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := marshal(again); err != nil || !bytes.Equal(out, b) {
			t.Fatalf("read and written again, it differs (%v):\n%s\n%s", err, b, out)
		}
	})
}

// No manifest panics, and what is accepted adds up.
func FuzzManifest(f *testing.F) {
	h := small()
	m := manifestDocument{Models: []rowsMember{{Model: "a.b", Encoding: textEncoding, Irregular: []irregularMember{{Field: "x", Values: 1}}}}}
	m.Models[0].Chunks = []chunkMember{{Records: 2, Size: 20, Stored: 30}}
	m.Models[0].Records, m.Models[0].Bytes, m.Models[0].Digest = 2, 20, modelDigest(m.Models[0].Chunks)
	m.Parts = []partMember{{Size: 5, Stored: 7}}
	m.Files = []fileMember{{Name: "a/b", Size: 5, Mode: 0o600, Parts: []digest{{}}}}
	m.Totals = m.total()
	if err := m.check(&h, false, backup.DefaultLimits()); err != nil {
		f.Fatal(err)
	}
	b, err := marshal(&m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m manifestDocument
		if _, err := unmarshal(section(b), &m); err != nil {
			return
		}
		if m.check(&h, false, backup.DefaultLimits()) != nil {
			return
		}
		if m.total() != m.Totals || m.Totals.Bytes < 0 || m.Totals.FileBytes < 0 {
			t.Fatalf("it does not add up: %+v", m.Totals)
		}
	})
}

// Rows that are read are written in the same bytes.
func FuzzRows(f *testing.F) {
	m := small().Models[0]
	for _, s := range []string{"\x025\x03[]\x03[]", "\x00\x00\x03[]", "\x00\x00\x00", "\x80\x00\x00\x03[]", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x02"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, j := newRowReader(m), newJudge(m, "sqlite")
		for rest := b; len(rest) > 0; {
			rec, next, err := r.next(rest)
			if err != nil {
				return
			}
			_ = j.record(rec)
			again, err := appendRow(nil, m, rec)
			if err != nil || !bytes.Equal(again, rest[:len(rest)-len(next)]) {
				t.Fatalf("read and written again, a row differs: %v", err)
			}
			rest = next
		}
	})
}

func FuzzArchiveHeader(f *testing.F) {
	h, err := tarHeader(rowsName("a.b", digest{}), 77)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(h[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) != blockSize {
			return
		}
		name, size, ok := readHeader(b)
		if !ok {
			return
		}
		if again, err := tarHeader(name, size); err != nil || !bytes.Equal(again[:], b) {
			t.Fatalf("%q of %d bytes has two headers", name, size)
		}
	})
}

func TestCanonicalTexts(t *testing.T) {
	kind := func(k schema.Kind) schema.Type { return schema.Type{Kind: k} }
	for _, c := range []struct {
		typ       schema.Type
		good, bad []string
	}{
		{kind(schema.Bool), []string{"t", "f"}, []string{"true", "T", "", "1"}},
		{schema.Type{Kind: schema.Integer, Bits: 16}, []string{"0", "-1", "32767"}, []string{"-0", "+1", "01", "", "-", "32768", "1.0", " 1"}},
		{schema.Type{Kind: schema.Numeric, Precision: 5, Scale: 2}, []string{"1.50", "-0.05", "NaN"}, []string{"1.5", "01.50", "+1.50", "1e2", "1000.00", ""}},
		{schema.Type{Kind: schema.Float, Bits: 64}, []string{"0.1", "1e+100", "-0", "Infinity"}, []string{"0.10", "1e100", "inf", "0x1p3", ""}},
		{schema.Type{Kind: schema.Text, Length: 2}, []string{"", "üü"}, []string{"abc", "\xff"}},
		{kind(schema.UUID), []string{"f0ac7c98-a20c-40a9-8727-67e6a48ebefe"}, []string{"F0AC7C98-a20c-40a9-8727-67e6a48ebefe", "f0ac7c98a20c40a9872767e6a48ebefe", ""}},
		{kind(schema.Bytes), []string{`\x`, `\x00ff`}, []string{`\x0`, `\xFF`, "", "00"}},
		{kind(schema.Date), []string{"2025-12-10", "infinity", "0044-03-15 BC"}, []string{"2025-12-32", "10.12.2025", ""}},
		{kind(schema.Time), []string{"02:00:00.5", "24:00:00"}, []string{"02:00:00.50", "2:00", "25:00:00"}},
		{kind(schema.Timestamp), []string{"2025-12-10 08:19:38.545"}, []string{"2025-12-10T08:19:38.545", "2025-12-10 08:19:38.540"}},
		{kind(schema.TimestampTZ), []string{"2025-12-10 08:19:38.545+00"}, []string{"2025-12-10 08:19:38.545", "2025-12-10 08:19:38.545Z", "2025-12-10 08:19:38+02"}},
		{kind(schema.Interval), []string{"P1DT2H3M4.5S", "PT0S"}, []string{"1 day", "PT0.0S"}},
		{kind(schema.JSON), []string{`{"b": 1, "a": 1.50}`, "null", `"x"`, "[1]"}, []string{"", "{", `{"a":1} x`}},
		{schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Integer, Bits: 16}}, []string{"{}", "{1,NULL}"}, []string{"", "{1", "{32768}"}},
		{schema.Type{Kind: schema.Enum, Labels: []string{"a"}}, []string{"a"}, []string{"A", ""}},
		{kind(schema.Inet), []string{"192.0.2.7", "2001:db8::1"}, []string{"192.0.2.007", "2001:DB8::1", ""}},
		{kind(schema.Other), []string{"", "anything"}, []string{"\xff"}},
	} {
		for want, texts := range map[bool][]string{true: c.good, false: c.bad} {
			for _, text := range texts {
				if got := isCanonical(c.typ, text, "postgres"); got != want {
					t.Errorf("%s %q: canonical %v", c.typ.Kind, text, got)
				}
			}
		}
	}
}

func TestLabelsAsNamesOfFolders(t *testing.T) {
	for label, want := range map[string]string{
		"documents.document": "documents.document", ".hidden": "%2Ehidden", "..": "%2E.", "a/b": "a%2Fb", "ü": "%C3%BC", "A b%": "A%20b%25", "a\\b": "a%5Cb",
	} {
		if got := escapeLabel(label); got != want {
			t.Errorf("%q became %q, not %q", label, got, want)
		}
	}
}

func TestIrregularValuesStandInTheManifest(t *testing.T) {
	h := small()
	j := newJudge(h.Models[0], "sqlite")
	rec := &schema.Record{Fields: []schema.Field{
		{Name: "id", Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: "\xffblob:00"}},
		{Name: "x", Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: "{1}"}},
		{Name: "m", Value: schema.Members(nil)},
	}}
	if err := j.record(rec); err != nil {
		t.Fatal(err)
	}
	if want := []irregularMember{{Field: "id", Values: 1}}; !slices.Equal(j.list(), want) {
		t.Errorf("got %v, want %v", j.list(), want)
	}
	if err := newJudge(h.Models[0], "postgres").record(rec); err == nil {
		t.Error("PostgreSQL has no such value")
	}
}

// What is taken for usual is what parsing it says.
func FuzzUsual(f *testing.F) {
	for _, s := range []string{
		"2025-12-10 08:19:38.545+00", "2025-12-10 08:19:38", "2025-02-29 00:00:00+00", "0000-01-01 00:00:00", "2025-12-10 24:00:00", "2025-12-10 08:19:38.50",
		"2025-12-31", "2025-11-31", "2025-02-29", "2024-02-29", "2025-00-10", "2025-12-00", "2025-1:-10", "0", "-0", "-1", "01", "999999999", "32767", "99999", "1.50", "0.00", "00.50", "-0.00", "123.45", "1234.50", ".50", "1.5:",
		"t", `\x00ff`, `\x0`, "f0ac7c98-a20c-40a9-8727-67e6a48ebefe", `{"a": 1}`, `{"a": 1, "a": 2}`, "ab\x00", "\xff", "üü",
	} {
		f.Add(s)
	}
	types := []schema.Type{{Kind: schema.JSON, Native: "jsonb"}, {Kind: schema.Text, Length: 2}, {Kind: schema.Numeric, Precision: 5, Scale: 2}, {Kind: schema.Numeric}, {Kind: schema.Numeric, Precision: 2, Scale: 3}}
	for _, k := range []schema.Kind{schema.Bool, schema.UUID, schema.Bytes, schema.Text, schema.Date, schema.Timestamp, schema.TimestampTZ, schema.JSON, schema.Other} {
		types = append(types, schema.Type{Kind: k})
	}
	for _, bits := range []int{0, 16, 32, 64} {
		types = append(types, schema.Type{Kind: schema.Integer, Bits: bits})
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range types {
			if !isUsual(&typ, s, "postgres") {
				continue
			}
			l := schema.Literal{Kind: schema.StringLiteral, Text: s}
			if typ.Kind == schema.JSON {
				l.Kind = schema.ObjectLiteral // whose text is JSON
			}
			v, err := typ.Parse(l)
			if err == nil {
				err = typ.Check(v, "postgres")
			}
			if typ.Kind == schema.Other && utf8.ValidString(s) {
				err = nil // which Check would not take with a NUL
			}
			if err != nil || v.Text != s {
				t.Fatalf("%q is no canonical %s: %v", s, typ.Kind, err)
			}
		}
	})
}

func TestLowerHexIsDigitsAndLetters(t *testing.T) {
	for c := range 256 {
		b := []byte{'0', byte(c), 'f'}
		if want := strings.IndexByte("0123456789abcdef", byte(c)) >= 0; isLowerHex(string(b)) != want {
			t.Errorf("%q: %v", b, !want)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	typ := func(k schema.Kind) schema.Type { return schema.Type{Kind: k} }
	m := &schema.Model{Fields: []schema.ModelField{
		{Name: "id", Type: schema.Type{Kind: schema.Integer, Bits: 64}},
		{Name: "uuid", Type: typ(schema.UUID)},
		{Name: "at", Type: typ(schema.TimestampTZ)},
		{Name: "text", Type: schema.Type{Kind: schema.Text, Length: 200}},
		{Name: "json", Type: typ(schema.JSON)},
	}}
	rec := newRecord(m)
	for i, text := range []string{"123456", "f0ac7c98-a20c-40a9-8727-67e6a48ebefe", "2025-12-31 08:19:38.545+00", "Standard operating procedure", `{"status": {"new": "UNDER_REVIEW"}, "pages": 7}`} {
		rec.Fields[i].Value = schema.Literal{Kind: schema.CanonicalLiteral, Text: text}
	}
	j := newJudge(m, "postgres")
	b.ReportAllocs()
	for b.Loop() {
		if err := j.record(&rec); err != nil {
			b.Fatal(err)
		}
	}
}
