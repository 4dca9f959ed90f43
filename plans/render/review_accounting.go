package render

import (
	"fmt"
	"io"

	"github.com/edmsplan/edmsplan/plans"
)

// accountingChange is one count that differs.
type accountingChange struct{ model, what, before, now string }

// changedCounts are the counts of models and of their many-to-many fields that
// differ, in the order of the new plan; models that it lacks come last.
func changedCounts(old, now *plans.Plan) []accountingChange {
	var out []accountingChange
	was, done := map[string]plans.Accounting{}, map[string]bool{}
	for _, a := range old.Accounting {
		was[a.Model] = a
	}
	for _, b := range now.Accounting {
		out = append(out, countsOf(b.Model, was[b.Model], b)...)
		done[b.Model] = true
	}
	for _, a := range old.Accounting {
		if !done[a.Model] {
			out = append(out, countsOf(a.Model, a, plans.Accounting{})...)
		}
	}
	return out
}

func countsOf(model string, a, b plans.Accounting) []accountingChange {
	var out []accountingChange
	compare := func(what, before, now string) {
		if before != now {
			out = append(out, accountingChange{model, what, before, now})
		}
	}
	x, y := accountingRow("", a), accountingRow("", b)
	for i, name := range columns()[1:] {
		compare(name, x[i+1], y[i+1])
	}
	compare("refused", thousands(a.Refused), thousands(b.Refused))
	links := map[string]plans.Links{}
	for _, l := range a.Links {
		links[l.Field] = l
	}
	add := func(l, m plans.Links, field string) {
		compare(field+" links in package", thousands(l.Package), thousands(m.Package))
		compare(field+" links live", thousands(l.Live), thousands(m.Live))
		compare(field+" links added", thousands(l.Added), thousands(m.Added))
		compare(field+" links removed", thousands(l.Removed), thousands(m.Removed))
		delete(links, field)
	}
	for _, m := range b.Links {
		add(links[m.Field], m, m.Field)
	}
	for _, l := range a.Links {
		if _, left := links[l.Field]; left {
			add(l, plans.Links{}, l.Field)
		}
	}
	return out
}

func accountingChanges(w io.Writer, old, now *plans.Plan) {
	all := changedCounts(old, now)
	if len(all) == 0 {
		return
	}
	fmt.Fprint(w, "Accounting, where it differs:\n\n")
	t := table{right: []bool{false, false, true, true}}
	t.row("model", "count", "before", "now")
	for _, c := range all {
		t.row(visible(c.model), visible(c.what), c.before, c.now)
	}
	t.print(w, "  ")
	fmt.Fprintln(w)
}
