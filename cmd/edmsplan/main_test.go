package main

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

var (
	update = flag.Bool("update", false, "write the expected outputs of scripts and examples anew")
	server = pgtest.New()
)

// TestMain makes the test binary edmsplan itself when a script calls it so.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"edmsplan": main})
}

// tests stops the servers after the last test.
type tests struct{ m *testing.M }

func (t tests) Run() int {
	defer server.Stop()
	defer objects.Stop()
	return t.m.Run()
}

// root is the repository's folder.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
