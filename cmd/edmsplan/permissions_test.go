package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheDocumentedPermissionsAreEnough grants what docs/operations.md says,
// and no more, to a role that plans and to one that applies.
func TestTheDocumentedPermissionsAreEnough(t *testing.T) {
	d := newTestDatabase(t, "postgres", t.TempDir())
	d.load(t)
	d.exec(t, "DROP ROLE IF EXISTS planner; DROP ROLE IF EXISTS applier; CREATE ROLE planner LOGIN; CREATE ROLE applier LOGIN")
	document, err := os.ReadFile(filepath.Join(root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```sql\n(.*?)^```$").FindAllStringSubmatch(string(document), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of SQL, want that of the planner and that of the applier", len(blocks))
	}
	for _, b := range blocks {
		d.exec(t, b[1])
	}
	as := func(role string) string { return strings.Replace(d.url, "user=postgres", "user="+role, 1) }
	example := filepath.Join(root(t), "examples", "edms")
	plan := filepath.Join(t.TempDir(), "edms.plan")
	for _, args := range [][]string{
		{"validate", "-policy", filepath.Join(example, "policy"), "-live", as("planner")},
		{"plan", "-policy", filepath.Join(example, "policy"), "-live", as("planner"), "-package", filepath.Join(example, "package"), "-out", plan},
		{"apply", "-auto-approve", "-live", as("applier"), plan},
		{"log", "-live", as("applier"), "verify"},
		{"plan", "-policy", filepath.Join(example, "policy"), "-live", as("planner"), "-package", filepath.Join(example, "package")},
	} {
		if r := runCommand(t, args...); r.code != exitOK {
			t.Errorf("%s: exit code %d\n%s", args[0], r.code, r.err)
		}
	}
	// The other way round it is refused, by the database.
	if r := runCommand(t, "apply", "-auto-approve", "-live", as("planner"), plan); r.code != exitError || !strings.Contains(r.err, "permission denied") {
		t.Errorf("apply as planner: exit code %d\n%s", r.code, r.err)
	}
}
