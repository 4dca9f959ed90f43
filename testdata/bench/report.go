package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
)

// reason says why a task misses its limit, where that is known.
func reason(task string) string {
	const (
		cores  = "both cores are at work: the server reads and sends all rows, ours makes their keys and compares them"
		record = "each record is decoded, judged, printed and hashed, then sorted and sealed, printed and saved one after the other"
		parsed = "a fixture is parsed when it is checked, and taken apart again when it is read"
	)
	for _, r := range []struct{ begins, why string }{
		{"plan, nothing changed, own", cores},
		{"plan, 1 % changed, own", cores + "; nearly each chunk of the package differs in a row, so that it is read, checked and decompressed"},
		{"plan, nothing changed, fixture", cores + "; " + parsed},
		{"plan, 1 % changed, fixture", cores + "; " + parsed},
		{"plan, empty target", record},
		{"plan and apply", "two plans, of which " + record + "; the change log and the images of the rows are written beside the rows"},
		{"apply, 1 %", "it plans again under the locks: reading the tables takes nearly all of the time"},
		{"full backup", "half of the processor's time is zstd at its default level; a faster one makes packages larger than the limit"},
		{"fixture backup", "the fixture is checked and compared with the database before it gets its name"},
		{"SQLite", "to step through the rows takes the driver longer than the whole of .dump"},
		{"memory", "of each record an index of some 10 bytes stays in memory, of each that changes an entry of some 230"},
	} {
		if strings.HasPrefix(task, r.begins) {
			return r.why
		}
	}
	return ""
}

// report is what was measured, as Markdown.
type report struct {
	heading string
	// progress gets each line at once.
	progress io.Writer
	lines    []string
	misses   []string
	// before is what our side of a task took at the size before.
	before map[string]point
	// steepest is the task whose time grew most from there.
	steepest growth
	// most is the most memory that one of our processes had at this size, in
	// the task mostIn.
	most   int64
	mostIn string
	// dumped tells that both kinds of backup were made at this size.
	dumped bool
}

// point is the time that some rows took.
type point struct {
	rows int
	wall time.Duration
}

// growth is how a task's time grew with the rows: an exponent of 1 is in
// proportion to them.
type growth struct {
	task     string
	from     int
	exponent float64
}

func newReport(o options, m *machine, progress io.Writer) *report {
	return &report{
		progress: progress,
		before:   map[string]point{},
		heading: fmt.Sprintf("Made by `%s` on %s, on a machine with %s.\n\nTimes are medians. Runs of each side: %d, where -rows does not say otherwise; of Django's commands: %d. ",
			o.command, time.Now().Format(time.DateOnly), m, o.runs, o.djangoRuns) +
			"[docs/performance.md](../../docs/performance.md) says what is measured and how.\n\n",
	}
}

// line is one of the table. A verdict is given where there is a limit and a
// figure.
type line struct {
	work, peer                  string
	ours, theirs, ratio, atMost string
	verdict, resident, exponent string
}

func (r *report) write(rows int, l line) {
	text := fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |",
		thousands(rows), l.work, l.peer, l.ours, l.theirs, l.ratio, l.atMost, l.verdict, l.resident, l.exponent)
	r.lines = append(r.lines, text)
	fmt.Fprintln(r.progress, text)
	if l.verdict == missed {
		figure := cmp.Or(l.ratio, l.ours, l.exponent)
		miss := fmt.Sprintf("- %s rows, %s: %s, at most %s", thousands(rows), l.work, figure, l.atMost)
		if why := reason(l.work); why != "" {
			miss += ": " + why
		}
		r.misses = append(r.misses, miss)
	}
}

const missed = "missed"

func verdict(x, limit float64) string {
	if x <= limit {
		return "met"
	}
	return missed
}

// add appends a task's line.
func (r *report) add(t task, rows int, got outcome, err error) {
	l := line{work: t.name, peer: t.peer, atMost: fmt.Sprintf("%.3g", t.limit), theirs: got.missing}
	if t.seconds {
		l.atMost += " s"
	}
	switch {
	case err != nil:
		l.ours = "failed"
	case t.make == nil:
		l.ours = "not measured: a backup is always verified"
	default:
		r.measured(t, rows, got, &l)
	}
	r.write(rows, l)
}

func (r *report) measured(t task, rows int, got outcome, l *line) {
	ours, peer := got.ours.Wall, got.peer.Wall
	l.ours, l.resident = seconds(ours), megabytes(got.ours.Memory)
	if got.ours.Memory > r.most {
		r.most, r.mostIn = got.ours.Memory, t.name
	}
	if b, ok := r.before[t.name]; ok {
		e := math.Log(ours.Seconds()/b.wall.Seconds()) / math.Log(float64(rows)/float64(b.rows))
		l.exponent = fmt.Sprintf("%.2f", e)
		if r.steepest.task == "" || e > r.steepest.exponent {
			r.steepest = growth{t.name, b.rows, e}
		}
	}
	r.before[t.name] = point{rows, ours}
	if peer > 0 {
		r.dumped = r.dumped || t.name == checked
		x := ours.Seconds() / peer.Seconds()
		l.theirs, l.ratio = seconds(peer), fmt.Sprintf("%.3g", x)
		if rows >= lowest {
			l.verdict = verdict(x, t.limit)
		}
	}
	if t.seconds {
		l.verdict = verdict(ours.Seconds(), t.limit)
	}
}

// endSize adds the lines that are for all tasks of a size together.
func (r *report) endSize(p *place) {
	r.sizes(p)
	if r.most > 0 {
		l := line{work: "memory, most: " + r.mostIn, ours: megabytes(r.most), resident: megabytes(r.most)}
		if limit, ok := map[int]int64{1_000_000: 128, 10_000_000: 256}[p.rows]; ok {
			l.atMost, l.verdict = fmt.Sprintf("%d MB", limit), verdict(float64(r.most), float64(limit<<20))
		}
		r.write(p.rows, l)
	}
	if g := r.steepest; g.task != "" {
		const limit = 1.1
		l := line{work: fmt.Sprintf("scaling exponent from %s rows, most: %s", thousands(g.from), g.task), atMost: fmt.Sprint(limit), exponent: fmt.Sprintf("%.2f", g.exponent)}
		if g.from >= lowest {
			l.verdict = verdict(g.exponent, limit)
		}
		r.write(p.rows, l)
	}
	r.most, r.mostIn, r.dumped, r.steepest = 0, "", false, growth{}
}

// sizes adds the package's size beside the dump's where both were made now.
func (r *report) sizes(p *place) {
	if !r.dumped {
		return
	}
	a, errA := os.Stat(p.path(ourBackup))
	b, errB := os.Stat(p.path(peerBackup))
	if errA != nil || errB != nil {
		return
	}
	const limit = 1.05
	x := float64(a.Size()) / float64(b.Size())
	l := line{
		work: "package size", peer: dumper, ratio: fmt.Sprintf("%.3g", x), atMost: fmt.Sprint(limit),
		ours: fmt.Sprintf("%.1f MB", float64(a.Size())/1e6), theirs: fmt.Sprintf("%.1f MB", float64(b.Size())/1e6),
	}
	if p.rows >= lowest {
		l.verdict = verdict(x, limit)
	}
	r.write(p.rows, l)
}

func (r *report) String() string {
	out := r.heading + "| rows | work | beside it | ours | peer | ratio | at most | | resident | exponent |\n|---:|---|---|---:|---:|---:|---:|---|---:|---:|\n" +
		strings.Join(r.lines, "\n") + "\n"
	if len(r.misses) > 0 {
		out += "\nMissed:\n\n" + strings.Join(r.misses, "\n") + "\n"
	}
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func megabytes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", n>>20)
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
