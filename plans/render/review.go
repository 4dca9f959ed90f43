package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// reviewed is how many records, or lines, of a section of a comparison are
// listed unless all are asked for.
const reviewed = 20

// kind is what became of a record since the last review.
type kind int

// The kinds, in the order in which they are shown.
const (
	came kind = iota
	went
	otherwise
	kinds
)

// title is a kind's as a heading.
func (k kind) title() string {
	return [kinds]string{"New in the plan", "Gone from the plan", "Planned otherwise"}[k]
}

func kindOf(d plans.Difference) kind {
	switch {
	case d.Old == nil:
		return came
	case d.New == nil:
		return went
	}
	return otherwise
}

// review is the comparison of a plan with the one that was reviewed before.
type review struct {
	old, now *plans.Plan
	opts     Options
	c        *changes
	// counted are the records of each kind, and how many of each model.
	counted [kinds]modelCount
}

// modelCount counts records by model, in the order in which they come first.
type modelCount struct {
	all    int
	models []string
	of     map[string]int
}

func (m *modelCount) add(model string) {
	if m.of == nil {
		m.of = map[string]int{}
	}
	if m.of[model] == 0 {
		m.models = append(m.models, model)
	}
	m.of[model]++
	m.all++
}

// says is "3 records (users.user 2, users.role 1)".
func (m *modelCount) says(name func(string) string) string {
	const most = 6
	var parts []string
	for i, model := range m.models {
		if i == most {
			parts = append(parts, counted(len(m.models)-most, "more model"))
			break
		}
		parts = append(parts, name(model)+" "+thousands(m.of[model]))
	}
	return fmt.Sprintf("%s (%s)", counted(m.all, "record"), strings.Join(parts, ", "))
}

func newReview(old, now *plans.Plan, o Options) *review {
	return &review{old: old, now: now, opts: o, c: newChanges(now, &survey{}, o)}
}

// Compare writes what changed from the plan that was reviewed before to the
// plan of now: whether policy, package and live database are the same, the
// records that are new in the plan, gone from it or planned otherwise, and what
// else differs. It holds no change of either plan, and says what it leaves out.
func Compare(w io.Writer, old, now *plans.Plan, o Options) error {
	r := newReview(old, now, o)
	listed, err := r.count()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "Compared with the plan of %s, change set %s.\n\n", made(old), digestStart(old))
	for _, f := range grounds(old, now) {
		fmt.Fprintln(out, r.c.pt.bold(f))
	}
	for _, f := range remarks(old, now) {
		fmt.Fprintln(out, f)
	}
	fmt.Fprintln(out)
	for k := range kinds {
		if err := r.section(out, k, listed[k]); err != nil {
			return err
		}
	}
	accountingChanges(out, old, now)
	for _, l := range lists(old, now) {
		fmt.Fprintf(out, "%s: %s\n\n", r.c.pt.bold(l.title), l.says())
		l.print(out, o)
		fmt.Fprintln(out)
	}
	if !r.any() {
		fmt.Fprint(out, sameChanges+"\n\n")
	}
	fmt.Fprintf(out, "Before: %s\n%s\n", summaryLine(old), r.c.pt.bold("Now:    "+summaryLine(now)))
	if line := refusal(now.Diagnostics); line != "" {
		fmt.Fprintln(out, r.c.pt.red(line))
	}
	return out.Flush()
}

// sameChanges is said where no record is treated differently.
const sameChanges = "Nothing has changed in what the plan does with any record."

// any reports whether a record is treated differently.
func (r *review) any() bool {
	return r.counted[came].all+r.counted[went].all+r.counted[otherwise].all > 0
}

// count reads the differences once and keeps the texts of the first few.
func (r *review) count() (listed [kinds][]string, err error) {
	for d, err := range plans.Compare(r.old, r.now) {
		if err != nil {
			return listed, err
		}
		k := kindOf(d)
		r.counted[k].add(modelOf(d))
		if r.counted[k].all <= reviewed {
			listed[k] = append(listed[k], r.text(d))
		}
	}
	return listed, nil
}

func modelOf(d plans.Difference) string {
	if d.New != nil {
		return d.New.Model
	}
	return d.Old.Model
}

// section writes the records of a kind: the first few, or all that are asked
// for, for which the differences are read again.
func (r *review) section(w io.Writer, k kind, listed []string) error {
	n := &r.counted[k]
	if n.all == 0 {
		return nil
	}
	fmt.Fprintf(w, "%s: %s\n\n", r.c.pt.bold(k.title()), n.says(visible))
	if !r.opts.All || n.all <= len(listed) {
		fmt.Fprint(w, strings.Join(listed, ""))
		if rest := n.all - len(listed); rest > 0 {
			fmt.Fprintf(w, "  %s\n", moreOf(rest, "record", r.opts))
		}
		fmt.Fprintln(w)
		return nil
	}
	for d, err := range plans.Compare(r.old, r.now) {
		if err != nil {
			return err
		}
		if kindOf(d) == k {
			fmt.Fprint(w, r.text(d))
		}
	}
	fmt.Fprintln(w)
	return nil
}

// moreOf is "# (and 12 more records; -all lists them)".
func moreOf(n int, noun string, o Options) string {
	hint := ""
	if o.Hint != "" {
		hint = "; " + o.Hint
	}
	return "# (and " + counted(n, "more "+noun) + hint + ")"
}
