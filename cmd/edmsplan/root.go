package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans/render"
)

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "edmsplan",
		Short: "Plan and apply for data",
		Long: "edmsplan compares a backup package with a live database under a policy, shows what\n" +
			"would change, and applies exactly what was reviewed, in one transaction.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newPlan(s), newShow(s), newApply(s), newValidate(s), newInspect(s), newLog(s), newVersion(s),
	)
	return root
}

// look is how text is to look on a stream.
func look(w io.Writer, noColor bool, env func(string) (string, bool)) render.Options {
	o := render.Options{Hint: "-all lists them"}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) && !noColor {
		_, set := env("NO_COLOR")
		o.Color = !set
	}
	return o
}
