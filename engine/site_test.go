package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
)

// target is a kind of database that the tests run on.
type target struct {
	dialect string
	// template makes a database of SQL files and returns how to copy it.
	template func(t *testing.T, files ...string) func(t *testing.T) *site
}

// site is one live database, thrown away at the end of its test.
type site struct {
	dialect string
	url     string
	db      database.Database
	// exec runs SQL as another client would.
	exec func(sql string) error
}

func targets() []target {
	return []target{{"sqlite", sqliteTemplate}, {"postgres", postgresTemplate}}
}

// onExample runs a test on a database of each kind that holds the example's
// schema and live state. site makes a new one. Such tests are parallel: much of
// what they take is waiting for a server or a disk.
func onExample(t *testing.T, test func(t *testing.T, fresh func(*testing.T) *site)) {
	t.Helper()
	t.Parallel()
	onExampleAlone(t, test)
}

// onExampleAlone is onExample for tests of what the whole process has, or of
// how long something takes.
func onExampleAlone(t *testing.T, test func(t *testing.T, fresh func(*testing.T) *site)) {
	t.Helper()
	for _, tg := range targets() {
		t.Run(tg.dialect, func(t *testing.T) {
			test(t, tg.template(t, example("schema."+tg.dialect+".sql"), example("live."+tg.dialect+".sql")))
		})
	}
}

func example(path ...string) string {
	return filepath.Join(append([]string{"..", "examples", "edms"}, path...)...)
}

// sqliteTemplates are the contents of the databases that were made of files.
var sqliteTemplates sync.Map

func sqliteTemplate(t *testing.T, files ...string) func(t *testing.T) *site {
	t.Helper()
	key := strings.Join(files, "\n")
	template, ok := sqliteTemplates.Load(key)
	if !ok {
		path := filepath.Join(t.TempDir(), "template.sqlite")
		must(t, os.WriteFile(path, nil, 0o600)) // a database without tables
		for _, f := range files {
			must(t, sqlite.Script(t.Context(), path, string(read(t, f))))
		}
		template = read(t, path)
		sqliteTemplates.Store(key, template)
	}
	return func(t *testing.T) *site {
		t.Helper()
		path := filepath.Join(t.TempDir(), "live.sqlite")
		must(t, os.WriteFile(path, template.([]byte), 0o600))
		db, err := sqlite.Open(t.Context(), path)
		must(t, err)
		return closing(t, &site{dialect: "sqlite", url: "sqlite:" + path, db: db, exec: func(sql string) error {
			return sqlite.Script(context.Background(), path, sql)
		}})
	}
}

func postgresTemplate(t *testing.T, files ...string) func(t *testing.T) *site {
	t.Helper()
	template := server.Template(t, files...)
	return func(t *testing.T) *site {
		t.Helper()
		url := server.Clone(t, template)
		db, err := postgres.Open(t.Context(), url)
		must(t, err)
		return closing(t, &site{dialect: "postgres", url: url, db: db, exec: func(sql string) error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			c, err := pgconn.Connect(ctx, url)
			if err != nil {
				return err
			}
			err = c.Exec(ctx, sql).Close()
			return errors.Join(err, c.Close(ctx))
		}})
	}
}

func closing(t *testing.T, s *site) *site {
	t.Cleanup(func() {
		if err := s.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run runs SQL as another client would.
func (s *site) run(t *testing.T, sql string) {
	t.Helper()
	must(t, s.exec(sql))
}

// only picks the SQL of the site's dialect.
func (s *site) only(sqlite, postgres string) string {
	return map[string]string{"sqlite": sqlite, "postgres": postgres}[s.dialect]
}

// engine is one on the site, with a folder of its own for temporary files that
// must be empty at the end.
func (s *site) engine(t *testing.T) *engine.Engine {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("temporary files are left behind: %v, error %v", left, err)
		}
	})
	return engine.Quick(&engine.Engine{Live: s.db, LiveURL: s.url, Actor: "tester", Program: "test", TempDir: dir})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}
