// Package policytest runs the tests that stand beside a policy: it makes a
// scratch database for each, puts the test's live rows into it, plans as
// engine does, and compares the plan with what the test expects.
//
// Test files are read by schema/policy. How results are printed is the
// command's.
package policytest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
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
			result.Problems, result.Diagnostics = nil, diagnosticsOf(err, t)
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

// testCase is one test while it runs.
type testCase struct {
	*Runner
	file *policy.TestFile
	test *policy.Test
	dir  string

	result  *Result
	policy  *policy.Policy
	bare    *policy.Policy
	models  map[string]*schema.Model
	tables  map[string]*schema.Table
	scratch Scratch
	// stays are the live rows' natural keys by model.
	stays map[string]map[string]bool
}

func (c *testCase) run(ctx context.Context) (err error) {
	var list diag.List
	if c.policy, list = c.Policy(c.variables()); list.HasErrors() {
		return c.placed(list).Err()
	}
	if err := c.known(); err != nil {
		return err
	}
	c.bare = bare(c.policy)
	if c.scratch, err = c.Scratch(ctx); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, c.scratch.Close(), c.scratch.Remove(context.WithoutCancel(ctx)))
	}()
	if err := c.makeTables(ctx); err != nil {
		return err
	}
	if err := c.fillLive(ctx); err != nil {
		return err
	}
	if err := c.readLive(ctx); err != nil {
		return err
	}
	pkg, err := c.openPackage(ctx)
	if err != nil {
		return err
	}
	if pkg != nil {
		defer func() { err = errors.Join(err, pkg.Close()) }()
	}
	return c.plan(ctx, pkg)
}

// variables are the file's and the test's, which win.
func (c *testCase) variables() []string {
	var vars []string
	for _, v := range slices.Concat(c.file.Variables, c.test.Variables) {
		vars = append(vars, v.Name.Text+"="+v.Text)
	}
	return vars
}

// placed gives a variable that the policy does not declare its place in the
// test file; the policy knows it as a flag.
func (c *testCase) placed(list diag.List) diag.List {
	var out diag.List
	for _, d := range list {
		for _, v := range slices.Concat(c.file.Variables, c.test.Variables) {
			if d.Code == "policy.variable.unknown" && strings.Contains(d.Summary, strconv.Quote(v.Name.Text)) {
				d = unknown("variable", v.Name)
			}
		}
		out = append(out, d)
	}
	return out
}

// plan plans, carries the plan out if the test says so, and compares. The
// planner is asked itself, as a saved plan lacks the fields of added records.
func (c *testCase) plan(ctx context.Context, pkg backup.Package) (err error) {
	req := engine.Request{Policy: c.policy, Package: pkg, Reinit: c.test.Reinit, Scope: c.test.Scope.Text, Target: texts(c.test.Target), Exclude: texts(c.test.Exclude)}
	catalogue, err := c.catalogue(ctx)
	if err != nil {
		return err
	}
	in := planner.Input{Policy: c.policy, Catalogue: catalogue, Reinit: req.Reinit, Scope: req.Scope, Target: req.Target, Exclude: req.Exclude}
	if pkg != nil {
		in.Package, in.Partial = pkg, pkg.Info().Partial
	}
	result, err := c.planIn(ctx, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	j := &judge{testCase: c, expect: c.test.Expect, diagnostics: slices.Clone(result.Diagnostics), plan: &plans.Plan{
		Summary: result.Summary, Accounting: result.Accounting, Remaps: result.Remaps, Skips: result.Skips, Changes: result.Changes,
	}}
	if err := j.read(); err != nil {
		return err
	}
	if c.test.Apply && !result.Diagnostics.HasErrors() {
		if err := j.apply(ctx, req); err != nil {
			return err
		}
	}
	j.judge()
	return nil
}

func texts(names []policy.Name) []string {
	var out []string
	for _, n := range names {
		out = append(out, n.Text)
	}
	return out
}
