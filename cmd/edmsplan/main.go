// Command edmsplan plans and applies changes to data: it compares a backup
// package with a live database under a policy, writes a plan that people
// review, and carries out exactly that plan.
//
// This package only wires the others together: one file per command, the
// adapters in open.go, the exit codes in exit.go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	collectOften(os.LookupEnv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	code, err := profiled(os.Getenv("EDMSPLAN_PROFILE"), func() int {
		return run(ctx, os.Args[1:], onConsole(streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv}))
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "edmsplan: profile:", err)
	}
	stop()
	os.Exit(code)
}

// streams are what a command reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	env func(string) (string, bool)
	// noColor is the flag -no-color, which run sets.
	noColor *bool
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	s.noColor = new(bool)
	root := newRoot(s)
	if completing(args) {
		plainDescriptions(root)
		words, single := completeDashes(args)
		if args = words; single {
			root.SetOut(oneDash{s.out})
		}
	} else {
		args = doubleDashes(args)
	}
	root.SetArgs(args)
	return exitCode(ctx, root.ExecuteContext(ctx), s)
}
