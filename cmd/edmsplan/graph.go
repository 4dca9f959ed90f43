package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/graph"
	"github.com/edmsplan/edmsplan/plans/render"
)

type graphOptions struct {
	policyFlags
	format string
}

func newGraph(s streams) *cobra.Command {
	var o graphOptions
	cmd := &cobra.Command{
		Use:   "graph -policy FILE [-live URL] [-format dot|svg|mermaid]",
		Short: "Draw the models, their references and the order of an apply",
		Long: "Draws the policy's models as the live database has them: an arrow leads from the model that\n" +
			"refers to the one that is referred to and names the fields; the number is the model's place in\n" +
			"the order in which records are added. dot is for Graphviz, mermaid for Markdown on GitHub and\n" +
			"GitLab, svg a picture of its own. The database is only read.",
		Example: "  edmsplan graph -policy policy/ -live sqlite:edms.sqlite -format svg > models.svg\n" +
			"  edmsplan graph -policy policy/ -live sqlite:edms.sqlite | dot -Tpdf > models.pdf",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runGraph(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	cmd.Flags().StringVar(&o.format, "format", "dot", "`FORMAT`: dot, svg or mermaid")
	return cmd
}

func runGraph(ctx context.Context, s streams, o graphOptions) (err error) {
	// Known before the database is asked: a mistyped word should not cost that.
	write := map[string]func(*graph.Graph, io.Writer) error{
		"dot": (*graph.Graph).DOT, "svg": (*graph.Graph).SVG, "mermaid": (*graph.Graph).Mermaid,
	}[o.format]
	if write == nil {
		return fmt.Errorf("there is no format %q: dot, svg or mermaid", o.format)
	}
	pol, list, err := o.load(s)
	if err != nil {
		return err
	}
	live, err := openLive(ctx, pol.LiveURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	models, found, err := newEngine(s, live, pol.LiveURL).References(ctx, pol)
	if err != nil {
		return err
	}
	list = append(list, found...)
	if list.HasErrors() {
		return list.Err()
	}
	if err := render.Diagnostics(s.err, list, s.look(s.err)); err != nil {
		return err
	}
	return write(graphOf(models, o.format), s.out)
}

// graphOf makes the graph of models in the order in which they are applied.
// The picture has no room for their numbers but in the note, which names the
// table too.
func graphOf(models []plans.Accounting, format string) *graph.Graph {
	g, at := &graph.Graph{}, map[string]int{}
	for i, m := range models {
		at[m.Model] = i
		n := graph.Node{Label: printable(m.Model), Note: printable(m.Table), Kind: graph.Quiet}
		if format == "svg" {
			n.Note = fmt.Sprintf("%d. %s", i+1, n.Note)
			n.Detail = fmt.Sprintf("number %d of %d in the order of an apply", i+1, len(models))
		}
		g.Nodes = append(g.Nodes, n)
	}
	for i, m := range models {
		for _, r := range m.References {
			if to, known := at[r.Model]; known {
				g.Edges = append(g.Edges, graph.Edge{From: i, To: to, Field: printable(r.Field)})
			}
		}
	}
	return g
}
