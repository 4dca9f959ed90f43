package diag_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// problem is the nth problem of a kind.
func problem(s diag.Severity, code, model string, n int) diag.Diagnostic {
	return diag.Diagnostic{Severity: s, Code: code, Summary: strconv.Itoa(n), Record: &diag.Record{Model: model, Number: n}}
}

// shape is what a list shows: summaries and what is counted with them.
func shape(l diag.List) []string {
	var out []string
	for _, d := range l {
		model := ""
		if d.Record != nil {
			model = d.Record.Model
		}
		out = append(out, fmt.Sprintf("%s %s %s %s +%d", d.Severity, d.Code, model, d.Summary, d.More))
	}
	return out
}

func TestCollectorKeepsTheFirstFiveOfAKindAndCountsTheRest(t *testing.T) {
	var c diag.Collector
	for n := 1; n <= 8; n++ {
		c.Add(problem(diag.Error, "missing", "users.user", n))
	}
	want := []string{
		"error missing users.user 1 +0", "error missing users.user 2 +0", "error missing users.user 3 +0",
		"error missing users.user 4 +0", "error missing users.user 5 +3",
	}
	if diff := cmp.Diff(want, shape(c.List())); diff != "" {
		t.Error(diff)
	}
	if n := c.List().Count(diag.Error); n != 8 {
		t.Errorf("counts %d of 8", n)
	}
}

func TestCollectorTellsKindsApart(t *testing.T) {
	var c diag.Collector
	kinds := []diag.Diagnostic{
		problem(diag.Error, "missing", "users.user", 0),
		problem(diag.Warning, "missing", "users.user", 0),
		problem(diag.Error, "duplicate", "users.user", 0),
		problem(diag.Error, "missing", "users.role", 0),
	}
	var l diag.List
	for n := 1; n <= 6; n++ {
		for _, d := range kinds {
			d.Summary = strconv.Itoa(n)
			l = append(l, d)
		}
	}
	c.AddAll(l)
	got := c.List()
	if len(got) != 20 {
		t.Fatalf("%d are kept, not 5 of each kind: %v", len(got), shape(got))
	}
	want := []string{
		"error missing users.user 5 +1", "warning missing users.user 5 +1",
		"error duplicate users.user 5 +1", "error missing users.role 5 +1",
	}
	if diff := cmp.Diff(want, shape(got[16:])); diff != "" {
		t.Error(diff)
	}
	if e, w := got.Count(diag.Error), got.Count(diag.Warning); e != 18 || w != 6 {
		t.Errorf("counts %d errors and %d warnings", e, w)
	}
}

func TestCollectorKeepsWhatIsNotAboutARecord(t *testing.T) {
	var c diag.Collector
	for n := range 7 {
		c.Add(diag.Diagnostic{Severity: diag.Error, Code: "policy.unknown", Summary: strconv.Itoa(n)})
	}
	if got := c.List(); len(got) != 7 || got[6].More != 0 {
		t.Errorf("the policy's own problems are cut: %v", shape(got))
	}
}

func TestListAsAnError(t *testing.T) {
	cases := map[string]struct {
		in   diag.List
		want string // empty: no error
	}{
		"nothing is no error":  {nil, ""},
		"a warning is none":    {diag.List{{Severity: diag.Warning, Summary: "Careful"}}, ""},
		"one error":            {diag.List{{Severity: diag.Error, Summary: "Wrong"}}, "Wrong"},
		"warnings do not lead": {diag.List{{Severity: diag.Warning, Summary: "Careful"}, {Severity: diag.Error, Summary: "Wrong"}}, "Wrong"},
		"several errors are counted with the hidden": {
			diag.List{{Severity: diag.Error, Summary: "Wrong", More: 2}, {Severity: diag.Error, Summary: "Bad"}},
			"Wrong (and 3 more errors)",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.in.Err()
			if (err != nil) != c.in.HasErrors() {
				t.Errorf("Err is %v and HasErrors %v", err, c.in.HasErrors())
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAWrappedErrorStillHoldsTheList(t *testing.T) {
	l := diag.List{{Severity: diag.Warning, Summary: "Careful"}, {Severity: diag.Error, Summary: "Wrong"}}
	err := fmt.Errorf("plan: %w", l.Err())
	var holder interface{ Diagnostics() diag.List }
	if !errors.As(err, &holder) {
		t.Fatal("the list is lost")
	}
	if diff := cmp.Diff(l, holder.Diagnostics()); diff != "" {
		t.Error(diff)
	}
}
