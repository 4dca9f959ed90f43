package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func TestErrorsHaveTheirExitCodes(t *testing.T) {
	list := func(code string, s diag.Severity) error {
		return diag.List{{Severity: diag.Error, Code: "policy.file"}, {Severity: s, Code: code}}.Err()
	}
	guards := diag.List{{Severity: diag.Warning, Code: "partial"}, {Severity: diag.Error, Code: "guard.max_destroy"}}
	for what, c := range map[string]struct {
		err  error
		want int
	}{
		"nothing wrong":                   {nil, 0},
		"an error of no kind":             {errors.New("no space left"), 1},
		"a mistake in the policy":         {list("policy.name", diag.Error), 1},
		"a warning beside it":             {list("reference.missing", diag.Warning), 1},
		"a package that is refused":       {fmt.Errorf("package p: %w", &backup.Refusal{Summary: "cut off"}), 1},
		"differences":                     {codeError(exitDifferences), 2},
		"a stale plan":                    {fmt.Errorf("apply: %w", &engine.StaleError{}), 10},
		"a plan that was applied before":  {&engine.UsedError{}, 10},
		"a lock that someone else has":    {fmt.Errorf("lock: %w", database.ErrLocked), 11},
		"a conflict":                      {list("reference.missing", diag.Error), 13},
		"a guard":                         {guards.Err(), 12},
		"a check":                         {fmt.Errorf("apply: %w", &engine.CheckError{Failed: []engine.FailedCheck{{Name: "few cities"}}}), 12},
		"a guard beside a conflict":       {append(guards, diag.Diagnostic{Severity: diag.Error, Code: "destroy.prevented"}).Err(), 13},
		"a guard that cannot be asked":    {append(guards, diag.Diagnostic{Severity: diag.Error, Code: "policy.type"}).Err(), 1},
		"a cause joined with another one": {errors.Join(&engine.StaleError{}, errors.New("close")), 10},
	} {
		t.Run(what, func(t *testing.T) {
			if got, _ := outcome(t.Context(), c.err); got != c.want {
				t.Errorf("exit code %d, want %d", got, c.want)
			}
		})
	}
	t.Run("an interruption, whatever comes of it", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, _ := outcome(ctx, errors.New("connection closed")); got != 130 {
			t.Errorf("exit code %d, want 130", got)
		}
		// It must not say then that nothing was changed.
		if got, _ := outcome(ctx, fmt.Errorf("%w: %w", engine.ErrUnknown, context.Canceled)); got != 1 {
			t.Errorf("a commit of unknown outcome: exit code %d, want 1", got)
		}
	})
}

// The table of docs/operations.md names the codes that the program has.
func TestTheExitCodesAreDocumented(t *testing.T) {
	content, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("exit.go")
	if err != nil {
		t.Fatal(err)
	}
	numbers := func(re string, text []byte) []int {
		var out []int
		for _, m := range regexp.MustCompile(re).FindAllSubmatch(text, -1) {
			n, err := strconv.Atoi(string(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, n)
		}
		return out
	}
	want := numbers(`(?m)^\texit\w+ += (\d+)$`, source)
	if d := cmp.Diff(want, numbers(`(?m)^\| (\d+) \|`, content)); d != "" || len(want) < 7 {
		t.Errorf("the codes of exit.go and docs/operations.md differ:\n%s", d)
	}
}
