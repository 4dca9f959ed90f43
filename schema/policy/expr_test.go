package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// derived parses a policy with one expression.
func derived(t interface{ Fatal(...any) }, expr string, o policy.Options) *policy.Expr {
	text := "policy { name = \"p\" }\nmodel \"a.b\" {\n  table = t\n  natural_key = [k]\n  derive \"x\" {\n    value = " + expr + "\n  }\n}\n"
	p, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, o)
	if diags != nil {
		t.Fatal(diags.Err())
	}
	return p.Models[0].Derives[0].Value
}

func number(s string) schema.Literal { return schema.Literal{Kind: schema.NumberLiteral, Text: s} }
func text(s string) schema.Literal   { return schema.Literal{Kind: schema.StringLiteral, Text: s} }

func TestExpressionsEvaluate(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "greeting.txt"), []byte("good day"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := policy.Options{BaseDir: dir, Env: func(n string) (string, bool) { return "of " + n, n == "PLACE" }}
	for name, c := range map[string]struct {
		expr string
		self schema.Literal
		want schema.Literal
	}{
		"a number keeps its digits":            {"self.f + 0", number("12345678901234567890123456789012345678901234567890.5"), number("12345678901234567890123456789012345678901234567890.5")},
		"a direct field is passed through":     {"self.f", number("12.300e1"), number("12.300e1")},
		"a direct text is not normalised":      {"self.f", text("e\u0301"), text("e\u0301")},
		"a large number has no exponent":       {"self.f * 1", number("1e30"), number("1000000000000000000000000000000")},
		"a small number has no exponent":       {"self.f * 1", number("1E-7"), number("0.0000001")},
		"a sum of decimals is the decimal":     {"self.f + 0.2", number("0.1"), number("0.3")},
		"a product of decimals too":            {"self.f * 0.1", number("0.1"), number("0.01")},
		"minus zero is zero":                   {"self.f * 1", number("-0"), number("0")},
		"null stays null":                      {"try(self.f, 1)", schema.Literal{}, schema.Literal{}},
		"null is compared":                     {"self.f == null", schema.Literal{}, schema.Literal{Kind: schema.BoolLiteral, Text: "true"}},
		"coalesce stands in for null":          {`coalesce(self.f, "x")`, schema.Literal{}, text("x")},
		"a list is taken apart":                {"self.f[1]", schema.Literal{Kind: schema.ListLiteral, Text: `[1,{"a":2.50}]`}, schema.Literal{Kind: schema.ObjectLiteral, Text: `{"a":2.5}`}},
		"a list is made":                       {"[self.f, null, true]", text("x"), schema.Literal{Kind: schema.ListLiteral, Text: `["x",null,true]`}},
		"canonical text is a text":             {"self.f", schema.Literal{Kind: schema.CanonicalLiteral, Text: "t"}, text("t")},
		"a field under a name with a space":    {`upper(self["f"])`, text("a"), text("A")},
		"env":                                  {`env("PLACE")`, text(""), text("of PLACE")},
		"env with a default":                   {`env("OTHER", "none")`, text(""), text("none")},
		"file":                                 {`upper(file("greeting.txt"))`, text(""), text("GOOD DAY")},
		"uuidv5 in a known namespace":          {`uuidv5("dns", self.f)`, text("www.example.com"), text("2ed6657d-e927-568b-95e1-2665a8aea6a2")},
		"uuidv5 in a namespace of one's own":   {`uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", self.f)`, text("www.example.com"), text("2ed6657d-e927-568b-95e1-2665a8aea6a2")},
		"lookup":                               {`lookup({ a = 1 }, self.f, 2)`, text("b"), number("2")},
		"replace with a regular expression":    {`replace(self.f, "/[aeiou]+/", "-")`, text("queue up"), text("q- -p")},
		"replace of a text":                    {`replace(self.f, ".", "-")`, text("a.b"), text("a-b")},
		"length of a text":                     {`length(self.f)`, text("äöü"), number("3")},
		"length of a list":                     {`length(self.f)`, schema.Literal{Kind: schema.ListLiteral, Text: "[1,2]"}, number("2")},
		"length of an object":                  {`length(self.f)`, schema.Literal{Kind: schema.ObjectLiteral, Text: `{"a":1}`}, number("1")},
		"startswith, endswith and strcontains": {`startswith(self.f, "a") && endswith(self.f, "c") && strcontains(self.f, "b")`, text("abc"), schema.Literal{Kind: schema.BoolLiteral, Text: "true"}},
		"jsondecode":                           {`jsondecode(self.f).a`, text(`{"a":1}`), number("1")},
		"formatdate":                           {`formatdate("YYYY", timeadd(self.f, "24h"))`, text("2025-12-31T00:00:00Z"), text("2026")},
	} {
		t.Run(name, func(t *testing.T) {
			got, diags := derived(t, c.expr, o).Eval(func(string) schema.Literal { return c.self })
			if diags != nil {
				t.Fatal(diags.Err())
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFailingEvaluationsHaveAPlaceAndShowNoValue(t *testing.T) {
	const hidden = "hunter2"
	for name, c := range map[string]struct {
		expr  string
		self  schema.Literal
		place string
	}{
		"a text that is no number":           {"tonumber(self.f)", text(hidden), "p.hcl:6,22-28"},
		"an operand that is no number":       {"1 + self.f", text(hidden), "p.hcl:6,17-23"},
		"a member that an object lacks":      {`{ a = 1 }[self.f]`, text(hidden), "p.hcl:6,22-30"},
		"a pattern that is none":             {"regex(self.f, \"a\")", text("[" + hidden), "p.hcl:6,19-25"},
		"a file that is missing":             {"file(self.f)", text(hidden), "p.hcl:6,13-18"},
		"a namespace that is none":           {`uuidv5(self.f, "x")`, text(hidden), "p.hcl:6,13-20"},
		"an environment that lacks it":       {"env(self.f)", text(hidden), "p.hcl:6,13-17"},
		"try with nothing that works":        {"try(tonumber(self.f))", text(hidden), "p.hcl:6,13-17"},
		"a list that is not JSON":            {"self.f[0]", schema.Literal{Kind: schema.ListLiteral, Text: "[" + hidden}, "p.hcl:6,13-22"},
		"a number that is none":              {"self.f + 1", number(hidden), "p.hcl:6,13-23"},
		"a number that is too large":         {"self.f + 1", number("1e999999999"), "p.hcl:6,13-23"},
		"JSON with a number too large":       {"self.f[0]", schema.Literal{Kind: schema.ListLiteral, Text: "[1e999999999]"}, "p.hcl:6,13-22"},
		"JSON that is nested too deeply":     {"self.f[0]", schema.Literal{Kind: schema.ListLiteral, Text: strings.Repeat("[", 1e6)}, "p.hcl:6,13-22"},
		"text with JSON that is too deep":    {"jsondecode(self.f)", text(strings.Repeat("[", 1e6)), "p.hcl:6,13-24"},
		"text with a number that is too big": {"tonumber(self.f)", text("1e999999999"), "p.hcl:6,13-22"},
		"a null where a text is needed":      {"upper(self.f)", schema.Literal{}, "p.hcl:6,19-25"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := derived(t, c.expr, policy.Options{BaseDir: t.TempDir()}).Eval(func(string) schema.Literal { return c.self })
			if len(diags) == 0 {
				t.Fatal("no diagnostic")
			}
			for _, d := range diags {
				if strings.Contains(fmt.Sprintf("%+v", d), hidden) {
					t.Errorf("the value is shown: %+v", d)
				}
				if d.Summary == "" || d.Detail == "" || d.Remedy == "" || d.Source == "" {
					t.Errorf("something is missing: %+v", d)
				}
			}
			if got := diags[0].Range.String(); got != c.place {
				t.Errorf("at %s, want %s", got, c.place)
			}
		})
	}
}

func TestConditionsAreTrueOrFalse(t *testing.T) {
	for name, c := range map[string]struct {
		expr    string
		self    schema.Literal
		want    bool
		summary string
	}{
		"true":                  {`self.f == "a"`, text("a"), true, ""},
		"false":                 {`self.f == "a"`, text("b"), false, ""},
		"null is unlike a text": {`self.f == "a"`, schema.Literal{}, false, ""},
		"null is no condition":  {`self.f`, schema.Literal{}, false, "The condition is null"},
		"a text is none either": {`self.f`, text("true"), false, "The condition is not true or false"},
		"a failure is reported": {`self.f > 1`, text("x"), false, "Invalid operand"},
	} {
		t.Run(name, func(t *testing.T) {
			got, diags := derived(t, c.expr, policy.Options{}).True(func(string) schema.Literal { return c.self })
			summary := ""
			if len(diags) > 0 {
				summary = diags[0].Summary
			}
			if got != c.want || summary != c.summary {
				t.Errorf("got %v %q, want %v %q", got, summary, c.want, c.summary)
			}
		})
	}
}

func TestFieldsAreListedOnceInTheOrderOfTheirUse(t *testing.T) {
	e := derived(t, `"${self.b}${self["a b"]}${self.b}${join("", [for self in ["x"] : self])}${try(self.c.d, "")}"`, policy.Options{})
	var got []string
	for _, f := range e.Fields() {
		got = append(got, f.Text+" "+f.Range.String())
	}
	want := []string{"b p.hcl:6,16-22", "a b p.hcl:6,25-36", "c p.hcl:6,91-99"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if e.Range().String() != "p.hcl:6,13-106" {
		t.Errorf("the expression is at %s", e.Range())
	}
}

func TestDecimalsSurviveAnExpression(t *testing.T) {
	e := derived(t, "self.f * 1", policy.Options{})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`-?[1-9][0-9]{0,200}(\.[0-9]{0,200}[1-9])?`).Draw(t, "number")
		got, diags := e.Eval(func(string) schema.Literal { return number(n) })
		if diags != nil {
			t.Fatal(diags.Err())
		}
		if got.Text != n {
			t.Fatalf("%s became %s", n, got.Text)
		}
	})
}
