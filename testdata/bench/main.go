// Command bench measures edmsplan beside the databases' own tools, on the data
// of a made-up document management system, and prints a Markdown table:
//
//	go run ./testdata/bench -rows 100000,1000000 -runs 5
//
// It starts a PostgreSQL of its own. docs/performance.md says what the figures
// mean.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

func main() {
	rows := flag.String("rows", "5000,100000", "how many rows, separated by commas")
	runs := flag.Int("runs", 5, "how many runs of each side are counted")
	only := flag.String("only", "", "a regular expression: the tasks to run")
	alone := flag.Bool("alone", false, "run our side only")
	bin := flag.String("bin", "", "the edmsplan to measure (default: built from the sources)")
	out := flag.String("out", "", "the file to write the table to as well")
	server := flag.String("server", "", "the URL of a PostgreSQL superuser's database (default: a server of its own)")
	dir := flag.String("dir", "", "the folder to keep the data in for another run with the same -server")
	flag.Parse()
	if err := bench(options{*rows, *only, *bin, *out, *server, *dir, *runs, *alone}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	rows, only, bin, out, server, dir string
	runs                              int
	alone                             bool
}

func bench(o options) error {
	chosen, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "edmsplan-bench-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(o.dir) }()
	}
	if o.bin == "" {
		o.bin = filepath.Join(o.dir, "edmsplan")
		build := exec.Command("go", "build", "-o", o.bin, "./cmd/edmsplan")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build edmsplan: %w\n%s", err, said)
		}
	}
	if o.server == "" {
		server := pgtest.New("shared_buffers=1GB", "max_wal_size=16GB", "checkpoint_timeout=1h")
		defer server.Stop()
		if o.server, err = server.Start(); err != nil {
			return err
		}
	}
	r := newReport()
	for word := range strings.SplitSeq(o.rows, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("-rows: %w", err)
		}
		if err := measureSize(o, n, chosen, r); err != nil {
			return err
		}
	}
	fmt.Print(r)
	if o.out != "" {
		return os.WriteFile(o.out, []byte(r.String()), 0o644)
	}
	return nil
}

// measureSize does the chosen tasks at one size.
func measureSize(o options, rows int, chosen *regexp.Regexp, r *report) error {
	p := &place{rows: rows, dir: filepath.Join(o.dir, strconv.Itoa(rows)), admin: o.server, bin: o.bin, tables: tables(rows)}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(p.path("policy.hcl"), []byte(policyHCL), 0o600); err != nil {
		return err
	}
	for _, t := range tasks() {
		if !chosen.MatchString(t.name) {
			continue
		}
		ours, peer, err := t.make(p)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if o.alone {
			peer.commands = nil
		}
		a, b, err := alternate(o.runs, ours, peer)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		r.add(t, rows, a, b)
		fmt.Fprint(os.Stderr, r.last())
	}
	return p.sizes(r)
}
