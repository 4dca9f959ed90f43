package policytest

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// judge compares a plan with what a test expects of it.
type judge struct {
	*testCase
	expect *policy.Expect
	plan   *plans.Plan
	// actual is what the plan says of each record, order how it says it.
	actual map[string]*actual
	order  []*actual
	// diagnostics are the plan's, and those of an apply.
	diagnostics diag.List
	expected    map[int]bool
	// applied is true when the plan was carried out as far as the checks.
	applied bool
}

// actual is what a plan says of one record.
type actual struct {
	model     string
	key       plans.Value
	change    *plans.Record
	remaps    []plans.Remapping
	skip      *plans.Skip
	mentioned bool
}

// changes reports whether a row is written.
func (a *actual) changes() bool { return a.change != nil && a.change.Action != plans.Remap }

// outcome is the first of what becomes of the record.
func (a *actual) outcome() policy.Outcome {
	switch {
	case a.changes():
		return policy.Outcome(a.change.Action.Name())
	case a.skip != nil:
		return policy.OutcomeSkip
	}
	return policy.OutcomeRemap
}

// read goes through the plan.
func (j *judge) read() error {
	if err := j.knownFields(); err != nil {
		return err
	}
	j.actual, j.expected = map[string]*actual{}, map[int]bool{}
	for r, err := range j.plan.Changes() {
		if err != nil {
			return err
		}
		own := *r // valid only until the next
		own.Fields = slices.Clone(r.Fields)
		j.of(r.Model, r.Key).change = &own
	}
	for _, r := range j.plan.Remaps {
		a := j.of(r.Model, r.Key)
		a.remaps = append(a.remaps, r)
	}
	for _, s := range j.plan.Skips {
		j.of(s.Model, s.Key).skip = &s
	}
	return nil
}

func (j *judge) of(model string, key plans.Value) *actual {
	id := keyID(append([]string{model}, flat(key)...))
	a := j.actual[id]
	if a == nil {
		a = &actual{model: model, key: key}
		j.actual[id] = a
		j.order = append(j.order, a)
	}
	return a
}

// judge compares all that the test states, then looks for what it does not.
func (j *judge) judge() {
	for _, e := range j.expect.Records {
		j.record(e)
	}
	if e := j.expect; e.NoChanges && j.plan.Summary.Any() {
		got := j.list((*actual).changes)
		j.fail(Problem{Range: e.NoChangesRange, Summary: "The plan has changes", Want: []string{"no changes"}, Got: got})
	}
	for _, n := range j.expect.Counts {
		j.count(n)
	}
	for _, d := range j.expect.Diagnostics {
		j.diagnostic(d)
	}
	for _, g := range j.expect.Guards {
		j.holds("guard", g, "guard.mandatory.", "guard.overridable.", "guard.advisory.")
	}
	for _, k := range j.expect.Checks {
		j.check(k)
	}
	j.unexpected()
}

func (j *judge) fail(p Problem) { j.result.Problems = append(j.result.Problems, p) }

// record compares what becomes of one record.
func (j *judge) record(e *policy.ExpectRecord) {
	a := j.actual[keyID(append([]string{e.Model.Text}, e.Key...))]
	if a != nil {
		a.mentioned = true
	}
	if e.Outcome == policy.OutcomeUnchanged {
		j.unchanged(e, a)
		return
	}
	matched := a != nil && a.is(e.Outcome)
	title := recordTitle(e.Outcome, e.Model.Text, e.Key)
	want, got := []string{title}, j.found(e, a)
	if matched {
		fields, actual := j.fields(e, a)
		got = []string{title}
		want, got = append(want, fields...), append(got, actual...)
		if e.Reason.Text != "" && !a.because(e.Reason.Text) {
			want, got = append(want, "  # … "+e.Reason.Text+" …"), append(got, a.reason()...)
		}
	} else {
		want = append(want, j.stated(e)...)
	}
	if !slices.Equal(want, got) {
		j.fail(Problem{Range: e.Range, Summary: "Not what becomes of the record", Want: want, Got: got})
	}
}

// is reports whether this is one of the things that become of the record.
func (a *actual) is(o policy.Outcome) bool {
	switch o {
	case policy.OutcomeRemap:
		return len(a.remaps) > 0 || a.change != nil && a.change.Action == plans.Remap
	case policy.OutcomeSkip:
		return a.skip != nil
	}
	return a.change != nil && a.change.Action.Name() == string(o)
}

// unchanged is a live row that the plan leaves as it is.
func (j *judge) unchanged(e *policy.ExpectRecord, a *actual) {
	if (a == nil || !a.changes()) && j.stays[e.Model.Text][keyID(e.Key)] {
		return
	}
	want := []string{recordTitle(e.Outcome, e.Model.Text, e.Key)}
	j.fail(Problem{Range: e.Range, Summary: "Not what becomes of the record", Want: want, Got: j.found(e, a)})
}

// found is what becomes of the record instead.
func (j *judge) found(e *policy.ExpectRecord, a *actual) []string {
	switch {
	case a != nil:
		return j.describe(a)
	case j.stays[e.Model.Text][keyID(e.Key)]:
		return []string{recordTitle(policy.OutcomeUnchanged, e.Model.Text, e.Key)}
	}
	return []string{fmt.Sprintf("# neither the plan nor the live database has %s%s", e.Model.Text, keyText(e.Key))}
}
