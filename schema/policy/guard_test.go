package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// counts are a plan's by count and model.
type counts map[string]map[string]int

func (c counts) Count(what, model string) (int, bool) {
	n, ok := c[what][model]
	return n, ok
}

func (c counts) Total(what string) int {
	total := 0
	for _, n := range c[what] {
		total += n
	}
	return total
}

const twoModels = people + "model \"a.role\" {\n  table = roles\n  natural_key = [name]\n}\n"

func guard(t *testing.T, condition string) (*policy.Guard, string) {
	t.Helper()
	text := twoModels + "guard \"g\" {\n  condition = " + condition + "\n  error_message = \"m\"\n}\n"
	p, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, hunter)
	if p == nil {
		return nil, diags[0].Summary + " / " + diags[0].Remedy
	}
	return p.Guards[0], ""
}

func TestAGuardHoldsOrNot(t *testing.T) {
	plan := counts{"destroy": {"a.person": 3, "b.else": 4}, "live": {"a.person": 10}}
	for name, c := range map[string]struct {
		condition string
		want      bool
	}{
		"a model's count":            {`plan.destroy["a.person"] <= 3`, true},
		"a count that is too high":   {`plan.destroy["a.person"] < 3`, false},
		"a model the plan lacks":     {`plan.destroy["a.role"] == 0`, true},
		"the total has all models":   {`plan.total.destroy == 7 && plan.total["add"] == 0`, true},
		"a share of the live rows":   {`plan.destroy["a.person"] / plan.live["a.person"] < 0.2`, false},
		"the models of a loop":       {`!contains([for m in ["a.person", "a.role"] : plan.destroy[m] <= 3], false)`, true},
		"a sum over chosen models":   {`length([for m, n in plan.destroy : m if n > 0]) == 1`, true},
		"a model that is computed":   {`plan.destroy["a.${"person"}"] == 3`, true},
		"all counts there are":       {`plan.add["a.role"] + plan.change["a.role"] + plan.remap["a.role"] + plan.unchanged["a.role"] + plan.skip["a.role"] + plan.keep["a.role"] + plan.package["a.role"] == 0`, true},
		"no count at all":            {`true`, true},
		"a variable that is a limit": {`plan.total.destroy < length(var.site)`, false},
	} {
		t.Run(name, func(t *testing.T) {
			g, problem := guard(t, c.condition)
			if g == nil {
				t.Fatal(problem)
			}
			got, diags := g.Holds(plan)
			if diags != nil || got != c.want {
				t.Errorf("got %v %v", got, diags.Err())
			}
		})
	}
}

func TestAGuardThatCannotBeToldIsADiagnostic(t *testing.T) {
	for name, condition := range map[string]string{"nothing divided by nothing": `plan.total.destroy / plan.total.live < 0.1`, "a model that is none": `plan.destroy["a.${"nobody"}"] > 0`} {
		t.Run(name, func(t *testing.T) {
			g, problem := guard(t, condition)
			if g == nil {
				t.Fatal(problem)
			}
			if ok, diags := g.Holds(counts{}); ok || len(diags) != 1 || diags[0].Range.File != "p.hcl" || diags[0].Remedy == "" {
				t.Errorf("got %v %+v", ok, diags)
			}
		})
	}
}

func TestMistakesInAGuardAreFoundWhenItIsRead(t *testing.T) {
	for condition, want := range map[string]string{
		`plan.destroy < 3`:               `Invalid operand / Write plan.destroy["MODEL"] for one model, plan.total.destroy for all.`,
		`plan.total < 3`:                 `Invalid operand / Say which count: plan.total.destroy.`,
		`plan.total.destory < 3`:         `A plan has no "total.destory" / Did you mean "destroy"?`,
		`plan.totl.destroy < 3`:          `A plan has no "totl" / Did you mean "total"?`,
		`plan.destroy["a.persn"] < 3`:    `There is no model "a.persn" / Did you mean "a.person"?`,
		`plan.total.destroy`:             `The condition is not true or false / Compare the value with something: plan.destroy["MODEL"] <= 10.`,
		`self.x == 1`:                    `There is no self here / Only expressions about one record have self.`,
		`django_password("x") == "pass"`: `django_password cannot be called here / Call it in the records of a seed block.`,
	} {
		t.Run(condition, func(t *testing.T) {
			if _, got := guard(t, condition); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestLevelsOfGuards(t *testing.T) {
	var text strings.Builder
	for i, level := range []string{"", "level = advisory", "level = overridable", "level = mandatory"} {
		fmt.Fprintf(&text, "guard \"g%d\" {\n  condition = true\n  error_message = \"m\"\n  %s\n}\n", i, level)
	}
	p := parse(t, twoModels+text.String(), hunter)
	for i, want := range []string{"mandatory", "advisory", "overridable", "mandatory"} {
		if g := p.Guards[i]; g.Level.String() != want || g.Message != "m" || g.Name != fmt.Sprintf("g%d", i) {
			t.Errorf("%d: %+v", i, g)
		}
	}
}

func TestACheckJudgesTheResultOfItsQuery(t *testing.T) {
	for name, c := range map[string]struct {
		condition string
		result    schema.Literal
		want      bool
		summary   string
	}{
		"a number":                  {"result == 0", number("0"), true, ""},
		"another number":            {"result == 0", number("1"), false, ""},
		"a large number":            {"result > 1", number("12345678901234567890123456789"), true, ""},
		"a text":                    {`result == "ok"`, text("ok"), true, ""},
		"true":                      {"result", schema.Literal{Kind: schema.BoolLiteral, Text: "true"}, true, ""},
		"null is no number":         {"result > 0", schema.Literal{}, false, "Operation failed"},
		"null is compared":          {"result == null", schema.Literal{}, true, ""},
		"a text is not a condition": {"result", text("hunter2"), false, "The condition is not true or false"},
		"a text is not a number":    {"result > 0", text("hunter2"), false, "Invalid operand"},
		"what is no number":         {"result > 0", number("hunter2"), false, "The result of the query cannot be used in an expression"},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, people+"check \"c\" {\n  query = \"SELECT 1\"\n  condition = "+c.condition+"\n}\n", hunter)
			got, diags := p.Checks[0].Holds(c.result)
			summary := ""
			if len(diags) > 0 {
				summary = diags[0].Summary
			}
			if got != c.want || summary != c.summary {
				t.Errorf("got %v %q, want %v %q", got, summary, c.want, c.summary)
			}
			if strings.Contains(fmt.Sprintf("%+v", diags), "hunter2") {
				t.Errorf("the result is shown: %+v", diags)
			}
		})
	}
}

func TestACheckOnRowsHasAModelAndACondition(t *testing.T) {
	p := parse(t, people+"check \"c\" {\n  model = a.person\n  rows = self.login != \"\"\n  error_message = \"m\"\n}\n", hunter)
	c := p.Checks[0]
	if c.Model.Text != "a.person" || c.Rows == nil || c.Query != "" || c.Message != "m" {
		t.Fatalf("got %+v", c)
	}
	if ok, diags := c.Rows.True(func(string) schema.Literal { return text("") }); ok || diags != nil {
		t.Errorf("got %v %v", ok, diags.Err())
	}
}
