package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rivo/uniseg"
)

// terminal is a model of a terminal that knows what the program may use of it:
// text, \r, \n, cursor up, and erasing to the end of the screen. Anything else
// is an error of the test. It may change its size, and then reflows or cuts.
type terminal struct {
	t *testing.T
	screen
	reflows bool

	mu   sync.Mutex
	rows []vtRow // with what has left the screen at its top
	y, x int     // y counts from the first of rows; x may be one beyond the last column
	says int     // how often it was written to
}

// vtRow is a row of cells; the second column of a wide character is "". goesOn
// says that the next row continues it.
type vtRow struct {
	cells  []string
	goesOn bool
}

func newTerminal(t *testing.T, columns, rows int, reflows bool) *terminal {
	return &terminal{t: t, screen: screen{columns: columns, rows: rows}, reflows: reflows, rows: []vtRow{{}}}
}

// size is what the terminal tells of itself.
func (v *terminal) size() screen {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.screen
}

var vtSequence = regexp.MustCompile(`^\x1b\[(\d*)([AJK])`)

// Write implements io.Writer.
func (v *terminal) Write(b []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.says++
	for text := string(b); text != ""; {
		switch m := vtSequence.FindStringSubmatch(text); {
		case m != nil:
			v.sequence(m[1], m[2])
			text = text[len(m[0]):]
		case text[0] == '\r':
			v.x, text = 0, text[1:]
		case text[0] == '\n':
			v.down()
			v.x, text = 0, text[1:]
		case text[0] < ' ' || text[0] == 0x7f:
			v.t.Errorf("the terminal got %q", text)
			return 0, fmt.Errorf("control character %q", text[0])
		default:
			g, rest, w, _ := uniseg.FirstGraphemeClusterInString(text, -1)
			v.put(g, w)
			text = rest
		}
	}
	return len(b), nil
}

func (v *terminal) sequence(n, what string) {
	switch what {
	case "A":
		up, _ := strconv.Atoi(n)
		top := max(0, len(v.rows)-v.screen.rows)
		v.y, v.x = max(top, v.y-max(up, 1)), min(v.x, v.columns-1)
	case "J":
		v.rows[v.y].cells = v.rows[v.y].cells[:min(v.x, len(v.rows[v.y].cells))]
		v.rows[v.y].goesOn = false
		v.rows = v.rows[:v.y+1]
	case "K":
		v.rows[v.y].cells = v.rows[v.y].cells[:min(v.x, len(v.rows[v.y].cells))]
	}
}

func (v *terminal) down() {
	if v.y++; v.y == len(v.rows) {
		v.rows = append(v.rows, vtRow{})
	}
}

func (v *terminal) put(g string, w int) {
	if w == 0 {
		return
	}
	if v.x+w > v.columns {
		v.rows[v.y].goesOn = true
		v.down()
		v.x = 0
	}
	r := &v.rows[v.y]
	for len(r.cells) < v.x+w {
		r.cells = append(r.cells, " ")
	}
	r.cells[v.x] = g
	if w == 2 {
		r.cells[v.x+1] = ""
	}
	v.x += w
}

// resize changes the size. One that reflows breaks the lines anew and keeps the
// cursor on its character, the other cuts them.
func (v *terminal) resize(columns, rows int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.screen = screen{columns: columns, rows: rows}
	if !v.reflows {
		for i := range v.rows {
			v.rows[i].cells = v.rows[i].cells[:min(columns, len(v.rows[i].cells))]
		}
		v.x = min(v.x, columns-1)
		return
	}
	was, y, x := v.rows, v.y, v.x
	v.rows, v.y, v.x = []vtRow{{}}, 0, 0
	for i, r := range was {
		cy, cx := -1, -1
		for n, g := range r.cells {
			if g != "" {
				v.put(g, uniseg.StringWidth(g))
			}
			if i == y && n == x {
				cy, cx = v.y, v.x-max(uniseg.StringWidth(g), 1)
			}
		}
		if i == y {
			if cy < 0 {
				cy, cx = v.y, min(x, columns)
			}
			defer func() { v.y, v.x = cy, cx }()
		}
		if !r.goesOn && i < len(was)-1 {
			v.rows = append(v.rows, vtRow{})
			v.y, v.x = len(v.rows)-1, 0
		}
	}
}

// lines are those written, broken lines as one, without empty ones at the end.
func (v *terminal) lines() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []string
	text := ""
	for _, r := range v.rows {
		text += strings.Join(r.cells, "")
		if !r.goesOn {
			out, text = append(out, strings.TrimRight(text, " ")), ""
		}
	}
	if text != "" {
		out = append(out, text)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
