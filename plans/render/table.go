package render

import (
	"fmt"
	"io"
	"strings"
)

// table is rows of cells, printed in columns as wide as their widest cell.
type table struct {
	// right tells, by column, which are numbers.
	right []bool
	rows  [][]string
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the rows, each behind the indent; numbers stand to the right.
func (t *table) print(w io.Writer, indent string) {
	widths := make([]int, len(t.right))
	for _, r := range t.rows {
		for i, c := range r {
			widths[i] = max(widths[i], width(c))
		}
	}
	for _, r := range t.rows {
		var b strings.Builder
		b.WriteString(indent)
		for i, c := range r {
			if i > 0 {
				b.WriteString("  ")
			}
			if t.right[i] {
				b.WriteString(strings.Repeat(" ", widths[i]-width(c)) + c)
			} else {
				b.WriteString(padded(c, widths[i]))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
