package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// people is a model for seeds, with a variable that is sensitive and one that
// is not.
const people = header + `
model "a.person" {
  table       = people
  natural_key = [login]
  sensitive   = [password, token]
}
variable "secret" { sensitive = true }
variable "site" { default = "main" }
`

var hunter = policy.Options{Vars: []string{"secret=hunter2"}}

// seeded parses a policy with one seed and returns its records as text, a field
// each: name, kind and text of the value, ! when it is sensitive.
func seeded(t *testing.T, attributes string) []string {
	t.Helper()
	p := parse(t, people+"seed \"a.person\" {\n  on = always\n"+attributes+"\n}\n", hunter)
	var got []string
	for _, rec := range p.Seeds[0].Records {
		var b strings.Builder
		for _, f := range rec.Fields {
			v, diags := f.Value()
			if diags != nil {
				t.Fatal(diags.Err())
			}
			mark := ""
			if f.Sensitive {
				mark = "!"
			}
			fmt.Fprintf(&b, "%s=%d:%s%s ", f.Name.Text, v.Kind, v.Text, mark)
		}
		got = append(got, strings.TrimSpace(b.String()))
	}
	return got
}

func TestASeedHasTheRecordsThatItDescribes(t *testing.T) {
	const (
		flag = int(schema.BoolLiteral)
		num  = int(schema.NumberLiteral)
		text = int(schema.StringLiteral)
		list = int(schema.ListLiteral)
	)
	is := func(name string, kind int, value string) string { return fmt.Sprintf("%s=%d:%s", name, kind, value) }
	login := func(s string) string { return is("login", text, s) }
	for name, c := range map[string]struct {
		attributes string
		want       []string
	}{
		"as it is written": {
			`records = [{ login = "ada", active = true, age = 36.50, boss = ["main", "root"], born = null }]`,
			[]string{strings.Join([]string{login("ada"), is("active", flag, "true"), is("age", num, "36.5"), is("boss", list, `["main","root"]`), is("born", 0, "")}, " ")},
		},
		"with expressions": {
			`records = [{ "login" = lower("ADA"), mail = "${var.site}@x" }]`, []string{login("ada") + " " + is("mail", text, "main@x")},
		},
		"the column's own name is the field's": {`records = [{ login_id = "ada" }]`, []string{is("login_id", text, "ada")}},
		"none":                                 {`records = []`, nil},
		"for each of a list, in its order": {
			"for_each = [\"b\", \"a\"]\n records = [{ login = each.value, n = each.key }]",
			[]string{login("b") + " " + is("n", num, "0"), login("a") + " " + is("n", num, "1")},
		},
		"for each of a map, in the order of keys": {
			"for_each = { b = 1, a = 2, B = 3 }\n records = [{ login = each.key, n = each.value }]",
			[]string{login("B") + " " + is("n", num, "3"), login("a") + " " + is("n", num, "2"), login("b") + " " + is("n", num, "1")},
		},
		"for each of a set, by its elements": {
			"for_each = toset([\"b\", \"a\"])\n records = [{ login = each.key, n = each.value }]",
			[]string{login("a") + " " + is("n", text, "a"), login("b") + " " + is("n", text, "b")},
		},
		"for each of objects": {
			"for_each = { a = { n = 1 } }\n records = [{ login = each.key, n = each.value.n }]",
			[]string{login("a") + " " + is("n", num, "1")},
		},
		"for each element all records": {
			"for_each = [\"a\", \"b\"]\n records = [{ login = each.value }, { login = upper(each.value) }]",
			[]string{login("a"), login("A"), login("b"), login("B")},
		},
		"for each of nothing": {"for_each = []\n records = [{ login = each.value }]", nil},
		"a sensitive value is marked": {
			`records = [{ login = "ada", token = "x${var.secret}" }]`, []string{login("ada") + " " + is("token", text, "xhunter2") + "!"},
		},
		"through for_each as well": {
			"for_each = [{ n = \"a\", t = 1 }, { n = \"b\", t = length(var.site) }]\n records = [{ login = each.value.n, token = each.value.t }]",
			[]string{login("a") + " " + is("token", num, "1"), login("b") + " " + is("token", num, "4")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, seeded(t, c.attributes)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestASecretIsFollowedIntoSeeds(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"a variable":                   {`records = [{ login = "a", token = var.secret }]`, true},
		"a part of a text":             {`records = [{ login = "a", token = "x${var.secret}" }]`, true},
		"a condition":                  {`records = [{ login = "a", token = var.secret == "" ? 1 : 2 }]`, true},
		"a local value":                {`records = [{ login = "a", token = local.hidden }]`, true},
		"for_each":                     {"for_each = [var.secret]\n records = [{ login = \"a\", token = each.value }]", true},
		"for_each of a local value":    {"for_each = [local.hidden]\n records = [{ login = \"a\", token = each.value }]", true},
		"the number of for_each":       {"for_each = [var.secret]\n records = [{ login = \"a\", token = each.key }]", true},
		"another variable":             {`records = [{ login = "a", token = var.site }]`, false},
		"a password":                   {`records = [{ login = "a", token = django_password(env("P")) }]`, true},
		"a password that is unusable":  {`records = [{ login = "a", token = django_unusable_password() }]`, false},
		"for_each that is not used":    {"for_each = [var.secret]\n records = [{ login = \"a\", token = 1 }]", false},
		"a name of a loop's own, each": {`records = [{ login = "a", token = [for each in [1] : each] }]`, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := people + "locals { hidden = upper(var.secret) }\nseed \"a.person\" {\n  on = always\n" + c.text + "\n}\n"
			o := policy.Options{Vars: hunter.Vars, Env: func(n string) (string, bool) { return "pass", n == "P" }}
			if got := parse(t, text, o).Seeds[0].Records[0].Fields[1].Sensitive; got != c.want {
				t.Errorf("sensitive: %v", got)
			}
			hidden := strings.Replace(text, "sensitive   = [password, token]", "sensitive = []", 1)
			p, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(hidden)}}, o)
			if refused := p == nil && slices.ContainsFunc(diags, isSensitive); refused != c.want {
				t.Errorf("refused where the field is not listed: %v %v", refused, diags.Err())
			}
			if strings.Contains(fmt.Sprintf("%+v", diags), "hunter2") {
				t.Errorf("the value is shown: %+v", diags)
			}
		})
	}
}

// A for_each over a map gives its records in the order of keys, whatever order
// the text has.
func TestTheOrderOfAMapDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zA-Z][a-z0-9_]{0,4}`), 1, 12, rapid.ID[string]).Draw(t, "keys")
		items := make([]string, len(keys))
		for i, k := range keys {
			items[i] = fmt.Sprintf("%q = %q", k, k+"!")
		}
		text := people + "seed \"a.person\" {\n  on = reinit\n  for_each = { " + strings.Join(items, ", ") + " }\n  records = [{ login = each.key, n = each.value }]\n}\n"
		p, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, hunter)
		if diags != nil {
			t.Fatal(diags.Err())
		}
		slices.Sort(keys)
		for i, rec := range p.Seeds[0].Records {
			login, _ := rec.Fields[0].Value()
			n, _ := rec.Fields[1].Value()
			if login.Text != keys[i] || n.Text != keys[i]+"!" || rec.Each != keys[i] {
				t.Fatalf("record %d is of %s, want %s", i, login.Text, keys[i])
			}
		}
		if len(p.Seeds[0].Records) != len(keys) {
			t.Fatal("records are missing")
		}
	})
}
