package django_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

var server = pgtest.New()

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

// site is the Django site in testdata and a Python that has Django.
type site struct{ python string }

// realDjango finds a Python that imports the modules; .ci/test installs
// Debian's where it can.
func realDjango(t *testing.T, modules string) site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Django: skipped with -short")
	}
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+modules).Run() == nil {
			return site{python}
		}
	}
	t.Skipf("no python3 here imports %s: install Debian's python3-django and python3-psycopg2", modules)
	return site{}
}

// run runs a command of the site on a database and returns its output.
func (s site) run(t *testing.T, command, url string, more ...string) (string, error) {
	t.Helper()
	args := append([]string{filepath.Join("testdata", "site", "run.py"), command, url}, more...)
	c := exec.Command(s.python, args...)
	c.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := c.CombinedOutput()
	return string(out), err
}

func (s site) must(t *testing.T, command, url string, more ...string) {
	t.Helper()
	if out, err := s.run(t, command, url, more...); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// newDatabase is an empty database of the kind.
func newDatabase(t *testing.T, kind string) string {
	t.Helper()
	if kind == "postgres" {
		return server.Database(t)
	}
	return filepath.Join(t.TempDir(), "site.sqlite")
}

// What the writer makes of a database of a real Django, real Django loads into
// a migrated one, and then the rows are the same, but for the primary keys of
// content types, permissions and groups.
func TestDjangoLoadsWhatTheWriterWrites(t *testing.T) {
	for _, c := range []struct{ from, to string }{{"sqlite", "sqlite"}, {"postgres", "postgres"}, {"postgres", "sqlite"}} {
		t.Run("from "+c.from+" to "+c.to, func(t *testing.T) {
			s := realDjango(t, "django")
			if c.from == "postgres" {
				s = realDjango(t, "django, psycopg2")
			}
			source, target := newDatabase(t, c.from), newDatabase(t, c.to)
			s.must(t, "make", source)
			without := "lists." // SQLite has no arrays
			if c.to == "postgres" {
				without = "nothing"
			}
			from := openSite(t, source, without)
			fixture := filepath.Join(t.TempDir(), "written.json.gz")
			from.write(t, fixture, django.Options{Gzip: true})
			from.readsBack(t, fixture)
			s.must(t, "load", target, fixture)
			want, got := from.rows(t), openSite(t, target, without).rows(t)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rows (-written +loaded):\n%s", diff)
			}
			for _, label := range from.labels() {
				if len(want[label]) == 0 {
					t.Errorf("there are no records of %s: nothing was shown", label)
				}
			}
		})
	}
}

// Loading again changes nothing: records are found by their primary keys and
// natural keys.
func TestAFixtureCanBeLoadedTwice(t *testing.T) {
	s := realDjango(t, "django")
	source, target := newDatabase(t, "sqlite"), newDatabase(t, "sqlite")
	s.must(t, "make", source)
	from := openSite(t, source, "lists.")
	fixture := filepath.Join(t.TempDir(), "written.json")
	from.write(t, fixture, django.Options{})
	s.must(t, "load", target, fixture, fixture)
	if diff := cmp.Diff(from.rows(t), openSite(t, target, "lists.").rows(t)); diff != "" {
		t.Errorf("rows (-written +loaded):\n%s", diff)
	}
}

func TestDjangoRefusesWhatWasNotFinished(t *testing.T) {
	s := realDjango(t, "django")
	source := newDatabase(t, "sqlite")
	s.must(t, "make", source)
	from := openSite(t, source, "lists.")
	var b bytes.Buffer
	w, err := django.NewWriter(&b, from.header, django.Options{})
	if err != nil {
		t.Fatal(err)
	}
	from.writeModels(t, w)
	if err := w.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	path := write(t, "cut.json", strings.TrimSuffix(b.String(), "]\n"))
	if out, err := s.run(t, "load", newDatabase(t, "sqlite"), path); err == nil {
		t.Errorf("it was loaded: %s", out)
	}
	if _, err := django.Open(context.Background(), path, backup.DefaultLimits()); err == nil {
		t.Error("it was opened")
	}
}
