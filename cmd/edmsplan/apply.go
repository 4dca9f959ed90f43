package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type applyOptions struct {
	policyFlags
	pkg         string
	autoApprove bool
	lockTimeout time.Duration
	json        bool
}

func newApply(s streams) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [-auto-approve] PLAN",
		Short: "Carry out a saved plan, exactly as it was reviewed",
		Long: "Locks the tables, plans again with the policy and package of the plan, and writes only\n" +
			"if that gives the same changes. All of it is one transaction, and every change is logged.",
		Example: "  edmsplan apply edms.plan",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runApply(cmd.Context(), s, o, args[0]) },
	}
	o.addInputs(cmd.Flags())
	cmd.Flags().StringVar(&o.pkg, "package", "", "`PACKAGE`, if it is no longer where it was")
	cmd.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 10*time.Second, "`DURATION` to wait for other clients, such as 90s or 5m; negative waits for ever")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line; needs -auto-approve")
	return cmd
}

func runApply(ctx context.Context, s streams, o applyOptions, path string) error {
	if o.json && !o.autoApprove {
		return errors.New("-json cannot ask: give -auto-approve with it")
	}
	stream, err := startEvents(s, o.json)
	if err != nil {
		return err
	}
	return stream.end(ctx, applyPlan(ctx, s, o, path, stream))
}

func applyPlan(ctx context.Context, s streams, o applyOptions, path string, stream *events) (err error) {
	f, err := planfile.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	saved := f.Plan()
	if err := saved.CanApply(); err != nil {
		return err
	}
	pol, err := o.savedPolicy(s, saved)
	if err != nil {
		return err
	}
	if o.pkg == "" {
		o.pkg = saved.Header.Options["package"]
	}
	if !o.autoApprove && saved.Summary.Any() {
		if err := approve(ctx, s, saved); err != nil {
			return err
		}
	}
	w, err := openWork(ctx, s, pol.LiveURL, o.pkg, o.json)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	done, err := w.engine.Apply(ctx, saved, pol, w.pkg, o.lockTimeout)
	if err != nil {
		return err
	}
	w.progress.stop()
	if stream != nil {
		return stream.Applied(done.Summary)
	}
	fmt.Fprintf(s.out, "%s\n\nLogged as apply %s.\n", render.AppliedLine(done.Summary), done.ID)
	return nil
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
