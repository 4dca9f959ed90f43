package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine"
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
	noColor     bool
}

func newApply(s streams) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [-auto-approve] PLAN",
		Short: "Carry out a saved plan, exactly as it was reviewed",
		Long: "Locks the tables, plans again with the policy and package of the plan, and writes only\n" +
			"if that gives the same changes. All of it is one transaction, and every change is logged.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runApply(cmd.Context(), s, o, args[0]) },
	}
	o.addInputs(cmd.Flags())
	cmd.Flags().StringVar(&o.pkg, "package", "", "`PACKAGE`, if it is no longer where it was")
	cmd.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 10*time.Second, "how long to wait for other clients; negative waits for ever")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line; needs -auto-approve")
	cmd.Flags().BoolVar(&o.noColor, "no-color", false, "no colours")
	return cmd
}

func runApply(ctx context.Context, s streams, o applyOptions, path string) (err error) {
	if o.json && !o.autoApprove {
		return errors.New("-json cannot ask: give -auto-approve with it")
	}
	f, err := planfile.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	saved := f.Plan()
	pol, err := o.savedPolicy(s, saved)
	if err != nil {
		return err
	}
	if o.pkg == "" {
		o.pkg = saved.Header.Options["package"]
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
	if err := approve(s, o, saved); err != nil {
		return err
	}
	done, err := newEngine(s, live, pol.LiveURL, o.json).Apply(ctx, saved, pol, pkg, o.lockTimeout)
	if err != nil {
		return err
	}
	return sayApplied(s, o, done)
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
		// The policy's own URL may come with a password from the environment.
		if p, list := policy.Parse(files, opts); list.Err() == nil && p.LiveURL != "" && plans.WithoutPassword(p.LiveURL) == saved.Header.LiveURL {
			return p, nil
		}
		opts.LiveURL = saved.Header.LiveURL
	}
	p, list := policy.Parse(files, opts)
	return p, list.Err()
}

// approve shows the plan and asks. Where records are destroyed, the name of
// the target is asked for: a word that is typed without reading does not do.
func approve(s streams, o applyOptions, saved *plans.Plan) error {
	if o.autoApprove || !saved.Summary.Any() || saved.CanApply() != nil {
		return nil
	}
	if err := render.Text(s.out, saved, look(s.out, o.noColor, s.env)); err != nil {
		return err
	}
	want, ask := "yes", "Only 'yes' will be accepted to approve."
	if saved.Summary.Destroy > 0 {
		want = saved.Header.Target
		ask = fmt.Sprintf("%d records will be destroyed. Only the name of the target, '%s', will be accepted to approve.", saved.Summary.Destroy, want)
	}
	fmt.Fprintf(s.out, "\nDo you want to perform these actions?\n  %s\n\n  Enter a value: ", ask)
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if strings.TrimSpace(line) != want {
		fmt.Fprintln(s.out, "\nApply cancelled. Nothing was changed.")
		return codeError(exitError)
	}
	if err != nil && line == "" {
		return err
	}
	fmt.Fprintln(s.out)
	return nil
}

func sayApplied(s streams, o applyOptions, done *engine.Applied) error {
	if o.json {
		stream, err := render.NewStream(s.out, version())
		if err != nil {
			return err
		}
		return stream.Applied(done.Summary)
	}
	fmt.Fprintf(s.out, "%s\n\nLogged as apply %s.\n", render.AppliedLine(done.Summary), done.ID)
	return nil
}
