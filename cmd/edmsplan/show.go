package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/render"
)

type showOptions struct {
	json    bool
	format  string
	all     bool
	compare string
	noPager bool
}

func newShow(s streams) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show [-json | -format yaml|markdown|html] [-compare OLD-PLAN] PLAN",
		Short: "Show a saved plan as text, JSON, YAML, Markdown or a page",
		Long: "Shows a saved plan. With -compare it says, as text or Markdown, what has changed since\n" +
			"OLD-PLAN was reviewed: records that are new in the plan, gone from it or planned otherwise,\n" +
			"counts and diagnostics that differ, and whether policy, package and live database are the same.",
		Example: "  edmsplan show edms.plan\n" +
			"  edmsplan show -format markdown edms.plan > edms.md\n" +
			"  edmsplan show -format html edms.plan > edms.html\n" +
			"  edmsplan show -compare reviewed.plan edms.plan",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runShow(s, o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON document, see docs/plan.schema.json")
	cmd.Flags().StringVar(&o.format, "format", "text", "`FORMAT`: text, json, yaml, markdown or html")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every record, also where many are alike")
	cmd.Flags().BoolVar(&o.noPager, "no-pager", false, pagerOff)
	cmd.Flags().StringVar(&o.compare, "compare", "", "`OLD-PLAN` that was reviewed before: say what has changed since")
	return cmd
}

func runShow(s streams, o showOptions, path string) (err error) {
	f, err := planfile.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if o.json {
		o.format = "json"
	}
	return s.paged(o.noPager || o.format == "html", func(w io.Writer) error {
		if o.compare != "" {
			return showCompared(s, o, w, f.Plan())
		}
		return showOne(s, o, w, f.Plan())
	})
}

func showOne(s streams, o showOptions, w io.Writer, p *plans.Plan) error {
	switch o.format {
	case "text":
		look := s.look(s.out)
		look.All = o.all
		return render.Text(w, p, look)
	case "json":
		return render.JSON(w, p)
	case "yaml":
		return render.YAML(w, p)
	case "markdown":
		return render.Markdown(w, p)
	case "html":
		return render.HTML(w, p)
	}
	return fmt.Errorf("there is no format %q: text, json, yaml, markdown or html", o.format)
}

// showCompared says what has changed since another plan was reviewed.
func showCompared(s streams, o showOptions, w io.Writer, now *plans.Plan) (err error) {
	old, err := planfile.Open(o.compare)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	switch o.format {
	case "text":
		look := s.look(s.out)
		look.All = o.all
		return render.Compare(w, old.Plan(), now, look)
	case "markdown":
		return render.CompareMarkdown(w, old.Plan(), now)
	}
	return fmt.Errorf("-compare knows the formats text and markdown, not %q", o.format)
}
