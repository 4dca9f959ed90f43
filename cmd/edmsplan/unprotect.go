package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

type unprotectOptions struct {
	live   string
	reason string
}

func newUnprotect(s streams) *cobra.Command {
	var o unprotectOptions
	cmd := &cobra.Command{
		Use:   "unprotect [-live URL] -reason TEXT MODEL",
		Short: "Let plans destroy records of a model that the live database protects",
		Long: "A model with prevent_destroy is protected by the live database itself from the first\n" +
			"apply on, also when the line is gone from the policy. unprotect lifts that; the reason\n" +
			"and who gave it are in the change log. While the line is there, the next apply\n" +
			"protects the model again.",
		Example: "  edmsplan unprotect -live postgres://localhost/edms -reason \"retention ended, ticket 1204\" audit.systemevent",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runUnprotect(cmd.Context(), s, o, args[0]) },
	}
	cmd.Flags().StringVar(&o.live, "live", "", "live database `URL`: postgres://… or sqlite:PATH (default: EDMSPLAN_LIVE)")
	cmd.Flags().StringVar(&o.reason, "reason", "", "`TEXT` that says why, for the change log")
	return cmd
}

func runUnprotect(ctx context.Context, s streams, o unprotectOptions, model string) (err error) {
	if strings.TrimSpace(o.reason) == "" {
		return errors.New("no reason is given: say why with -reason")
	}
	if o.live == "" {
		o.live, _ = s.env("EDMSPLAN_LIVE")
	}
	live, err := openLive(ctx, o.live)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	if err := newEngine(s, live, o.live).Unprotect(ctx, model, o.reason); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "The live database protects %s no longer. The reason is in the change log.\n", printable(model))
	return err
}
