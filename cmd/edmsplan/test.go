package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine/policytest"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type testOptions struct {
	policyFlags
	keyFlags
	run   string
	junit string
	json  bool
}

func newTest(s streams) *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test [-policy FILE] [-live postgres://…] [-run REGEXP] [-junit FILE] [FILE…]",
		Short: "Run the tests that stand beside a policy",
		Long: "Runs the *.edmstest.hcl files beside the policy, or those named. Each test says which rows\n" +
			"are live, what a package holds and what the plan must be then. It runs in a database of\n" +
			"its own: an SQLite file that is removed, or with -live a new database on that PostgreSQL\n" +
			"server, which is dropped; no existing table is touched.\n\n" +
			"The exit code is 0 when all tests pass, else 1.",
		Example: "  edmsplan test -policy policy/\n" +
			"  edmsplan test -policy policy/ -run 'destroyed' -junit report.xml",
		RunE: func(cmd *cobra.Command, args []string) error { return runTest(cmd.Context(), s, o, args) },
	}
	o.add(cmd.Flags())
	o.addReading(cmd.Flags())
	cmd.Flags().Lookup("policy").Usage = "policy `FILE` or folder (default: the folder of the first test file, else this one)"
	cmd.Flags().Lookup("live").Usage = "`URL` of a PostgreSQL database on whose server the tests run: postgres://…"
	cmd.Flags().StringVar(&o.run, "run", "", "run only the tests whose names match `REGEXP`")
	cmd.Flags().StringVar(&o.junit, "junit", "", "write the results to `FILE` as JUnit's XML")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	return cmd
}

func runTest(ctx context.Context, s streams, o testOptions, args []string) error {
	if o.path == "" {
		o.path = "."
		if len(args) > 0 {
			o.path = filepath.Dir(args[0])
		}
	}
	runner, err := newRunner(s, o)
	if err != nil {
		return err
	}
	paths := args
	if len(paths) == 0 {
		if paths, err = policy.FindTests(o.path); err != nil {
			return err
		}
	}
	if len(paths) == 0 {
		return fmt.Errorf("there are no tests beside the policy %s: write them into a file whose name ends in .edmstest.hcl", o.path)
	}
	report := &testReport{s: s, json: o.json, style: s.look(s.out)}
	// A test file that cannot be read is found before any test runs.
	files := make([]*policy.TestFile, len(paths))
	for i, p := range paths {
		f, list := policy.LoadTests(p, policy.Options{Env: s.env})
		if err := list.Err(); err != nil {
			return err
		}
		files[i] = f
	}
	for i, f := range files {
		if err := report.file(ctx, runner, f, paths[i]); err != nil {
			return err
		}
	}
	if o.junit != "" {
		if err := report.writeJUnit(o.junit); err != nil {
			return err
		}
	}
	return report.end(o.run)
}

// newRunner gives the tests their databases and packages.
func newRunner(s streams, o testOptions) (*policytest.Runner, error) {
	r := &policytest.Runner{Dialect: "sqlite", Now: time.Now, TempDir: os.TempDir(), Program: version()}
	if o.run != "" {
		var err error
		if r.Select, err = regexp.Compile(o.run); err != nil {
			return nil, fmt.Errorf("-run is no regular expression: %w", err)
		}
	}
	switch {
	case o.live == "":
		r.Scratch = func(ctx context.Context) (policytest.Scratch, error) { return orNil(sqlite.NewScratch(ctx, r.TempDir)) }
	case strings.HasPrefix(o.live, "postgres"):
		r.Dialect = "postgres"
		r.Scratch = func(ctx context.Context) (policytest.Scratch, error) { return orNil(postgres.NewScratch(ctx, o.live)) }
	default:
		return nil, errors.New("-live is a PostgreSQL database, on whose server the tests run: postgres://USER@HOST/NAME; without it they run on SQLite")
	}
	r.Policy = func(vars []string) (*policy.Policy, diag.List) {
		options := o.options(s)
		options.Vars = append(append([]string{}, options.Vars...), vars...)
		// The policy's own live database has no part in its tests.
		options.LiveURL = "sqlite:test"
		return policy.Load(o.path, options)
	}
	r.Package = func(ctx context.Context, path string, pol *policy.Policy) (backup.Package, error) {
		open, err := newOpener(s, o.keys(s), pol)
		if err != nil {
			return nil, err
		}
		return open.open(ctx, path)
	}
	r.Tables = func(ctx context.Context, source string) ([]*schema.Table, error) { return tablesOf(ctx, s, o, source) }
	return r, nil
}

// orNil keeps a nil pointer from becoming a Scratch that is not nil.
func orNil[T policytest.Scratch](db T, err error) (policytest.Scratch, error) {
	if err != nil {
		return nil, err
	}
	return db, nil
}

// tablesOf are the tables of a database or of an .edmspkg.
func tablesOf(ctx context.Context, s streams, o testOptions, source string) (_ []*schema.Table, err error) {
	open, err := newOpener(s, o.keys(s), nil)
	if err != nil {
		return nil, err
	}
	db, err := openReadable(ctx, s, source, open)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	view, err := db.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	c, err := view.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	return c.Tables, nil
}
