package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
)

// The variables that make this test's binary the program that is killed: its
// database, its tree of files and its two packages.
const (
	killedURL      = "EDMSPLAN_TEST_KILLED_URL"
	killedFolder   = "EDMSPLAN_TEST_KILLED_FOLDER"
	killedPackages = "EDMSPLAN_TEST_KILLED_PACKAGES"
)

// kills is how often the program is killed on each kind of database, and
// killTime how long that may go on on each.
const (
	kills    = 100
	killTime = 2 * time.Minute
)

// applied is the number of applies in the log.
func appliedCount(t *testing.T, db database.Database) int {
	t.Helper()
	view, err := db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	exists, err := changelog.Exists(t.Context(), view)
	must(t, err)
	n := 0
	if exists {
		for _, err := range changelog.Applies(t.Context(), view) {
			must(t, err)
			n++
		}
	}
	return n
}

// TestApplyUntilKilled is the program that is killed. The nth apply makes the
// state of the package n mod 2.
func TestApplyUntilKilled(t *testing.T) {
	url := os.Getenv(killedURL)
	if url == "" {
		t.Skip("it runs as a process of its own in TestKilledAtRandomMoments")
	}
	var db database.Database
	var err error
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		db, err = sqlite.Open(t.Context(), path)
	} else {
		db, err = postgres.Open(t.Context(), url)
	}
	must(t, err)
	var packages []backup.Package
	for _, path := range filepath.SplitList(os.Getenv(killedPackages)) {
		packages = append(packages, openPackage(t, path))
	}
	e := &engine.Engine{Live: db, LiveURL: url, Actor: "killed", Program: "test", TempDir: t.TempDir(), OpenTree: openLocal, RebuildFrom: 1}
	pol := shop(t, os.Getenv(killedFolder))
	for n := appliedCount(t, db); ; n++ {
		p, err := e.Plan(t.Context(), engine.Request{Policy: pol, Package: packages[n%2], Reinit: true})
		must(t, err)
		fmt.Println("applying", n)
		done, err := e.Apply(t.Context(), &p.Plan, pol, packages[n%2], lockWait)
		must(t, err)
		if len(done.Warnings) > 0 {
			t.Fatal(done.Warnings)
		}
		must(t, p.Close())
		fmt.Println("applied", n)
	}
}

// An apply that is killed at any moment leaves, once recovered, the old state
// or the new one, in all rows and all files, and nothing else.
func TestKilledAtRandomMoments(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills many processes")
	}
	onExampleAlone(t, func(t *testing.T, fresh func(*testing.T) *site) {
		k := newKilling(t, fresh(t))
		found := map[string]int{}
		began := time.Now()
		for i := range kills {
			if time.Since(began) > killTime {
				t.Errorf("only %d kills in %v", i, killTime)
				break
			}
			found[k.kill(t)]++
			if t.Failed() {
				t.Fatalf("after %d kills: %v", i+1, found)
			}
		}
		// Once is enough: nothing puts an index right that a kill has lost.
		if diff := cmp.Diff(k.schema, k.dumped(t)); diff != "" {
			t.Errorf("schema (-want +got):\n%s", diff)
		}
		t.Logf("killed %v, after %d applies, in %v", found, appliedCount(t, k.db), time.Since(began))
		for _, moment := range []string{beforeCommit, afterCommit} {
			if found[moment] == 0 {
				t.Errorf("no kill fell %s: %v", moment, found)
			}
		}
	})
}

// The moments of a kill that tests tell apart by what is found afterwards.
const (
	beforeCommit = "with files staged, before the commit"
	afterCommit  = "after the commit, before all files were in place"
	elsewhere    = "elsewhere"
)

// killing is a site on which a program is killed over and over.
type killing struct {
	*site
	engine   *engine.Engine
	folder   string
	packages []string
	// states are what rows and files are after an apply of each package.
	states [2]*state
	files  [2]contents
	// schema is what pg_dump says of it, whatever the state.
	schema string
	// took is how long planning and applying took, at first here, then as the
	// program last said.
	took time.Duration
}

// newKilling brings the site into its first state, and learns the second.
func newKilling(t *testing.T, s *site) *killing {
	t.Helper()
	k := &killing{site: s, engine: withTrees(s.engine(t)), folder: t.TempDir()}
	k.engine.RebuildFrom = 1 // so that indexes are set aside when it is killed
	pol := shop(t, k.folder)
	for _, n := range []int{0, 1, 0, 1} {
		if len(k.packages) < 2 {
			k.packages = append(k.packages, shopPackage(t, n))
		}
		pkg := openPackage(t, k.packages[n])
		began := time.Now()
		p := replant(t, k.engine, pol, pkg)
		if rebuilt := slices.Contains(codes(p), "apply.set_aside.document_sources"); rebuilt != (s.dialect == "postgres") {
			t.Errorf("state %d: indexes are set aside: %v", n, rebuilt)
		}
		apply(t, k.engine, p, pol, pkg)
		k.took = time.Since(began)
		// The second time round: then each state is left for the other.
		k.states[n] = look(t, s.db)
		_, k.files[n] = shopState(t, n)
	}
	k.schema = k.dumped(t)
	return k
}

// dumped is the schema where pg_dump can tell it.
func (k *killing) dumped(t *testing.T) string {
	t.Helper()
	if k.dialect != "postgres" {
		return ""
	}
	return server.Schema(t, k.url)
}

// kill starts the program, kills it at a random moment, recovers and compares.
// It tells which moment it was.
func (k *killing) kill(t *testing.T) string {
	t.Helper()
	said := k.runAndKill(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pol := shop(t, k.folder)
	tree, err := openLocal(k.folder)
	must(t, err)
	staged, err := stage.Pending(ctx, tree)
	must(t, err)
	must(t, tree.Close())
	report, err := k.engine.Recover(ctx, pol, lockWait)
	must(t, err)
	n := appliedCount(t, k.db)
	if n < said {
		t.Errorf("%d applies are logged, the program said that it had done %d", n, said)
	}
	last := (n + 1) % 2
	if diff := cmp.Diff(k.states[last].rows, look(t, k.db).rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	holdsFiles(t, k.folder, k.files[last])
	for _, tree := range report.Trees {
		switch {
		case len(tree.Finished) > 0:
			return afterCommit
		case len(staged) > 0:
			return beforeCommit
		}
	}
	return elsewhere
}

// runAndKill returns how many applies the log must hold.
func (k *killing) runAndKill(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestApplyUntilKilled$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), killedURL+"="+k.url, killedFolder+"="+k.folder,
		killedPackages+"="+strings.Join(k.packages, string(filepath.ListSeparator)), "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	done := 0
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "applying ") {
		t.Errorf("the program says %q, %v", lines.Text(), lines.Err())
	}
	// Anywhere in the first apply, or a little after it.
	began := time.Now()
	timer := time.AfterFunc(time.Duration(rand.Int64N(int64(k.took)*5/4)), func() { _ = cmd.Process.Kill() })
	for lines.Scan() {
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "applied %d", &n); err == nil {
			done = n + 1
			k.took = time.Since(began)
			// The next one is timed from its own beginning.
			if lines.Scan() {
				began = time.Now()
			}
		}
	}
	timer.Stop()
	_ = cmd.Process.Kill() // it may have ended by itself, which the log shows
	_ = cmd.Wait()
	return done
}
