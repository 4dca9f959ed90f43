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

// widths are those of the columns.
func (t *table) widths() []int {
	widths := make([]int, len(t.right))
	for _, r := range t.rows {
		for i, c := range r {
			widths[i] = max(widths[i], width(c))
		}
	}
	return widths
}

// fits reports whether the rows, behind the indent, are no wider than columns;
// 0 columns are any number.
func (t *table) fits(indent string, columns int) bool {
	all := width(indent) + 2*(len(t.right)-1)
	for _, w := range t.widths() {
		all += w
	}
	return columns == 0 || all <= columns
}

// part is a table of some of the columns.
func (t *table) part(columns ...int) *table {
	p := &table{}
	for _, c := range columns {
		p.right = append(p.right, t.right[c])
	}
	for _, r := range t.rows {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = r[c]
		}
		p.rows = append(p.rows, row)
	}
	return p
}

// print writes the rows, each behind the indent; numbers stand to the right.
func (t *table) print(w io.Writer, indent string) {
	widths := t.widths()
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
