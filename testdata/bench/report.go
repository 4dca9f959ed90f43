package main

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// report is the Markdown table of what was measured.
type report struct {
	lines []string
	// before is what our side of a task took at the size before.
	before map[string]point
}

type point struct {
	rows int
	wall float64
}

func newReport() *report { return &report{before: map[string]point{}} }

// add appends a task's line. The exponent says how time grew from the size
// before: 1 is in proportion to the rows.
func (r *report) add(t task, rows int, ours, peer measured) {
	exponent := ""
	seconds := ours.wall.Seconds()
	if b, ok := r.before[t.name]; ok && b.rows != rows {
		exponent = fmt.Sprintf("%.2f", math.Log(seconds/b.wall)/math.Log(float64(rows)/float64(b.rows)))
	}
	r.before[t.name] = point{rows, seconds}
	theirs, ratio, verdict := "", "", ""
	if peer.wall > 0 {
		x := seconds / peer.wall.Seconds()
		theirs, ratio, verdict = fmt.Sprintf("%.2f s", peer.wall.Seconds()), fmt.Sprintf("%.2f", x), "missed"
		if x <= t.limit {
			verdict = "met"
		}
	}
	r.lines = append(r.lines, fmt.Sprintf("| %s | %s | %s | %.2f s | %s | %s | %.2f | %s | %d MB | %s |",
		thousands(rows), t.name, t.peer, seconds, theirs, ratio, t.limit, verdict, ours.memory>>20, exponent))
}

func (r *report) last() string { return r.lines[len(r.lines)-1] + "\n" }

func (r *report) String() string {
	return "| rows | work | beside it | ours | peer | ratio | at most | | resident | exponent |\n|---:|---|---|---:|---:|---:|---:|---|---:|---:|\n" +
		strings.Join(r.lines, "\n") + "\n"
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sizes adds the package's size beside the dump's where both were made.
func (p *place) sizes(r *report) error {
	a, errA := os.Stat(p.path("backup.edmspkg"))
	b, errB := os.Stat(p.path("backup.dump"))
	if errA != nil || errB != nil {
		return nil
	}
	x, verdict := float64(a.Size())/float64(b.Size()), "missed"
	if x <= 1.05 {
		verdict = "met"
	}
	r.lines = append(r.lines, fmt.Sprintf("| %s | package size | `pg_dump -Fc` | %.1f MB | %.1f MB | %.2f | 1.05 | %s | | |",
		thousands(p.rows), float64(a.Size())/1e6, float64(b.Size())/1e6, x, verdict))
	return nil
}
