package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/providers/database"
)

type logOptions struct {
	live  string
	json  bool
	prune pruneOptions
}

func newLog(s streams) *cobra.Command {
	var o logOptions
	cmd := &cobra.Command{
		Use:   "log [-json] -live URL [list | show [APPLY-ID] | verify | prune]",
		Short: "Show and verify the change log of a live database",
		Long: "list (the default) names the plans that were applied, show prints every change of one\n" +
			"or of all, verify recomputes the chain of hashes. prune drops the row images that are\n" +
			"kept for undo, by -keep-last and -older-than; the log itself stays.",
		Example: "  edmsplan log -live sqlite:edms.sqlite\n" +
			"  edmsplan log -live sqlite:edms.sqlite verify\n" +
			"  edmsplan log -live sqlite:edms.sqlite prune -keep-last 10 -older-than 720h",
		Args:      cobra.MaximumNArgs(2),
		ValidArgs: []string{"list", "show", "verify", "prune"},
		RunE:      func(cmd *cobra.Command, args []string) error { return runLog(cmd.Context(), s, o, args) },
	}
	cmd.Flags().StringVar(&o.live, "live", "", "live database `URL`: postgres://… or sqlite:PATH")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, one object a line")
	o.prune.add(cmd.Flags())
	return cmd
}

func runLog(ctx context.Context, s streams, o logOptions, args []string) (err error) {
	if len(args) == 0 {
		args = []string{"list"}
	}
	switch {
	case !slices.Contains([]string{"list", "show", "verify", "prune"}, args[0]):
		return fmt.Errorf("there is no log %s: list, show, verify or prune", args[0])
	case args[0] != "show" && len(args) > 1:
		return fmt.Errorf("log %s takes no argument", args[0])
	case args[0] != "prune" && o.prune.named():
		return errors.New("-keep-last, -older-than, -dry-run and -lock-timeout are for log prune")
	}
	if o.live == "" {
		o.live, _ = s.env("EDMSPLAN_LIVE")
	}
	if args[0] == "prune" {
		return pruneLog(ctx, s, o)
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
	return printLog(ctx, s.out, view, o.json, exists, append(args, ""))
}

// printLog prints what args ask for. A database that no plan was applied to
// has no log; its JSON is an empty one.
func printLog(ctx context.Context, w io.Writer, view database.Snapshot, asJSON, exists bool, args []string) error {
	switch {
	case !exists && !asJSON:
		_, err := fmt.Fprintln(w, "No plan was ever applied to this database.")
		return err
	case !exists && args[0] == "verify":
		return writeJSON(w, reportDoc{})
	case !exists:
		return nil
	case args[0] == "list":
		return listApplies(ctx, w, view, asJSON)
	case args[0] == "show":
		return showEntries(ctx, w, view, asJSON, args[1])
	}
	return verifyLog(ctx, w, view, asJSON)
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
			if err := writeJSON(w, applyOf(a)); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", printable(a.ID), a.At.UTC().Format(time.RFC3339), printable(a.Actor), a.Added, a.Changed, a.Destroyed, printable(a.Source))
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
			if err := writeJSON(w, entryOf(e)); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%d  %s  %s  %s  %s%s\n", e.Seq, e.At.UTC().Format(time.RFC3339), printable(e.Actor), printable(e.Action), printable(e.Model), printable(e.Key))
		if e.Before != "" {
			fmt.Fprintf(w, "    - %s\n", printable(e.Before))
		}
		if e.After != "" {
			fmt.Fprintf(w, "    + %s\n", printable(e.After))
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
		err = writeJSON(w, reportDoc(*r))
	case len(r.Faults) == 0:
		_, err = fmt.Fprintf(w, "The change log is whole: %s, %s, each hash follows from the one before.\nHead: %s\n",
			counted(r.Applies, "apply", "applies"), counted(r.Entries, "entry", "entries"), r.Head)
	default:
		fmt.Fprintf(w, "The change log was altered, %s:\n", counted(len(r.Faults), "fault", "faults"))
		for _, f := range r.Faults {
			fmt.Fprintf(w, "  %s\n", printable(f))
		}
	}
	if err == nil && len(r.Faults) > 0 {
		return codeError(exitError)
	}
	return err
}
