package export

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// The world of the tests: people with bosses, papers with an owner, readers, a
// kind that is referred to by its code, and an earlier paper; notes about any
// of them by content type and id.
func worldModels() ([]*schema.Model, []*schema.Table) {
	number := schema.Type{Kind: schema.Integer, Bits: 64}
	text := schema.Type{Kind: schema.Text}
	to := func(model, field string) *schema.ModelReference {
		return &schema.ModelReference{Model: model, Field: field}
	}
	short := schema.Type{Kind: schema.Text, Length: 20}
	models := []*schema.Model{
		{Label: "w.type", Table: "types", NaturalKey: []string{"app_label", "model"}, Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: number}, {Name: "app_label", Column: "app_label", Type: text}, {Name: "model", Column: "model", Type: text},
		}},
		{Label: "w.kind", Table: "kinds", NaturalKey: []string{"code"}, Fields: []schema.ModelField{
			{Name: "code", Column: "code", Type: short}, {Name: "name", Column: "name", Type: text},
		}},
		{Label: "w.person", Table: "people", NaturalKey: []string{"login"}, Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: number},
			{Name: "login", Column: "login", Type: text},
			{Name: "uuid", Column: "uuid", Type: schema.Type{Kind: schema.UUID}},
			{Name: "boss", Column: "boss_id", Type: number, References: to("w.person", "id")},
			{Name: "mail", Column: "mail", Type: schema.Type{Kind: schema.Text, Length: 30}},
			{Name: "pin", Column: "pin", Type: text, Sensitive: true},
			{Name: "token", Column: "token", Type: text, Sensitive: true},
			{Name: "age", Column: "age", Type: schema.Type{Kind: schema.Integer, Bits: 16}},
			{Name: "active", Column: "active", Type: schema.Type{Kind: schema.Bool}},
		}},
		{Label: "w.paper", Table: "papers", NaturalKey: []string{"number", "owner"}, Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: number},
			{Name: "number", Column: "number", Type: text},
			{Name: "owner", Column: "owner_id", Type: number, References: to("w.person", "id")},
			{Name: "kind", Column: "kind_code", Type: short, References: to("w.kind", "code")},
			{Name: "earlier", Column: "earlier_id", Type: number, References: to("w.paper", "id")},
			{Name: "author_mail", Column: "author_mail", Type: schema.Type{Kind: schema.Text, Length: 40}},
			{Name: "readers", References: to("w.person", "id"), Link: &schema.Link{Table: "readers", Owner: "paper_id", Member: "person_id", Key: "id"}},
		}},
		{Label: "w.note", Table: "notes", NaturalKey: []string{"id"}, Generics: []schema.GenericField{{Type: "type", ID: "object"}}, Fields: []schema.ModelField{
			{Name: "id", Column: "id", Type: number},
			{Name: "type", Column: "type_id", Type: number, References: to("w.type", "id")},
			{Name: "object", Column: "object", Type: short},
			{Name: "person", Column: "person_id", Type: number, References: to("w.person", "id")},
		}},
	}
	nullable := []string{"boss_id", "token", "age", "kind_code", "earlier_id", "type_id", "object", "person_id"}
	var tables []*schema.Table
	for _, m := range models {
		t := &schema.Table{Name: m.Table, PrimaryKey: []string{m.Fields[0].Column}}
		for _, f := range m.Fields {
			if f.Link == nil {
				t.Columns = append(t.Columns, schema.Column{Name: f.Column, Type: f.Type, NotNull: !slices.Contains(nullable, f.Column)})
			}
		}
		tables = append(tables, t)
	}
	tables[2].Uniques = []schema.Unique{{Columns: []string{"uuid"}}, {Columns: []string{"login"}}}
	return models, tables
}

// worldPolicy is the models' policy, with what a test adds inside their blocks.
func worldPolicy(t testing.TB, inside map[string]string, rest string) *policy.Policy {
	t.Helper()
	text := "policy { name = \"w\" }\n" + rest + "\n"
	for _, m := range []struct{ label, table, key string }{
		{"w.type", "types", "app_label, model"},
		{"w.kind", "kinds", "code"},
		{"w.person", "people", "login"},
		{"w.paper", "papers", "number, owner"},
		{"w.note", "notes", "id"},
	} {
		more := inside[m.label]
		if m.label == "w.person" {
			more = "sensitive = [pin, token]\n" + more
		}
		text += fmt.Sprintf("model %q {\n table = %s\n natural_key = [%s]\n%s\n}\n", m.label, m.table, m.key, more)
	}
	p, diags := policy.Parse([]policy.File{{Name: "w.hcl", Content: []byte(text)}}, policy.Options{})
	if p == nil {
		t.Fatal(diags.Err())
	}
	return p
}

// world is a source in memory: rows of each model's label.
type world map[string][]*schema.Record

// scan yields a record that is gone when the next one comes, as a database's
// is.
func (w world) scan(_ context.Context, m *schema.Model) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		shared := &schema.Record{}
		for _, r := range w[m.Label] {
			shared.Fields = append(shared.Fields[:0], r.Fields...)
			if !yield(shared, nil) {
				return
			}
		}
		clear(shared.Fields)
	}
}

// add makes a record of its values in the order of the fields, joined by bars:
// "-" is null, a many-to-many field is a list of ids joined by spaces.
func (w world) add(models []*schema.Model, label, values string) {
	for _, m := range models {
		if m.Label != label {
			continue
		}
		r := &schema.Record{}
		for i, v := range strings.Split(values, "|") {
			f := schema.Field{Name: m.Fields[i].Name, Value: canonical(v)}
			switch {
			case m.Fields[i].Link != nil:
				var list []schema.Member
				for _, id := range strings.Fields(v) {
					list = append(list, schema.Member{ID: id, Row: "9" + id})
				}
				f.Value = schema.Members(list)
			case v == "-":
				f.Value = schema.Literal{}
			}
			r.Fields = append(r.Fields, f)
		}
		w[label] = append(w[label], r)
	}
}

// standard is a small world. Paper 3 follows 2 and is read by grace; note 3 is
// about somebody who is gone.
func standard() (world, []*schema.Model, []*schema.Table) {
	models, tables := worldModels()
	w := world{}
	for _, line := range strings.Split(strings.TrimSpace(`
w.type 1|w|person
w.type 2|w|paper
w.type 3|x|unknown
w.kind SOP|Procedure
w.kind POL|Policy
w.person 1|ada|00000000-0000-4000-8000-000000000001|-|ada@real.test|pin-of-ada|token-of-ada|36|t
w.person 2|bob|00000000-0000-4000-8000-000000000002|1|bob@real.test|pin-of-bob|-|-|f
w.person 3|cyd|00000000-0000-4000-8000-000000000003|2||pin-of-cyd|-|41|t
w.person 4|dan|00000000-0000-4000-8000-000000000004|4|ada@real.test|pin-of-dan|-|41|t
w.paper 1|A|1|SOP|-|ada@real.test|
w.paper 2|B|2|POL|1||3 4
w.paper 3|C|4|-|2|dan@real.test|1
w.note 1|1|2|-
w.note 2|2|3|1
w.note 3|1|99|-
w.note 4|3|1|-
w.note 5|-|-|77`), "\n") {
		label, values, _ := strings.Cut(line, " ")
		w.add(models, label, values)
	}
	return w, models, tables
}

// identified are the records that leave, by model: "w.person 1 2".
func identified(t testing.TB, s *Selection, models []*schema.Model) []string {
	t.Helper()
	var list []string
	for _, m := range models {
		line := m.Label
		for r, err := range s.Records(context.Background(), m.Label) {
			if err != nil {
				t.Fatal(err)
			}
			line += " " + r.Fields[0].Value.Text
		}
		if line != m.Label {
			list = append(list, line)
		}
	}
	return list
}

// said is a list of diagnostics as a test compares it.
func said(list diag.List) []string {
	var out []string
	for _, d := range list {
		line := d.Code + ": " + d.Summary
		if d.Record != nil {
			line += " @ " + d.Record.String()
		}
		if d.More > 0 {
			line += fmt.Sprintf(" +%d", d.More)
		}
		out = append(out, line)
	}
	return out
}
