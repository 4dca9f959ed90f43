package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/providers/backup"
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
	exitRefused     = 12
	exitConflicts   = 13
	exitUnsound     = 20 // and the level that failed: 21, 22 or 23
	exitInterrupted = 130
)

// codeError is an exit code that needs no message: the command has said it.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// diagnostics is the part of a diag.List's error that gives the list back.
type diagnostics interface{ Diagnostics() diag.List }

// exitCode prints the error and returns the exit code.
func exitCode(ctx context.Context, err error, s streams) int {
	code, problems := outcome(ctx, err)
	if code == exitInterrupted {
		fmt.Fprintln(s.err, "Interrupted. Nothing was changed.")
		return code
	}
	if err := render.Diagnostics(s.err, problems, s.look(s.err)); err != nil && code == exitOK {
		return exitError
	}
	return code
}

// outcome is the one table from error to exit code and to what is said of it.
func outcome(ctx context.Context, err error) (int, diag.List) {
	var (
		code    codeError
		stale   *engine.StaleError
		used    *engine.UsedError
		refused *backup.Refusal
		list    diagnostics
	)
	switch {
	case err == nil:
		return exitOK, nil
	case errors.As(err, &code):
		return int(code), nil
	case errors.Is(err, engine.ErrUnknown): // before the next: it may come of an interruption
		return exitError, problem("apply.unknown", "It is not known whether the plan was applied", err.Error(), "")
	case ctx.Err() != nil:
		return exitInterrupted, problem("interrupted", "Interrupted", "Nothing was changed.", "")
	case errors.As(err, &stale):
		said := problem("plan.stale", "Saved plan is stale", staleDetail(stale), "Make a new plan and have it reviewed.")
		return exitStale, append(said, stale.Diagnostics...)
	case errors.As(err, &used):
		return exitStale, problem("plan.used", sentence(used), "A plan is applied once. Nothing was written.", "Make a new plan and have it reviewed.")
	case errors.Is(err, database.ErrLocked):
		return exitLocked, problem("live.locked", sentence(err), "Nothing was changed.", "Try again later, or wait longer with -lock-timeout.")
	case errors.As(err, &refused):
		d := refused.Diagnostic()
		d.Summary = "The package is refused: " + d.Summary
		return exitError, diag.List{d}
	case errors.As(err, &list):
		return diagnosticsCode(list.Diagnostics()), list.Diagnostics()
	}
	summary, detail, _ := strings.Cut(sentence(err), "\n")
	return exitError, problem("error", summary, strings.ReplaceAll(strings.TrimLeft(detail, "\n"), "\t", ""), "")
}

func problem(code, summary, detail, remedy string) diag.List {
	return diag.List{{Severity: diag.Error, Code: code, Summary: summary, Detail: detail, Remedy: remedy}}
}

// sentence is an error's text with a capital letter; Go's have none. A text
// that begins with a name or a path is left as it is.
func sentence(err error) string {
	text := err.Error()
	first, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(first, `./\:_"-`) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// diagnosticsCode tells mistakes in the policy from conflicts in the data and
// from what the policy's guards and checks alone refuse.
func diagnosticsCode(l diag.List) int {
	code := exitOK
	for _, d := range l {
		switch {
		case d.Severity != diag.Error:
		case strings.HasPrefix(d.Code, "guard."), strings.HasPrefix(d.Code, "check."):
			if code == exitOK {
				code = exitRefused
			}
		case strings.HasPrefix(d.Code, "policy") || d.Code == "":
			code = exitError
		default:
			return exitConflicts
		}
	}
	return code
}

func staleDetail(e *engine.StaleError) string {
	if e.Reason != "" {
		return strings.ToUpper(e.Reason[:1]) + e.Reason[1:] + ". Nothing was written."
	}
	var b strings.Builder
	b.WriteString("The live database, or what the policy reads by env and file, has changed since the plan was made. Nothing was written. These records differ:\n\n")
	for _, d := range e.Differing {
		fmt.Fprintf(&b, "  %s%s %s\n", d.Model, d.Key, difference(d.Saved, d.Now))
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "  and %d more\n", e.More)
	}
	return b.String()
}

// difference says what the saved plan would do with a record and what a new
// one would.
func difference(saved, now plans.Action) string {
	word := func(a plans.Action) string {
		return map[plans.Action]string{
			plans.Add: "created", plans.Change: "updated", plans.Destroy: "destroyed", plans.Remap: "remapped",
		}[a]
	}
	switch {
	case word(saved) == "":
		return "is not in the plan, now it would be " + word(now)
	case word(now) == "":
		return "was to be " + word(saved) + ", now nothing is to be done"
	case saved == now:
		return "was to be " + word(saved) + ", now otherwise"
	}
	return "was to be " + word(saved) + ", now it would be " + word(now)
}
