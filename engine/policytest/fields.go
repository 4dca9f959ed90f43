package policytest

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// unstated stands for a value that the test does not state.
const unstated = "…"

// fields are the lines of the fields that a test states, as they should be and
// as they are. Of a change that states fields, the others that differ are among
// the lines as well, unless the test is partial.
func (j *judge) fields(e *policy.ExpectRecord, a *actual) (want, got []string) {
	for _, name := range j.statedNames(e) {
		f := j.field(e.Model.Text, name)
		before, after := stated(e.Before, f), stated(e.After, f)
		isBefore, isAfter, found := a.values(e.Outcome, f.Name)
		if found {
			got = append(got, line(e.Outcome, f.Name, shownValue(isBefore), shownValue(isAfter)))
		}
		want = append(want, line(e.Outcome, f.Name, wanted(f, before, isBefore, found), wanted(f, after, isAfter, found)))
	}
	if e.Outcome != policy.OutcomeChange || len(want) == 0 || j.expect.Partial {
		return want, got
	}
	for _, f := range a.change.Fields {
		if !slices.Contains(j.statedNames(e), f.Name) {
			got = append(got, fieldLine(f.Name, shownValue(f.Before), shownValue(f.After)))
		}
	}
	return want, got
}

// stated are the lines of the fields that a test states where nothing is to be
// compared with them.
func (j *judge) stated(e *policy.ExpectRecord) []string {
	var lines []string
	for _, name := range j.statedNames(e) {
		f := j.field(e.Model.Text, name)
		lines = append(lines, line(e.Outcome, f.Name, wanted(f, stated(e.Before, f), "", false), wanted(f, stated(e.After, f), "", false)))
	}
	return lines
}

// statedNames are the fields that the expectation names, each once, by the
// model's names.
func (j *judge) statedNames(e *policy.ExpectRecord) []string {
	var names []string
	add := func(n policy.Name) {
		if f := j.field(e.Model.Text, n.Text); f != nil && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	for _, f := range slices.Concat(e.Before, e.After) {
		add(f.Name)
	}
	for _, n := range e.Changed {
		add(n)
	}
	return names
}

// stated is the value that the test states of a field, nil if it states none.
func stated(list []policy.TestField, f *schema.ModelField) *schema.Literal {
	for i := range list {
		if n := list[i].Name.Text; n == f.Name || n == f.Column {
			return &list[i].Value
		}
	}
	return nil
}

// values are those of a field on both sides of what becomes of the record.
func (a *actual) values(o policy.Outcome, field string) (before, after plans.Value, found bool) {
	if o == policy.OutcomeRemap {
		for _, r := range a.remaps {
			if r.Field == field {
				return r.Package, r.Live, true
			}
		}
		return "", "", false
	}
	if a.change != nil {
		for _, f := range a.change.Fields {
			if f.Name == field {
				return f.Before, f.After, true
			}
		}
	}
	return "", "", false
}

// wanted is a value as it should be shown: as it is, if it is the one stated or
// none is stated, so that the lines are equal.
func wanted(f *schema.ModelField, want *schema.Literal, got plans.Value, found bool) string {
	switch {
	case found && (want == nil || equal(f, *want, got)):
		return shownValue(got)
	case want == nil:
		return unstated
	case f.Sensitive:
		return "(sensitive value)"
	}
	return shownValue(literalJSON(*want))
}

func line(o policy.Outcome, name, before, after string) string {
	switch o {
	case policy.OutcomeAdd:
		return fmt.Sprintf("  %s = %s", name, after)
	case policy.OutcomeDestroy:
		return fmt.Sprintf("  %s = %s", name, before)
	case policy.OutcomeRemap:
		return remapLine(name, before, after)
	}
	return fieldLine(name, before, after)
}

// equal compares a value as a test writes it with one as a plan shows it.
func equal(f *schema.ModelField, want schema.Literal, got plans.Value) bool {
	if got == "" {
		return want.Kind == schema.NullLiteral
	}
	written := literalJSON(want)
	if written == got {
		return true
	}
	if f.Link != nil {
		return sameMembers(written, got)
	}
	if f.References != nil || f.Type.Kind != schema.Array && f.Type.Kind != schema.JSON && got.Parts() != nil {
		return got != plans.Null && want.Kind != schema.NullLiteral && slices.Equal(flat(written), flat(got))
	}
	a, errA := f.Type.Parse(want)
	b, errB := f.Type.Parse(spelt(got))
	return errA == nil && errB == nil && a.Valid == b.Valid && (!a.Valid || f.Type.Equal(a, b))
}

// sameMembers compares the members of a many-to-many field, in any order.
func sameMembers(want, got plans.Value) bool {
	ids := func(v plans.Value) []string {
		var out []string
		for _, p := range v.Parts() {
			out = append(out, keyID(flat(p)))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(ids(want), ids(got))
}

// spelt is a value of a plan as a package would spell it.
func spelt(v plans.Value) schema.Literal {
	if text, ok := v.Text(); ok {
		return textLiteral(text)
	}
	kind := schema.NumberLiteral
	switch {
	case v == plans.Null:
		return schema.Literal{}
	case v == "true" || v == "false":
		kind = schema.BoolLiteral
	case v.Parts() != nil:
		kind = schema.ListLiteral
	case len(v) > 0 && v[0] == '{':
		kind = schema.ObjectLiteral
	}
	return schema.Literal{Kind: kind, Text: string(v)}
}

func textLiteral(s string) schema.Literal {
	return schema.Literal{Kind: schema.StringLiteral, Text: s}
}
