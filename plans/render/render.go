// Package render shows a plan to people and programs: Text for a terminal,
// Markdown for a pull request, JSON and Stream for other programs, and
// Diagnostics for what is wrong. It only shows what the plan says: a plan is
// made by planner and saved by plans/planfile.
//
// Values come from packages, which are hostile: whatever could move a cursor,
// reorder a line or end a code block is shown escaped. Sensitive values are
// masked again before anything is shown.
package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Options are how a text looks.
type Options struct {
	// All lists each record where several alike are shown as a group, and the
	// whole remap table.
	All bool
	// Color uses ANSI colours.
	Color bool
	// Width is the terminal's: sentences of diagnostics are broken there, but at
	// 100 columns at most, and tables that are wider are laid out narrower. 0
	// does neither.
	Width int
	// Hint is said where something is left out, such as "-all lists them".
	Hint string
}

// Text writes the plan as people read it: the changes, the remaps, the decisions, the skipped
// records, the diagnostics, the accounting and, last, the summary line. It
// reads the changes twice and holds none of them.
func Text(w io.Writer, p *plans.Plan, o Options) error {
	seen, err := surveyChanges(p, o)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	intro(out, p, seen, o)
	c := newChanges(p, seen, o)
	err = c.each(p, func(b block) error {
		text := b.text()
		if text == "" {
			return nil
		}
		_, err := out.WriteString(text + "\n")
		return err
	})
	if err != nil {
		return err
	}
	sections := []func(io.Writer, *plans.Plan, Options){
		func(w io.Writer, p *plans.Plan, o Options) { remapTable(w, p, seen, o) },
		decided, skipped, diagnosticsOf, untouched, accountingTable, conclusion,
	}
	for _, section := range sections {
		section(out, p, o)
	}
	return out.Flush()
}

func diagnosticsOf(w io.Writer, p *plans.Plan, o Options) {
	for _, d := range p.Diagnostics {
		diagnostic(w, d, o)
	}
}

func untouched(w io.Writer, p *plans.Plan, _ Options) {
	if len(p.Untouched) == 0 {
		return
	}
	names := make([]string, len(p.Untouched))
	for i, n := range p.Untouched {
		names[i] = visible(n)
	}
	why := " without a model block"
	if p.Header.Undoes() != "" {
		why = "" // there is no policy
	}
	fmt.Fprintf(w, "%s%s, not touched: %s\n\n", counted(len(names), "table"), why, strings.Join(names, ", "))
}

// conclusion is the end of a plan, which other programs read.
func conclusion(w io.Writer, p *plans.Plan, o Options) {
	pt := painter{o.Color}
	fmt.Fprintln(w, pt.bold(summaryLine(p)))
	if line := refusal(p.Diagnostics); line != "" {
		fmt.Fprintln(w, pt.red(line))
	}
}

// SummaryLine is "Plan: 2 to remap, 17 to add, 3 to change, 1 to destroy."; zero
// remaps are left out. With nothing to write it says that there are no changes.
func SummaryLine(s plans.Summary) string {
	if !s.Any() {
		return "No changes. The live database matches the package and the policy."
	}
	return counts(s)
}

func counts(s plans.Summary) string {
	remap := ""
	if s.Remap > 0 {
		remap = fmt.Sprintf("%d to remap, ", s.Remap)
	}
	return fmt.Sprintf("Plan: %s%d to add, %d to change, %d to destroy.", remap, s.Add, s.Change, s.Destroy)
}

// summaryLine is SummaryLine, which speaks of no package where there is none,
// and of no match where the plan is refused: what was refused does not match.
func summaryLine(p *plans.Plan) string {
	if p.Diagnostics.HasErrors() {
		return counts(p.Summary)
	}
	if p.Header.Package == "" && !p.Summary.Any() && p.Header.Reinit() {
		return "No changes. The live database is as the policy re-initialises it."
	}
	return SummaryLine(p.Summary)
}

// AppliedLine is "Apply complete! 17 added, 3 changed, 1 destroyed."
func AppliedLine(s plans.Summary) string {
	return fmt.Sprintf("Apply complete! %d added, %d changed, %d destroyed.", s.Add, s.Change, s.Destroy)
}

// RehearsedLine says that a rehearsal went well.
func RehearsedLine() string {
	return "Rehearsal complete: the database accepts the plan. Nothing was written."
}

// refusal says that a plan cannot be applied; empty when it can.
func refusal(l diag.List) string {
	n := l.Count(diag.Error)
	if n == 0 {
		return ""
	}
	if n == 1 {
		return "This plan cannot be applied: 1 error."
	}
	return fmt.Sprintf("This plan cannot be applied: %d errors.", n)
}
