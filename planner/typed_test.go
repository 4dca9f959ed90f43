package planner

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// typedPackage is a database in memory as a package.
type typedPackage struct {
	live   *memoryLive
	models []*schema.Model
}

func dump(t testing.TB, pol *policy.Policy, live *memoryLive) *typedPackage {
	t.Helper()
	models, _, diags := Models(pol, live.catalogue)
	if diags.HasErrors() {
		t.Fatal(describe(diags))
	}
	return &typedPackage{live, models}
}

func (p *typedPackage) Name() string            { return "copy" }
func (p *typedPackage) Models() []*schema.Model { return p.models }

func (p *typedPackage) Contents() []schema.Content {
	var out []schema.Content
	for _, m := range p.models {
		out = append(out, schema.Content{Model: m.Label, Records: len(p.live.rows[m.Table])})
	}
	return out
}

func (p *typedPackage) Scan(_ context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for _, m := range p.models {
			if m.Label != s.Model {
				continue
			}
			for i, r := range p.live.rows[m.Table] {
				rec := &schema.Record{Number: i + 1}
				for _, f := range m.Fields {
					rec.Fields = append(rec.Fields, schema.Field{Name: f.Name, Value: p.value(f, r)})
				}
				if !yield(rec, nil) {
					return
				}
			}
		}
	}
}

func (p *typedPackage) value(f schema.ModelField, r map[string]schema.Value) schema.Literal {
	if f.Link == nil {
		if v := r[f.Column]; v.Valid {
			return schema.Literal{Kind: schema.CanonicalLiteral, Text: v.Text}
		}
		return schema.Literal{}
	}
	var list []schema.Member
	for _, l := range p.live.rows[f.Link.Table] {
		if l[f.Link.Owner] == r["id"] {
			list = append(list, schema.Member{ID: l[f.Link.Member].Text, Row: l[f.Link.Key].Text})
		}
	}
	return schema.Members(list)
}

func (l *memoryLive) dumped() []string {
	var out []string
	for table, rows := range l.rows {
		for _, r := range rows {
			var cells []string
			for c, v := range r {
				cells = append(cells, fmt.Sprintf("%s=%v %s", c, v.Valid, v.Text))
			}
			slices.Sort(cells)
			out = append(out, table+" "+strings.Join(cells, ", "))
		}
	}
	slices.Sort(out)
	return out
}

// A database copied into an empty one is the same, the keys of join rows
// included.
func TestACopyEqualsItsOriginal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawWorld(rt).world(rt).input(t)
		source := in.Live.(*memoryLive)
		in.Package = dump(t, in.Policy, source)
		target := newLive(t, catalogueCopy(source.catalogue), "")
		in.Live, in.Catalogue = target, target.catalogue
		o := plan(t, in)
		if o.result.Diagnostics.HasErrors() {
			t.Fatal(describe(o.result.Diagnostics))
		}
		converges(t, in, o)
		if diff := cmp.Diff(source.dumped(), target.dumped()); diff != "" {
			t.Errorf("copy (-want +got):\n%s", diff)
		}
	})
}

// catalogueCopy is a catalogue with sequences of its own, at their start.
func catalogueCopy(c *schema.Catalogue) *schema.Catalogue {
	out := *c
	out.Tables = nil
	for _, t := range c.Tables {
		tab := *t
		tab.Columns = slices.Clone(t.Columns)
		for i := range tab.Columns {
			if s := tab.Columns[i].Sequence; s != nil {
				tab.Columns[i].Sequence = &schema.Sequence{Name: s.Name, Max: s.Max}
			}
		}
		out.Tables = append(out.Tables, &tab)
	}
	return &out
}

const (
	cups       = "cups: id serial, name text ! unique, at ts\nspoons: id serial, name text ! unique\ncups_spoons: id serial, cup_id int ! -> cups, spoon_id int ! -> spoons"
	cupsPolicy = "model \"d.cup\" {\n table = cups\n natural_key = [name]\n}\nmodel \"d.spoon\" {\n table = spoons\n natural_key = [name]\n}"
	cupsSource = `cups {"id":5,"name":"blue","at":"2026-01-02T03:04:05.678Z"}
		spoons {"id":7,"name":"tin"}
		cups_spoons {"id":40,"cup_id":5,"spoon_id":7}`
)

func TestWhatACopyKnowsIsTakenOver(t *testing.T) {
	for name, c := range map[string]struct {
		tables, live string
		table        string
		want         []string
	}{
		"the key of a join row, where it is free": {
			table: "cups_spoons", want: []string{"cups_spoons cup_id=true 5, id=true 40, spoon_id=true 7"},
		},
		"but not one that another row has": {
			live: `cups {"id":1,"name":"red"}
				spoons {"id":1,"name":"oak"}
				cups_spoons {"id":40,"cup_id":1,"spoon_id":1}`,
			table: "cups_spoons", want: []string{
				"cups_spoons cup_id=true 1, id=true 40, spoon_id=true 1", "cups_spoons cup_id=true 5, id=true 41, spoon_id=true 7",
			},
		},
		"a join row under another key is the same membership": {
			live: `cups {"id":5,"name":"blue","at":"2026-01-02T03:04:05.678Z"}
				spoons {"id":7,"name":"tin"}
				cups_spoons {"id":2,"cup_id":5,"spoon_id":7}`,
			table: "cups_spoons", want: []string{"cups_spoons cup_id=true 5, id=true 2, spoon_id=true 7"},
		},
		"a time of three digits, which was not cut": {
			live:  `cups {"id":5,"name":"blue","at":"2026-01-02T03:04:05.678123Z"}`,
			table: "cups", want: []string{"cups at=true 2026-01-02 03:04:05.678+00, id=true 5, name=true blue"},
		},
		"values of a column of another type": {
			tables: strings.Replace(cups, "at ts", "at text", 1),
			table:  "cups", want: []string{"cups at=true 2026-01-02T03:04:05.678000Z, id=true 5, name=true blue"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.tables == "" {
				c.tables = cups
			}
			in := world{tables: c.tables, policy: cupsPolicy, live: c.live}.input(t)
			in.Package = dump(t, in.Policy, newLive(t, catalogue(t, cups, ""), cupsSource))
			o := plan(t, in)
			if o.result.Diagnostics.HasErrors() {
				t.Fatal(describe(o.result.Diagnostics))
			}
			converges(t, in, o)
			got := slices.DeleteFunc(in.Live.(*memoryLive).dumped(), func(s string) bool { return !strings.HasPrefix(s, c.table+" ") })
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.table, diff)
			}
		})
	}
}

func TestModelsDescribeWhatThePolicyAndTheTablesKnow(t *testing.T) {
	c := catalogue(t, cups+"\nother: id serial", "")
	models, tables, diags := Models(parsePolicy(t, strings.Replace(cupsPolicy, "natural_key = [name]\n}", "natural_key = [name]\n sensitive = [at]\n}", 1)), c)
	if diags.HasErrors() {
		t.Fatal(describe(diags))
	}
	want := []*schema.Model{
		{
			Label: "d.spoon", Table: "spoons", NaturalKey: []string{"name"},
			Fields: []schema.ModelField{{Name: "id", Column: "id", Type: typeOf(t, "int")}, {Name: "name", Column: "name", Type: typeOf(t, "text")}},
		},
		{
			Label: "d.cup", Table: "cups", NaturalKey: []string{"name"},
			Fields: []schema.ModelField{
				{Name: "id", Column: "id", Type: typeOf(t, "int")},
				{Name: "name", Column: "name", Type: typeOf(t, "text")},
				{Name: "at", Column: "at", Type: typeOf(t, "ts"), Sensitive: true},
				{
					Name: "spoons", References: &schema.ModelReference{Model: "d.spoon", Field: "id"},
					Link: &schema.Link{Table: "cups_spoons", Owner: "cup_id", Member: "spoon_id", Key: "id"},
				},
			},
		},
	}
	if diff := cmp.Diff(want, models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	if len(tables) != 3 || tables[0].Name != "cups" || tables[1].Name != "cups_spoons" || tables[2].Name != "spoons" {
		t.Errorf("tables: %v", tables)
	}
	if diff := cmp.Diff([]*schema.Table{c.Table("other")}, Unlisted(parsePolicy(t, cupsPolicy), c)); diff != "" {
		t.Errorf("unlisted (-want +got):\n%s", diff)
	}
}

// A live row whose generic reference led nowhere is unchanged when the plan
// adds the record under the very id that it has.
func TestAnIdThatLeadsToItsRecordAgainIsLeftAlone(t *testing.T) {
	const (
		tables = "kinds: id serial, app text !, model text !, unique(app, model)\nnotes: id serial, text text ! unique, kind_id int -> kinds, object text\ncups: id serial, name text ! unique"
		pol    = "model \"d.kind\" {\n table = kinds\n natural_key = [app, model]\n}\nmodel \"d.cup\" {\n table = cups\n natural_key = [name]\n}\n" +
			"model \"d.note\" {\n table = notes\n natural_key = [text]\n generic_reference \"about\" {\n  type = kind\n  id = object\n }\n}"
		notes = `kinds {"id":1,"app":"d","model":"cup"}
			notes {"id":1,"text":"n","kind_id":1,"object":"7"}`
	)
	for name, c := range map[string]struct {
		live string
		want []string
	}{
		"under the same id": {notes, []string{`+ d.cup ["blue"] pk 7 name "blue"`}},
		"under another id": {notes + "\n" + `cups {"id":7,"name":"red"}`, []string{
			`+ d.cup ["blue"] name "blue"`, `~ d.note ["n"] object ["red"] -> ["blue"]`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			in := world{tables: tables, policy: pol, live: c.live}.input(t)
			in.Package = dump(t, in.Policy, newLive(t, catalogue(t, tables, ""), notes+"\n"+`cups {"id":7,"name":"blue"}`))
			o := plan(t, in)
			if diff := cmp.Diff(c.want, o.changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			converges(t, in, o)
		})
	}
}

// How a database spells members is no matter of the seeds.
func TestSeedsHaveMembersWhereThePackageIsADatabase(t *testing.T) {
	const (
		tables = "spoons: id serial, name text ! unique\ncups: id serial, name text ! unique\ncups_spoons: id serial, cup_id int ! -> cups, spoon_id int ! -> spoons, unique(cup_id, spoon_id)"
		pol    = "model \"d.spoon\" {\n table = spoons\n natural_key = [name]\n}\nmodel \"d.cup\" {\n table = cups\n natural_key = [name]\n}\n" +
			"seed \"d.cup\" {\n on = always\n records = [{ name = \"blue\", spoons = [\"big\"] }]\n}"
	)
	in := world{tables: tables, policy: pol, live: `spoons {"id":3,"name":"big"}`}.input(t)
	in.Package = dump(t, in.Policy, newLive(t, catalogue(t, tables, ""), `spoons {"id":3,"name":"big"}`))
	o := plan(t, in)
	want := []string{`+ d.cup ["blue"] name "blue" spoons [["big"]]`}
	if diff := cmp.Diff(want, o.changes); diff != "" || len(o.problems) > 0 {
		t.Errorf("changes (-want +got):\n%s, problems %q", diff, o.problems)
	}
	converges(t, in, o)
}
