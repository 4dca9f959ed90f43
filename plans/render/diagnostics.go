package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Diagnostics writes each diagnostic with its source line, place and remedy.
func Diagnostics(w io.Writer, l diag.List, o Options) error {
	out := bufio.NewWriter(w)
	for _, d := range l {
		diagnostic(out, d, o)
	}
	return out.Flush()
}

// proseWidth is the longest line that reads well.
const proseWidth = 100

// diagnostic writes one. Everything but its first line is indented, so that no
// text in it can pass for a line of the plan.
func diagnostic(w io.Writer, d diag.Diagnostic, o Options) {
	pt := painter{o.Color}
	word := pt.red("Error:")
	if d.Severity == diag.Warning {
		word = pt.yellow("Warning:")
	}
	fmt.Fprintf(w, "%s %s\n\n", pt.bold(word), pt.bold(visible(d.Summary)))
	if !d.Range.IsZero() {
		fmt.Fprintf(w, "  on %s\n", visible(d.Range.String()))
		source(w, d, pt)
	}
	if d.Record != nil {
		fmt.Fprintf(w, "  in %s\n", visible(d.Record.String()))
	}
	if !d.Range.IsZero() || d.Record != nil {
		fmt.Fprintln(w)
	}
	for _, text := range []string{d.Detail, d.Remedy} {
		if strings.TrimSpace(text) == "" {
			continue
		}
		for _, line := range lines(text) {
			for _, part := range wrap(line, min(o.Width, proseWidth)-2) {
				fmt.Fprintln(w, strings.TrimRight("  "+part, " "))
			}
		}
		fmt.Fprintln(w)
	}
	if d.More > 0 {
		fmt.Fprintf(w, "  and %s more like it\n\n", thousands(d.More))
	}
}

// source writes the policy's line with carets under the range. Columns count
// characters as people see them.
func source(w io.Writer, d diag.Diagnostic, pt painter) {
	if d.Source == "" {
		return
	}
	margin := fmt.Sprintf("  %4d: ", d.Range.Start.Line)
	end := d.Range.End.Column
	if d.Range.End.Line != d.Range.Start.Line {
		end = -1
	}
	var shown, before, under strings.Builder
	g := uniseg.NewGraphemes(d.Source)
	for column := 1; g.Next(); column++ {
		text := visible(strings.ReplaceAll(g.Str(), "\t", "  "))
		shown.WriteString(text)
		switch {
		case column < d.Range.Start.Column:
			before.WriteString(strings.Repeat(" ", width(text)))
		case end < 0 || column < end:
			under.WriteString(strings.Repeat("^", width(text)))
		}
	}
	if under.Len() == 0 { // an empty range points between characters
		under.WriteString("^")
	}
	fmt.Fprintln(w, margin+shown.String())
	fmt.Fprintln(w, strings.Repeat(" ", len(margin))+before.String()+pt.red(under.String()))
}

// wrap breaks a line at spaces; a width below 20 does not.
func wrap(line string, columns int) []string {
	if columns < 20 {
		return []string{line}
	}
	var out []string
	current := ""
	for _, word := range strings.Split(line, " ") {
		if current != "" && width(current)+1+width(word) > columns {
			out = append(out, current)
			current = word
			continue
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	return append(out, current)
}
