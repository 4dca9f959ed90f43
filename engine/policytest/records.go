package policytest

import (
	"context"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// records are what a test writes, as a package.
type records struct {
	name     string
	info     backup.Info
	contents []schema.Content
	byModel  map[string][]*schema.Record
	// places are those of the records by their number, from 1.
	places []diag.Range
}

var _ backup.Package = (*records)(nil)

func (r *records) Name() string               { return r.name }
func (r *records) Contents() []schema.Content { return r.contents }
func (r *records) Info() backup.Info          { return r.info }
func (r *records) Close() error               { return nil }

// Scan implements schema.Source.
func (r *records) Scan(_ context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for _, rec := range r.byModel[s.Model] {
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// records gathers the file's and the test's blocks.
func (c *testCase) records(name string, blocks []*policy.TestRecords) *records {
	r := &records{name: c.file.Name + " " + name, byModel: map[string][]*schema.Record{}}
	r.info = backup.Info{Format: "test", Path: c.file.Name}
	var order []string
	for _, b := range blocks {
		label := b.Model.Text
		if _, known := r.byModel[label]; !known {
			order = append(order, label)
			r.byModel[label] = nil
		}
		for _, rec := range b.Records {
			r.places = append(r.places, rec.Range)
			out := &schema.Record{Number: len(r.places)}
			for _, f := range rec.Fields {
				if f.Name.Text == "pk" && c.field(label, "pk") == nil {
					out.PK = f.Value
					continue
				}
				out.Fields = append(out.Fields, schema.Field{Name: f.Name.Text, Value: c.spell(c.field(label, f.Name.Text), f.Value)})
			}
			r.byModel[label] = append(r.byModel[label], out)
		}
	}
	for _, label := range order {
		r.contents = append(r.contents, schema.Content{Model: label, Records: len(r.byModel[label])})
	}
	r.info.Records = len(r.places)
	return r
}

// placed are the errors, those about the records at their places in the test
// file.
func (r *records) placed(list diag.List) diag.List {
	var out diag.List
	for _, d := range list {
		if d.Severity != diag.Error {
			continue
		}
		if d.Record != nil && d.Record.Member == r.name && d.Record.Number > 0 && d.Record.Number <= len(r.places) {
			d.Range, d.Source, d.Code = r.places[d.Record.Number-1], "", "test.live"
			d.Remedy = "Correct the live row in the test, or add the rows that it needs."
		}
		out = append(out, d)
	}
	return out
}

// field is the model's field that a test names, as a field or as its column;
// nil if there is none.
func (c *testCase) field(label, name string) *schema.ModelField {
	m := c.models[label]
	if m == nil {
		return nil
	}
	if f := m.Field(name); f != nil {
		return f
	}
	for i := range m.Fields {
		if m.Fields[i].Column == name {
			return &m.Fields[i]
		}
	}
	return nil
}

// keyOf is the natural key that a record is written with; ok is false where a
// part of it is not written. A reference that is written as a primary key stands
// for itself, so that it equals no key.
func keyOf(m *schema.Model, rec *schema.Record) (key []string, ok bool) {
	for _, name := range m.NaturalKey {
		l := given(m.Field(name), rec)
		if l == nil || l.Kind == schema.NullLiteral {
			return nil, false
		}
		key = append(key, flat(keyPart(m.Field(name), *l))...)
	}
	return key, true
}

// keyPart is a part of a key as a plan spells it, such as a UUID with its
// hyphens.
func keyPart(f *schema.ModelField, l schema.Literal) plans.Value {
	if f.References == nil {
		if v, err := f.Type.Parse(l); err == nil {
			return plans.Value(f.Type.JSON(v))
		}
	}
	return literalJSON(l)
}

// given is the value that a record gives a field, nil if it gives none.
func given(f *schema.ModelField, rec *schema.Record) *schema.Literal {
	for i := range rec.Fields {
		if n := rec.Fields[i].Name; n == f.Name || n == f.Column {
			return &rec.Fields[i].Value
		}
	}
	return nil
}

// keyID is a key as a map holds it.
func keyID(parts []string) string { return strings.Join(parts, "\x00") }

// flat are the parts of a natural key or of any list, those of lists in it in
// their place.
func flat(v plans.Value) []string {
	if parts := v.Parts(); parts != nil {
		var out []string
		for _, p := range parts {
			out = append(out, flat(p)...)
		}
		return out
	}
	if text, ok := v.Text(); ok {
		return []string{text}
	}
	return []string{string(v)}
}

// literalJSON is a value as the plan would write it.
func literalJSON(l schema.Literal) plans.Value {
	switch l.Kind {
	case schema.NullLiteral:
		return plans.Null
	case schema.StringLiteral, schema.CanonicalLiteral:
		b, _ := jsontext.AppendQuote(nil, l.Text) // its error tells of replaced bytes
		return plans.Value(b)
	}
	return plans.Value(l.Text)
}
