package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/diag"
)

type validateOptions struct {
	policyFlags
}

func newValidate(s streams) *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate -policy FILE [-live URL]",
		Short: "Check a policy, and check it against a live database",
		Long: "Without -live the policy is checked alone, whatever database it names. With it, tables,\n" +
			"columns and natural keys are compared with those of the database, which is only read.",
		Example: "  edmsplan validate -policy policy/\n" +
			"  edmsplan validate -policy policy/ -live sqlite:edms.sqlite",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runValidate(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	cmd.Flags().Lookup("live").Usage = "live database `URL` to compare with: postgres://… or sqlite:PATH"
	return cmd
}

func runValidate(ctx context.Context, s streams, o validateOptions) (err error) {
	pol, list, err := o.load(s)
	if err != nil {
		return err
	}
	against := ""
	// The policy's own live block is not followed: a policy can be checked
	// where its database cannot be reached.
	if o.live != "" {
		live, err := openLive(ctx, o.live)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, live.Close()) }()
		found, err := newEngine(s, live, o.live).Validate(ctx, pol)
		if err != nil {
			return err
		}
		list = append(list, found...)
		against = " and fits the live database"
	}
	if err := render.Diagnostics(s.out, list, s.look(s.out)); err != nil {
		return err
	}
	if list.HasErrors() {
		return codeError(diagnosticsCode(list))
	}
	fmt.Fprintf(s.out, "The policy %s is valid%s.%s\n", pol.Name, against, warned(list))
	if against == "" {
		fmt.Fprintln(s.out, "It was not compared with a live database: name one with -live.")
	}
	return nil
}

// warned counts the warnings in words.
func warned(l diag.List) string {
	if n := l.Count(diag.Warning); n > 0 {
		return " " + counted(n, "warning", "warnings") + "."
	}
	return ""
}
