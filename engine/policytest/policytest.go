// Package policytest runs the tests that stand beside a policy: it makes a
// scratch database for each, puts the test's live rows into it, plans as
// engine does, and compares the plan with what the test expects.
//
// Test files are read by schema/policy. How results are printed is the
// command's.
package policytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Scratch is an empty database that a test has for itself.
type Scratch interface {
	database.Database
	// Script runs SQL statements.
	Script(ctx context.Context, sql string) error
	// Remove removes the database, which is closed before.
	Remove(ctx context.Context) error
}

// Runner runs test files against one policy. Its functions are the adapters
// that the program has.
type Runner struct {
	// Policy loads the policy with values of variables, each NAME=VALUE.
	Policy func(vars []string) (*policy.Policy, diag.List)
	// Dialect is that of the scratch databases, which Scratch makes.
	Dialect string
	Scratch func(ctx context.Context) (Scratch, error)
	// Tables are those of what a schema names besides SQL files: a database's
	// URL or a package.
	Tables func(ctx context.Context, source string) ([]*schema.Table, error)
	// Package opens a package.
	Package func(ctx context.Context, path string, pol *policy.Policy) (backup.Package, error)
	// Select are the tests that run, nil for all.
	Select *regexp.Regexp
	// Now is the one clock.
	Now func() time.Time
	// TempDir is where the planner spools; empty is the system's.
	TempDir string
	// Program is the version of edmsplan.
	Program string
}

// Result is what became of one test.
type Result struct {
	Test     *policy.Test
	Elapsed  time.Duration
	Problems []Problem
	// Diagnostics are why the test could not be carried out; then there are no
	// Problems.
	Diagnostics diag.List
}

// Passed reports whether all was as expected.
func (r *Result) Passed() bool { return len(r.Problems) == 0 && !r.Diagnostics.HasErrors() }

// Problem is an expectation that does not hold.
type Problem struct {
	// Range is the place of the expectation.
	Range   diag.Range
	Summary string
	// Want and Got are lines: what was expected and what is.
	Want, Got []string
	// Note says more; it may be empty.
	Note string
}

// Selected are the tests of the file that run.
func (r *Runner) Selected(f *policy.TestFile) []*policy.Test {
	return slices.DeleteFunc(slices.Clone(f.Tests), func(t *policy.Test) bool { return r.Select != nil && !r.Select.MatchString(t.Name) })
}

// Run runs the selected tests of a file, in their order; done is told of each.
// dir is where the file's paths start. An error is that of an interruption; what
// else goes wrong is in the Result of the test.
func (r *Runner) Run(ctx context.Context, f *policy.TestFile, dir string, done func(*Result) error) error {
	for _, t := range r.Selected(f) {
		started := r.Now()
		result := &Result{Test: t}
		c := &testCase{Runner: r, file: f, test: t, dir: dir, result: result}
		if err := c.run(ctx); err != nil {
			result.Problems, result.Diagnostics = nil, quoted(f, diagnosticsOf(err, t))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		result.Elapsed = r.Now().Sub(started)
		if err := done(result); err != nil {
			return err
		}
	}
	return nil
}

// diagnosticsOf is an error as diagnostics with a place.
func diagnosticsOf(err error, t *policy.Test) diag.List {
	var holder interface{ Diagnostics() diag.List }
	if errors.As(err, &holder) {
		return holder.Diagnostics()
	}
	return diag.List{{Severity: diag.Error, Code: "test", Summary: fmt.Sprintf("The test %q cannot be run", t.Name), Detail: err.Error(), Range: t.Range}}
}

// quoted gives diagnostics about the test file the line that they are about.
func quoted(f *policy.TestFile, list diag.List) diag.List {
	lines := bytes.Split(f.Content, []byte("\n"))
	out := slices.Clone(list)
	for i := range out {
		if r := out[i].Range; r.File == f.Name && r.Start.Line > 0 && r.Start.Line <= len(lines) {
			out[i].Source = string(bytes.TrimRight(lines[r.Start.Line-1], "\r"))
		}
	}
	return out
}
