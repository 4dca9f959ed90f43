package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheRealPackage runs the command on a package of the real application and
// each state that its database may be in. The files are not part of the
// project: they lie beside it in ../shared, or the test is skipped.
func TestTheRealPackage(t *testing.T) {
	edms := filepath.Join(filepath.Dir(root(t)), "shared", "edms")
	if !exists(filepath.Join(edms, "real-package")) {
		t.Skip("skipped: ../shared/edms, the real package and its databases, is not here")
	}
	top := root(t) // before a subtest changes the folder
	empty := server.Database(t)
	server.LoadFile(t, empty, filepath.Join(edms, "schema.sql"))
	pkg := filepath.Join(edms, "real-package")
	for state, want := range map[string]string{
		"fresh":     "Plan: 314 to add, 0 to change, 0 to destroy.",
		"seeded":    "Plan: 42 to remap, 256 to add, 48 to change, 0 to destroy.",
		"reinit":    "Plan: 207 to add, 2 to change, 0 to destroy.",
		"populated": "No changes. The live database matches the package and the policy.",
	} {
		t.Run(state, func(t *testing.T) {
			live := server.Clone(t, empty)
			server.LoadFile(t, live, filepath.Join(edms, "state-"+state+".sql"))
			t.Chdir(t.TempDir())
			policy := filepath.Join(top, "examples", "edms", "policy")
			first := []string{"plan", "-policy", policy, "-live", live, "-package", pkg, "-out", "edms.plan", "-detailed-exitcode"}
			planned := runCommand(t, first...)
			if !hasLine(planned.out, want) {
				t.Fatalf("exit code %d, no line %q in\n%s%s", planned.code, want, planned.out, planned.err)
			}
			if strings.Contains(planned.out, "pbkdf2") || strings.Contains(planned.out, "PRIVATE KEY") {
				t.Error("the plan shows a secret")
			}
			if wantCode := codeFor(want); planned.code != wantCode {
				t.Errorf("exit code %d, want %d", planned.code, wantCode)
			}
			if applied := runCommand(t, "apply", "-auto-approve", "edms.plan"); applied.code != exitOK || !strings.HasPrefix(applied.out, "Apply complete!") {
				t.Fatalf("apply: exit code %d\n%s%s", applied.code, applied.out, applied.err)
			}
			again := runCommand(t, first...)
			if again.code != exitOK || !hasLine(again.out, "No changes. The live database matches the package and the policy.") {
				t.Errorf("planned again: exit code %d\n%s%s", again.code, again.out, again.err)
			}
			if verified := runCommand(t, "log", "-live", live, "verify"); verified.code != exitOK {
				t.Errorf("log verify: exit code %d\n%s%s", verified.code, verified.out, verified.err)
			}
		})
	}
}

func TestTheRealPackageTamperedWithIsRefused(t *testing.T) {
	pkg := filepath.Join(filepath.Dir(root(t)), "shared", "edms", "real-package")
	if !exists(pkg) {
		t.Skip("skipped: ../shared/edms/real-package is not here")
	}
	for what, tamper := range map[string]func(t *testing.T, backup string){
		"the checksum is wrong": func(t *testing.T, backup string) { rewrite(t, backup, func(s string) string { return s + "\n" }) },
		"cut off":               func(t *testing.T, backup string) { rewrite(t, backup, func(s string) string { return s[:len(s)/2] }) },
		"metadata only": func(t *testing.T, backup string) {
			if err := os.Remove(backup); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "package")
			if err := os.CopyFS(dir, os.DirFS(pkg)); err != nil {
				t.Fatal(err)
			}
			tamper(t, filepath.Join(dir, "database", "database_backup.json"))
			got := runCommand(t, "inspect", dir)
			if got.code != exitError || got.out != "" || !strings.HasPrefix(got.err, "Error: ") {
				t.Errorf("exit code %d\n%s%s", got.code, got.out, got.err)
			}
		})
	}
}

func codeFor(summary string) int {
	if strings.HasPrefix(summary, "No changes.") {
		return exitOK
	}
	return exitDifferences
}

func hasLine(text, line string) bool { return strings.Contains("\n"+text+"\n", "\n"+line+"\n") }

func rewrite(t *testing.T, path string, f func(string) string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(f(string(content))), 0o600); err != nil {
		t.Fatal(err)
	}
}
