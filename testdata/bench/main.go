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
	flag.Parse()
	if err := bench(*rows, *runs, *only, *alone, *bin, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(sizes string, runs int, only string, alone bool, bin, out string) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "edmsplan-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if bin == "" {
		bin = filepath.Join(dir, "edmsplan")
		build := exec.Command("go", "build", "-o", bin, "./cmd/edmsplan")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build edmsplan: %w\n%s", err, said)
		}
	}
	server := pgtest.New("shared_buffers=1GB", "max_wal_size=16GB", "checkpoint_timeout=1h")
	defer server.Stop()
	admin, err := server.Start()
	if err != nil {
		return err
	}
	t := newTable()
	for word := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("-rows: %w", err)
		}
		p := &place{rows: n, dir: filepath.Join(dir, word), admin: admin, bin: bin, tables: tables(n)}
		if err := os.Mkdir(p.dir, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(p.path("policy.hcl"), []byte(policyHCL), 0o600); err != nil {
			return err
		}
		for _, task := range tasks() {
			if !chosen.MatchString(task.name) {
				continue
			}
			ours, peer, err := task.make(p)
			if err != nil {
				return fmt.Errorf("%s: %w", task.name, err)
			}
			if alone {
				peer.commands = nil
			}
			a, b, err := alternate(runs, ours, peer)
			if err != nil {
				return fmt.Errorf("%s: %w", task.name, err)
			}
			t.add(task, n, a, b)
			fmt.Fprint(os.Stderr, t.last())
		}
		if err := p.sizes(t); err != nil {
			return err
		}
		_ = os.RemoveAll(p.dir)
	}
	fmt.Print(t)
	if out != "" {
		return os.WriteFile(out, []byte(t.String()), 0o644)
	}
	return nil
}
