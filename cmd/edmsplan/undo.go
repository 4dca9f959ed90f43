package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
)

type undoOptions struct {
	live string
	out  string
	json bool
	all  bool
}

func newUndo(s streams) *cobra.Command {
	var o undoOptions
	cmd := &cobra.Command{
		Use:   "undo [-live URL] [-out PLAN] APPLY-ID",
		Short: "Plan the exact reverse of an apply",
		Long: "Prints what would bring every row back that the apply wrote, from the row images kept in\n" +
			"the live database. Nothing is written to it; -out saves the plan for review and apply.\n\n" +
			"A row that changed since is a conflict, shown field by field, and never overwritten.\n" +
			"edmsplan log lists the applies; an id may be cut short where it is unambiguous. Files\n" +
			"are not undone.",
		Example: "  edmsplan log -live sqlite:edms.sqlite\n" +
			"  edmsplan undo -live sqlite:edms.sqlite -out undo.plan 0193c2a4-7f3e\n" +
			"  edmsplan apply undo.plan",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runUndo(cmd.Context(), s, o, args[0]) },
	}
	cmd.Flags().StringVar(&o.live, "live", "", "live database `URL`: postgres://… or sqlite:PATH (default: EDMSPLAN_LIVE)")
	cmd.Flags().StringVar(&o.out, "out", "", "`FILE` to save the plan to")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every record, also where many are alike")
	return cmd
}

func runUndo(ctx context.Context, s streams, o undoOptions, id string) error {
	stream, err := startEvents(s, o.json)
	if err != nil {
		return err
	}
	return stream.end(ctx, makeUndo(ctx, s, o, id, stream))
}

func makeUndo(ctx context.Context, s streams, o undoOptions, id string, stream *events) (err error) {
	if o.live == "" {
		o.live, _ = s.env("EDMSPLAN_LIVE")
	}
	w, err := openWork(ctx, s, o.live, "", &opener{s: s}, o.json)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	planned, err := w.engine.PlanUndo(ctx, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, planned.Close()) }()
	if o.out != "" {
		if err := planfile.Save(o.out, &planned.Plan); err != nil {
			return err
		}
	}
	w.progress.stop()
	return showPlanned(s, planOptions{out: o.out, all: o.all}, stream, &planned.Plan)
}

// undoURL is the live database of a saved undo: as named on the command line,
// in the environment if that is the same one and may have a password, else as
// the plan was made.
func undoURL(s streams, given string, saved *plans.Plan) string {
	if given != "" {
		return given
	}
	if live, _ := s.env("EDMSPLAN_LIVE"); plans.WithoutPassword(live) == saved.Header.LiveURL {
		return live
	}
	return saved.Header.LiveURL
}
