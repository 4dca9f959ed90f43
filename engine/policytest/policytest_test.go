package policytest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine/policytest"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

const tables = `
CREATE TABLE person (id $ID PRIMARY KEY, name varchar(20) NOT NULL UNIQUE, uuid $UUID NOT NULL UNIQUE,
  secret varchar(20) NOT NULL, age integer, created_at $TIME NOT NULL);
CREATE TABLE team (id $ID PRIMARY KEY, code varchar(20) NOT NULL UNIQUE);
CREATE TABLE team_members (id $ID PRIMARY KEY, team_id integer NOT NULL REFERENCES team (id), person_id integer NOT NULL REFERENCES person (id), UNIQUE (team_id, person_id));
CREATE TABLE document (id $ID PRIMARY KEY, code varchar(20) NOT NULL UNIQUE, title varchar(60) NOT NULL, price numeric(8,2),
  author_id integer NOT NULL REFERENCES person (id));
CREATE TABLE label (id $ID PRIMARY KEY, code varchar(20) NOT NULL UNIQUE, slug varchar(20) NOT NULL);
CREATE TABLE event (id $ID PRIMARY KEY, uuid $UUID NOT NULL UNIQUE, note varchar(20) NOT NULL);`

const thePolicy = `
policy { name = "tested" }
live { url = env("NOBODY_SETS_THIS") }
variable "old" {
  type    = string
  default = "gone"
}
model "app.person" {
  table       = "person"
  natural_key = [name]
  surrogate   = [uuid]
  sensitive   = [secret]
  reinit { clear = self.name != "admin" }
}
model "app.team" {
  table       = "team"
  natural_key = [code]
  reinit { clear = self.code == var.old }
}
model "app.document" {
  table       = "document"
  natural_key = [code]
  absent      = destroy
  reference "author" { on_missing = skip }
}
model "app.label" {
  table       = "label"
  natural_key = [code]
  derive "slug" { value = lower(self.code) }
}
model "app.event" {
  table       = "event"
  natural_key = [uuid]
}
files "notes" {
  path      = "/nowhere/notes"
  reference = app.event.note
  reinit { clear = true }
}
scope "people" { models = [app.person] }
guard "few" {
  condition     = plan.total.destroy < 2
  error_message = "Too many would be destroyed."
}
guard "soft" {
  level         = advisory
  condition     = plan.total.add < 2
  error_message = "Many are added."
}
check "titled" {
  query     = "SELECT count(*) FROM document WHERE title = 'bad'"
  condition = result == 0
}
`

// people are live in every test.
const head = `database { schema = { sqlite = "tables.sqlite.sql", postgres = "tables.postgres.sql" } }
live "app.person" { rows = [{ name = "admin", age = 40 }, { pk = 9, name = "ann" }] }
`

// runTests runs a test file in a folder that holds what it names, and gives what
// is said of each test.
func runTests(t *testing.T, dialect, text string) []*policytest.Result {
	t.Helper()
	dir := t.TempDir()
	for kind, words := range map[string][]string{
		"sqlite":   {"$ID", "integer", "$UUID", "char(32)", "$TIME", "datetime"},
		"postgres": {"$ID", "serial", "$UUID", "uuid", "$TIME", "timestamptz"},
	} {
		write(t, filepath.Join(dir, "tables."+kind+".sql"), strings.NewReplacer(words...).Replace(tables))
	}
	write(t, filepath.Join(dir, "rows.sql"), "INSERT INTO team (code) VALUES ('red'); INSERT INTO team (code) VALUES ('blue');")
	write(t, filepath.Join(dir, "rows.json"), `[{"model": "app.team", "pk": 5, "fields": {"code": "blue", "members": [["admin"]]}},
		{"model": "app.person", "pk": 1, "fields": {"name": "admin", "age": 9, "uuid": "11111111-1111-1111-1111-111111111111", "secret": "s", "created_at": "2026-01-02T03:04:05Z"}}]`)
	write(t, filepath.Join(dir, "package.json"), `[{"model": "app.team", "pk": 1, "fields": {"code": "red"}}, {"model": "app.team", "pk": 2, "fields": {"code": "green"}}]`)
	write(t, filepath.Join(dir, "broken.json"), `[{"model": "app.person", "pk": 1, "fields": {"name": "eve"}}]`)
	f, diags := policy.ParseTests(policy.File{Name: "a.edmstest.hcl", Content: []byte(text)}, policy.Options{})
	if diags != nil {
		t.Fatal(diags.Err())
	}
	var results []*policytest.Result
	runner := newRunner(t, dialect)
	err := runner.Run(t.Context(), f, dir, func(r *policytest.Result) error {
		results = append(results, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(runner.TempDir); err != nil || len(left) > 0 {
		t.Error("something is left:", left, err)
	}
	return results
}

func newRunner(t *testing.T, dialect string) *policytest.Runner {
	t.Helper()
	r := &policytest.Runner{Dialect: dialect, Now: time.Now, TempDir: t.TempDir()}
	r.Scratch = func(ctx context.Context) (policytest.Scratch, error) { return sqlite.NewScratch(ctx, r.TempDir) }
	if dialect == "postgres" {
		url := server.Database(t)
		t.Cleanup(func() {
			server.Exec(t, url, `DO $$ BEGIN IF EXISTS (SELECT FROM pg_database WHERE datname LIKE 'scratch_%') THEN RAISE 'a scratch database is left'; END IF; END $$`)
		})
		r.Scratch = func(ctx context.Context) (policytest.Scratch, error) { return postgres.NewScratch(ctx, url) }
	}
	r.Policy = func(vars []string) (*policy.Policy, diag.List) {
		return policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(thePolicy)}}, policy.Options{Vars: vars, LiveURL: "sqlite:none"})
	}
	r.Package = func(ctx context.Context, path string, _ *policy.Policy) (backup.Package, error) {
		p, err := backup.Open(ctx, path, django.Formats(), backup.DefaultLimits())
		if err == nil && filepath.Base(path) == "package.json" {
			return withFile{p}, nil
		}
		return p, err
	}
	r.Tables = func(context.Context, string) ([]*schema.Table, error) {
		return []*schema.Table{{Name: "other", Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Integer, Bits: 64}}}}}, nil
	}
	return r
}

// withFile is a package that holds the file a.txt of the policy's notes, the
// content of which is "new".
type withFile struct{ backup.Package }

func (withFile) HasFiles(folder string) bool { return folder == "storage/notes" }

func (withFile) Files(context.Context, string) iter.Seq2[backup.FileInfo, error] {
	return func(yield func(backup.FileInfo, error) bool) {
		yield(backup.FileInfo{Name: "a.txt", Size: 3, Digest: fmt.Sprintf("%x", sha256.Sum256([]byte("new")))}, nil)
	}
}

func (withFile) OpenFile(context.Context, string) (io.ReadCloser, error) {
	return nil, errors.New("files are planned only")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// said is what a result says, in short: the place of each problem, what was
// expected and what is.
func said(r *policytest.Result) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		if d.Severity == diag.Error {
			fmt.Fprintf(&b, "error at %s: %s\n", strings.TrimPrefix(d.Range.String(), d.Range.File+":"), d.Summary)
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%d: %s\n", p.Range.Start.Line, p.Summary)
		for _, l := range p.Want {
			b.WriteString("- " + l + "\n")
		}
		for _, l := range p.Got {
			b.WriteString("+ " + l + "\n")
		}
	}
	return b.String()
}

// kinds are the databases that tests run on.
func kinds(t *testing.T, f func(t *testing.T, dialect string)) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { f(t, dialect) })
	}
}

func TestWhatIsExpectedAndPlannedPasses(t *testing.T) {
	cases := map[string]string{
		"all kinds of expectations at once": `test "t" {
  live "app.document" { rows = [
    { code = "A", title = "Old", author = "ann", price = 1 }, { code = "B", author = ["ann"] }, { code = "C", author = 9 },
  ] }
  package "app.person" { records = [
    { name = "ann", uuid = "11111111-1111-1111-1111-111111111111" }, { name = "bob", age = 3 },
  ] }
  package "app.document" { records = [
    { code = "A", title = "New", price = "2.50", author = "bob" }, { code = "C" }, { code = "D", author = "nobody" },
  ] }
  expect {
    change "app.document" "A" {
      before = { title = "Old", price = 1, author = "ann" }
      after  = { title = "New", price = 2.5, author_id = ["bob"] }
    }
    add "app.person" "bob" { after = { age = 3, name = "bob" } }
    destroy "app.document" "B" {
      before = { title = "title" }
      reason = "absent"
    }
    unchanged "app.document" "C" {}
    skip "app.document" "D" { reason = "on_missing" }
    remap "app.person" "ann" { package = { uuid = "11111111111111111111111111111111" } }
    count { add = 1 }
    count "app.document" {
      destroy = 1
      keep    = 2
    }
    guard "few" { holds = true }
  }
}`,
		"a re-initialisation, with a variable": `test "t" {
  reinit = true
  variables { old = "Gone" }
  live "app.team" { rows = [{ code = "Gone" }, { code = "gone" }] }
  expect {
    destroy "app.team" "Gone" {}
    destroy "app.person" "ann" {}
    unchanged "app.team" "gone" {}
    guard "few" { holds = false }
  }
}`,
		"a scope": `test "t" {
  reinit = true
  scope  = people
  live "app.team" { rows = [{ code = "gone" }] }
  expect {
    destroy "app.person" "ann" {}
  }
}`,
		"a target and what it leaves out": `test "t" {
  target = [app.person]
  package "app.person" { records = [{ name = "ann", age = 1 }] }
  package "app.team" { records = [{ code = "red" }] }
  expect {
    change "app.person" "ann" { changed = [age] }
    count "app.team" { skip = 1 }
  }
}`,
		"files for both sides": `test "t" {
  live_from    = "rows.sql"
  package_from = "package.json"
  expect {
    add "app.team" "green" {}
    unchanged "app.team" "blue" {}
    unchanged "app.team" "red" {}
  }
}`,
		"live rows from a package, one of which is written as well": `test "t" {
  live_from = ["rows.json", "rows.sql"]
  package "app.person" { records = [{ name = "admin", age = 41 }] }
  package "app.team" { records = [{ code = "red" }, { code = "blue", members = ["ann", "admin"] }] }
  expect {
    change "app.person" "admin" { before = { age = 40 } }
    change "app.team" "blue" { before = { members = ["admin"] } }
    unchanged "app.team" "red" {}
  }
}`,
		"stored files that are added, changed and kept, and one that a record names": `test "t" {
  live "app.event" { rows = [{ uuid = "11111111-1111-1111-1111-111111111111", note = "a.txt" }] }
  package "app.event" { records = [{ uuid = "22222222-2222-2222-2222-222222222222", note = "deep/b.txt" }] }
  files "notes" {
    live    = { "a.txt" = "old", "kept.txt" = "", "same.txt" = "x" }
    package = { "a.txt" = "new", "deep/b.txt" = "b", "same.txt" = "x" }
  }
  expect {
    add "app.event" "22222222-2222-2222-2222-222222222222" {}
    change "files.notes" "a.txt" {}
    add "files.notes" "deep/b.txt" {}
    unchanged "files.notes" "kept.txt" {}
    unchanged "files.notes" "same.txt" {}
    count "files.notes" { keep = 3 }
  }
}`,
		"a package that says nothing of stored files, one of which is missing": `test "t" {
  package "app.event" { records = [{ uuid = "22222222-2222-2222-2222-222222222222", note = "b.txt" }] }
  files "notes" { live = { "a.txt" = "a" } }
  expect {
    add "app.event" "22222222-2222-2222-2222-222222222222" {}
    unchanged "files.notes" "a.txt" {}
    diagnostic "files.missing" { model = app.event }
  }
}`,
		"a package that brings its stored files": `test "t" {
  package_from = "package.json"
  files "notes" { live = { "a.txt" = "old", "b.txt" = "b" } }
  expect {
    count "app.team" { add = 2 }
    change "files.notes" "a.txt" {}
    unchanged "files.notes" "b.txt" {}
  }
}`,
		"a re-initialisation that clears stored files": `test "t" {
  reinit = true
  live "app.event" { rows = [{ uuid = "11111111-1111-1111-1111-111111111111", note = "a.txt" }] }
  target = [app.event, files.notes]
  files "notes" { live = { "a.txt" = "a", "b.txt" = "b" } }
  expect {
    destroy "files.notes" "b.txt" { reason = "the policy clears the files" }
    unchanged "files.notes" "a.txt" {}
  }
}`,
		"stored files are planned and no folder is touched": `test "t" {
  apply = true
  files "notes" {
    live    = {}
    package = { "a.txt" = "a" }
  }
  expect {
    add "files.notes" "a.txt" {}
    check "titled" { holds = true }
  }
}`,
		"a sensitive field that differs": `test "t" {
  package "app.person" { records = [{ name = "ann", secret = "hunter2", age = 5 }] }
  expect {
    change "app.person" "ann" {
      changed = [secret]
      after   = { age = 5 }
    }
  }
}`,
		"members in any order": `test "t" {
  live "app.team" { rows = [{ code = "red", members = ["ann"] }] }
  package "app.team" { records = [{ code = "red", members = ["ann", "admin"] }] }
  expect {
    change "app.team" "red" { after = { members = ["admin", ["ann"]] } }
  }
}`,
		"a key that is spelt otherwise": `test "t" {
  live "app.event" { rows = [{ uuid = "11111111-1111-1111-1111-111111111111", note = "x" }] }
  package "app.event" { records = [{ uuid = "11111111111111111111111111111111" }] }
  expect { no_changes = true }
}`,
		"a partial test": `test "t" {
  package "app.person" { records = [{ name = "bob" }, { name = "ann", age = 1, secret = "s" }] }
  expect {
    partial = true
    change "app.person" "ann" { after = { age = 1 } }
  }
}`,
		"an expected refusal": `test "t" {
  package "app.person" { records = [{ name = "a name that is far too long" }] }
  expect {
    add "app.person" "a name that is far too long" {}
    diagnostic "predicted.value" {
      model = app.person
      text  = "20"
      count = 1
    }
  }
}`,
		"a warning that is expected": `test "t" {
  package "app.person" { records = [{ name = "bob" }, { name = "eve" }] }
  expect {
    count { add = 2 }
    guard "soft" { holds = false }
  }
}`,
		"a field that the policy derives is not filled in": `test "t" {
  live "app.label" { rows = [{ code = "OLD" }] }
  package "app.label" { records = [{ code = "NEW" }, { code = "OTHER", slug = "said" }] }
  expect {
    add "app.label" "NEW" { after = { slug = "new" } }
    add "app.label" "OTHER" { after = { slug = "said" } }
    unchanged "app.label" "OLD" {}
    guard "soft" { holds = false }
  }
}`,
		"an apply with a check": `test "t" {
  apply = true
  package "app.document" { records = [{ code = "A", title = "bad", author = "ann" }] }
  expect {
    add "app.document" "A" {}
    check "titled" { holds = false }
  }
}`,
		"an apply that leaves nothing to do": `test "t" {
  apply = true
  package "app.document" { records = [{ code = "A", author = "ann" }] }
  expect {
    count { add = 1 }
    check "titled" { holds = true }
  }
}`,
	}
	kinds(t, func(t *testing.T, dialect string) {
		for name, text := range cases {
			t.Run(name, func(t *testing.T) {
				for _, r := range runTests(t, dialect, head+text) {
					if !r.Passed() {
						t.Error(said(r))
					}
				}
			})
		}
	})
}

func TestWhatIsNotAsExpectedFails(t *testing.T) {
	// Each test changes ann, adds bob and destroys document B.
	const given = `test "t" {
  live "app.document" { rows = [{ code = "B", author = "ann" }, { code = "C", author = "ann" }] }
  package "app.person" { records = [{ name = "ann", age = 1, secret = "hunter2" }, { name = "bob" }] }
  package "app.document" { records = [{ code = "C" }, { code = "D", author = "nobody" }] }
  expect {
`
	const rest = `
    change "app.person" "ann" {}
    add "app.person" "bob" {}
    destroy "app.document" "B" {}
    skip "app.document" "D" {}
`
	const without = `
    partial = true
`
	cases := map[string]struct{ expect, want string }{
		"silence about all that happens": {`
    unchanged "app.document" "C" {}`, `7: The plan does what the test does not mention
+ destroy "app.document" "B"
+   # because the package lacks it and absent = destroy; p.hcl:23
+ change "app.person" "ann"
+   secret = (sensitive value)
+   age = null -> 1
+ add "app.person" "bob"
+ skip "app.document" "D"
+   # its reference author leads to no record, and on_missing = skip; p.hcl:24
`},
		"another value": {without + `
    change "app.person" "ann" {
      before = { age = 2 }
      after  = { age = 3 }
    }`, `10: Not what becomes of the record
- change "app.person" "ann"
-   age = 2 -> 3
+ change "app.person" "ann"
+   age = null -> 1
`},
		"a field that changes besides": {strings.Replace(rest, "{}", "{ after = { age = 1 } }", 1), `8: Not what becomes of the record
- change "app.person" "ann"
-   age = null -> 1
+ change "app.person" "ann"
+   age = null -> 1
+   secret = (sensitive value)
`},
		"a field that stays": {without + `
    change "app.person" "ann" { changed = [created_at] }`, `10: Not what becomes of the record
- change "app.person" "ann"
-   created_at = … -> …
+ change "app.person" "ann"
`},
		"another value of an added record": {without + `
    add "app.person" "bob" { after = { name = "Bob" } }`, `10: Not what becomes of the record
- add "app.person" "bob"
-   name = "Bob"
+ add "app.person" "bob"
+   name = "bob"
`},
		"another fate": {without + `
    unchanged "app.document" "B" {}
    destroy "app.document" "C" {}
    add "app.document" "E" {}`, `10: Not what becomes of the record
- unchanged "app.document" "B"
+ destroy "app.document" "B"
+   # because the package lacks it and absent = destroy; p.hcl:23
11: Not what becomes of the record
- destroy "app.document" "C"
+ unchanged "app.document" "C"
12: Not what becomes of the record
- add "app.document" "E"
+ # neither the plan nor the live database has app.document["E"]
`},
		"another reason": {without + `
    destroy "app.document" "B" { reason = "cleared" }`, `10: Not what becomes of the record
- destroy "app.document" "B"
-   # … cleared …
+ destroy "app.document" "B"
+   # because the package lacks it and absent = destroy; p.hcl:23
`},
		"a remap that is none": {without + `
    remap "app.person" "ann" { live = { uuid = "11111111-1111-1111-1111-111111111111" } }`, `10: Not what becomes of the record
- remap "app.person" "ann"
-   uuid = … in the package, "11111111-1111-1111-1111-111111111111" live
+ change "app.person" "ann"
+   secret = (sensitive value)
+   age = null -> 1
`},
		"another number": {rest + `
    count "app.document" { destroy = 2 }
    count { add = 0 }`, `13: Not the number of records to destroy of app.document
- destroy = 2
+ destroy = 1
14: Not the number of records to add
- add = 0
+ add = 1
`},
		"changes where none are expected": {`
    no_changes = true`, `8: The plan has changes
- no changes
+ destroy "app.document" "B"
+   # because the package lacks it and absent = destroy; p.hcl:23
+ change "app.person" "ann"
+   secret = (sensitive value)
+   age = null -> 1
+ add "app.person" "bob"
7: The plan does what the test does not mention
+ skip "app.document" "D"
+   # its reference author leads to no record, and on_missing = skip; p.hcl:24
`},
		"a diagnostic that is not said": {without + `
    diagnostic "key.duplicate" { text = "twice" }`, `10: The plan does not say it
- diagnostic "key.duplicate" with the text "twice"
+ diagnostic "package.no_keys"
+   # 1 added record gets a new primary key: the package does not carry its own: They are app.person 1. References by natural key follow; ids that are kept elsewhere, in other systems or inside texts, do not.
`},
		"a guard that holds": {without + `
    guard "few" { holds = false }`, `10: Not what the guard says
- guard "few" { holds = false }
+ guard "few" { holds = true }
`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := runTests(t, "sqlite", head+given+strings.TrimPrefix(c.expect, "\n")+"\n  }\n}")
			if d := cmp.Diff(c.want, said(r[0])); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestARefusalAndACheckThatAreNotAsExpectedFail(t *testing.T) {
	const tooLong = `test "t" {
  apply = true
  package "app.team" { records = [{ code = "a code that is far too long" }] }
  expect {
    add "app.team" "a code that is far too long" {}`
	const bad = `test "t" {
  apply = true
  package "app.document" { records = [{ code = "A", title = "bad", author = "ann" }] }
  expect {
    add "app.document" "A" {}`
	cases := map[string]struct{ text, want string }{
		"a refusal that is not mentioned": {tooLong, `6: The plan is refused, which the test does not expect
+ diagnostic "predicted.value.code" of app.team["a code that is far too long"]
+   # The value of code would be refused by the database: The text has 27 characters, the column holds 20.
`},
		"a refusal that is said another number of times": {tooLong + `
    diagnostic "predicted" { count = 2 }`, `8: The plan does not say it
- diagnostic "predicted", 2 times
+ # it is said once
`},
		"a refusal of another model": {tooLong + `
    diagnostic "predicted" {}
    diagnostic "predicted.value" { model = app.person }`, `9: The plan does not say it
- diagnostic "predicted.value" of app.person
+ diagnostic "predicted.value.code" of app.team["a code that is far too long"]
+   # The value of code would be refused by the database: The text has 27 characters, the column holds 20.
+ diagnostic "package.no_keys"
+   # 1 added record gets a new primary key: the package does not carry its own: They are app.team 1. References by natural key follow; ids that are kept elsewhere, in other systems or inside texts, do not.
`},
		"a check of a plan that is refused": {tooLong + `
    diagnostic "predicted" {}
    check "titled" { holds = true }`, `9: The check did not come to judge: the plan is refused
`},
		"a check that fails": {bad + `
    check "titled" { holds = true }`, `8: Not what the check says
- check "titled" { holds = true }
+ check "titled" { holds = false }
+   # The result is 1.
`},
		"a check that holds": {strings.Replace(bad, "bad", "good", 1) + `
    check "titled" { holds = false }`, `8: Not what the check says
- check "titled" { holds = false }
+ check "titled" { holds = true }
`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := runTests(t, "sqlite", head+c.text+"\n  }\n}")
			if d := cmp.Diff(c.want, said(r[0])); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWhatCannotBeTestedIsSaidWithItsPlace(t *testing.T) {
	const nothing = "  expect { no_changes = true }\n}"
	cases := map[string]struct{ test, want string }{
		"a model that the policy lacks": {
			"test \"t\" {\n  package \"app.peron\" { records = [] }\n" + nothing,
			"error at 4,11-22: The policy has no model \"app.peron\"\n",
		},
		"a guard that the policy lacks": {
			"test \"t\" {\n  reinit = true\n  expect {\n    guard \"many\" { holds = true }\n  }\n}",
			"error at 6,11-17: The policy has no guard \"many\"\n",
		},
		"a check without an apply": {
			"test \"t\" {\n  reinit = true\n  expect {\n    check \"titled\" { holds = true }\n  }\n}",
			"error at 6,5-19: The test expects something of a check and does not apply the plan\n",
		},
		"a field that the model lacks": {
			"test \"t\" {\n  reinit = true\n  expect {\n    change \"app.person\" \"ann\" { changed = [agee] }\n  }\n}",
			"error at 6,44-48: app.person has no field \"agee\"\n",
		},
		"a value of a sensitive field": {
			"test \"t\" {\n  reinit = true\n  expect {\n    change \"app.person\" \"ann\" { after = { secret = \"x\" } }\n  }\n}",
			"error at 6,43-49: The values of \"secret\" are sensitive\n",
		},
		"a live row that leads nowhere": {
			"test \"t\" {\n  reinit = true\n  live \"app.document\" { rows = [{ code = \"A\", author = \"eve\" }] }\n" + nothing,
			"error at 5,33-63: The reference author leads to no record\n",
		},
		"a live row of a column that is none": {
			"test \"t\" {\n  reinit = true\n  live \"app.team\" { rows = [{ code = \"A\", colour = 1 }] }\n" + nothing,
			"error at 5,43-49: app.team has no field \"colour\"\n",
		},
		"a file that is missing": {
			"test \"t\" {\n  reinit    = true\n  live_from = \"none.sql\"\n" + nothing,
			"error at 5,15-25: The SQL file none.sql cannot be run\n",
		},
		"a file for another database": {
			"test \"t\" {\n  reinit    = true\n  live_from = { postgres = \"rows.sql\" }\n" + nothing,
			"error at 5,15-40: live_from names nothing for sqlite\n",
		},
		"a package that is missing": {
			"test \"t\" {\n  package_from = \"none.json\"\n" + nothing,
			"error at 4,18-29: The package none.json cannot be opened\n",
		},
		"files that the policy lacks": {
			"test \"t\" {\n  reinit = true\n  files \"nots\" { live = {} }\n" + nothing,
			"error at 5,9-15: The policy has no files block \"nots\"\n",
		},
		"an expectation of files that the test does not give": {
			"test \"t\" {\n  reinit = true\n  expect {\n    add \"files.notes\" \"a\" {}\n  }\n}",
			"error at 6,9-22: The test does not say which files \"notes\" has\n",
		},
		"a live package that lacks what the table asks for": {
			"test \"t\" {\n  reinit    = true\n  live_from = \"broken.json\"\n" + nothing,
			"error at 8,1-19: The value of uuid would be refused by the database\nerror at 8,1-19: The value of secret would be refused by the database\n" +
				"error at 8,1-19: The value of created_at would be refused by the database\n",
		},
		"a variable that the policy lacks": {
			"test \"t\" {\n  reinit = true\n  variables { young = 1 }\n" + nothing,
			"error at 5,15-20: The policy has no variable \"young\"\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := runTests(t, "sqlite", head+c.test)
			if d := cmp.Diff(c.want, said(r[0])); d != "" {
				t.Error(d)
			}
		})
	}
}
