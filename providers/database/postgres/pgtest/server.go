// Package pgtest starts a throw-away PostgreSQL for tests. A test binary has
// one Server, which starts when the first test asks for a database:
//
//	var server = pgtest.New()
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		server.Stop()
//		os.Exit(code)
//	}
//
//	func TestSomething(t *testing.T) {
//		url := server.Database(t)
//		server.Exec(t, url, "CREATE TABLE t (id integer)")
//
// With -short such tests are skipped. Otherwise a missing server is a failure:
// a test that did not run has shown nothing.
package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// startWait is how long the server may take to accept connections.
const startWait = time.Minute

// Server is a PostgreSQL that listens on a Unix socket in a folder of its own
// and forgets everything at Stop. Its superuser is postgres, without password.
type Server struct {
	once    sync.Once
	err     error
	dir     string
	process *exec.Cmd

	options []string

	mu    sync.Mutex
	count int // databases made

	templating sync.Mutex
	templates  map[string]string // their URLs by their files
}

// New returns a server that is not started yet. Options are settings such as
// shared_buffers=1GB that it has beside the usual ones.
func New(options ...string) *Server {
	return &Server{options: options, templates: map[string]string{}}
}

// Start starts the server for a program that is no test, and returns the URL
// of its database postgres.
func (s *Server) Start() (url string, err error) {
	s.once.Do(func() { s.err = s.start() })
	return s.url("postgres"), s.err
}

// Stop ends the server and removes its files. The server must not be used
// after it. Nothing happens when it was never started.
func (s *Server) Stop() {
	if s.process != nil {
		stop(s.process)
		s.process = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// need starts the server on the first call.
func (s *Server) need(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a PostgreSQL server: skipped with -short")
	}
	s.once.Do(func() { s.err = s.start() })
	if s.err != nil {
		t.Fatalf("no PostgreSQL server for tests: %v", s.err)
	}
}

func (s *Server) start() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	// Short, as the path of a socket may have no more than 107 characters.
	if s.dir, err = os.MkdirTemp(shortTemp(), "pg"); err != nil {
		return err
	}
	user, err := serverUser(s.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync")
	user.run(initdb)
	initdb.Dir = s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	s.process = exec.Command(filepath.Join(bin, "postgres"), arguments(data, s.dir, s.options)...)
	user.run(s.process)
	s.process.Dir = s.dir
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	return s.await(startWait)
}

// arguments trade what a crash would lose for speed, and keep autovacuum from
// taking locks at its own times.
func arguments(data, socket string, options []string) []string {
	args := []string{"-D", data, "-k", socket}
	for _, option := range append([]string{
		"listen_addresses=", "port=5432", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
		"shared_buffers=32MB", "max_connections=100", "autovacuum=off", "wal_level=minimal", "max_wal_senders=0",
	}, options...) {
		args = append(args, "-c", option)
	}
	return args
}

// await waits until the server answers.
func (s *Server) await(limit time.Duration) error {
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		err := run(s.url("postgres"), "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server does not answer: %w\n%s", err, log)
		}
	}
}

// shortTemp is the folder for temporary files, unless its name is long.
func shortTemp() string {
	if dir := os.TempDir(); len(dir) < 60 {
		return dir
	}
	return "/tmp"
}

var errNoBinaries = errors.New("initdb and postgres are neither in PATH nor in /usr/lib/postgresql/*/bin")
