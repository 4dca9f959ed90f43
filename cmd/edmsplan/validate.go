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
	noColor bool
}

func newValidate(s streams) *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate -policy FILE [-live URL]",
		Short: "Check a policy, and check it against a live database",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runValidate(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.noColor, "no-color", false, "no colours")
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
		found, err := newEngine(s, live, o.live, true).Validate(ctx, pol)
		if err != nil {
			return err
		}
		list = append(list, found...)
		against = " and fits the live database"
	}
	if err := render.Diagnostics(s.out, list, look(s.out, o.noColor, s.env)); err != nil {
		return err
	}
	if list.HasErrors() {
		return codeError(diagnosticsCode(list))
	}
	said := ""
	if n := list.Count(diag.Warning); n > 0 {
		said = fmt.Sprintf(" %d warnings.", n)
	}
	fmt.Fprintf(s.out, "The policy %s is valid%s.%s\n", pol.Name, against, said)
	return nil
}
