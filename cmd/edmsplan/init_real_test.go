package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// handEdit is one change that a person makes to a drafted policy.
type handEdit struct{ what, from, to string }

// realEdits are all that the real system needs. Its exporter drops the code of a
// document state, which is its primary key, and two states are equal in all the
// rest; the codes are in the policy of the example.
func realEdits(t *testing.T) []handEdit {
	t.Helper()
	workflows, err := os.ReadFile(filepath.Join(root(t), "examples", "edms", "policy", "workflows.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?ms)^locals \{.*?^\}$`).FindString(string(workflows))
	return []handEdit{
		{"take one of two equal states", "  # on_duplicate = first\n", "  on_duplicate = first\n"},
		{
			"derive the code of a state", "  # derive \"code\" {\n  #   value = upper(replace(self.name, \" \", \"_\"))\n  # }\n",
			"  derive \"code\" {\n    value = lookup(local.state_codes, \"${self.name}|${self.description}\", upper(replace(self.name, \" \", \"_\")))\n  }\n",
		},
		{"say which codes the states have", "# Tables of many-to-many fields", codes + "\n\n# Tables of many-to-many fields"},
	}
}

// TestInitOnTheRealSystem drafts a policy for the real package in each state
// that its database may be in, edits it by hand, and plans and applies with it.
func TestInitOnTheRealSystem(t *testing.T) {
	edms := filepath.Join(filepath.Dir(root(t)), "shared", "edms")
	if !exists(filepath.Join(edms, "real-package")) {
		t.Skip("skipped: ../shared/edms, the real package and its databases, is not here")
	}
	edits := realEdits(t)
	if len(edits) > 10 {
		t.Errorf("%d edits by hand, more than ten", len(edits))
	}
	empty := server.Database(t)
	server.LoadFile(t, empty, filepath.Join(edms, "schema.sql"))
	pkg := filepath.Join(edms, "real-package")
	for state, want := range map[string]string{
		"fresh":     "Plan: 314 to add, 0 to change, 0 to destroy.",
		"seeded":    "Plan: 44 to remap, 256 to add, 48 to change, 0 to destroy.",
		"reinit":    "Plan: 1 to remap, 207 to add, 2 to change, 0 to destroy.",
		"populated": "No changes. The live database matches the package and the policy.",
	} {
		t.Run(state, func(t *testing.T) {
			live := server.Clone(t, empty)
			server.LoadFile(t, live, filepath.Join(edms, "state-"+state+".sql"))
			t.Chdir(t.TempDir())
			if drafted := runCommand(t, "init", "-live", live, "-package", pkg, "-name", "edms", "-out", "policy.hcl"); drafted.code != exitOK {
				t.Fatalf("exit code %d\n%s%s", drafted.code, drafted.out, drafted.err)
			}
			rewrite(t, "policy.hcl", func(text string) string { return edit(t, text, edits) })
			first := []string{"plan", "-policy", "policy.hcl", "-live", live, "-package", pkg, "-out", "edms.plan", "-detailed-exitcode"}
			planned := runCommand(t, first...)
			if !hasLine(planned.out, want) || planned.code != codeFor(want) {
				t.Fatalf("exit code %d, or no line %q in\n%s%s", planned.code, want, planned.out, planned.err)
			}
			if applied := runCommand(t, "apply", "-auto-approve", "edms.plan"); applied.code != exitOK {
				t.Fatalf("apply: exit code %d\n%s%s", applied.code, applied.out, applied.err)
			}
			if again := runCommand(t, first...); again.code != exitOK {
				t.Errorf("planned again: exit code %d\n%s%s", again.code, again.out, again.err)
			}
		})
	}
}

// edit makes the edits, each of which must have its place, and only one.
func edit(t *testing.T, text string, edits []handEdit) string {
	t.Helper()
	for _, e := range edits {
		if n := strings.Count(text, e.from); n != 1 {
			t.Fatalf("%s: its place is there %d times in\n%s", e.what, n, text)
		}
		text = strings.Replace(text, e.from, e.to, 1)
	}
	return text
}
