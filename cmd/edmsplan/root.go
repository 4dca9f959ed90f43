package main

import (
	"fmt"
	"io"

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
		Example: "  edmsplan plan -policy policy/ -package backup.tar.gz -live postgres://localhost/edms -out edms.plan\n" +
			"  edmsplan show edms.plan\n" +
			"  edmsplan apply edms.plan",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.CompletionOptions.DisableDefaultCmd = true // newCompletion is ours
	root.PersistentFlags().BoolVar(s.noColor, "no-color", false, "no colours")
	root.PersistentFlags().Var(new(memoryBudget), "memory", "how much memory to aim at, as `SIZE` such as 256MB: slower, where it is little")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\n\nRun %s -help for the flags it knows", err, cmd.CommandPath())
	})
	root.AddCommand(
		newInit(s), newValidate(s), newTest(s), newFmt(s), newGraph(s),
		newPlan(s), newShow(s), newApply(s), newLog(s), newUndo(s), newRecover(s), newUnprotect(s),
		newBackup(s), newExport(s), newVerify(s), newInspect(s), newPackages(s),
		newCompletion(s), newMan(), newVersion(s),
	)
	if err := completeValues(root); err != nil {
		panic(err) // a flag that is named there and missing here
	}
	return root
}

// look is how text is to look on one of the streams: colours and broken lines
// are for terminals alone.
func (s streams) look(w io.Writer) render.Options {
	o := render.Options{Hint: "-all lists them"}
	if isTerminal(w) {
		value, _ := s.env("NO_COLOR") // as no-color.org has it: any text but the empty one
		o.Color = value == "" && !*s.noColor
		f, _ := fileOf(w)
		o.Width = screenOf(f).columns
	}
	return o
}

func isTerminal(w io.Writer) bool {
	f, ok := fileOf(w)
	return ok && isatty.IsTerminal(f.Fd())
}
