package stage_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
)

// childFolder names the variable that makes this test's binary the program that
// is killed.
const childFolder = "EDMSPLAN_TEST_STAGE_FOLDER"

// commit stands for what a database has: the last apply that was committed and
// its manifest. It is one file, replaced in one step.
type commit struct {
	Number   int
	Manifest stage.Manifest
}

func readCommit(t *testing.T, folder string) commit {
	t.Helper()
	var c commit
	text, err := os.ReadFile(filepath.Join(folder, "commit"))
	if errors.Is(err, fs.ErrNotExist) {
		return c
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c commit) write(t *testing.T, folder string) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "commit")
	if err := errors.Join(os.WriteFile(name+".new", text, 0o600), os.Rename(name+".new", name)); err != nil {
		t.Fatal(err)
	}
}

// treeAfter is the tree after the apply of that number; each differs from the
// one before by adds, changes and destroys, and by a file that becomes a folder.
func treeAfter(number int) tree {
	files := tree{"changing": fmt.Sprint(number)}
	files[[]string{"x", "x/y"}[number%2]] = "same"
	for i := range 12 {
		h := fnv.New32a()
		_, _ = fmt.Fprint(h, number/2, " ", i) // a hash takes everything
		if h.Sum32()%3 > 0 {
			content := fmt.Sprint(h.Sum32()%5, i, "\n")
			files[fmt.Sprintf("d%d/%02d", i%4, i)] = strings.Repeat(content, int(h.Sum32()%20_000))
		}
	}
	if number == 0 {
		return tree{}
	}
	return files
}

// TestApplyForEver is the program that is killed.
func TestApplyForEver(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("it runs as a process of its own in TestKilledAtAnyInstant")
	}
	s, err := local.Open(filepath.Join(folder, "files"))
	if err != nil {
		t.Fatal(err)
	}
	for number := readCommit(t, folder).Number + 1; ; number++ {
		m, err := stage.Prepare(t.Context(), s, fmt.Sprint(number), operations(between(treeAfter(number-1), treeAfter(number))...))
		if err != nil {
			t.Fatal(err)
		}
		commit{number, m}.write(t, folder)
		if err := stage.Finish(t.Context(), s, m); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Println("applied", number); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKilledAtAnyInstant(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills many processes")
	}
	folder := t.TempDir()
	files := filepath.Join(folder, "files")
	if err := os.Mkdir(files, 0o750); err != nil {
		t.Fatal(err)
	}
	s := openLocal(t, files)
	found := map[string]int{}
	for range 100 {
		killOne(t, folder)
		found[crashedIn(t, s, folder)]++
		last := readCommit(t, folder)
		var unfinished []stage.Manifest
		if last.Number > 0 {
			unfinished = append(unfinished, last.Manifest)
		}
		if _, err := stage.Recover(t.Context(), s, unfinished); err != nil {
			t.Fatal(err)
		}
		holds(t, s, treeAfter(last.Number))
		noneHidden(t, files)
	}
	t.Logf("killed in: %v, after %d applies", found, readCommit(t, folder).Number)
	if found["prepare"] == 0 || found["finish"] == 0 {
		t.Errorf("no kill fell into one of the steps: %v", found)
	}
}

// killOne starts the program and kills it a little after its first apply.
func killOne(t *testing.T, folder string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestApplyForEver$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), childFolder+"="+folder)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "applied") {
		t.Errorf("the program says %q, %v", line, err)
	}
	time.Sleep(time.Duration(rand.IntN(40_000)) * time.Microsecond)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// crashedIn says which step the crash fell into.
func crashedIn(t *testing.T, s storage.Store, folder string) string {
	t.Helper()
	pending, err := stage.Pending(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	switch last := readCommit(t, folder); {
	case len(pending) == 0:
		return "neither"
	case pending[0] == fmt.Sprint(last.Number):
		return "finish"
	}
	return "prepare"
}

// noneHidden fails if anything of edmsplan's own is on the disk, listed or not.
func noneHidden(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), storage.HiddenPrefix) {
			t.Errorf("%s was left behind", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
