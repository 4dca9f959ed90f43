package policy_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// whole reads the policy that has every block and attribute.
func whole(t *testing.T, o policy.Options) *policy.Policy {
	t.Helper()
	content, err := os.ReadFile("testdata/whole.hcl")
	if err != nil {
		t.Fatal(err)
	}
	p, diags := policy.Parse([]policy.File{{Name: "whole.hcl", Content: content}}, o)
	for _, d := range diags {
		t.Errorf("unexpected: %s", d.Error())
	}
	if p == nil {
		t.FailNow()
	}
	return p
}

func named(list ...string) []policy.Name {
	var out []policy.Name
	for _, n := range list {
		out = append(out, policy.Name{Text: n})
	}
	return out
}

// shapeOnly compares what a policy says and not where it says it.
var shapeOnly = cmp.Options{
	cmpopts.IgnoreTypes(diag.Range{}, map[string]diag.Range{}, (*policy.Expr)(nil)),
	cmpopts.IgnoreFields(policy.Reference{}, "Create"),
	cmpopts.IgnoreFields(policy.Reinit{}, "KeepSet"),
	seedFields,
}

// seedFields compares fields by name and value. It makes no hashes: none of
// what it is used for has one.
var seedFields = cmp.Comparer(func(a, b policy.SeedField) bool {
	x, xDiags := a.Value()
	y, yDiags := b.Value()
	return a.Name.Text == b.Name.Text && a.Sensitive == b.Sensitive && x == y && xDiags == nil && yDiags == nil
})

func TestEveryBlockAndAttributeIsRead(t *testing.T) {
	p := whole(t, policy.Options{})

	if p.Name != "records-main" || p.Unlisted != policy.UnlistedRefuse || p.LiveURL != "sqlite:records.db" {
		t.Errorf("header: %q %v %q", p.Name, p.Unlisted, p.LiveURL)
	}
	if diff := cmp.Diff(named("old.taskresult"), p.Discard, shapeOnly); diff != "" {
		t.Errorf("discard (-want +got):\n%s", diff)
	}
	keys := named("RWRpNl/uvq2O8MQTJ5baqRiE9U8xXI0qZsJIJ7DICQLhFXnKZKNtwc9q", "RWSp5Q+uJt5WHd7BN3rlQXKi4dC5UT/d1kOkt+FntufNMnoQSQWHMx4v")
	if diff := cmp.Diff(keys, p.RequireSignature, shapeOnly); diff != "" {
		t.Errorf("require_signature (-want +got):\n%s", diff)
	}
	retention := &policy.Retention{Last: 3, Hourly: 24, Daily: 10, Weekly: 5, Monthly: 12, Yearly: 10, Within: "2y5m7d3h"}
	if diff := cmp.Diff(retention, p.Retention, shapeOnly); diff != "" {
		t.Errorf("retention (-want +got):\n%s", diff)
	}
	keeper, ten := p.Model("archive.paper").References[3], 10
	want := []*policy.Model{
		{
			Label: "archive.paper", Table: policy.Name{Text: "hr.papers"}, NaturalKey: named("number", "owner"),
			References: []*policy.Reference{
				{Field: policy.Name{Text: "owner"}, OnMissing: policy.OnMissingCreate, Model: policy.Name{Text: "people.person"}},
				{Field: policy.Name{Text: "readers"}, OnMissing: policy.OnMissingUnset, Through: policy.Name{Text: "hr.paper_readers"}},
				{Field: policy.Name{Text: "shelf"}, OnMissing: policy.OnMissingSkip},
				{Field: policy.Name{Text: "keeper"}, OnDestroy: policy.OnDestroyRepoint, Repoint: keeper.Repoint},
			},
			GenericReferences: []*policy.GenericReference{{
				Label: "subject", Type: policy.Name{Text: "content_type"}, ID: policy.Name{Text: "object_id"}, OnMissing: policy.OnMissingSkip,
			}},
			JSONReferences: []*policy.JSONReference{{
				Field: policy.Name{Text: "history"}, OnMissing: policy.OnMissingFail,
				Paths: []policy.JSONPath{
					{Path: []string{"a-member", "author"}, Model: policy.Name{Text: "people.person"}},
					{Path: []string{"changed", "author"}, Model: policy.Name{Text: "people.person"}},
					{Path: []string{"items", "*", "reader"}, Model: policy.Name{Text: "people.person"}},
				},
			}},
			Derives: []*policy.Derive{{Field: policy.Name{Text: "code"}}},
		},
		{
			Label: "people.person", Table: policy.Name{Text: "people"}, NaturalKey: named("login"), PackageKey: named("login", "born"),
			Surrogates:  []policy.Surrogate{{Name: policy.Name{Text: "uuid"}, Adopt: true}, {Name: policy.Name{Text: "card number"}}},
			PrimaryKey:  policy.PrimaryKeyNew,
			Match:       policy.MatchKeep,
			Absent:      policy.AbsentDestroy,
			OnDuplicate: policy.OnDuplicateFirst, OnCollision: policy.OnCollisionRename, PreventDestroy: true,
			MaxDestroy: &ten,
			Sensitive:  named("secret", "badge"), Ignore: named("seen"), Discard: named("shoe_size"),
			Reinit: &policy.Reinit{},
			Source: &policy.ModelSource{Table: policy.Name{Text: "staff.persons"}, Columns: []policy.ColumnMap{
				{Field: policy.Name{Text: "login"}, Column: policy.Name{Text: "username"}},
				{Field: policy.Name{Text: "seen"}, Column: policy.Name{Text: "last seen"}},
			}},
			Export: &policy.Export{Replace: []*policy.Derive{{Field: policy.Name{Text: "mail"}}}, Hash: named("phone"), Unset: named("fax"), Keep: named("badge")},
		},
	}
	if d := cmp.Diff(want, p.Models, shapeOnly); d != "" {
		t.Errorf("models (-want +got):\n%s", d)
	}
	scopes := []*policy.Scope{{Name: "papers", Models: named("archive.*", "people.person"), Where: map[string]*policy.Expr{"archive.paper": nil}}}
	if d := cmp.Diff(scopes, p.Scopes, shapeOnly, cmpopts.IgnoreFields(policy.Scope{}, "Where")); d != "" {
		t.Errorf("scopes (-want +got):\n%s", d)
	}
	if p.Scopes[0].Where["archive.paper"] == nil {
		t.Error("the scope's filter is missing")
	}
	variables := []policy.Variable{
		{Name: "limits", Value: `{"documents":10}`},
		{Name: "site", Value: `"main"`},
		{Name: "token", Sensitive: true},
	}
	if d := cmp.Diff(variables, p.Variables); d != "" {
		t.Errorf("variables (-want +got):\n%s", d)
	}
}

func TestEveryRuleOfAModelHasItsPlace(t *testing.T) {
	m := whole(t, policy.Options{}).Model("people.person")
	// In the order of the text, from line 37 on.
	for i, name := range []string{
		"table", "natural_key", "surrogate", "package_key", "primary_key", "sensitive", "ignore", "discard", "match", "absent",
		"on_duplicate", "on_collision", "prevent_destroy", "max_destroy",
	} {
		if got := m.Rules[name].Start.Line; got != 37+i {
			t.Errorf("%s is on line %d, want %d", name, got, 37+i)
		}
	}
	if got := m.Rules["absent"].String(); got != "whole.hcl:46,3-28" {
		t.Errorf("absent is at %s", got)
	}
	if got := m.Range.String(); got != "whole.hcl:36,1-22" {
		t.Errorf("the model is at %s", got)
	}
	ref := whole(t, policy.Options{}).Model("archive.paper").References[2]
	if got := ref.RuleRange.String(); got != "whole.hcl:88,23-40" {
		t.Errorf("on_missing is at %s", got)
	}
}

func TestExpressionsOfAModel(t *testing.T) {
	p := whole(t, policy.Options{})
	fields := func(string) schema.Literal { return schema.Literal{Kind: schema.StringLiteral, Text: "ada"} }
	for name, c := range map[string]struct {
		expr *policy.Expr
		want schema.Literal
	}{
		"a stub's text field":     {p.Model("archive.paper").References[0].Create["mail"], schema.Literal{Kind: schema.StringLiteral, Text: "ada@main.example.test"}},
		"a stub's bool field":     {p.Model("archive.paper").References[0].Create["active"], schema.Literal{Kind: schema.BoolLiteral, Text: "false"}},
		"a derived field":         {p.Model("archive.paper").Derives[0].Value, schema.Literal{Kind: schema.StringLiteral, Text: "ADA"}},
		"a condition of reinit":   {p.Model("people.person").Reinit.Clear, schema.Literal{Kind: schema.BoolLiteral, Text: "true"}},
		"a kept row's field":      {p.Model("people.person").Reinit.KeepSet["active"], schema.Literal{Kind: schema.BoolLiteral, Text: "false"}},
		"an exported replacement": {p.Model("people.person").Export.Replace[0].Value, schema.Literal{Kind: schema.StringLiteral, Text: "ada@main.example.test"}},
		"a field passed through":  {p.Model("people.person").Export.Include, schema.Literal{Kind: schema.StringLiteral, Text: "ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, diags := c.expr.Eval(fields)
			if diags != nil {
				t.Fatal(diags.Err())
			}
			if got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
