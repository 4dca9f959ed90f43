package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each folder of examples that holds a plan.golden.txt is planned on both kinds
// of databases. The text is the same but for the database's name, which is
// LIVE here: a reviewer of one can read the other. Where an example has a
// difference that is right, the database's own text stands in
// plan.golden.KIND.txt. -update writes them anew.
func TestExamplesGiveTheExpectedPlan(t *testing.T) {
	golden, err := filepath.Glob(filepath.Join(root(t), "examples", "*", "plan.golden.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(golden) == 0 {
		t.Fatal("no example has a plan.golden.txt")
	}
	for _, path := range golden {
		dir := filepath.Dir(path)
		for _, kind := range []string{"sqlite", "postgres"} {
			t.Run(filepath.Base(dir)+" on "+kind, func(t *testing.T) {
				d := newTestDatabase(t, kind, t.TempDir())
				d.load(t, filepath.Join(dir, "schema."+kind+".sql"), filepath.Join(dir, "live."+kind+".sql"))
				got := planText(t, d, filepath.Base(dir))
				if own := strings.TrimSuffix(path, ".txt") + "." + kind + ".txt"; exists(own) {
					path = own
				}
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(string(want), got); d != "" {
					t.Errorf("the plan is not the expected one (-want +got):\n%s", d)
				}
			})
		}
	}
}

// planText plans an example as its README says, from the repository's folder.
func planText(t *testing.T, d *testDatabase, example string) string {
	t.Helper()
	t.Chdir(root(t))
	dir := filepath.Join("examples", example)
	r := runCommand(t, "plan", "-all", "-policy", filepath.Join(dir, "policy"), "-package", filepath.Join(dir, "package"), "-live", d.url)
	if r.code != exitOK {
		t.Fatalf("exit code %d\n%s%s", r.code, r.out, r.err)
	}
	return strings.Replace(r.out, "the live database "+d.target+" ", "the live database LIVE ", 1)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ran is what a command line gave.
type ran struct {
	code     int
	out, err string
}

// runCommand runs a command line in this process.
func runCommand(t *testing.T, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, streams{in: strings.NewReader(""), out: &out, err: &errs, env: os.LookupEnv})
	return ran{code, out.String(), errs.String()}
}
