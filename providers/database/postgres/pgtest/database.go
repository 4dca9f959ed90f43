package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Database makes an empty database for the test and returns its URL. It is
// dropped at the end of the test.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.need(t)
	return s.temporary(t, "template0")
}

// Clone copies a database that Database or Template made, which is faster than
// loading it again. Nobody may be connected to it.
func (s *Server) Clone(t testing.TB, from string) string {
	t.Helper()
	s.need(t)
	config, err := pgconn.ParseConfig(from)
	if err != nil {
		t.Fatalf("cannot clone: %v", err)
	}
	return s.temporary(t, config.Database)
}

// Exec runs one or more statements in a database.
func (s *Server) Exec(t testing.TB, url, sql string) {
	t.Helper()
	s.need(t)
	if err := run(url, sql); err != nil {
		t.Fatalf("cannot run SQL: %v", err)
	}
}

// LoadFile runs a file that pg_dump or a person wrote, with INSERT or with
// COPY, in one session. Of psql's own commands it knows \restrict and
// \unrestrict, which it leaves out, and the end of COPY's data.
func (s *Server) LoadFile(t testing.TB, url, path string) {
	t.Helper()
	s.need(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("cannot load: %v", err)
	}
	if err := load(url, string(text)); err != nil {
		t.Fatalf("cannot load %s: %v", path, err)
	}
}

// Schema is what pg_dump says of a database without its rows.
func (s *Server) Schema(t testing.TB, url string) string {
	t.Helper()
	s.need(t)
	bin, err := find()
	if err != nil {
		t.Fatalf("cannot dump: %v", err)
	}
	var errs bytes.Buffer
	dump := exec.Command(filepath.Join(bin, "pg_dump"), "--schema-only", "-d", url)
	dump.Stderr = &errs
	out, err := dump.Output()
	if err != nil {
		t.Fatalf("cannot dump: %v\n%s", err, errs.String())
	}
	return restrictLine.ReplaceAllString(string(out), "") // which holds a random word
}

// Template makes a database of SQL files to clone, once of the same files. It
// is kept until Stop.
func (s *Server) Template(t testing.TB, files ...string) string {
	t.Helper()
	s.need(t)
	key := strings.Join(files, "\n")
	s.templating.Lock()
	defer s.templating.Unlock()
	if url, ok := s.templates[key]; ok {
		return url
	}
	name, err := s.create("template0")
	if err != nil {
		t.Fatal(err)
	}
	url := s.url(name)
	for _, f := range files {
		s.LoadFile(t, url, f)
	}
	s.templates[key] = url
	return url
}

// temporary makes a database that is dropped at the end of the test.
func (s *Server) temporary(t testing.TB, template string) string {
	t.Helper()
	name, err := s.create(template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(s.url("postgres"), "DROP DATABASE "+name); err != nil {
			t.Errorf("a connection outlived the test: %v", err)
		}
	})
	return s.url(name)
}

func (s *Server) create(template string) (name string, err error) {
	s.mu.Lock()
	s.count++
	name = fmt.Sprintf("test%d", s.count)
	s.mu.Unlock()
	err = connected(s.url("postgres"), func(ctx context.Context, c *pgconn.PgConn) error {
		sql := "CREATE DATABASE " + name + " TEMPLATE " + template
		// The checkpoint that this needs costs less, without fsync, than to log all
		// pages. Before 15 there is no other way.
		major, _, _ := strings.Cut(c.ParameterStatus("server_version"), ".")
		if n, err := strconv.Atoi(major); err == nil && n >= 15 {
			sql += " STRATEGY file_copy"
		}
		return c.Exec(ctx, sql).Close()
	})
	if err != nil {
		return "", fmt.Errorf("cannot create a database: %w", err)
	}
	return name, nil
}

// url names a database of the server.
func (s *Server) url(database string) string {
	q := url.Values{"host": {s.dir}, "port": {"5432"}, "user": {"postgres"}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + q.Encode()
}

// run runs statements on a connection of its own.
func run(url, sql string) error {
	return connected(url, func(ctx context.Context, c *pgconn.PgConn) error {
		return c.Exec(ctx, sql).Close()
	})
}

// connected calls f with a connection. DROP DATABASE waits some seconds for
// connections that are about to end, so nothing has to be waited for here.
func connected(url string, f func(context.Context, *pgconn.PgConn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c, err := pgconn.Connect(ctx, url)
	if err != nil {
		return err
	}
	err = f(ctx, c)
	_ = c.Close(ctx) // the connection is gone either way
	return err
}
