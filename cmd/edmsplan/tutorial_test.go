package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tutorialBlock is a console, or a file that the reader is to save under the
// name beside the language. Browsers do not show that: the text before it says
// it too.
var tutorialBlock = regexp.MustCompile("(?ms)^```(console|\\w+ [\\w./]+)\n(.*?)^```$")

// TestTheTutorialIsTrue does what docs/tutorial.md tells its reader to do, from
// an empty folder on: the console blocks as in the other documents, and the
// files in between.
func TestTheTutorialIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew: skipped with -short")
	}
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("sqlite3 is not installed: the commands of docs/tutorial.md are not run")
	}
	clone, dir := cloneSource(t), t.TempDir()
	text, err := os.ReadFile(filepath.Join(clone, "docs", "tutorial.md"))
	must(t, err)
	shell(t, clone, "make build")
	t.Setenv("PATH", filepath.Join(clone, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	blocks := tutorialBlock.FindAllSubmatch(text, -1)
	for _, at := range tutorialBlock.FindAllSubmatchIndex(text, -1) {
		_, name, _ := strings.Cut(string(text[at[2]:at[3]]), " ")
		before := strings.Split(strings.TrimSuffix(string(text[:at[0]]), "\n\n"), "\n\n")
		if name != "" && !strings.Contains(before[len(before)-1], "`"+name+"`") {
			t.Errorf("the text before it does not name the file %s", name)
		}
	}
	if all := strings.Count(string(text), "\n```\n"); len(blocks) != all {
		t.Errorf("%d of %d blocks are neither consoles nor files", all-len(blocks), all)
	}
	for n, b := range blocks {
		kind, content := string(b[1]), string(b[2])
		_, name, isFile := strings.Cut(kind, " ")
		switch {
		case n == 0: // which makes the folder and goes there
			runConsole(t, dir, []string{strings.TrimSuffix(content, "\n")})
			dir = filepath.Join(dir, "orchard")
		case isFile:
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		default:
			runConsole(t, dir, strings.Split(strings.TrimSuffix(content, "\n"), "\n"))
		}
	}
}
