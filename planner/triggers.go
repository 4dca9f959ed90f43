package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// noteTriggers names the triggers and rules of the tables that the plan writes:
// what they make of a row is in no plan and in no change log.
func (p *planning) noteTriggers() {
	var written []*schema.Table
	for _, m := range p.models {
		if writes(m.account) {
			written = append(written, m.table)
		}
		for n, l := range m.linkCount {
			if l.Added+l.Removed > 0 {
				written = append(written, m.fields[n].many.table)
			}
		}
	}
	noteTriggers(p.diags, written)
}

func writes(a plans.Accounting) bool { return a.Added+a.Changed+a.Destroyed > 0 }

func noteTriggers(to *diag.Collector, written []*schema.Table) {
	var names []string
	for _, t := range written {
		if len(t.Triggers) > 0 {
			names = append(names, fmt.Sprintf("%s: %s", t.Name, strings.Join(t.Triggers, ", ")))
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	to.Add(diag.Diagnostic{
		Severity: diag.Warning, Code: "database.triggers",
		Summary: "Tables that are written have triggers or rules, and what these do is not in the plan",
		Detail: fmt.Sprintf("%s. They may give the rows other values than the plan and the change log say, or write other rows; an undo then finds that the rows have changed.",
			strings.Join(slices.Compact(names), "; ")),
		Remedy: "Plan again after the apply to see what they left. Fields that a trigger sets may stand in ignore.",
	})
}
