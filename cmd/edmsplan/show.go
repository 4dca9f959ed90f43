package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/render"
)

type showOptions struct {
	json   bool
	format string
	all    bool
}

func newShow(s streams) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show [-json | -format yaml|markdown|html] PLAN",
		Short: "Show a saved plan as text, JSON, YAML, Markdown or a page",
		Example: "  edmsplan show edms.plan\n" +
			"  edmsplan show -format markdown edms.plan > edms.md\n" +
			"  edmsplan show -format html edms.plan > edms.html",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runShow(s, o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON document, see docs/plan.schema.json")
	cmd.Flags().StringVar(&o.format, "format", "text", "`FORMAT`: text, json, yaml, markdown or html")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every record, also where many are alike")
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
	switch o.format {
	case "text":
		look := s.look(s.out)
		look.All = o.all
		return render.Text(s.out, f.Plan(), look)
	case "json":
		return render.JSON(s.out, f.Plan())
	case "yaml":
		return render.YAML(s.out, f.Plan())
	case "markdown":
		return render.Markdown(s.out, f.Plan())
	case "html":
		return render.HTML(s.out, f.Plan())
	}
	return fmt.Errorf("there is no format %q: text, json, yaml, markdown or html", o.format)
}
