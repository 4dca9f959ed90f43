package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// The exit codes, as docs/operations.md lists them.
const (
	exitOK          = 0
	exitError       = 1
	exitDifferences = 2
	exitStale       = 10
	exitLocked      = 11
	exitConflicts   = 13
	exitInterrupted = 130
)

// codeError is an exit code that needs no message: the command has said it.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// diagnostics is the part of a diag.List's error that gives the list back.
type diagnostics interface{ Diagnostics() diag.List }

// exitCode is the one table from error to exit code. It prints the error.
func exitCode(ctx context.Context, err error, s streams) int {
	var (
		code  codeError
		stale *engine.StaleError
		used  *engine.UsedError
		list  diagnostics
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil:
		fmt.Fprintln(s.err, "Interrupted. Nothing was changed.")
		return exitInterrupted
	case errors.As(err, &stale):
		printStale(s, stale)
		return exitStale
	case errors.As(err, &used):
		fmt.Fprintf(s.err, "Error: %s.\n\nMake a new plan and have it reviewed.\n", used)
		return exitStale
	case errors.Is(err, database.ErrLocked):
		fmt.Fprintf(s.err, "Error: %s.\n\nNothing was changed. -lock-timeout waits longer.\n", err)
		return exitLocked
	case errors.As(err, &list):
		if err := render.Diagnostics(s.err, list.Diagnostics(), look(s.err, false, s.env)); err != nil {
			return exitError
		}
		return diagnosticsCode(list.Diagnostics())
	}
	fmt.Fprintf(s.err, "Error: %s\n", err)
	return exitError
}

// diagnosticsCode tells mistakes in the policy from conflicts in the data.
func diagnosticsCode(l diag.List) int {
	for _, d := range l {
		if d.Severity == diag.Error && !strings.HasPrefix(d.Code, "policy") && d.Code != "" {
			return exitConflicts
		}
	}
	if l.HasErrors() {
		return exitError
	}
	return exitOK
}

func printStale(s streams, e *engine.StaleError) {
	fmt.Fprintf(s.err, "Error: Saved plan is stale.\n\n")
	if e.Reason != "" {
		fmt.Fprintf(s.err, "%s. Nothing was written.\n", strings.ToUpper(e.Reason[:1])+e.Reason[1:])
		return
	}
	fmt.Fprintf(s.err, "The live database has changed since the plan was made. These records differ:\n\n")
	for _, d := range e.Differing {
		fmt.Fprintf(s.err, "  %s%s: planned %s, now %s\n", d.Model, d.Key, actionWord(d.Saved.Name()), actionWord(d.Now.Name()))
	}
	if e.More > 0 {
		fmt.Fprintf(s.err, "  and %d more\n", e.More)
	}
	fmt.Fprintf(s.err, "\nNothing was written. Make a new plan and have it reviewed.\n")
}

func actionWord(name string) string {
	if name == "unknown" {
		return "no change"
	}
	return "to " + name
}
