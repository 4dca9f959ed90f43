package policytest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// count compares a number of records.
func (j *judge) count(e *policy.ExpectCount) {
	got := 0
	for _, a := range j.plan.Accounting {
		if e.Model.Text == "" || a.Model == e.Model.Text {
			got += counted(a, e.Outcome)
		}
	}
	if got == e.Number {
		return
	}
	of := ""
	if e.Model.Text != "" {
		of = " of " + e.Model.Text
	}
	j.fail(Problem{
		Range: e.Range, Summary: fmt.Sprintf("Not the number of records to %s%s", e.Outcome, of),
		Want: []string{fmt.Sprintf("%s = %d", e.Outcome, e.Number)}, Got: []string{fmt.Sprintf("%s = %d", e.Outcome, got)},
	})
}

func counted(a plans.Accounting, o policy.Outcome) int {
	switch o {
	case policy.OutcomeAdd:
		return a.Added
	case policy.OutcomeChange:
		return a.Changed
	case policy.OutcomeDestroy:
		return a.Destroyed
	case policy.OutcomeRemap:
		return a.Remapped
	case policy.OutcomeUnchanged:
		return a.Unchanged
	case policy.OutcomeSkip:
		return a.Skipped
	}
	return a.Kept
}

// diagnostic looks for what the test expects the plan to say.
func (j *judge) diagnostic(e *policy.ExpectDiagnostic) {
	n := 0
	for i, d := range j.diagnostics {
		if describes(e, d) {
			j.expected[i] = true
			n += 1 + d.More
		}
	}
	if n > 0 && e.Number == nil || e.Number != nil && *e.Number == n {
		return
	}
	want := "diagnostic " + quote(e.Code.Text)
	if e.Model.Text != "" {
		want += " of " + e.Model.Text
	}
	if e.Text.Text != "" {
		want += " with the text " + quote(e.Text.Text)
	}
	if e.Number != nil {
		want += ", " + times(*e.Number)
	}
	j.fail(Problem{Range: e.Range, Summary: "The plan does not say it", Want: []string{want}, Got: j.said(n)})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// describes reports whether this is the diagnostic that is expected.
func describes(e *policy.ExpectDiagnostic, d diag.Diagnostic) bool {
	if d.Code != e.Code.Text && !strings.HasPrefix(d.Code, e.Code.Text+".") {
		return false
	}
	if e.Model.Text != "" && (d.Record == nil || d.Record.Model != e.Model.Text) {
		return false
	}
	return e.Text.Text == "" || strings.Contains(d.Error(), e.Text.Text)
}

// said are the plan's diagnostics as lines; matched is how many of them are the
// expected one.
func (j *judge) said(matched int) []string {
	if matched > 0 {
		return []string{"# it is said " + times(matched)}
	}
	var lines []string
	for i, d := range j.diagnostics {
		if i == shown {
			return append(lines, fmt.Sprintf("# and %d more", len(j.diagnostics)-shown))
		}
		lines = append(lines, diagnosticLines(d)...)
	}
	if lines == nil {
		return []string{"# the plan has no diagnostics"}
	}
	return lines
}

// diagnosticLines are a diagnostic in the words of a test, with what it says.
func diagnosticLines(d diag.Diagnostic) []string {
	title, said := "diagnostic "+quote(d.Code), "  # "+d.Summary
	if d.Record != nil {
		title += " of " + d.Record.Model + d.Record.Key
	}
	if d.Detail != "" {
		said += ": " + d.Detail
	}
	return []string{title, strings.ReplaceAll(said, "\n", " ")}
}

// holds compares whether a guard or a check holds: it does not where one of the
// codes is among the diagnostics.
func (j *judge) holds(kind string, e *policy.ExpectHolds, prefixes ...string) {
	does, said := true, ""
	for i, d := range j.diagnostics {
		for _, p := range prefixes {
			if d.Code == p+e.Name.Text {
				does, said = false, d.Detail
				j.expected[i] = true
			}
		}
	}
	if does == e.Holds {
		return
	}
	text := func(holds bool) string { return fmt.Sprintf("%s %s { holds = %t }", kind, quote(e.Name.Text), holds) }
	got := []string{text(does)}
	if said != "" {
		got = append(got, "  # "+said)
	}
	j.fail(Problem{Range: e.Range, Summary: "Not what the " + kind + " says", Want: []string{text(e.Holds)}, Got: got})
}

// check compares whether a check holds, if the plan came to be applied.
func (j *judge) check(e *policy.ExpectHolds) {
	if !j.applied {
		j.fail(Problem{Range: e.Range, Summary: "The check did not come to judge: the plan is refused"})
		return
	}
	j.holds("check", e, "check.")
}

// apply carries the plan out in the scratch database as a real one would be, and
// plans again, which must find nothing left to do.
func (j *judge) apply(ctx context.Context, r engine.Request) (err error) {
	e := &engine.Engine{Live: j.scratch, Program: j.Program, TempDir: j.TempDir, Actor: "test", Now: j.Now}
	planned, err := e.Plan(ctx, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, planned.Close()) }()
	j.applied = true
	_, err = e.Apply(ctx, &planned.Plan, r.Policy, r.Package, 0)
	var failed *engine.CheckError
	if errors.As(err, &failed) {
		j.diagnostics = append(j.diagnostics, failed.Diagnostics()...)
		return nil
	}
	if err != nil {
		j.applied = false
		j.fail(Problem{Range: j.test.Range, Summary: "The plan cannot be applied", Note: err.Error()})
		return nil
	}
	again, err := e.Plan(ctx, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, again.Close()) }()
	if !again.Summary.Any() {
		return nil
	}
	second := &judge{testCase: j.testCase, plan: &again.Plan}
	if err := second.read(); err != nil {
		return err
	}
	j.fail(Problem{
		Range: j.test.Range, Summary: "Planned again after the apply, there are changes left",
		Want: []string{"no changes"}, Got: second.list((*actual).changes),
	})
	return nil
}
