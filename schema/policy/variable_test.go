package policy_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema/policy"
)

func TestLaterValuesOfAVariableWin(t *testing.T) {
	dir := folder(t, map[string]string{"one.vars": "v = \"one\"\n", "two.json": `{"v": "${two}"}`})
	one, two := filepath.Join(dir, "one.vars"), filepath.Join(dir, "two.json")
	env := func(n string) (string, bool) { return "env", n == "EDMSPLAN_VAR_v" }
	for name, c := range map[string]struct {
		o    policy.Options
		want string
	}{
		"the default":                     {policy.Options{}, `"default"`},
		"the environment over it":         {policy.Options{Env: env}, `"env"`},
		"a file over the environment":     {policy.Options{Env: env, VarFiles: []string{one}}, `"one"`},
		"a later file, literally":         {policy.Options{VarFiles: []string{one, two}}, `"${two}"`},
		"a flag over files":               {policy.Options{Env: env, VarFiles: []string{one}, Vars: []string{"v=flag"}}, `"flag"`},
		"a later flag":                    {policy.Options{Vars: []string{"v=flag", "v=a=b"}}, `"a=b"`},
		"an empty flag":                   {policy.Options{Vars: []string{"v="}}, `""`},
		"a saved plan's value over flags": {policy.Options{Vars: []string{"v=flag"}, Saved: []policy.Variable{{Name: "v", Value: `"saved"`}}}, `"saved"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, header+"variable \"v\" {\n  type = string\n  default = \"default\"\n}\n", c.o)
			if got := p.Variables[0].Value; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestVariablesHaveTypes(t *testing.T) {
	for kind, c := range map[string]struct{ given, want string }{
		"string":                              {"12", `"12"`},
		"number":                              {"12.50", `12.5`},
		"bool":                                {"true", `true`},
		"any":                                 {"a", `"a"`},
		"list(string)":                        {`["a", "b"]`, `["a","b"]`},
		"map(number)":                         {`{ a = 1 }`, `{"a":1}`},
		"object({ a = string, b = bool })":    {`{ a = "x", b = false }`, `{"a":"x","b":false}`},
		"object({ a = optional(number, 3) })": {`{}`, `{"a":3}`},
	} {
		t.Run(kind, func(t *testing.T) {
			p := parse(t, header+"variable \"v\" { type = "+kind+" }\n", policy.Options{Vars: []string{"v=" + c.given}})
			if got := p.Variables[0].Value; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			again := parse(t, header+"variable \"v\" { type = "+kind+" }\n", policy.Options{Saved: p.Variables})
			if d := cmp.Diff(p.Variables, again.Variables); d != "" {
				t.Errorf("a saved value is read back otherwise:\n%s", d)
			}
		})
	}
}

func TestASensitiveVariableIsUsedButNowhereRecorded(t *testing.T) {
	text := header + "variable \"v\" { sensitive = true }\nlive { url = \"postgres://a:${var.v}@b/c\" }\n"
	p := parse(t, text, policy.Options{Vars: []string{"v=hunter2"}, Saved: []policy.Variable{{Name: "v", Sensitive: true}}})
	if p.LiveURL != "postgres://a:hunter2@b/c" {
		t.Error("the variable is not used")
	}
	if d := cmp.Diff([]policy.Variable{{Name: "v", Sensitive: true}}, p.Variables); d != "" {
		t.Error(d)
	}
}

func TestProblemsOfAVarFileShowNoneOfIt(t *testing.T) {
	dir := folder(t, map[string]string{
		"syntax.vars":   "v = \"hunter2\nw = 1\n",
		"unknown.vars":  "vv = \"hunter2\"\n",
		"expr.vars":     "v = upper(\"hunter2\")\n",
		"block.vars":    "hunter2 {}\n",
		"type.vars":     "v = \"hunter2\"\n",
		"syntax.json":   `{"v": hunter2}`,
		"deep.json":     strings.Repeat("[", 100000),
		"number.vars":   "v = 1e99999\n",
		"repeated.json": `{"v": "hunter2", "v": 1}`,
	})
	for _, name := range []string{"syntax.vars", "unknown.vars", "expr.vars", "block.vars", "type.vars", "syntax.json", "deep.json", "number.vars", "repeated.json", "none"} {
		t.Run(name, func(t *testing.T) {
			files := []policy.File{{Name: "p.hcl", Content: []byte(header + "variable \"v\" {\n  type = number\n  default = 1\n  sensitive = true\n}\n")}}
			_, diags := policy.Parse(files, policy.Options{VarFiles: []string{filepath.Join(dir, name)}})
			if !diags.HasErrors() {
				t.Fatal("no error")
			}
			if strings.Contains(fmt.Sprintf("%+v", diags), "hunter2") {
				t.Errorf("the value is shown: %+v", diags)
			}
		})
	}
}

func TestAMisspeltVariableIsSuggested(t *testing.T) {
	files := []policy.File{{Name: "p.hcl", Content: []byte(header + "variable \"admin_email\" { default = \"a\" }\n")}}
	_, diags := policy.Parse(files, policy.Options{Vars: []string{"admin_mail=x"}})
	if len(diags) != 1 || diags[0].Remedy != `Did you mean "admin_email"?` {
		t.Errorf("got %+v", diags)
	}
}
