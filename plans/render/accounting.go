package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// columns are the accounting's, in text and in Markdown.
func columns() []string {
	return []string{
		"model", "in package", "added", "changed", "unchanged", "remapped", "skipped", "live", "destroyed", "kept",
	}
}

// accountingRow is a model's row.
func accountingRow(name string, a plans.Accounting) []string {
	row := []string{name}
	for _, n := range []int{
		a.Package, a.Added, a.Changed, a.Unchanged, a.Remapped, a.Skipped, a.Live, a.Destroyed, a.Kept,
	} {
		row = append(row, thousands(n))
	}
	return row
}

// linksRow is a many-to-many field's row: its members do not change, and what
// is neither added nor removed stays.
func linksRow(name string, l plans.Links) []string {
	return []string{
		name, thousands(l.Package), thousands(l.Added), "", thousands(l.Package - l.Added), "", "",
		thousands(l.Live), thousands(l.Removed), thousands(l.Live - l.Removed),
	}
}

// occupied are the models that have records or rows, or that something is said
// of; empty are the names of the others. A policy of an application lists many
// models that nothing is in yet, and their zeros hide the rest.
func occupied(all []plans.Accounting) (models []plans.Accounting, empty []string) {
	for _, a := range all {
		n := a.Package + a.Live + a.Added + a.Changed + a.Skipped + len(a.KeptBy) + len(a.Discarded)
		for _, l := range a.Links {
			n += l.Package + l.Live + l.Added + l.Removed
		}
		if n == 0 && a.Balanced() {
			empty = append(empty, a.Model)
			continue
		}
		models = append(models, a)
	}
	return models, empty
}

// emptyModels is the line that stands for them.
func emptyModels(n int) string { return counted(n, "model") + " without records and rows: " }

// totals adds up the models; many-to-many fields are counted apart.
func totals(all []plans.Accounting) plans.Accounting {
	var t plans.Accounting
	for _, a := range all {
		t.Package += a.Package
		t.Added += a.Added
		t.Changed += a.Changed
		t.Unchanged += a.Unchanged
		t.Remapped += a.Remapped
		t.Skipped += a.Skipped
		t.Stubs += a.Stubs
		t.Live += a.Live
		t.Destroyed += a.Destroyed
		t.Kept += a.Kept
	}
	return t
}

// accountingTable says what became of each record.
func accountingTable(w io.Writer, p *plans.Plan, o Options) {
	if len(p.Accounting) == 0 {
		return
	}
	fmt.Fprint(w, "Accounting:\n\n")
	t := table{right: []bool{false, true, true, true, true, true, true, true, true, true}}
	t.row(columns()...)
	models, empty := occupied(p.Accounting)
	for _, a := range models {
		t.row(accountingRow(visible(a.Model), a)...)
		for _, l := range a.Links {
			t.row(linksRow("  "+visible(l.Field)+" (links)", l)...)
		}
	}
	t.row(accountingRow("total", totals(p.Accounting))...)
	if t.fits("  ", o.Width) {
		t.print(w, "  ")
	} else {
		// One table for the package's records, one for the live rows.
		t.part(0, 1, 2, 3, 4, 5, 6).print(w, "  ")
		fmt.Fprintln(w)
		t.part(0, 7, 8, 9).print(w, "  ")
	}
	fmt.Fprintln(w)
	pt := painter{o.Color}
	notes := accountingNotes(p.Accounting)
	if len(empty) > 0 {
		for i, name := range empty {
			empty[i] = visible(name)
		}
		notes = slices.Insert(notes, 0, emptyModels(len(empty))+strings.Join(empty, ", "))
	}
	for _, n := range notes {
		for _, part := range wrap(n, min(o.Width, proseWidth)-2) {
			fmt.Fprintln(w, "  "+part)
		}
	}
	for _, a := range p.Accounting {
		if !a.Balanced() {
			notes = append(notes, "")
			fmt.Fprintln(w, "  "+pt.red(visible(a.Model)+" does not add up"))
		}
	}
	if len(notes) > 0 {
		fmt.Fprintln(w)
	}
}

// keptBecause is " because audit.audittrail refers to it by user, and on_destroy
// = keep (audit.hcl:12)".
func keptBecause(k plans.KeptBy) string {
	text := ""
	if k.Reason != "" {
		text = " because " + visible(strings.TrimPrefix(k.Reason, "because "))
	}
	if !k.Rule.IsZero() {
		text += fmt.Sprintf(" (%s:%d)", visible(k.Rule.File), k.Rule.Start.Line)
	}
	return text
}

// accountingNotes are what the columns do not say: which rules keep the rows of
// cleared models, records that are not the package's, refused and left-out
// records, discarded values.
func accountingNotes(all []plans.Accounting) []string {
	var notes []string
	for _, a := range all {
		note := func(n int, format string, words ...any) {
			if n > 0 {
				notes = append(notes, visible(a.Model)+": "+fmt.Sprintf(format, words...))
			}
		}
		for _, k := range a.KeptBy {
			note(k.Count, "kept: %s%s", thousands(k.Count), keptBecause(k))
		}
		note(a.Stubs, "%s among the added, not in the package", counted(a.Stubs, "stub"))
		note(a.SeedsAdded, "%s of the policy's own among the added, not in the package", counted(a.SeedsAdded, "seed"))
		note(a.SeedsChanged, "%s of the policy's own among the changed, not in the package", counted(a.SeedsChanged, "seed"))
		note(a.Altered, "%s among the changed as a consequence, not in the package", counted(a.Altered, "live row"))
		note(a.Outside, "%s of the package outside the plan, among the skipped", counted(a.Outside, "record"))
		note(a.Refused, "%s refused, see the diagnostics", counted(a.Refused, "record"))
		fields := make([]string, 0, len(a.Discarded))
		for f := range a.Discarded {
			fields = append(fields, f)
		}
		slices.Sort(fields)
		for _, f := range fields {
			notes = append(notes, fmt.Sprintf("%s: %s of %s discarded", visible(a.Model), counted(a.Discarded[f], "value"), visible(f)))
		}
	}
	return notes
}
