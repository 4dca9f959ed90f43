package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// FailedCheck is a check of the policy that did not hold after the changes, or
// that could not be judged.
type FailedCheck struct {
	Name string
	// Message is the policy's; it may be empty.
	Message string
	Range   diag.Range
	// Result is what the query returned, as JSON writes it, cut if it is long.
	Result string
	// Violations counts the rows that the condition does not hold for, and
	// First are the natural keys of the first few. Both are of the form on rows.
	Violations int
	First      []string
	// Why says why the check cannot be judged, else it is empty.
	Why string
}

// CheckError names all checks that failed. The transaction is rolled back. It
// wraps ErrRefused.
type CheckError struct{ Failed []FailedCheck }

func (e *CheckError) Error() string {
	texts := make([]string, len(e.Failed))
	for i, d := range e.Diagnostics() {
		texts[i] = d.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap is ErrRefused.
func (e *CheckError) Unwrap() error { return ErrRefused }

// Diagnostics are the failed checks as diagnostics, with the code check.NAME.
func (e *CheckError) Diagnostics() diag.List {
	out := make(diag.List, len(e.Failed))
	for i, f := range e.Failed {
		out[i] = diag.Diagnostic{
			Severity: diag.Error, Code: "check." + f.Name, Range: f.Range,
			Summary: fmt.Sprintf("The check %q failed, and nothing is written", f.Name),
			Detail:  f.detail(),
		}
		if f.Why != "" {
			out[i].Summary = fmt.Sprintf("The check %q cannot be judged, and nothing is written", f.Name)
		}
	}
	return out
}

func (f *FailedCheck) detail() string {
	var said []string
	if f.Message != "" {
		said = append(said, f.Message)
		if !strings.ContainsAny(f.Message[len(f.Message)-1:], ".!?") {
			said[0] += "."
		}
	}
	switch {
	case f.Why != "":
		said = append(said, f.Why)
	case f.Violations > 0:
		rows := "1 row"
		if f.Violations > 1 {
			rows = fmt.Sprintf("%d rows", f.Violations)
		}
		text := fmt.Sprintf("The condition does not hold for %s: %s", rows, strings.Join(f.First, ", "))
		if more := f.Violations - len(f.First); more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		said = append(said, text+".")
	default:
		said = append(said, fmt.Sprintf("The result is %s.", f.Result))
	}
	return strings.Join(said, " ")
}

// check judges the policy's checks on the database after the changes.
func (a *application) check(*changelog.Apply, *planner.Result) error {
	if a.pol == nil || len(a.pol.Checks) == 0 {
		return nil
	}
	a.stage("check")
	catalogue, err := a.tx.Catalogue(a.ctx)
	if err != nil {
		return fmt.Errorf("read the live catalogue: %w", err)
	}
	var failed []FailedCheck
	for _, c := range a.pol.Checks {
		f := FailedCheck{Name: c.Name, Message: c.Message, Range: c.Range}
		judge := a.checkRows
		if c.Query != "" {
			judge = a.checkQuery
		}
		holds, err := judge(c, &f, catalogue)
		if err != nil {
			return fmt.Errorf("check %q: %w", c.Name, err)
		}
		if !holds {
			failed = append(failed, f)
		}
	}
	if len(failed) > 0 {
		return &CheckError{Failed: failed}
	}
	return nil
}

func (a *application) checkQuery(c *policy.Check, f *FailedCheck, _ *schema.Catalogue) (bool, error) {
	q, ok := a.tx.(database.Querier)
	if !ok {
		return false, errors.New("this kind of database answers no queries of a policy")
	}
	result, err := q.Query(a.ctx, c.Query)
	if err != nil {
		f.Why = err.Error()
		return false, broken(a.ctx, err)
	}
	holds, diags := c.Holds(result)
	f.Result, f.Why = shown(result), why(diags)
	return holds, nil
}

func (a *application) checkRows(c *policy.Check, f *FailedCheck, catalogue *schema.Catalogue) (holds bool, err error) {
	var diags diag.List
	f.Violations, f.First, diags, err = planner.CheckRows(a.ctx, a.pol, catalogue, a.tx, c)
	f.Why = why(diags)
	return f.Violations == 0 && f.Why == "", err
}

// broken is the error of a query that was broken off: then it is not the
// check's fault.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return nil
}

func why(l diag.List) string {
	if err := l.Err(); err != nil {
		return err.Error()
	}
	return ""
}

// shown is a result as people read it.
func shown(l schema.Literal) string {
	const most = 200
	text := l.Text
	switch l.Kind {
	case schema.NullLiteral:
		return "null"
	case schema.StringLiteral, schema.CanonicalLiteral:
		text = string(jsonText(text))
	}
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Sprintf("%s… (%d more characters)", string([]rune(text)[:most]), n-most)
	}
	return text
}
