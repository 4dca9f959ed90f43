package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// databaseKey finds a script's *testDatabase.
type databaseKey struct{}

// script is what a command of a script works with.
type script struct {
	*testscript.TestScript
	db *testDatabase
	// tb fails the script, for functions that tests use as well.
	tb testing.TB
}

// scriptTB fails a script where a helper would fail its test.
type scriptTB struct {
	testing.TB
	ts *testscript.TestScript
}

func (s scriptTB) Helper()                      {}
func (s scriptTB) Fatal(args ...any)            { s.ts.Fatalf("%s", fmt.Sprint(args...)) }
func (s scriptTB) Fatalf(f string, args ...any) { s.ts.Fatalf(f, args...) }
func (s scriptTB) Error(args ...any)            { s.Fatal(args...) }
func (s scriptTB) Errorf(f string, args ...any) { s.Fatalf(f, args...) }

// command is a command of scripts; words is how many it needs at least.
type command struct {
	words int
	run   func(*script, []string)
}

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	out := map[string]func(*testscript.TestScript, bool, []string){}
	for name, c := range map[string]command{
		"makedb":      {0, makedbCmd},
		"sql":         {1, func(s *script, args []string) { s.db.exec(s.tb, args[0]) }},
		"lock":        {0, lockCmd},
		"unlock":      {0, func(s *script, _ []string) { s.db.unlock() }},
		"fingerprint": {1, fingerprintCmd},
		"code":        {2, codeCmd},
		"edit":        {3, editCmd},
		"seal":        {1, sealCmd},
		"pack":        {2, packCmd},
		"valid":       {2, validCmd},
		"absent":      {2, absentCmd},
		"cut":         {3, cutCmd},
		"damage":      {1, damageCmd},
	} {
		out[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < c.words {
				ts.Fatalf("%s needs %d words and cannot be negated", name, c.words)
			}
			c.run(&script{ts, ts.Value(databaseKey{}).(*testDatabase), scriptTB{ts: ts}}, args)
		}
	}
	return out
}

func makedbCmd(s *script, args []string) {
	files := make([]string, len(args))
	for i, a := range args {
		files[i] = s.MkAbs(a)
	}
	s.db.load(s.tb, files...)
}

// lockCmd lets go at the script's end at the latest.
func lockCmd(s *script, _ []string) {
	s.db.lock(s.tb)
	s.Defer(func() {
		if s.db.unlock != nil {
			s.db.unlock()
		}
	})
}

func fingerprintCmd(s *script, args []string) {
	s.Check(os.WriteFile(s.MkAbs(args[0]), []byte(s.db.fingerprint(s.tb)), 0o600))
}

func codeCmd(s *script, args []string) {
	want, err := strconv.Atoi(args[0])
	s.Check(err)
	if got := exitCodeOf(s.Exec(args[1], args[2:]...)); got != want {
		s.Fatalf("exit code %d, want %d", got, want)
	}
}

// exitCodeOf is the exit code of a command that has ended, -1 of one that
// never began.
func exitCodeOf(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

func editCmd(s *script, args []string) {
	text := s.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		s.Fatalf("%s does not hold %q", args[0], args[1])
	}
	s.Check(os.WriteFile(s.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}

// cutCmd copies the first bytes of a file.
func cutCmd(s *script, args []string) {
	n, err := strconv.Atoi(args[2])
	s.Check(err)
	s.Check(os.WriteFile(s.MkAbs(args[1]), []byte(s.ReadFile(args[0]))[:n], 0o600))
}

// absentCmd looks into files, and into those compressed with zstd, as saved
// plans are.
func absentCmd(s *script, args []string) {
	for _, name := range args[1:] {
		text := s.ReadFile(name)
		if plain, err := unzstd([]byte(text)); err == nil {
			text += string(plain)
		}
		if strings.Contains(text, args[0]) {
			s.Fatalf("%s holds %q", name, args[0])
		}
	}
}
