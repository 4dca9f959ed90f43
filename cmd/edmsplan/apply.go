package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type applyOptions struct {
	keyFlags
	policyFlags
	pkg         string
	overrides   []string
	rehearse    bool
	autoApprove bool
	keepIndexes bool
	lockTimeout time.Duration
	json        bool
}

func newApply(s streams) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [-auto-approve] [-rehearse] [-override GUARD=REASON] PLAN",
		Short: "Carry out a saved plan, exactly as it was reviewed",
		Long: "Locks the tables, plans again with the policy and package of the plan, and writes only\n" +
			"if that gives the same changes. All of it is one transaction, and every change is logged.\n\n" +
			"-rehearse does all of that and takes it back: triggers, constraints and the policy's\n" +
			"checks have their say, and nothing remains. -override passes an overridable guard; the\n" +
			"reason is logged.\n\n" +
			"Where a plan adds very many rows to a table of PostgreSQL, it says that indexes and\n" +
			"foreign keys are rebuilt: apply drops them and puts them back exactly as they were, in the\n" +
			"same transaction, and others cannot read the table until then. -keep-indexes leaves them\n" +
			"in place.",
		Example: "  edmsplan apply edms.plan\n" +
			"  edmsplan apply -override \"nothing lost=agreed with the head of quality\" edms.plan",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runApply(cmd.Context(), s, o, args[0]) },
	}
	o.addInputs(cmd.Flags())
	o.addReading(cmd.Flags())
	cmd.Flags().StringVar(&o.pkg, "package", "", "`PACKAGE` or database, if it is no longer where it was, or needs a password in its URL")
	cmd.Flags().StringArrayVar(&o.overrides, "override", nil, "`GUARD=REASON` to pass an overridable guard; may be repeated")
	cmd.Flags().BoolVar(&o.rehearse, "rehearse", false, "carry the plan out and take it back; asks nothing")
	cmd.Flags().BoolVar(&o.keepIndexes, "keep-indexes", false, "leave indexes and foreign keys in place that the plan says are rebuilt")
	cmd.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 10*time.Second, "`DURATION` to wait for other clients, such as 90s or 5m; negative waits for ever")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line; needs -auto-approve")
	return cmd
}

func runApply(ctx context.Context, s streams, o applyOptions, path string) error {
	if o.json && !o.autoApprove && !o.rehearse {
		return errors.New("-json cannot ask: give -auto-approve with it")
	}
	stream, err := startEvents(s, o.json)
	if err != nil {
		return err
	}
	return stream.end(ctx, applyPlan(ctx, s, o, path, stream))
}

func applyPlan(ctx context.Context, s streams, o applyOptions, path string, stream *events) (err error) {
	overrides, err := overridesOf(o.overrides)
	if err != nil {
		return err
	}
	f, err := planfile.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	saved := f.Plan()
	if err := saved.CanApplyWith(overrides); err != nil {
		return err
	}
	var pol *policy.Policy // an undo has none
	live := undoURL(s, o.live, saved)
	if saved.Header.Undoes() == "" {
		if pol, err = o.savedPolicy(s, saved); err != nil {
			return err
		}
		live = pol.LiveURL
	}
	if o.pkg == "" {
		o.pkg = saved.Header.Options["package"]
	}
	if !o.autoApprove && !o.rehearse && saved.Summary.Any() {
		if err := approve(ctx, s, saved); err != nil {
			return err
		}
	}
	open, err := newOpener(s, o.keys(s), pol)
	if err != nil {
		return err
	}
	w, err := openWork(ctx, s, live, o.pkg, open, o.json)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	w.engine.Overrides, w.engine.KeepIndexes = overrides, o.keepIndexes
	if o.rehearse {
		return w.rehearse(ctx, s, stream, saved, pol, o.lockTimeout)
	}
	done, err := w.engine.Apply(ctx, saved, pol, w.pkg, o.lockTimeout)
	if err != nil {
		return err
	}
	w.progress.stop()
	if stream != nil {
		return errors.Join(stream.Applied(done.Summary), stream.Diagnostics(afterwards(done)))
	}
	fmt.Fprintf(s.out, "%s\n\nLogged as apply %s.\n", render.AppliedLine(done.Summary), done.ID)
	return render.Diagnostics(s.err, afterwards(done), s.look(s.err))
}

// overridesOf are the guards to be overridden with their reasons, of words
// NAME=REASON. Which guards there are, the engine knows.
func overridesOf(words []string) (map[string]string, error) {
	out := map[string]string{}
	for _, w := range words {
		name, reason, found := strings.Cut(w, "=")
		name, reason = strings.TrimSpace(name), strings.TrimSpace(reason)
		if !found || name == "" || reason == "" {
			return nil, fmt.Errorf("-override %q: write the guard's name, = and the reason", w)
		}
		out[name] = reason
	}
	return out, nil
}

// savedPolicy is the policy that the plan holds, with the live database named
// on the command line, by the policy, or where the plan was made.
func (o *applyOptions) savedPolicy(s streams, saved *plans.Plan) (*policy.Policy, error) {
	opts := o.options(s)
	opts.BaseDir = saved.Header.Options["policy_folder"]
	for _, v := range saved.Header.Variables {
		opts.Saved = append(opts.Saved, policy.Variable{Name: v.Name, Sensitive: v.Sensitive, Value: v.Value})
	}
	files := make([]policy.File, len(saved.Header.PolicyFiles))
	for i, f := range saved.Header.PolicyFiles {
		files[i] = policy.File{Name: f.Name, Content: []byte(f.Content)}
	}
	if opts.LiveURL == "" {
		// The URL that policy or environment name now may come with a password,
		// which the plan does not hold. Another database is not taken.
		if p, list := policy.Parse(files, opts); list.Err() == nil && plans.WithoutPassword(liveURL(s, p)) == saved.Header.LiveURL {
			return p, nil
		}
		opts.LiveURL = saved.Header.LiveURL
	}
	p, list := policy.Parse(files, opts)
	return p, list.Err()
}
