package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/schema/diag"
)

type recoverOptions struct {
	policyFlags
	lockTimeout time.Duration
}

func newRecover(s streams) *cobra.Command {
	var o recoverOptions
	cmd := &cobra.Command{
		Use:   "recover -policy FILE [-live URL]",
		Short: "Repair the files after an apply that was killed",
		Long: "Puts the files of applies that were committed in place, and removes what was staged by\n" +
			"applies that were not. The database tells which is which: name the one that the applies\n" +
			"were made on. It may be repeated, and does nothing when there is nothing to repair.",
		Example: "  edmsplan recover -policy policy/ -live postgres://localhost/edms",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runRecover(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 10*time.Second, "`DURATION` to wait for other clients, such as 90s or 5m; negative waits for ever")
	return cmd
}

func runRecover(ctx context.Context, s streams, o recoverOptions) (err error) {
	pol, _, err := o.load(s)
	if err != nil {
		return err
	}
	live, err := openLive(ctx, pol.LiveURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	report, err := newEngine(s, live, pol.LiveURL).Recover(ctx, pol, o.lockTimeout)
	if report != nil {
		sayRecovered(s.out, report, err == nil)
	}
	return err
}

// sayRecovered prints what was done, tree by tree.
func sayRecovered(w io.Writer, r *engine.RecoverReport, whole bool) {
	some := false
	for _, t := range r.Trees {
		var parts []string
		for _, id := range t.Finished {
			parts = append(parts, "put the files of apply "+printable(id)+" in place")
		}
		for _, id := range t.Abandoned {
			parts = append(parts, "removed what was staged by "+printable(id)+", which was not committed")
		}
		if t.Swept > 0 {
			parts = append(parts, "removed "+counted(t.Swept, "file that was", "files that were")+" being written")
		}
		if len(parts) > 0 {
			some = true
			fmt.Fprintf(w, "%s: %s.\n", printable(t.Path), strings.Join(parts, "; "))
		}
	}
	if !some && whole {
		fmt.Fprintln(w, "There was nothing to repair.")
	}
}

// afterwards are an apply's warnings.
func afterwards(done *engine.Applied) diag.List {
	var l diag.List
	for _, w := range done.Warnings {
		l = append(l, diag.Diagnostic{Severity: diag.Warning, Code: "files.pending", Summary: "The plan is applied, but its files are not all in place", Detail: w})
	}
	return l
}
