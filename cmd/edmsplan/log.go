package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/providers/database"
)

type logOptions struct {
	live string
	json bool
}

func newLog(s streams) *cobra.Command {
	var o logOptions
	cmd := &cobra.Command{
		Use:   "log [-json] -live URL [list | show [APPLY-ID] | verify]",
		Short: "Show and verify the change log of a live database",
		Long: "list (the default) names the plans that were applied, show prints every change of one\n" +
			"or of all, verify recomputes the chain of hashes.",
		Args:      cobra.MaximumNArgs(2),
		ValidArgs: []string{"list", "show", "verify"},
		RunE:      func(cmd *cobra.Command, args []string) error { return runLog(cmd.Context(), s, o, args) },
	}
	cmd.Flags().StringVar(&o.live, "live", "", "live database `URL`: postgres://… or sqlite:PATH")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, one object a line")
	return cmd
}

func runLog(ctx context.Context, s streams, o logOptions, args []string) (err error) {
	if len(args) == 0 {
		args = []string{"list"}
	}
	if args[0] != "show" && len(args) > 1 {
		return fmt.Errorf("log %s takes no argument", args[0])
	}
	if o.live == "" {
		if url, ok := s.env("EDMSPLAN_LIVE"); ok {
			o.live = url
		}
	}
	live, err := openLive(ctx, o.live)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	view, err := live.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	exists, err := changelog.Exists(ctx, view)
	if err != nil {
		return err
	}
	if !exists {
		if !o.json {
			fmt.Fprintln(s.out, "No plan was ever applied to this database.")
		}
		return nil
	}
	switch args[0] {
	case "list":
		return listApplies(ctx, s.out, view, o.json)
	case "show":
		return showEntries(ctx, s.out, view, o.json, append(args, "")[1])
	case "verify":
		return verifyLog(ctx, s.out, view, o.json)
	}
	return fmt.Errorf("there is no log %s: list, show or verify", args[0])
}

func listApplies(ctx context.Context, w io.Writer, view database.Snapshot, asJSON bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(t, "APPLY\tAT\tBY\tADDED\tCHANGED\tDESTROYED\tPACKAGE")
	}
	for a, err := range changelog.Applies(ctx, view) {
		if err != nil {
			return err
		}
		if asJSON {
			if err := writeJSON(w, a); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", a.ID, a.At.UTC().Format(time.RFC3339), a.Actor, a.Added, a.Changed, a.Destroyed, a.Source)
	}
	return t.Flush()
}

func showEntries(ctx context.Context, w io.Writer, view database.Snapshot, asJSON bool, id string) error {
	found := false
	for e, err := range changelog.Entries(ctx, view, id) {
		if err != nil {
			return err
		}
		found = true
		if asJSON {
			if err := writeJSON(w, e); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%d  %s  %s  %s  %s%s\n", e.Seq, e.At.UTC().Format(time.RFC3339), e.Actor, e.Action, e.Model, e.Key)
		if e.Before != "" {
			fmt.Fprintf(w, "    - %s\n", e.Before)
		}
		if e.After != "" {
			fmt.Fprintf(w, "    + %s\n", e.After)
		}
	}
	if !found && id != "" {
		return fmt.Errorf("the change log has no entries of an apply %q: edmsplan log lists them", id)
	}
	return nil
}

func verifyLog(ctx context.Context, w io.Writer, view database.Snapshot, asJSON bool) error {
	r, err := changelog.Verify(ctx, view)
	if err != nil {
		return err
	}
	switch {
	case asJSON:
		err = writeJSON(w, r)
	case len(r.Faults) == 0:
		_, err = fmt.Fprintf(w, "The change log is whole: %d applies, %d entries, each hash follows from the one before.\nHead: %s\n", r.Applies, r.Entries, r.Head)
	default:
		fmt.Fprintf(w, "The change log was altered: %d faults.\n", len(r.Faults))
		for _, f := range r.Faults {
			fmt.Fprintf(w, "  %s\n", f)
		}
	}
	if err == nil && len(r.Faults) > 0 {
		return codeError(exitError)
	}
	return err
}

// writeJSON writes one object on a line, in snake case as the plan's JSON is.
func writeJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v, jsontext.EscapeForHTML(false))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
