package policy

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

func (r *reader) readExpect(b *hclsyntax.Block) *Expect {
	at := b.Body.Attributes
	e := &Expect{Range: place(b.DefRange()), Partial: r.constantBool(at["partial"]), NoChanges: r.constantBool(at["no_changes"])}
	if a := at["no_changes"]; a != nil {
		e.NoChangesRange = place(a.SrcRange)
	}
	for _, c := range b.Body.Blocks {
		switch c.Type {
		case "count":
			e.Counts = append(e.Counts, r.expectCounts(c)...)
		case "diagnostic":
			e.Diagnostics = append(e.Diagnostics, r.expectDiagnostic(c))
		case "guard":
			e.Guards = append(e.Guards, r.expectHolds(c))
		case "check":
			e.Checks = append(e.Checks, r.expectHolds(c))
		default:
			e.Records = append(e.Records, r.expectRecord(c))
		}
	}
	r.checkExpect(b, e)
	return e
}

// expectRecord reads the block of one record. A natural key may be written as
// the plan prints it, so labels are its parts.
func (r *reader) expectRecord(b *hclsyntax.Block) *ExpectRecord {
	at := b.Body.Attributes
	e := &ExpectRecord{
		Outcome: Outcome(b.Type), Model: r.labelName(b), Key: b.Labels[1:], Range: place(b.DefRange()),
		Changed: r.names(at["changed"], false),
	}
	if e.Outcome == OutcomeRemap {
		e.Before, e.After = r.expectFields(at["package"]), r.expectFields(at["live"])
	} else {
		e.Before, e.After = r.expectFields(at["before"]), r.expectFields(at["after"])
	}
	e.Reason = r.expectText(at["reason"])
	return e
}

func (r *reader) expectFields(a *hclsyntax.Attribute) []TestField {
	if a == nil {
		return nil
	}
	fields, _ := r.testFields(a.Expr, a.Name)
	return fields
}

func (r *reader) expectText(a *hclsyntax.Attribute) Name {
	if a == nil {
		return Name{}
	}
	return Name{Text: r.constantText(a, false), Range: place(a.Expr.Range())}
}

func (r *reader) expectCounts(b *hclsyntax.Block) []*ExpectCount {
	var model Name
	if len(b.Labels) > 0 {
		model = r.labelName(b)
	}
	var list []*ExpectCount
	for _, a := range sortedAttributes(b.Body.Attributes) {
		if !slices.Contains(countedOutcomes(), a.Name) {
			continue // which was reported
		}
		if n := r.wholeNumber(a); n != nil {
			list = append(list, &ExpectCount{Model: model, Outcome: Outcome(a.Name), Number: *n, Range: place(a.SrcRange)})
		}
	}
	if len(b.Body.Attributes) == 0 {
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.value", Summary: "The count block counts nothing", Detail: "It takes " + allOf(countedOutcomes()) + ".",
			Remedy: "Write add = 2, or remove the block.",
		})
	}
	return list
}

func (r *reader) expectDiagnostic(b *hclsyntax.Block) *ExpectDiagnostic {
	at := b.Body.Attributes
	return &ExpectDiagnostic{
		Code: r.labelName(b), Model: r.name(at["model"], true), Text: r.expectText(at["text"]),
		Number: r.wholeNumber(at["count"]), Range: place(b.DefRange()),
	}
}

func (r *reader) expectHolds(b *hclsyntax.Block) *ExpectHolds {
	return &ExpectHolds{Name: r.labelName(b), Holds: r.constantBool(b.Body.Attributes["holds"]), Range: place(b.DefRange())}
}

// checkExpect looks for what cannot be true together, or says nothing.
func (r *reader) checkExpect(b *hclsyntax.Block, e *Expect) {
	stated := len(b.Body.Attributes) + len(b.Body.Blocks)
	if e.Partial {
		stated--
	}
	if stated == 0 && !r.diags.HasErrors() { // what was refused is not among the blocks
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.value", Summary: "The expect block expects nothing", Detail: "A test without expectations shows nothing.",
			Remedy: "Say what becomes of the records, or write no_changes = true.",
		})
	}
	for i, c := range e.Records {
		if e.NoChanges && c.Outcome.writes() {
			r.failAt(c.Range, diag.Diagnostic{
				Code: "policy.value", Summary: fmt.Sprintf("The test expects no changes, and to %s a record of %q", c.Outcome, c.Model.Text),
				Detail: fmt.Sprintf("no_changes is at %s.", e.NoChangesRange), Remedy: "Remove one of them.",
			})
		}
		for _, d := range e.Records[:i] {
			if d.Model.Text == c.Model.Text && slices.Equal(d.Key, c.Key) && d.Outcome != c.Outcome && !together(c.Outcome, d.Outcome) {
				r.failAt(c.Range, diag.Diagnostic{
					Code: "policy.value", Summary: fmt.Sprintf("The test expects %s and %s of one record", d.Outcome, c.Outcome),
					Detail: fmt.Sprintf("The first is at %s.", d.Range), Remedy: "Remove one of them.",
				})
			}
		}
	}
}

// writes reports whether the outcome is a change of a row.
func (o Outcome) writes() bool { return o == OutcomeAdd || o == OutcomeChange || o == OutcomeDestroy }

// together reports whether one record may have both outcomes: one that is
// remapped may be changed besides, or stay as it is, and one that a rule skips
// is a live row that stays or goes.
func together(a, b Outcome) bool {
	pair := func(x, y Outcome) bool { return a == x && b == y || a == y && b == x }
	return pair(OutcomeRemap, OutcomeChange) || pair(OutcomeRemap, OutcomeUnchanged) ||
		pair(OutcomeSkip, OutcomeUnchanged) || pair(OutcomeSkip, OutcomeDestroy)
}
