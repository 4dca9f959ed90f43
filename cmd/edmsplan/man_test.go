package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Each command has a page with an example that begins with it, and each of its
// flags is there. Where groff is, it has nothing to complain of.
func TestEachCommandHasAManualPage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if r := runCommand(t, "man", dir); r.code != exitOK {
		t.Fatalf("exit code %d: %s", r.code, r.err)
	}
	pages := 0
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		pages++
		content, err := os.ReadFile(filepath.Join(dir, pageName(c)+".1"))
		if err != nil {
			t.Error(err)
			return
		}
		text := strings.ReplaceAll(string(content), `\-`, "-")
		_, examples, _ := strings.Cut(text, ".SH EXAMPLES")
		if !strings.Contains(examples, c.CommandPath()+" ") && !strings.Contains(examples, c.CommandPath()+"\n") {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, m := range regexp.MustCompile(`(?m)[ [{]-([a-z][a-z-]+)`).FindAllStringSubmatch(c.Use, -1) {
			if !strings.Contains(text, ".TP\n\\fB-"+m[1]+"\\fR") {
				t.Errorf("the page of %s lacks the flag -%s", c.CommandPath(), m[1])
			}
		}
		for _, sub := range paged(c) {
			check(sub)
		}
	}
	check(newRoot(streams{noColor: new(bool)}))
	written, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(written) != pages {
		t.Errorf("%d pages of %d commands: %v", len(written), pages, err)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is missing: the pages are not typeset")
	}
	for _, page := range written {
		out, err := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww", "-z", page).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", filepath.Base(page), err, out)
		}
	}
}

func TestThePagesHaveTheExitCodesOfTheDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| exit code | meaning |")
	table, _, _ = strings.Cut(table, "\n\n")
	documented := map[int]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([0-9, ]+) \|`).FindAllStringSubmatch(table, -1) {
		for _, n := range strings.Split(row[1], ",") {
			code, err := strconv.Atoi(strings.TrimSpace(n))
			if err != nil {
				t.Fatal(err)
			}
			documented[code] = true
		}
	}
	for _, e := range exitWords() {
		if !documented[e.code] {
			t.Errorf("docs/operations.md lacks exit code %d", e.code)
		}
		delete(documented, e.code)
	}
	for code := range documented {
		t.Errorf("the manual pages lack exit code %d", code)
	}
}
