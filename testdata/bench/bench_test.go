package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

var server = pgtest.New()

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

// Figures can be compared with older ones only while the rows are the same: a
// change here calls for measuring anew.
func TestTheRowsAreTheSameAsEver(t *testing.T) {
	for changed, want := range map[bool]string{
		false: "19409b91391612779dd9044361cc240415aa441f75db89e92c9852adc0fbd7a2",
		true:  "98ae61d69bbdf12aca09a875a298bf2b72806caf4268ac265f2771f8bd1e64b1",
	} {
		hash := sha256.New()
		if err := writeFixture(hash, tables(200), changed); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables(200) {
			if err := writeCopy(hash, table, changed); err != nil {
				t.Fatal(err)
			}
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != want {
			t.Errorf("changed %v: %s, want %s", changed, got, want)
		}
	}
}

// built is a place with the program.
func built(t *testing.T, rows int) *place {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the program: skipped with -short")
	}
	dir := t.TempDir()
	p := &place{rows: rows, dir: dir, machine: &machine{dir: dir}, bin: filepath.Join(dir, "edmsplan"), tables: tables(rows)}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p.bin, "../../cmd/edmsplan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(p.path("policy.hcl"), []byte(policyHCL), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) planned(t *testing.T, pkg, live string) string {
	t.Helper()
	c := p.plan(pkg, live)
	out, err := exec.CommandContext(t.Context(), c[0], c[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestFixtureAndDatabaseAgree(t *testing.T) {
	p := built(t, 200)
	db, err := p.sqlite(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for changed, want := range map[bool]string{
		false: "No changes.",
		true:  "Plan: 0 to add, 1 to change, 0 to destroy.",
	} {
		fixture, err := p.fixture(t.Context(), changed)
		if err != nil {
			t.Fatal(err)
		}
		if out := p.planned(t, fixture, "sqlite:"+db); !strings.Contains(out, want) {
			t.Errorf("changed %v: not %q but\n%s", changed, want, out)
		}
	}
}

// The peer does the same work: what Django loads is what the fixture says, and
// so is what it dumps.
func TestDjangoLoadsAndDumpsTheFixture(t *testing.T) {
	p := built(t, 200)
	live := server.Database(t)
	server.Exec(t, live, schemaFor("postgres"))
	fixture, err := p.fixture(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	dumped := p.path("dumped.json")
	commands, err := p.machine.resolve([][]string{
		{djangoWord, live, "loaddata", fixture},
		{djangoWord, live, "dumpdata", "--natural-foreign", "--natural-primary", "-o", dumped},
	})
	if err != nil {
		t.Skipf("%v: install Debian's python3-django and python3-psycopg2", err)
	}
	for _, c := range commands {
		if err := run(t.Context(), c[0], c[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	for _, pkg := range []string{fixture, dumped} {
		// Times are cut to milliseconds in both.
		if out := p.planned(t, pkg, live); !strings.Contains(out, "No changes.") {
			t.Errorf("%s: %s", filepath.Base(pkg), out)
		}
	}
}

func TestDjangoIsMeasuredAtOneSize(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		want []size
	}{
		"the usual sizes":          {"-rows 5000,100000,1000000", []size{{5000, 5, true, false}, {100000, 5, true, true}, {1000000, 5, true, false}}},
		"small ones":               {"-rows 5000 -runs 1", []size{{5000, 1, true, true}}},
		"large ones":               {"-rows 10000000:1,1000000", []size{{100000, 5, false, true}, {1000000, 5, true, false}, {10000000, 1, true, false}}},
		"Django has fewer by flag": {"-rows 5000,100000 -django-rows 5000", []size{{5000, 5, true, true}, {100000, 5, true, false}}},
	} {
		o, err := parse(strings.Fields(c.args))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(c.want, o.sizes, cmp.AllowUnexported(size{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestTheCommandNamesNothingOfTheMachine(t *testing.T) {
	o, err := parse(strings.Fields("-rows 5000 -alone -server postgres://host/db -dir /data -out /results -bin /bin/edmsplan -profile /profiles"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "go run ./testdata/bench -alone=true -rows=5000"; o.command != want {
		t.Errorf("%s, want %s", o.command, want)
	}
}

func TestAnUnfinishedFileHasNotItsName(t *testing.T) {
	p := &place{dir: t.TempDir()}
	for _, fail := range []error{os.ErrClosed, nil} {
		path, err := p.once("file", func(path string) error {
			if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
				t.Fatal(err)
			}
			return fail
		})
		if _, missing := os.Stat(p.path("file")); (err == nil) != (fail == nil) || (missing == nil) != (fail == nil) {
			t.Errorf("%q, %v, %v", path, err, missing)
		}
	}
}

func TestTheReportJudgesWhatHasALimit(t *testing.T) {
	r := newReport(options{}, &machine{}, io.Discard)
	plain := task{name: "work", peer: "peer", limit: 1.5, make: alone(backingUp)}
	for _, rows := range []int{5000, 100_000, 1_000_000} {
		got := outcome{ours: measured{Wall: 2e9, Memory: 200 << 20}, peer: measured{Wall: 1e9}}
		if rows == 1_000_000 {
			got.ours.Wall *= 20
		}
		r.add(plain, rows, got, nil)
		r.endSize(&place{rows: rows, dir: t.TempDir()})
	}
	_, misses, _ := strings.Cut(r.String(), "Missed:\n\n")
	want := `- 100,000 rows, work: 2, at most 1.5
- 1,000,000 rows, work: 40, at most 1.5
- 1,000,000 rows, memory, most: work: 200 MB, at most 128 MB: of each record an index of some 10 bytes stays in memory, of each that changes an entry of some 230
- 1,000,000 rows, scaling exponent from 100,000 rows, most: work: 1.30, at most 1.1
`
	if d := cmp.Diff(want, misses); d != "" {
		t.Errorf("misses (-want +got):\n%s\n%s", d, r)
	}
}

// consoleBlock is an example whose commands are run, shellBlock one whose
// commands take too long for that.
var (
	consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	shellBlock   = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	benchCommand = regexp.MustCompile(`(?m)^go run ./testdata/bench (.*?)(?: *#.*)?$`)
)

// TestTheDocumentOnPerformanceIsTrue runs what docs/performance.md shows, at a
// size that costs little, and looks for the lines that it quotes.
func TestTheDocumentOnPerformanceIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("measures: skipped with -short")
	}
	text, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := consoleBlock.FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("there is no console block")
	}
	for _, b := range blocks {
		command, quoted, _ := strings.Cut(strings.TrimPrefix(string(b[1]), "$ "), "\n")
		c := exec.CommandContext(t.Context(), "sh", "-c", command)
		c.Dir = "../.."
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		rest := string(out)
		for line := range strings.Lines(quoted) {
			line = strings.TrimSpace(line)
			if line == "…" {
				continue
			}
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("%s: not printed, or not in this order: %s\n%s", command, line, out)
			}
			rest = after
		}
	}
	found := 0
	for _, b := range shellBlock.FindAllSubmatch(text, -1) {
		for _, m := range benchCommand.FindAllSubmatch(b[1], -1) {
			found++
			if _, err := parse(strings.Fields(string(m[1]))); err != nil {
				t.Errorf("%s: %v", m[0], err)
			}
		}
	}
	if found == 0 {
		t.Error("there is no command in a sh block")
	}
}

// What the Makefile measures is what the documents say.
func TestMakeBenchMeasuresAllSizes(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make here")
	}
	cmd := exec.Command("make", "-n", "bench")
	cmd.Dir = "../.."
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "ROWS=") || strings.HasPrefix(v, "RUNS=") || strings.HasPrefix(v, "MAKE")
	})
	out, err := cmd.Output()
	if want := "-rows 5000,100000,1000000 -runs 5 "; err != nil || !strings.Contains(string(out), want) {
		t.Errorf("make bench runs %q, without %q: %v", out, want, err)
	}
}
