package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// consoleBlock is an example in a document whose commands are run.
var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// TestTheConsolesInDocumentsAreTrue runs the commands of each document in a
// copy of the source, as a reader would in a clone, and looks for each line
// that the document quotes in what the command printed, in that order. A quoted
// line may be the beginning of the real one; a line … stands for any number of
// lines.
func TestTheConsolesInDocumentsAreTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew: skipped with -short")
	}
	for _, document := range []string{"README.md", "docs/operations.md", "docs/backup.md", "docs/policy-tests.md", "docs/page.md"} {
		t.Run(document, func(t *testing.T) {
			dir := cloneSource(t)
			text, err := os.ReadFile(filepath.Join(dir, document))
			if err != nil {
				t.Fatal(err)
			}
			blocks := consoleBlock.FindAllSubmatch(text, -1)
			if len(blocks) == 0 {
				t.Fatal("there is no console block")
			}
			for _, b := range blocks {
				runConsole(t, dir, strings.Split(strings.TrimSuffix(string(b[1]), "\n"), "\n"))
			}
		})
	}
}

// The README's table has every command and flag that it writes exists.
func TestTheReadmeListsTheCommands(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `edmsplan (\\w+)(.*?)` \\|").FindAllStringSubmatch(string(text), -1) {
		rows[m[1]] = m[2]
	}
	for _, c := range newRoot(streams{noColor: new(bool)}).Commands() {
		if c.Hidden {
			continue
		}
		row, ok := rows[c.Name()]
		if !ok {
			t.Errorf("edmsplan %s is not in the table", c.Name())
		}
		for _, flag := range regexp.MustCompile(`-([a-z-]+)`).FindAllStringSubmatch(row, -1) {
			if c.Flags().Lookup(flag[1]) == nil {
				t.Errorf("edmsplan %s has no flag -%s", c.Name(), flag[1])
			}
		}
		delete(rows, c.Name())
	}
	for name := range rows {
		t.Errorf("there is no command edmsplan %s", name)
	}
}

// runConsole runs the commands of a block. The quoted lines are searched for in
// what all commands so far have printed, from the last line found on.
func runConsole(t *testing.T, dir string, lines []string) {
	t.Helper()
	var printed []string
	for _, line := range lines {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case isCommand && quoted(&printed, line):
			// The command before it, such as make demo, has run and printed it.
		case isCommand:
			printed = shell(t, dir, command)
		case line == "…" || line == "":
		case !quoted(&printed, line):
			t.Errorf("not printed, or not in this order: %s", line)
		}
	}
}

// quoted finds the line and drops what is before it.
func quoted(printed *[]string, line string) bool {
	for i, p := range *printed {
		if strings.HasPrefix(p, line) {
			*printed = (*printed)[i+1:]
			return true
		}
	}
	return false
}

func shell(t *testing.T, dir, command string) []string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sh", "-c", command)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"), "EDMSPLAN_LIVE=")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return strings.Split(string(out), "\n")
}

// cloneDir is where cloneSource puts its copies: go build knows again what it has
// built in the same folder.
var cloneDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "edmsplan-clone-") })

// cloneSource copies what a clone has and a build needs. There is one copy at
// a time.
func cloneSource(t *testing.T) string {
	t.Helper()
	dir, err := cloneDir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	top := root(t)
	for _, name := range []string{"cmd", "docs", "engine", "examples", "planner", "plans", "providers", "schema"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(top, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"Makefile", "README.md", "go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
