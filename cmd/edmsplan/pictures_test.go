package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheLargePlanOfThePicturesIsMade makes the plan of testdata/pictures with
// a hundredth of its rows: make pictures needs a browser and minutes, the SQL
// that it begins with must go on fitting the example.
func TestTheLargePlanOfThePicturesIsMade(t *testing.T) {
	top, dir := root(t), t.TempDir()
	fewer := func(name string) string {
		t.Helper()
		sql, err := os.ReadFile(filepath.Join(top, "testdata", "pictures", name))
		if err != nil {
			t.Fatal(err)
		}
		small := regexp.MustCompile(`\b(32|16|2)000\b`).ReplaceAllString(string(sql), "${1}0")
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(small), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, name := range []string{"documents", "media"} {
		folder := filepath.Join(dir, name)
		if err := os.Mkdir(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		t.Setenv("EDMS_"+strings.ToUpper(name), folder)
	}
	policy, pkg := filepath.Join(top, "examples", "edms", "policy"), filepath.Join(dir, "before.edmspkg")
	live := newTestDatabase(t, "sqlite", dir)
	live.load(t)
	live.load(t, fewer("grow.sql"))
	if got := runCommand(t, "backup", "-policy", policy, "-live", live.url, "-kind", "database", "-out", pkg); got.code != exitOK {
		t.Fatal(got.out, got.err)
	}
	live.load(t, fewer("drift.sql"))
	got := runCommand(t, "plan", "-policy", policy, "-live", live.url, "-package", pkg, "-reinit", "-var", "reinit_at=2026-03-01T08:00:00Z", "-out", filepath.Join(dir, "large.plan"))
	if want := regexp.MustCompile(`(?m)^Plan: 5 to remap, [1-9]\d+ to add, [1-9]\d\d+ to change, [1-9]\d* to destroy\.$`); got.code != exitOK || !want.MatchString(got.out) {
		t.Errorf("exit code %d, want a line %s in\n%s%s", got.code, want, got.out[max(0, len(got.out)-3000):], got.err)
	}
}
