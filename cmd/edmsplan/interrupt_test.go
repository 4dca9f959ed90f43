package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// watched cancels when a text was written.
type watched struct {
	mu     sync.Mutex
	buf    bytes.Buffer
	text   string
	cancel func()
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(b)
	if strings.Contains(w.buf.String(), w.text) {
		w.cancel()
	}
	return len(b), nil
}

// Whoever is asked and interrupts need not press return first.
func TestAnInterruptionAtThePromptEndsTheCommand(t *testing.T) {
	dir := t.TempDir()
	example := filepath.Join(root(t), "examples", "edms")
	d := newTestDatabase(t, "sqlite", dir)
	d.load(t)
	plan := filepath.Join(dir, "edms.plan")
	if r := runCommand(t, "plan", "-policy", filepath.Join(example, "policy"), "-package", filepath.Join(example, "package"), "-live", d.url, "-out", plan); r.code != exitOK {
		t.Fatal(r.err)
	}
	before := d.fingerprint(t)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	keyboard, typist := io.Pipe()
	defer func() { _ = typist.Close() }() // ends the reader that is left behind
	var errs bytes.Buffer
	s := streams{in: keyboard, out: &watched{text: "Enter a value", cancel: cancel}, err: &errs, env: os.LookupEnv}
	if code := run(ctx, []string{"apply", plan}, s); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if errs.String() != "Interrupted. Nothing was changed.\n" {
		t.Errorf("standard error is %q", errs.String())
	}
	if d.fingerprint(t) != before {
		t.Error("the database was changed")
	}
}
