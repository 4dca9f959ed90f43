package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/engine/retention"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type packagesOptions struct {
	policyFlags
	keyFlags
	rules       retention.Rules
	within      string
	dryRun      bool
	autoApprove bool
	json        bool
}

func newPackages(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "packages list | prune",
		Short: "List the packages of a folder or a bucket, and remove old ones",
		Example: "  edmsplan packages list /var/backups/edms\n" +
			"  edmsplan packages prune -keep-last 7 -dry-run /var/backups/edms",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return errors.New("say list or prune") },
	}
	cmd.AddCommand(newPackagesList(s), newPackagesPrune(s))
	return cmd
}

func newPackagesList(s streams) *cobra.Command {
	var o packagesOptions
	cmd := &cobra.Command{
		Use:     "list [-json] FOLDER|s3://BUCKET/PREFIX",
		Short:   "List packages, newest first",
		Example: "  edmsplan packages list /var/backups/edms",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return listPackages(cmd.Context(), s, o, args[0]) },
	}
	o.addReading(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	return cmd
}

func newPackagesPrune(s streams) *cobra.Command {
	var o packagesOptions
	cmd := &cobra.Command{
		Use:   "prune -keep-last N … [-dry-run] FOLDER|s3://BUCKET/PREFIX",
		Short: "Remove the packages that no rule keeps",
		Long: "Says of each package whether it is kept and why, asks, and removes the others. The rules\n" +
			"are those of the flags or, with -policy, of the policy's retention block. Whatever they\n" +
			"say: the last good package of each database, kind and scope is kept, of which all is\n" +
			"read first, what a kept one builds on, what cannot be read, and what the store has locked.",
		Example: "  edmsplan packages prune -keep-last 3 -keep-daily 7 -dry-run /var/backups/edms",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return prunePackages(cmd.Context(), s, o, args[0]) },
	}
	o.addReading(cmd.Flags())
	o.addRules(cmd.Flags())
	return cmd
}

func (o *packagesOptions) addRules(flags *pflag.FlagSet) {
	flags.StringVar(&o.path, "policy", "", "policy `FILE` or folder whose retention block has the rules")
	for _, r := range []struct {
		name, what string
		n          *int
	}{
		{"last", "packages", &o.rules.Last},
		{"hourly", "hours that have one: the newest of each", &o.rules.Hourly},
		{"daily", "days that have one", &o.rules.Daily},
		{"weekly", "weeks that have one", &o.rules.Weekly},
		{"monthly", "months that have one", &o.rules.Monthly},
		{"yearly", "years that have one", &o.rules.Yearly},
	} {
		flags.IntVar(r.n, "keep-"+r.name, 0, "keep the last `N` "+r.what)
	}
	flags.StringVar(&o.within, "keep-within", "", "keep all that are not older than this `PERIOD`, such as 30d or 2y6m")
	flags.BoolVar(&o.dryRun, "dry-run", false, "remove nothing")
	flags.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
}

func listPackages(ctx context.Context, s streams, o packagesOptions, where string) error {
	var p *progress
	if !o.json {
		p = startProgress(s)
	}
	found, err := survey(ctx, s, o.keyFlags, where, p)
	p.stop()
	if err != nil {
		return err
	}
	if o.json {
		for _, p := range found {
			if err := writeJSON(s.out, packageOf(p)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(found) == 0 {
		fmt.Fprintf(s.out, "There are no packages in %s.\n", where)
		return nil
	}
	return printPackages(s.out, found)
}

// decideOn looks at the packages of a place and decides which to keep.
func decideOn(ctx context.Context, s streams, keys keyFlags, where string, rules retention.Rules) ([]surveyed, []retention.Decision, error) {
	p := startProgress(s)
	defer p.stop()
	found, err := survey(ctx, s, keys, where, p)
	if err != nil {
		return nil, nil, err
	}
	decisions, err := decide(ctx, s, keys, where, found, rules, p)
	return found, decisions, err
}

func prunePackages(ctx context.Context, s streams, o packagesOptions, where string) error {
	rules, err := o.retention(s)
	if err != nil {
		return err
	}
	if err := rules.Check(); err != nil {
		return err
	}
	found, decisions, err := decideOn(ctx, s, o.keyFlags, where, rules)
	if err != nil {
		return err
	}
	if err := printDecisions(s.out, decisions); err != nil {
		return err
	}
	removals := retention.Removals(decisions)
	if !o.dryRun {
		if err := sweep(ctx, s, where); err != nil {
			return err
		}
	}
	switch {
	case len(removals) == 0:
		fmt.Fprintln(s.out, "\nNothing is to be removed.")
		return nil
	case o.dryRun:
		fmt.Fprintf(s.out, "\n%s would be removed.\n", counted(len(removals), "package", "packages"))
		return nil
	case !o.autoApprove:
		if err := ask(ctx, s, "Do you want to remove them?", "Only 'yes' will be accepted to approve.", "yes", "Nothing was removed."); err != nil {
			return err
		}
	}
	return removePackages(ctx, s, where, found, removals)
}

// retention are the rules of the flags, else of the policy.
func (o *packagesOptions) retention(s streams) (retention.Rules, error) {
	rules, within := o.rules, o.within
	if rules == (retention.Rules{}) && within == "" && o.path != "" {
		p, list := policy.Load(o.path, o.options(s))
		if err := list.Err(); err != nil {
			return rules, err
		}
		if p.Retention == nil {
			return rules, fmt.Errorf("the policy %s has no retention block, and no flag says what to keep", p.Name)
		}
		r := p.Retention
		rules = retention.Rules{Last: r.Last, Hourly: r.Hourly, Daily: r.Daily, Weekly: r.Weekly, Monthly: r.Monthly, Yearly: r.Yearly}
		within = r.Within
	}
	if within != "" {
		period, err := retention.ParsePeriod(within)
		if err != nil {
			return rules, err
		}
		rules.Within = period
	}
	return rules, nil
}

func printDecisions(out io.Writer, decisions []retention.Decision) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, d := range decisions {
		verb := "keep"
		if !d.Keep {
			verb = "remove"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", verb, printable(d.Name), day(d.Created), printable(strings.Join(d.Reasons, ", ")))
	}
	return t.Flush()
}

func printPackages(out io.Writer, found []surveyed) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tCREATED\tKIND\tRECORDS\tSIZE\tBUILDS ON\tNOTE")
	for _, p := range found {
		note := p.Problem
		if p.Locked != "" {
			note = strings.TrimPrefix(note+", locked "+p.Locked, ", ")
		}
		parent := p.Parent
		if parent == "" {
			parent = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", printable(p.Name), day(p.Created), p.kind, p.records, bytesText(p.Size), printable(parent), printable(note))
	}
	return t.Flush()
}

// day is a time for people, "unknown" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

type packageDoc struct {
	Name    string `json:"name"`
	Created string `json:"created"`
	Kind    string `json:"kind"`
	Group   string `json:"group"`
	Records int    `json:"records"`
	Size    int64  `json:"size"`
	Parent  string `json:"parent"`
	Good    bool   `json:"good"`
	Problem string `json:"problem"`
	Locked  string `json:"locked"`
}

func packageOf(p surveyed) packageDoc {
	created := ""
	if !p.Created.IsZero() {
		created = p.Created.UTC().Format(time.RFC3339)
	}
	return packageDoc{p.Name, created, p.kind, p.Group, p.records, p.Size, p.Parent, p.Good, p.Problem, p.Locked}
}
