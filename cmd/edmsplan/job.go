package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/rivo/uniseg"

	"github.com/edmsplan/edmsplan/planner"
)

// job is one stage of the work, and how far it is. Whoever works only sets the
// numbers; rates are worked out by whoever shows it.
type job struct {
	title string
	unit  unit
	now   string // what is at work
	parts map[part]*amount
	// at is the part that a side was last heard of.
	at map[planner.Side]part
	// packed is what a package holds so far, nil when none is being written.
	packed *packed

	begun time.Time
	speed meter
}

// packed is how much of a package has been written.
type packed struct{ bytes, files int64 }

// unit is what a job counts: words, and how a number of them is written. A job
// without one is only named.
type unit struct {
	name string
	text func(int64) string
}

func records() unit    { return unit{"records", humanize.Comma} }
func rows() unit       { return unit{"rows", humanize.Comma} }
func fileNumber() unit { return unit{"files", humanize.Comma} }
func sizes() unit      { return unit{"", bytesText} }

func (u unit) of(n int64) string {
	name := u.name
	if n == 1 {
		name = strings.TrimSuffix(name, "s")
	}
	return strings.TrimSpace(u.text(n) + " " + name)
}

// part is what is counted by itself: a model on a side.
type part struct {
	model string
	side  planner.Side
}

// amount is how much of a part is done, and how much there is of it: as was
// promised or estimated, or negative when it is not known.
type amount struct {
	done, all int64
	exact     bool
}

func (j *job) part(p part) *amount {
	a := j.parts[p]
	if a == nil {
		a = &amount{all: -1}
		j.parts[p] = a
	}
	return a
}

// expect notes how much there is of a part.
func (j *job) expect(p part, n int64, exact bool) {
	a := j.part(p)
	a.all, a.exact = n, exact
}

// reach notes that a side, which goes from part to part, has come to this one:
// what was done of the one before is then all that there was of it.
func (j *job) reach(p part) {
	if before, ok := j.at[p.side]; ok && before != p {
		a := j.part(before)
		a.all, a.exact = a.done, true
	}
	j.at[p.side] = p
}

// count notes how much of a part is done.
func (j *job) count(p part, n int64, now string) {
	a := j.part(p)
	a.done = max(a.done, n)
	j.now = now
}

// progress is how much is done and how much there is, negative when that is not
// known.
func (j *job) progress() (done, all int64, exact bool) {
	exact = true
	for _, a := range j.parts {
		done += a.done
		switch {
		case all < 0:
		case a.all < 0:
			all = -1
		default:
			all += max(a.all, a.done)
			exact = exact && a.exact
		}
	}
	if len(j.parts) == 0 || all == 0 {
		all = -1
	}
	return done, all, exact && all > 0
}

// Times of evidence: before them a rate or a remaining time would be invented,
// and so it would be when nothing has moved for long.
const (
	rateAfter      = time.Second
	remainingAfter = 3 * time.Second
	stalledAfter   = 10 * time.Second
	// tooLong is a remaining time that nobody would believe.
	tooLong = 100 * time.Hour
)

// facts are a job in words, each empty where it is not known.
type facts struct {
	amount, rate, percent, remaining string
	share                            float64 // of all, 0 to 1, for a bar
}

func (j *job) facts(now time.Time) facts {
	if j.unit.text == nil {
		return facts{}
	}
	done, all, exact := j.progress()
	about := "~"
	if exact {
		about = ""
	}
	if done == 0 && all < 0 {
		return facts{}
	}
	f := facts{amount: j.unit.of(done)}
	if all > 0 {
		f.amount = j.unit.text(done) + " of " + about + j.unit.of(all)
		f.share = float64(done) / float64(all)
		// It is done when the next one begins, not when all is counted.
		f.percent = fmt.Sprintf("%s%d%%", about, min(int(100*f.share), 99))
	}
	rate, moving := j.speed.rate(now, j.begun)
	if !moving {
		return f
	}
	f.rate = j.unit.text(threeDigits(rate)) + "/s"
	if now.Sub(j.begun) < remainingAfter || all <= done {
		return f
	}
	// Rounded up, but for what is no more than an error of the numbers.
	if left := math.Ceil(float64(all-done)/rate - 0.01); left < tooLong.Seconds() {
		f.remaining = about + clock(time.Duration(left)*time.Second) + " left"
	}
	return f
}

// extra is what a package holds so far.
func (j *job) extra() string {
	var out []string
	if j.packed == nil {
		return ""
	}
	if j.packed.bytes > 0 {
		out = append(out, bytesText(j.packed.bytes)+" written")
	}
	if j.packed.files > 0 && j.unit.name != fileNumber().name {
		out = append(out, fileNumber().of(j.packed.files))
	}
	return strings.Join(out, ", ")
}

// line is the job on a line of a log.
func (j *job) line(now time.Time) string {
	text := j.title
	if j.now != "" {
		text += " " + j.now
	}
	f := j.facts(now)
	if list := join(", ", f.amount, f.percent, f.rate, f.remaining, j.extra()); list != "" {
		text += ": " + list
	}
	return text
}

// region is the job on a terminal: how far it is as a bar, and below that the
// numbers and what is at work.
func (j *job) region(now time.Time, elapsed time.Duration, columns int) []string {
	f := j.facts(now)
	head := "[" + clock(elapsed) + "] " + j.title
	second := join(", ", f.amount, f.rate, j.extra(), j.now)
	if f.percent == "" {
		return nonEmpty(head, second)
	}
	if uniseg.StringWidth(head)+1+len(f.percent) > columns {
		head = j.title
	}
	room := columns - uniseg.StringWidth(head) - 1
	tail := join("  ", f.percent, f.remaining)
	if room < len(tail) {
		tail = f.percent
	}
	// The bar keeps its width when the remaining time comes and goes.
	if n := min(room-max(len(tail), usualTail)-len("[]  "), widestBar); n >= narrowestBar {
		return nonEmpty(head+" "+bar(f.share, n)+"  "+tail, second)
	}
	return nonEmpty(cut(head, columns-len(tail)-1)+" "+tail, second)
}

// Columns of a bar within its brackets.
const (
	narrowestBar = 6
	widestBar    = 40
	usualTail    = len("~99%  ~0:00 left")
)

// bar is never full: what is done has none.
func bar(share float64, columns int) string {
	n := min(int(share*float64(columns)), columns-1)
	return "[" + strings.Repeat("=", n) + ">" + strings.Repeat(" ", columns-n-1) + "]"
}

func nonEmpty(first, second string) []string {
	if second == "" {
		return []string{first}
	}
	return []string{first, "  " + second}
}

// join joins what is not empty.
func join(between string, parts ...string) string {
	out := parts[:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, between)
}

// clock is a duration as 0:07 or 1:02:03.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// threeDigits keeps a rate from flickering.
func threeDigits(v float64) int64 {
	if v < 1000 {
		return int64(math.Round(v))
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-2)
	return int64(math.Round(v/unit) * unit)
}

// meter smooths how fast a number grows: what was long ago counts for less. The
// first measures count in full, so that it does not have to warm up.
type meter struct {
	last, moved  time.Time
	done         int64
	mean, weight float64
}

// memory is the time after which a measure counts for a third.
const memory = 8 * time.Second

func (m *meter) measure(now time.Time, done int64) {
	since := now.Sub(m.last)
	if since <= 0 {
		return
	}
	share := 1 - math.Exp(-float64(since)/float64(memory))
	m.mean += share * (float64(done-m.done)/since.Seconds() - m.mean)
	m.weight += share * (1 - m.weight)
	if done > m.done {
		m.moved = now
	}
	m.last, m.done = now, done
}

// rate is that of a second; false where there is too little to tell.
func (m *meter) rate(now, begun time.Time) (float64, bool) {
	if m.weight == 0 || now.Sub(begun) < rateAfter || m.moved.IsZero() || now.Sub(m.moved) > stalledAfter {
		return 0, false
	}
	r := m.mean / m.weight
	return r, r >= 1
}
