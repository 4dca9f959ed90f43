package django_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/schema"
)

// writtenTypes are types of columns and spellings of their values.
func writtenTypes() []struct {
	typ    schema.Type
	values *rapid.Generator[string]
} {
	number := schema.Type{Kind: schema.Integer, Bits: 64}
	text, exact := schema.Type{Kind: schema.Text}, schema.Type{Kind: schema.Numeric}
	instant, span := schema.Type{Kind: schema.TimestampTZ}, schema.Type{Kind: schema.Interval}
	document, raw := schema.Type{Kind: schema.JSON}, schema.Type{Kind: schema.Bytes}
	numbers := schema.Type{Kind: schema.Array, Elem: &number}
	array := func(elem *schema.Type) schema.Type { return schema.Type{Kind: schema.Array, Elem: elem} }
	any := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "NULL", "null", `{a,"b"}`, "[1]", `\`, "\x00", "\u2028</script>", "7"}))
	integers := rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) })
	decimals := rapid.StringMatching(`-?[1-9][0-9]{0,30}\.[0-9]{1,9}`)
	floats := rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprint(f) })
	hexes := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 9), func(b []byte) string { return `\x` + hex.EncodeToString(b) })
	const day, clock = `[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`, `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?`
	spans := rapid.StringMatching(`P-?[0-9]{1,6}DT-?[0-9]{1,3}H-?[0-9]{1,3}M-?[0-9]{1,3}(\.[0-9]{1,6})?S`)
	moments := rapid.StringMatching(day + ` ` + clock + `\+00`)
	documents := rapid.OneOf(
		rapid.SampledFrom([]string{`{}`, `[]`, `""`, `1.50`, `-0`, `true`, `{"b": [1, null], "a": {"": "\u0000"}}`, `[null]`, `"null"`}),
		rapid.Map(any, quote),
		rapid.Map(any, func(s string) string { return "[{" + quote(s) + ": " + quote(s) + "}]" }))
	lists := func(elems *rapid.Generator[string]) *rapid.Generator[string] {
		return rapid.Map(rapid.SliceOfN(rapid.Map(elems, quote), 0, 4), func(s []string) string { return "[" + strings.Join(append(s, "null"), ",") + "]" })
	}
	return []struct {
		typ    schema.Type
		values *rapid.Generator[string]
	}{
		{schema.Type{Kind: schema.Bool}, rapid.SampledFrom([]string{"t", "f"})},
		{number, integers},
		{exact, decimals},
		{schema.Type{Kind: schema.Float, Bits: 64}, floats},
		{text, any},
		{schema.Type{Kind: schema.Enum}, any},
		{schema.Type{Kind: schema.Other}, any},
		{raw, hexes},
		{schema.Type{Kind: schema.UUID}, rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)},
		{schema.Type{Kind: schema.Date}, rapid.StringMatching(day)},
		{schema.Type{Kind: schema.Time}, rapid.StringMatching(clock)},
		{schema.Type{Kind: schema.Timestamp}, rapid.StringMatching(day + ` ` + clock)},
		{instant, moments},
		{span, spans},
		{document, documents},
		{schema.Type{Kind: schema.Inet}, rapid.StringMatching(`10\.[1-9]\.[0-9]\.[0-9](/2[0-9])?|2001:db8::[1-9a-f]`)},
		{numbers, lists(integers)},
		{array(&text), lists(any)},
		{array(&exact), lists(decimals)},
		{array(&instant), lists(moments)},
		{array(&span), lists(spans)},
		{array(&raw), lists(hexes)},
		{array(&numbers), rapid.Map(lists(integers), func(s string) string { return "[" + s + "," + s + "]" })},
	}
}

// Whatever a column holds, our reader finds it in what was written, whole: the
// same value, not cut.
func TestWrittenValuesAreReadBack(t *testing.T) {
	dir := t.TempDir()
	for i, c := range writtenTypes() {
		t.Run(fmt.Sprintf("%s %d", c.typ.Kind, i), func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				spelling := c.values.Draw(r, "value")
				in := schema.Literal{Kind: schema.StringLiteral, Text: spelling}
				if c.typ.Kind == schema.JSON {
					in.Kind = schema.CanonicalLiteral
				}
				want, err := c.typ.Parse(in)
				if err != nil {
					r.Fatalf("%q is not of the type: %v", spelling, err)
				}
				want.Digits = 0
				path := filepath.Join(dir, "x.json")
				writeFile(t, path, oneValue(r, c.typ, want))
				p := open(t, path)
				defer p.Close()
				got, err := c.typ.Parse(backuptest.Read(t, p)[0].Fields[0].Value)
				if err != nil || !c.typ.Equal(want, got) || got.Digits != 0 {
					r.Fatalf("wrote %+v, read %+v, %v", want, got, err)
				}
			})
		})
	}
}

// oneModel announces a model with one column besides its primary key.
func oneModel(typ schema.Type) (backup.Header, *schema.Model) {
	id := schema.Type{Kind: schema.Integer, Bits: 64}
	m := &schema.Model{Label: "a.b", Table: "t", Fields: []schema.ModelField{
		{Name: "id", Column: "id", Type: id}, {Name: "value", Column: "value", Type: typ},
	}}
	table := &schema.Table{Name: "t", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: id}, {Name: "value", Type: typ}}}
	return backup.Header{Models: []*schema.Model{m}, Tables: []*schema.Table{table}}, m
}

func oneRecord(v schema.Value) func(func(*schema.Record, error) bool) {
	l := schema.Literal{}
	if v.Valid {
		l = schema.Literal{Kind: schema.CanonicalLiteral, Text: v.Text}
	}
	return func(yield func(*schema.Record, error) bool) {
		yield(&schema.Record{Fields: []schema.Field{
			{Name: "id", Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: "7"}}, {Name: "value", Value: l},
		}}, nil)
	}
}

func tryValue(w io.Writer, typ schema.Type, v schema.Value) error {
	h, m := oneModel(typ)
	f, err := django.NewWriter(w, h, django.Options{})
	if err != nil {
		return err
	}
	if _, err := f.WriteModel(context.Background(), m, oneRecord(v)); err != nil {
		return err
	}
	return f.Finish(context.Background())
}

// oneValue is a fixture of one record with that value.
func oneValue(r *rapid.T, typ schema.Type, v schema.Value) string {
	var b bytes.Buffer
	if err := tryValue(&b, typ, v); err != nil {
		r.Fatalf("%+v: %v", v, err)
	}
	return b.String()
}
