// Command bench measures edmsplan beside the databases' own tools, on the data
// of a made-up document management system, and prints a Markdown table:
//
//	go run ./testdata/bench -rows 100000,1000000 -runs 5
//
// It starts a PostgreSQL of its own. docs/performance.md says what the figures
// mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == launchWord {
		os.Exit(launch(os.Args[2:]))
	}
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		// An interrupted run removes its databases and files as any other does.
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = bench(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench measures what the options ask for. A task that fails has its line too;
// the others are still measured.
func bench(ctx context.Context, o options) error {
	keep := o.dir != ""
	if !keep {
		dir, err := os.MkdirTemp("", "edmsplan-bench-")
		if err != nil {
			return err
		}
		o.dir = dir
		defer func() { _ = os.RemoveAll(dir) }()
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	if o.bin == "" {
		o.bin = filepath.Join(o.dir, "edmsplan")
		build := exec.CommandContext(ctx, "go", "build", "-o", o.bin, "./cmd/edmsplan")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build edmsplan: %w\n%s", err, said)
		}
	}
	ours := o.server == ""
	if ours {
		server := pgtest.New("shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=1h")
		defer server.Stop()
		var err error
		if o.server, err = server.Start(); err != nil {
			return err
		}
	}
	m := &machine{admin: o.server, dir: o.dir}
	if err := m.look(ctx); err != nil {
		return err
	}
	r := newReport(o, m, os.Stderr)
	var failed error
	for _, s := range o.sizes {
		p := &place{rows: s.rows, dir: filepath.Join(o.dir, fmt.Sprint(s.rows)), machine: m, bin: o.bin, tables: tables(s.rows)}
		failed = errors.Join(failed, measureSize(ctx, o, s, p, r))
		if ctx.Err() != nil && ours {
			return errors.New("interrupted") // the server and the folder go as a whole
		}
		failed = errors.Join(failed, p.leave(context.WithoutCancel(ctx), keep))
		if ctx.Err() != nil {
			return errors.Join(errors.New("interrupted"), failed)
		}
	}
	fmt.Print(r)
	if o.out != "" {
		failed = errors.Join(failed, os.WriteFile(o.out, []byte(r.String()), 0o644))
	}
	return failed
}

// measureSize does the chosen tasks at one size.
func measureSize(ctx context.Context, o options, s size, p *place, r *report) error {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(p.path("policy.hcl"), []byte(policyHCL), 0o600); err != nil {
		return err
	}
	var failed error
	for _, t := range tasks(o) {
		if !o.only.MatchString(t.name) || !t.measuredAt(s) {
			continue
		}
		got, err := measureTask(ctx, o, s, p, t)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s rows: %s: %w", thousands(s.rows), t.name, err))
		}
		r.add(t, s.rows, got, err)
	}
	r.endSize(p)
	return failed
}

// outcome is what a task gave. Where a side was not measured, it has no time,
// and missing says why the peer's has none.
type outcome struct {
	ours, peer measured
	missing    string
}

func measureTask(ctx context.Context, o options, s size, p *place, t task) (outcome, error) {
	var out outcome
	if t.make == nil {
		return out, nil
	}
	ours, peer, err := t.make(ctx, p)
	if err != nil {
		return out, err
	}
	if o.alone {
		peer.commands = nil
	}
	if peer.commands, err = p.machine.resolve(peer.commands); err != nil {
		out.missing = "not measured: " + err.Error()
	}
	if o.profile != "" {
		ours.profile = filepath.Join(o.profile, fmt.Sprint(s.rows), regexp.MustCompile(`\W+`).ReplaceAllString(t.name, "-"))
	}
	out.ours, out.peer, err = alternate(ctx, s.runs, ours, peer)
	return out, errors.Join(err, p.drop(ctx, "target"))
}
