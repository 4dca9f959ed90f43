package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// maxRemaps is how many remaps are listed without Options.All.
const maxRemaps = 200

// remapTable lists the records that are here under other surrogates. The mark
// says whether the record changes otherwise too.
func remapTable(w io.Writer, p *plans.Plan, seen *survey, o Options) {
	if len(p.Remaps) == 0 {
		return
	}
	fmt.Fprint(w, "Remapped records, here under another surrogate; references to the package's are rewritten:\n\n")
	t := table{right: []bool{false, false, false, false, false, false, true}}
	t.row("   ", "model", "natural key", "field", "in the package", "here", "references rewritten")
	for i, r := range p.Remaps {
		if i == maxRemaps && !o.All {
			break
		}
		mark := plans.Remap
		if seen.changed[identity{r.Model, r.Key}] {
			mark = plans.Change
		}
		t.row(painter{}.mark(mark), visible(r.Model), cut(r.Key, cellWidth), visible(r.Field),
			plainText(r.Package), plainText(r.Live), thousands(r.Rewritten))
	}
	if t.fits("", o.Width) {
		t.print(w, "")
	} else {
		remapLines(w, t.rows[1:])
	}
	if rest := len(p.Remaps) - maxRemaps; rest > 0 && !o.All {
		fmt.Fprintf(w, "      and %s more%s\n", thousands(rest), hint(o))
	}
	fmt.Fprintln(w)
}

// remapLines is the table where it is too wide: three lines a record.
func remapLines(w io.Writer, rows [][]string) {
	for _, r := range rows {
		fmt.Fprintf(w, "%s %s%s\n      %s %s in the package\n      %s %s here", r[0], r[1], r[2], r[3], r[4], strings.Repeat(" ", width(r[3])), r[5])
		if r[6] != "0" {
			fmt.Fprintf(w, ", references rewritten: %s", r[6])
		}
		fmt.Fprintln(w)
	}
}

func hint(o Options) string {
	if o.Hint == "" {
		return ""
	}
	return " (" + o.Hint + ")"
}

// skipped lists the records that a rule leaves out, of those alike the first
// few.
func skipped(w io.Writer, p *plans.Plan, o Options) {
	if len(p.Skips) == 0 {
		return
	}
	fmt.Fprint(w, "Skipped records, which no change comes of:\n\n")
	type alike struct{ model, because string }
	counts, listed := map[alike]int{}, map[alike]int{}
	for _, s := range p.Skips {
		counts[alike{s.Model, because(s.Reason, s.Rule)}]++
	}
	for _, s := range p.Skips {
		kind := alike{s.Model, because(s.Reason, s.Rule)}
		listed[kind]++
		n, of := listed[kind], counts[kind]
		if n > few && !o.All {
			if n == of {
				fmt.Fprintf(w, "  # and %s more of %s%s\n  # %s\n", thousands(of-few), visible(s.Model), hint(o), kind.because)
			}
			continue
		}
		number := ""
		if s.Number > 0 {
			number = fmt.Sprintf(" (record %d of the package)", s.Number)
		}
		fmt.Fprintf(w, "  # %s%s is skipped\n", address(s.Model, s.Key), number)
		if kind.because != "" {
			fmt.Fprintf(w, "  # %s\n", kind.because)
		}
	}
	fmt.Fprintln(w)
}
