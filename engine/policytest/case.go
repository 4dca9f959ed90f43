package policytest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

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
	// livePackages are the packages among the files of LiveFrom.
	livePackages []string
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
				d = unknown("variable", v.Name, nil)
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
	in := planner.Input{Policy: c.policy, Catalogue: catalogue, Reinit: req.Reinit, Scope: req.Scope, Target: req.Target, Exclude: req.Exclude, Trees: c.trees(ctx, pkg)}
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
