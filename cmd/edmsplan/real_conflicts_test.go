package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConflictsOfTheRealPackage gives a user of the real application another
// name, settles the conflict in a file, applies, plans again and undoes. The
// files are not part of the project, see TestTheRealPackage.
func TestConflictsOfTheRealPackage(t *testing.T) {
	edms := filepath.Join(filepath.Dir(root(t)), "shared", "edms")
	if !exists(filepath.Join(edms, "real-package")) {
		t.Skip("skipped: ../shared/edms, the real package and its databases, is not here")
	}
	top := root(t) // before a subtest changes the folder
	empty := server.Database(t)
	server.LoadFile(t, empty, filepath.Join(edms, "schema.sql"))
	const matches = "No changes. The live database matches the package and the policy."
	for name, tt := range map[string]struct {
		verdict, target string
		want            string // of the plan under the decision
		forGood         bool   // afterwards it is no conflict any more
	}{
		"the row is renamed":                    {"rename", "", "Plan: 0 to add, 1 to change, 0 to destroy.", true},
		"the record is the row, by natural key": {"map", `["somebody.else"]`, matches, false},
		"the record is the row, by primary key": {"map", "PK", matches, false},
	} {
		t.Run(name, func(t *testing.T) {
			live := server.Clone(t, empty)
			server.LoadFile(t, live, filepath.Join(edms, "state-populated.sql"))
			server.Exec(t, live, "UPDATE users SET username = 'somebody.else' WHERE username = 'author01'")
			t.Chdir(t.TempDir())
			plan := func(more ...string) ran {
				return runCommand(t, append([]string{
					"plan", "-policy", filepath.Join(top, "examples", "edms", "policy"), "-live", live,
					"-package", filepath.Join(edms, "real-package"), "-out", "edms.plan",
				}, more...)...)
			}
			if p := plan("-conflicts-out", "conflicts.csv"); p.code != exitConflicts || !hasLine(p.out, "1 conflict more follows: what is decided may settle that too.") {
				t.Fatalf("exit code %d\n%s%s", p.code, p.out, p.err)
			}
			conflict := decideConflict(t, "conflicts.csv", tt.verdict, tt.target)
			if conflict[6] != "rename" || !strings.Contains(conflict[5], `["somebody.else"] (username "somebody.else" -> "author01")`) {
				t.Errorf("written: %q", conflict)
			}
			p := plan("-conflicts", "conflicts.csv")
			if p.code != exitOK || !hasLine(p.out, tt.want) {
				t.Fatalf("exit code %d\n%s%s", p.code, p.out, p.err)
			}
			if applied := runCommand(t, "apply", "-auto-approve", "edms.plan"); applied.code != exitOK {
				t.Fatalf("apply: exit code %d\n%s%s", applied.code, applied.out, applied.err)
			}
			again := []string{"-conflicts", "conflicts.csv"}
			if tt.forGood {
				again = nil
			}
			if p := plan(again...); p.code != exitOK || !hasLine(p.out, matches) {
				t.Errorf("planned again: exit code %d\n%s%s", p.code, p.out, p.err)
			}
			if !tt.forGood {
				return // nothing was written
			}
			if u := runCommand(t, "undo", "-live", live, "-out", "undo.plan", "0"); u.code != exitOK {
				t.Fatalf("undo: exit code %d\n%s%s", u.code, u.out, u.err)
			}
			if u := runCommand(t, "apply", "-auto-approve", "undo.plan"); u.code != exitOK {
				t.Fatalf("apply of the undo: exit code %d\n%s%s", u.code, u.out, u.err)
			}
			if p := plan("-conflicts", "conflicts.csv"); p.code != exitOK || !hasLine(p.out, tt.want) {
				t.Errorf("planned after the undo: exit code %d\n%s%s", p.code, p.out, p.err)
			}
		})
	}
}

// decideConflict fills in the one conflict of a file and returns it as it was.
// The target PK is the candidate's own name.
func decideConflict(t *testing.T, path, verdict, target string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || f.Close() != nil || len(rows) != 2 {
		t.Fatalf("%v, %q", err, rows)
	}
	if target == "PK" {
		target, _, _ = strings.Cut(rows[1][5], " ")
	}
	decided := append(append([]string{}, rows[1][:7]...), verdict, target)
	f, err = os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(f).WriteAll([][]string{rows[0], decided}); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	return rows[1]
}
