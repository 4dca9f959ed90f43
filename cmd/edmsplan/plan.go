package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/render"
)

type planOptions struct {
	policyFlags
	pkg          string
	out          string
	json         bool
	all          bool
	noColor      bool
	detailedExit bool
}

func newPlan(s streams) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan -policy FILE -package PACKAGE [-live URL] [-out PLAN]",
		Short: "Show what would change, and save it for review",
		Long: "Compares the package with the live database and prints what would change. Nothing is\n" +
			"written to the database. -out saves the plan for review and apply.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	cmd.Flags().StringVar(&o.pkg, "package", "", "`PACKAGE` to compare with: a Django fixture or an EDMS package")
	cmd.Flags().StringVar(&o.out, "out", "", "`FILE` to save the plan to")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every record, also where many are alike")
	cmd.Flags().BoolVar(&o.noColor, "no-color", false, "no colours")
	cmd.Flags().BoolVar(&o.detailedExit, "detailed-exitcode", false, "exit with 0 for no differences, 2 for differences")
	return cmd
}

func runPlan(ctx context.Context, s streams, o planOptions) (err error) {
	pol, warnings, err := o.load(s)
	if err != nil {
		return err
	}
	pkg, err := openPackage(ctx, o.pkg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	live, err := openLive(ctx, pol.LiveURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	e := newEngine(s, live, pol.LiveURL, o.json)
	planned, err := e.Plan(ctx, pol, pkg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, planned.Close()) }()
	planned.Diagnostics = append(warnings, planned.Diagnostics...)
	if err := recordPaths(&planned.Plan, o); err != nil {
		return err
	}
	if o.out != "" {
		if err := planfile.Save(o.out, &planned.Plan); err != nil {
			return err
		}
	}
	return showPlanned(s, o, &planned.Plan)
}

// recordPaths keeps where policy and package are, so that apply finds them
// from another folder.
func recordPaths(p *plans.Plan, o planOptions) error {
	pkg, err := filepath.Abs(o.pkg)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(o.path)
	if err != nil {
		return err
	}
	if filepath.Ext(dir) == ".hcl" {
		dir = filepath.Dir(dir)
	}
	p.Header.Options = map[string]string{"package": pkg, "policy_folder": dir}
	return nil
}

func showPlanned(s streams, o planOptions, p *plans.Plan) error {
	if o.json {
		stream, err := render.NewStream(s.out, version())
		if err != nil {
			return err
		}
		if err := stream.Plan(p); err != nil {
			return err
		}
	} else {
		look := look(s.out, o.noColor, s.env)
		look.All = o.all
		if err := render.Text(s.out, p, look); err != nil {
			return err
		}
		if o.out != "" && p.CanApply() == nil {
			fmt.Fprintf(s.out, "\nSaved the plan to: %s\n\nTo review it again:  edmsplan show %s\nTo apply it:         edmsplan apply %s\n", o.out, o.out, o.out)
		}
	}
	if code := diagnosticsCode(p.Diagnostics); code != exitOK {
		return codeError(code)
	}
	if o.detailedExit && p.Summary.Any() {
		return codeError(exitDifferences)
	}
	return nil
}

// newEngine is an engine on a live database, as the command line sets it up.
func newEngine(s streams, live engineDatabase, url string, quiet bool) *engine.Engine {
	e := &engine.Engine{Live: live, LiveURL: url, Actor: actor(s), Program: version()}
	if !quiet {
		e.Observer = newProgress(s.err)
	}
	return e
}
