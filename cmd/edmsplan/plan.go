package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// rehearsalWait is how long a rehearsal waits for other clients.
const rehearsalWait = 10 * time.Second

type planOptions struct {
	policyFlags
	keyFlags
	scopeFlags
	decisionFlags
	from         string
	pkg          string
	reinit       bool
	rehearse     bool
	out          string
	json         bool
	all          bool
	noPager      bool
	detailedExit bool
}

func newPlan(s streams) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan -policy FILE {-package PACKAGE | -reinit | both} [-live URL] [-out PLAN]",
		Short: "Show what would change, and save it for review",
		Long: "Compares the package with the live database and prints what would change. Nothing is\n" +
			"written to the database. -out saves the plan for review and apply.\n\n" +
			"-reinit clears what the policy's reinit blocks say; with a package as well, what is\n" +
			"cleared and comes back unchanged stays as it is. -scope, -target and -exclude make a\n" +
			"partial plan. -rehearse carries the plan out in a transaction that is rolled back.\n\n" +
			"Records that the keys alone do not place refuse the plan. -conflicts-out writes them to a\n" +
			"file with what they could be; -conflicts reads what was decided there. -id-map takes pairs\n" +
			"of records that are known to be one.",
		Example: "  edmsplan plan -policy policy/ -package backup.tar.gz -live postgres://localhost/edms -out edms.plan\n" +
			"  edmsplan plan -policy policy/ -reinit -live postgres://localhost/edms -out reinit.plan",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), s, o) },
	}
	o.policyFlags.add(cmd.Flags())
	o.addReading(cmd.Flags())
	o.scopeFlags.add(cmd.Flags())
	o.decisionFlags.add(cmd.Flags())
	cmd.Flags().StringVar(&o.from, "from", "", "`SOURCE` to compare with: a package, or another live database (postgres://…, sqlite:PATH)")
	cmd.Flags().StringVar(&o.pkg, "package", "", "`PACKAGE` to compare with: an .edmspkg, a Django fixture or an EDMS package, also s3://BUCKET/NAME")
	cmd.Flags().BoolVar(&o.reinit, "reinit", false, "clear what the policy's reinit blocks say; -package is optional then")
	cmd.Flags().BoolVar(&o.rehearse, "rehearse", false, "let the database judge the plan: carry it out and take it back")
	cmd.Flags().StringVar(&o.out, "out", "", "`FILE` to save the plan to")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every record, also where many are alike")
	cmd.Flags().BoolVar(&o.noPager, "no-pager", false, pagerOff)
	cmd.Flags().BoolVar(&o.detailedExit, "detailed-exitcode", false, "exit with 0 for no differences, 2 for differences")
	return cmd
}

func runPlan(ctx context.Context, s streams, o planOptions) error {
	stream, err := startEvents(s, o.json)
	if err != nil {
		return err
	}
	return stream.end(ctx, makePlan(ctx, s, o, stream))
}

func makePlan(ctx context.Context, s streams, o planOptions, stream *events) (err error) {
	switch {
	case o.pkg != "" && o.from != "":
		return errors.New("-package and -from name the same thing: give one of them")
	case o.pkg == "":
		o.pkg = o.from
	}
	if o.pkg == "" && !o.reinit {
		return errors.New("no package is named: give it with -package or -from, or re-initialise with -reinit")
	}
	decided, err := o.readDecisions()
	if err := errors.Join(err, o.vacant()); err != nil {
		return err
	}
	pol, warnings, err := o.load(s)
	if err != nil {
		return err
	}
	open, err := newOpener(s, o.keys(s), pol)
	if err != nil {
		return err
	}
	w, err := openWork(ctx, s, pol.LiveURL, o.pkg, open, o.json)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	planned, err := w.engine.Plan(ctx, engine.Request{
		Policy: pol, Package: w.pkg, Reinit: o.reinit, Scope: o.scope, Target: o.target, Exclude: o.exclude,
		Decisions: decided, Conflicts: o.conflictsOut != "",
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, planned.Close()) }()
	planned.Diagnostics = append(warnings, planned.Diagnostics...)
	if err := recordPaths(&planned.Plan, o); err != nil {
		return err
	}
	if o.out != "" {
		if err := planfile.Save(o.out, &planned.Plan); err != nil {
			return err
		}
	}
	if err := o.writeConflicts(planned); err != nil {
		return err
	}
	w.progress.stop()
	shown := showPlanned(s, o, stream, &planned.Plan)
	if stream == nil {
		sayConflicts(s.out, &o.decisionFlags, planned)
	}
	if shown != nil {
		return shown
	}
	if o.rehearse {
		w.resume(s)
		if err := w.rehearse(ctx, s, stream, &planned.Plan, pol, rehearsalWait); err != nil {
			return err
		}
	}
	if o.detailedExit && planned.Summary.Any() {
		return codeError(exitDifferences)
	}
	return nil
}

// recordPaths keeps where policy and package are, so that apply finds them
// from another folder.
func recordPaths(p *plans.Plan, o planOptions) error {
	if o.pkg != "" {
		pkg, err := wherever(o.pkg)
		if err != nil {
			return err
		}
		p.Header.Options["package"] = pkg
	}
	dir, err := filepath.Abs(o.path)
	if err != nil {
		return err
	}
	if !isDatabase(p.Header.LiveURL) && p.Header.LiveURL != "" {
		if p.Header.LiveURL, err = wherever(p.Header.LiveURL); err != nil {
			return err
		}
	}
	if filepath.Ext(dir) == ".hcl" {
		dir = filepath.Dir(dir)
	}
	p.Header.Options["policy_folder"] = dir
	return nil
}

// wherever names a package or a database so that it is found from any folder.
// A password is left out.
func wherever(text string) (string, error) {
	path, isFile := strings.CutPrefix(text, "sqlite:")
	switch {
	case isFile:
		full, err := filepath.Abs(strings.TrimPrefix(path, "//"))
		return "sqlite:" + full, err
	case isDatabase(text), isBucket(text):
		return plans.WithoutPassword(text), nil
	}
	return filepath.Abs(text)
}

func showPlanned(s streams, o planOptions, stream *events, p *plans.Plan) error {
	if stream != nil {
		if err := stream.Plan(p); err != nil {
			return err
		}
	} else {
		look := s.look(s.out)
		look.All = o.all
		if err := s.paged(o.noPager, func(w io.Writer) error { return render.Text(w, p, look) }); err != nil {
			return err
		}
		sayWhatNext(s, o, p)
	}
	if code := diagnosticsCode(p.Diagnostics); code != exitOK {
		return codeError(code)
	}
	return nil
}

// sayWhatNext tells where the plan is and how to go on.
func sayWhatNext(s streams, o planOptions, p *plans.Plan) {
	switch {
	case o.out == "":
	case overridable(p.Diagnostics):
		fmt.Fprintf(s.out, "\nSaved to %s. It can be applied only by who overrides the guards: edmsplan apply -override NAME=REASON %[1]s\n", o.out)
	case p.CanApply() != nil:
		fmt.Fprintf(s.out, "\nSaved to %s, for review only.\n", o.out)
	case p.Summary.Any():
		fmt.Fprintf(s.out, "\nSaved to %s.\n\nTo review it again:  edmsplan show %[1]s\nTo apply it:         edmsplan apply %[1]s\n", o.out)
	default:
		fmt.Fprintf(s.out, "\nSaved to %s. There is nothing to apply.\n", o.out)
	}
}

// overridable reports whether the plan is refused by nothing but guards that
// whoever applies may override.
func overridable(l diag.List) bool {
	for _, d := range l {
		if d.Severity == diag.Error && !strings.HasPrefix(d.Code, "guard.overridable.") {
			return false
		}
	}
	return l.HasErrors()
}
