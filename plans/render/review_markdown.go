package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// CompareMarkdown is Compare for a pull request: under 60,000 characters
// whatever the plans' sizes. It ends with the digest of the new change set.
func CompareMarkdown(w io.Writer, old, now *plans.Plan) error {
	r := newReview(old, now, Options{})
	s := newSections(sectionsShare)
	var parts [kinds]*section
	for k := range kinds {
		parts[k] = s.open(k.title(), "record")
	}
	for d, err := range plans.Compare(old, now) {
		if err != nil {
			return err
		}
		k := kindOf(d)
		r.counted[k].add(modelOf(d))
		if parts[k].hidden {
			parts[k].records++
			continue
		}
		s.append(parts[k], r.text(d), 1)
	}
	for k, sec := range parts {
		if r.counted[k].all == 0 {
			s.drop(sec)
			continue
		}
		s.note(sec, r.counted[k].says(func(model string) string { return code(short(model, 60)) }))
	}
	for _, l := range lists(old, now) {
		s.addText(l.title, l.says(), func(w io.Writer) {
			l.print(w, Options{All: true})
		})
	}
	out := bufio.NewWriter(w)
	reviewTitle(out, r)
	reviewCounts(out, changedCounts(old, now))
	s.print(out)
	fmt.Fprintf(out, "Change set: %s\n", code(short(now.Digests.ChangeSet, 64)))
	return out.Flush()
}

// open adds a section with a title of our own that is filled bit by bit.
func (s *sections) open(title, noun string) *section {
	sec := &section{title: title, noun: noun}
	s.order = append(s.order, sec)
	s.used += sec.cost()
	return sec
}

// drop removes a section that has remained empty.
func (s *sections) drop(sec *section) {
	s.order = slices.DeleteFunc(s.order, func(x *section) bool { return x == sec })
	s.used -= sec.cost()
}

func reviewTitle(w io.Writer, r *review) {
	old, now := r.old, r.now
	fmt.Fprintf(w, "# edmsplan: changes to the plan for %s\n\n", code(short(now.Header.Target, 80)))
	var warnings []string
	for _, f := range grounds(old, now) {
		warnings = append(warnings, "**"+code(short(f, 400))+"**")
	}
	if n := now.Summary.Destroy; n > 0 {
		warnings = append(warnings, fmt.Sprintf("**This plan destroys %s; the one before destroyed %s.**", counted(n, "record"), thousands(old.Summary.Destroy)))
	}
	if line := refusal(now.Diagnostics); line != "" {
		warnings = append(warnings, "**"+line+"**")
	}
	if len(warnings) > 0 {
		fmt.Fprintf(w, "> [!WARNING]\n> %s\n\n", strings.Join(warnings, "\n> "))
	}
	fmt.Fprintf(w, "Compared with the plan of %s, change set %s.\n", made(old), code(digestStart(old)))
	for _, f := range remarks(old, now) {
		fmt.Fprintln(w, f)
	}
	if !r.any() {
		fmt.Fprintln(w, "**"+sameChanges+"**")
	}
	fmt.Fprintf(w, "\n- before: %s\n- now: %s\n\n", summaryLine(old), summaryLine(now))
}

// reviewCounts is the table of the counts that differ, as many as fit.
func reviewCounts(w io.Writer, all []accountingChange) {
	if len(all) == 0 {
		return
	}
	fmt.Fprint(w, "Accounting, where it differs:\n\n| model | count | before | now |\n|---|---|---:|---:|\n")
	left := accountingShare
	for i, c := range all {
		row := fmt.Sprintf("| %s | %s | %s | %s |\n", code(short(c.model, 80)), code(short(c.what, 80)), c.before, c.now)
		if left -= len(row); left < 0 {
			fmt.Fprintf(w, "| and %s | | | |\n", counted(len(all)-i, "more count"))
			break
		}
		fmt.Fprint(w, row)
	}
	fmt.Fprintln(w)
}
