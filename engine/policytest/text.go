package policytest

import (
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// recordTitle is the line of a record as a test would write it.
func recordTitle(o policy.Outcome, model string, key []string) string {
	text := fmt.Sprintf("%s %s", o, quote(model))
	for _, k := range key {
		text += " " + quote(k)
	}
	return text
}

// quote is a text on one line in quotes.
func quote(s string) string { return string(literalJSON(textLiteral(s)).AppendTo(nil)) }

// keyText is a natural key as a plan's heading has it.
func keyText(key []string) string {
	quoted := make([]string, len(key))
	for i, k := range key {
		quoted[i] = quote(k)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// describe is what becomes of a record, in the words of a test.
func (j *judge) describe(a *actual) []string {
	var lines []string
	key := flat(a.key)
	if c := a.change; a.changes() {
		lines = append(lines, recordTitle(policy.Outcome(c.Action.Name()), a.model, key))
		if c.Action == plans.Change {
			for _, f := range c.Fields {
				lines = append(lines, fieldLine(f.Name, shownValue(f.Before), shownValue(f.After)))
			}
		}
	}
	if len(a.remaps) > 0 {
		lines = append(lines, recordTitle(policy.OutcomeRemap, a.model, key))
		for _, r := range a.remaps {
			lines = append(lines, remapLine(r.Field, shownValue(r.Package), shownValue(r.Live)))
		}
	}
	if a.skip != nil {
		lines = append(lines, recordTitle(policy.OutcomeSkip, a.model, key))
	}
	return append(lines, a.reason()...)
}

// reason is why the record is destroyed or skipped, as a line; none where the
// plan gives no reason.
func (a *actual) reason() []string {
	text, rule := "", ""
	switch {
	case a.change != nil && a.change.Reason != "":
		text = a.change.Reason
		if !a.change.Rule.IsZero() {
			rule = fmt.Sprintf("; %s:%d", a.change.Rule.File, a.change.Rule.Start.Line)
		}
	case a.skip != nil && a.skip.Reason != "":
		text = a.skip.Reason
		if !a.skip.Rule.IsZero() {
			rule = fmt.Sprintf("; %s:%d", a.skip.Rule.File, a.skip.Rule.Start.Line)
		}
	default:
		return nil
	}
	return []string{"  # " + text + rule}
}

func (a *actual) because(part string) bool {
	return strings.Contains(strings.Join(a.reason(), ""), part)
}

func fieldLine(name, before, after string) string {
	if masked := shownValue(plans.Masked); before == masked && after == masked {
		return "  " + name + " = " + masked
	}
	return fmt.Sprintf("  %s = %s -> %s", name, before, after)
}

func remapLine(name, pkg, live string) string {
	return fmt.Sprintf("  %s = %s in the package, %s live", name, pkg, live)
}

// shownValue is a value on one line.
func shownValue(v plans.Value) string {
	switch v {
	case "":
		return "(none)"
	case plans.Masked:
		return "(sensitive value)"
	}
	return string(v.AppendTo(nil))
}
