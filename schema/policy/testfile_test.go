package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// parseTests reads a test file that is written in a test.
func parseTests(text string) (*policy.TestFile, diag.List) {
	return policy.ParseTests(policy.File{Name: "a.edmstest.hcl", Content: []byte(text)}, policy.Options{})
}

const testFile = `
database { schema = { sqlite = "a.sql", postgres = ["b.sql", "c.sql"] } }
variables { admin = "root" }
locals { usual = { title = "Old", author = "ann" } }
live "app.user" { rows = [{ pk = 7, name = "ann" }] }

test "a sentence" {
  reinit    = true
  scope     = critical
  target    = ["app.*"]
  exclude   = [app.log]
  apply     = true
  live_from = "rows.sql"
  variables { list = ["a", 2] }
  files "scans" {
    live    = { "a.txt" = "x" }
    package = { "b/c.txt" = "", "a.txt" = "y" }
  }
  live "app.document" { rows = [merge(local.usual, { code = "A" })] }
  package "app.document" { records = [{ code = "A", title = null, tags = [["x"]] }] }
  expect {
    partial = true
    add "app.user" "bob" { after = { name = "bob" } }
    change "app.membership" "ann" "Reviewer" {
      before  = { level = 1 }
      after   = { level = 2 }
      changed = [updated_at]
    }
    destroy "app.document" "" { reason = "clears" }
    remap "app.role" "R" {
      package = { uuid = "p" }
      live    = { uuid = "l" }
    }
    unchanged "app.role" "R" {}
    skip "app.log" "1" {}
    count "app.document" { destroy = 3 }
    count { add = 1 }
    diagnostic "reference.missing" {
      model = app.user
      text  = "bob"
      count = 2
    }
    guard "nothing lost" { holds = false }
    check "all typed" { holds = true }
  }
}
`

func TestATestFileIsReadWhole(t *testing.T) {
	got, diags := parseTests(testFile)
	if diags != nil {
		t.Fatal(printed(diags))
	}
	name := func(s string) policy.Name { return policy.Name{Text: s} }
	text := func(s string) schema.Literal { return schema.Literal{Kind: schema.StringLiteral, Text: s} }
	number := func(s string) schema.Literal { return schema.Literal{Kind: schema.NumberLiteral, Text: s} }
	field := func(n string, l schema.Literal) policy.TestField {
		return policy.TestField{Name: name(n), Value: l}
	}
	records := func(model string, fields ...policy.TestField) []*policy.TestRecords {
		return []*policy.TestRecords{{Model: name(model), Records: []*policy.TestRecord{{Fields: fields}}}}
	}
	two := 2
	want := &policy.TestFile{
		Name:      "a.edmstest.hcl",
		Content:   []byte(testFile),
		Schema:    policy.Paths{ByDialect: map[string][]string{"sqlite": {"a.sql"}, "postgres": {"b.sql", "c.sql"}}},
		Variables: []policy.TestVariable{{Name: name("admin"), Text: "root"}},
		Live:      records("app.user", field("pk", number("7")), field("name", text("ann"))),
		Tests: []*policy.Test{{
			Name: "a sentence", Reinit: true, Scope: name("critical"), Target: []policy.Name{name("app.*")}, Exclude: []policy.Name{name("app.log")},
			Apply: true, LiveFrom: policy.Paths{All: []string{"rows.sql"}},
			Variables: []policy.TestVariable{{Name: name("list"), Text: `["a",2]`}},
			Live:      records("app.document", field("author", text("ann")), field("code", text("A")), field("title", text("Old"))),
			Package: records("app.document", field("code", text("A")), field("title", schema.Literal{}),
				field("tags", schema.Literal{Kind: schema.ListLiteral, Text: `[["x"]]`})),
			Files: []*policy.TestFiles{{
				Name: name("scans"), Live: []policy.TestContent{{"a.txt", "x"}}, Package: []policy.TestContent{{"a.txt", "y"}, {"b/c.txt", ""}}, Packaged: true,
			}},
			Expect: &policy.Expect{
				Partial: true,
				Records: []*policy.ExpectRecord{
					{Outcome: policy.OutcomeAdd, Model: name("app.user"), Key: []string{"bob"}, After: []policy.TestField{field("name", text("bob"))}},
					{
						Outcome: policy.OutcomeChange, Model: name("app.membership"), Key: []string{"ann", "Reviewer"},
						Before: []policy.TestField{field("level", number("1"))}, After: []policy.TestField{field("level", number("2"))},
						Changed: []policy.Name{name("updated_at")},
					},
					{Outcome: policy.OutcomeDestroy, Model: name("app.document"), Key: []string{""}, Reason: name("clears")},
					{
						Outcome: policy.OutcomeRemap, Model: name("app.role"), Key: []string{"R"},
						Before: []policy.TestField{field("uuid", text("p"))}, After: []policy.TestField{field("uuid", text("l"))},
					},
					{Outcome: policy.OutcomeUnchanged, Model: name("app.role"), Key: []string{"R"}},
					{Outcome: policy.OutcomeSkip, Model: name("app.log"), Key: []string{"1"}},
				},
				Counts: []*policy.ExpectCount{
					{Model: name("app.document"), Outcome: policy.OutcomeDestroy, Number: 3},
					{Outcome: policy.OutcomeAdd, Number: 1},
				},
				Diagnostics: []*policy.ExpectDiagnostic{{Code: name("reference.missing"), Model: name("app.user"), Text: name("bob"), Number: &two}},
				Guards:      []*policy.ExpectHolds{{Name: name("nothing lost")}},
				Checks:      []*policy.ExpectHolds{{Name: name("all typed"), Holds: true}},
			},
		}},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreTypes(diag.Range{})); d != "" {
		t.Error(d)
	}
	if r := got.Tests[0].Expect.Records[1].Range.String(); r != "a.edmstest.hcl:24,5-45" {
		t.Error("the expectation is at", r)
	}
	if r := got.Tests[0].Package[0].Records[0].Fields[1].Range.String(); r != "a.edmstest.hcl:20,61-65" {
		t.Error("the value is at", r)
	}
}

func TestMistakesInATestFileAreShownWithTheirPlace(t *testing.T) {
	// Each body stands in a file that is sound but for it.
	const head = "database { schema = \"s.sql\" }\n"
	inTest := func(body string) string {
		return head + "test \"t\" {\n  package \"a.b\" { records = [] }\n" + body + "\n}\n"
	}
	inExpect := func(body string) string { return inTest("  expect {\n" + body + "\n  }") }
	cases := map[string]struct{ text, want string }{
		"a file without tests":       {head, `1,1-1: policy.block.missing There is no test block`},
		"a file without a schema":    {"test \"t\" {\n  reinit = true\n  expect { no_changes = true }\n}\n", `1,1-1: policy.block.missing There is no database block`},
		"a schema that is no path":   {"database { schema = 1 }\ntest \"t\" {\n  reinit = true\n  expect { no_changes = true }\n}\n", `1,21-22: policy.value schema must be a path, or a list of paths`},
		"a dialect that is none":     {"database { schema = { mysql = \"a\" } }\ntest \"t\" {\n  reinit = true\n  expect { no_changes = true }\n}\n", `1,21-36: policy.value schema must be a path, or a list of paths`},
		"a test that expects none":   {inTest(""), `2,1-9: policy.block.missing The test expects nothing`},
		"an empty expect block":      {inTest("  expect {}"), `4,3-9: policy.value The expect block expects nothing`},
		"partial alone":              {inExpect("    partial = true"), `4,3-9: policy.value The expect block expects nothing`},
		"neither package nor reinit": {head + "test \"t\" {\n  expect { no_changes = true }\n}\n", `2,1-9: policy.value The test plans nothing`},
		"two packages": {
			inTest("  package_from = \"p\"\n  expect { no_changes = true }"),
			`4,3-15: policy.value The test names a package, and what one holds is written as well`,
		},
		"files of a package that is named": {
			head + "test \"t\" {\n  package_from = \"p\"\n  files \"f\" { package = {} }\n  expect { no_changes = true }\n}\n",
			`3,3-15: policy.value The test names a package, and what one holds is written as well`,
		},
		"files that are a list":        {inTest("  files \"f\" { live = [\"a\"] }\n  expect { no_changes = true }"), `4,22-27: policy.value live must give the contents of files by their names`},
		"a file outside of the folder": {inTest("  files \"f\" { live = { \"../a\" = \"\" } }\n  expect { no_changes = true }"), `4,22-37: policy.value live must give the contents of files by their names`},
		"a record without a key":       {inExpect(`    add "a.b" {}`), `5,5-14: policy.label An add block has a model and a natural key as labels`},
		"an unknown block":             {inExpect(`    delete "a.b" "c" {}`), `5,5-11: policy.block.unknown There is no block "delete" in an expect block`},
		"an unknown attribute":         {inExpect(`    add "a.b" "c" { before = {} }`), `5,21-27: policy.attribute.unknown An add block has no attribute "before"`},
		"a count that is no number":    {inExpect(`    count { add = "x" }`), `5,19-22: policy.value add must be a whole number that is not negative`},
		"a count of nothing":           {inExpect(`    count "a.b" {}`), `5,5-16: policy.value The count block counts nothing`},
		"a guard without a result":     {inExpect(`    guard "g" {}`), `5,5-14: policy.attribute.missing The guard block lacks holds`},
		"a diagnostic without a code":  {inExpect(`    diagnostic {}`), `5,5-15: policy.label A diagnostic block has one label`},
		"no changes but one":           {inExpect("    no_changes = true\n    add \"a.b\" \"c\" {}"), `6,5-18: policy.value The test expects no changes, and to add a record of "a.b"`},
		"a record twice":               {inExpect("    add \"a.b\" \"c\" {}\n    add \"a.b\" \"c\" {}"), `6,5-18: policy.duplicate add "a.b" "c" stands twice`},
		"a record with two outcomes":   {inExpect("    add \"a.b\" \"c\" {}\n    destroy \"a.b\" \"c\" {}"), `6,5-22: policy.value The test expects add and destroy of one record`},
		"records that are no list":     {inTest("  live \"a.b\" { rows = 1 }\n  expect { no_changes = true }"), `4,23-24: policy.value rows must be a list of records`},
		"a record that is no object":   {inTest("  live \"a.b\" { rows = [1] }\n  expect { no_changes = true }"), `4,24-25: policy.value rows must give the fields of a record`},
		"a variable of the policy":     {inTest("  live \"a.b\" { rows = [{ x = var.y }] }\n  expect { no_changes = true }"), `4,30-35: policy.name.unknown There is no variable "y"`},
		"a field twice":                {inTest("  live \"a.b\" { rows = [{ x = 1, x = 2 }] }\n  expect { no_changes = true }"), `4,33-34: policy.duplicate rows names "x" twice`},
		"a value that is not settled":  {inTest("  variables { x = null }\n  expect { no_changes = true }"), `4,19-23: policy.value x must be a value`},
		"an attribute outside a block": {"schema = \"x\"\n" + inExpect("    no_changes = true"), `1,1-7: policy.attribute.unknown The attribute "schema" stands outside of a block`},
		"two tests of one name":        {inExpect("    no_changes = true") + "test \"t\" {\n  reinit = true\n  expect { no_changes = true }\n}\n", `8,1-9: policy.duplicate test "t" stands twice`},
		"text that is no HCL":          {"test {", `1,6-7: policy.syntax Unclosed configuration block`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f, diags := parseTests(c.text)
			if f != nil {
				t.Error("the file is taken")
			}
			var got []string
			for _, d := range diags {
				got = append(got, strings.TrimPrefix(d.Range.String(), "a.edmstest.hcl:")+": "+d.Code+" "+d.Summary)
				if d.Remedy == "" {
					t.Error("no remedy:", d)
				}
			}
			if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFindTestsListsWhatStandsBesideAPolicy(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.edmstest.hcl", "a.edmstest.hcl", ".c.edmstest.hcl", "p.hcl"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{filepath.Join(dir, "a.edmstest.hcl"), filepath.Join(dir, "b.edmstest.hcl")}
	for _, path := range []string{dir, filepath.Join(dir, "p.hcl")} {
		got, err := policy.FindTests(path)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Error(err, d)
		}
	}
}

func FuzzParseTests(f *testing.F) {
	f.Add(testFile)
	f.Add("test \"t\" {\n expect { add \"a\" \"\" {} }\n}")
	f.Add("database { schema = { sqlite = [] } }\nlocals { a = local.b }")
	f.Fuzz(func(t *testing.T, text string) {
		file, diags := parseTests(text)
		if (file == nil) != diags.HasErrors() {
			t.Fatal("a file and errors exclude each other")
		}
		for _, d := range diags {
			if d.Summary == "" || d.Code == "" || d.Severity == 0 || d.Range.IsZero() {
				t.Fatalf("incomplete: %+v", d)
			}
		}
		if file == nil {
			return
		}
		for _, c := range file.Tests {
			if c.Name == "" || c.Expect == nil {
				t.Fatalf("incomplete: %+v", c)
			}
		}
	})
}
