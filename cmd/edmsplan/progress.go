package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
)

// progress tells on standard error how far the work is: on a terminal with a
// bar below everything else, elsewhere with a plain line now and then. It
// speaks up by itself when a step takes long, so that nobody waits before a
// silent screen.
//
// It implements engine.Observer and planner.Expecter. Those that work only
// leave numbers with it, once every few thousand records.
type progress struct {
	console *console  // nil: plain lines
	plain   io.Writer // where those go
	begun   time.Time
	quit    chan struct{}
	ended   sync.WaitGroup

	mu  sync.Mutex
	job *job // nil before the first
	// packed is what all jobs have put into a package.
	packed packed
}

// Times of progress: what is done at once is not worth a line, and a log does
// not need many.
const (
	firstSaid     = 500 * time.Millisecond
	everyTerminal = 200 * time.Millisecond
	everyPlain    = 5 * time.Second
)

// startProgress begins to tell. stop must be called before anything is asked
// or printed that is the outcome; other lines may be written meanwhile.
func startProgress(s streams) *progress { return tellProgress(s.err, s.console()) }

// tellProgress begins to tell on the console, or without one in plain lines.
func tellProgress(plain io.Writer, c *console) *progress {
	p := &progress{console: c, plain: plain, begun: time.Now(), quit: make(chan struct{})}
	p.ended.Go(p.tell)
	return p
}

// console is that of standard error, nil where plain lines are wanted.
func (s streams) console() *console {
	v, ok := s.err.(*voice)
	if !ok {
		return nil
	}
	term, _ := s.env("TERM")
	ci, _ := s.env("CI")
	if term == "dumb" || ci != "" || !s.look(s.err).Color {
		return nil
	}
	return v.console
}

// stop ends it and removes what it shows. It may be called twice, and on nil.
func (p *progress) stop() {
	if p == nil {
		return
	}
	select {
	case <-p.quit:
	default:
		close(p.quit)
	}
	p.ended.Wait()
}

// tell shows the job until it is stopped. What cannot be shown is not worth
// failing for.
func (p *progress) tell() {
	tick := time.NewTicker(everyTerminal)
	defer tick.Stop()
	var said heard
	for {
		select {
		case <-p.quit:
			if p.console != nil {
				_ = p.console.hide()
			}
			return
		case now := <-tick.C:
			if !p.measure(now) || now.Sub(p.begun) < firstSaid {
				continue
			}
			if p.console != nil {
				_ = p.console.show(p.frame)
			} else {
				p.sayPlain(now, &said)
			}
		}
	}
}

// measure lets the job's meter look; false when there is nothing to show yet.
func (p *progress) measure(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.job == nil {
		return false
	}
	done, _, _ := p.job.progress()
	p.job.speed.measure(now, done)
	return true
}

// frame is the region of the console.
func (p *progress) frame(columns int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	return p.job.region(now, now.Sub(p.begun), columns)
}

// heard is what the last plain line was about.
type heard struct {
	at   time.Time
	job  *job
	done int64
	now  string
}

// sayPlain writes a line if there is something new to say and the last one was
// a while ago.
func (p *progress) sayPlain(now time.Time, last *heard) {
	if now.Sub(last.at) < everyPlain {
		return
	}
	p.mu.Lock()
	done, _, _ := p.job.progress()
	news := heard{now, p.job, done, p.job.now}
	line := p.job.line(now)
	p.mu.Unlock()
	if news.job == last.job && news.done == last.done && news.now == last.now {
		return
	}
	fmt.Fprintln(p.plain, line)
	*last = news
}

// begin begins another job.
func (p *progress) begin(title string, u unit) *job {
	now := time.Now()
	j := &job{
		title: title, unit: u, parts: map[part]*amount{}, at: map[planner.Side]part{},
		begun: now, speed: meter{last: now},
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if title == titlePacking || title == titlePackingFiles {
		j.packed = &p.packed
	}
	p.job = j
	return j
}

// say begins a job of which nothing is counted.
func (p *progress) say(format string, args ...any) {
	p.begin(printable(fmt.Sprintf(format, args...)), unit{})
}

// Expect implements planner.Expecter.
func (p *progress) Expect(model string, side planner.Side, n int64, exact bool) {
	if side == planner.SideChanges {
		p.begin("Sealing the plan", records())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.job != nil {
		p.job.expect(part{model, side}, n, exact)
	}
}

// Planning implements planner.Observer.
func (p *progress) Planning(model string, side planner.Side, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := printable(model)
	switch {
	case p.job == nil:
		return
	case side == planner.SideChanges:
		model = "" // they are counted together
	default:
		now += " (" + string(side) + ")"
	}
	at := part{model, side}
	p.job.reach(at)
	p.job.count(at, int64(n), now)
}

// Writing implements engine.Observer.
func (p *progress) Writing(table string, n, all int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.job == nil {
		return
	}
	at := part{} // the numbers are of all tables
	if p.job.packed != nil {
		at = part{table, planner.SideLive}
	}
	p.job.expect(at, all, true) // negative is not known
	p.job.count(at, n, printable(table))
}

// titles are the stages of engine.Observer in words, with what is counted
// during them.
func titles() map[string]struct {
	title string
	unit  unit
} {
	type words = struct {
		title string
		unit  unit
	}
	return map[string]words{
		"plan": {"Planning", records()}, "lock": {"Waiting for the tables' locks", unit{}},
		"compare": {"Comparing with the saved plan", unit{}}, "write": {"Writing", rows()},
		"judge": {"Letting the database judge the changes", unit{}}, "log": {"Writing the change log", records()},
		"check": {"Checking as the policy says", unit{}}, "commit": {"Committing", unit{}},
		"read": {"Reading the live database", unit{}}, "select": {"Choosing what leaves", rows()},
		"pack": {titlePacking, records()}, "files": {titlePackingFiles, fileNumber()},
		"entries": {"Reading the change log", records()}, "images": {"Reading what the apply wrote", records()},
		"compare-files": {"Comparing the files", sizes()}, "copy-files": {"Copying the files", sizes()},
	}
}

// Titles of the stages that write a package.
const (
	titlePacking      = "Packing"
	titlePackingFiles = "Packing the files"
)

// Stage implements engine.Observer.
func (p *progress) Stage(name string) {
	w, ok := titles()[name]
	if !ok {
		w.title = name
	}
	p.begin(w.title, w.unit)
}

// reading is a context in which fetching and opening a package tells how far it
// is; each of its files that is read whole is told of anew.
func (p *progress) reading(ctx context.Context) context.Context {
	if p == nil {
		return ctx
	}
	var j *job
	of, last := "", int64(0)
	return backup.Watch(ctx, func(file string, read, size int64) {
		if j == nil || of != file || read < last {
			j, of = p.begin("Reading", sizes()), file
		}
		last = read
		p.mu.Lock()
		defer p.mu.Unlock()
		j.expect(part{}, size, true)
		j.count(part{}, read, printable(file))
	})
}

// each tells of things that are gone through one after the other: to be called
// with the number of those done, and the name of the one that is next.
func (p *progress) each(title, things string, all int) func(done int, name string) {
	if p == nil {
		return func(int, string) {}
	}
	j := p.begin(title, unit{things, humanize.Comma})
	j.expect(part{}, int64(all), true)
	return func(done int, name string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		j.count(part{}, int64(done), printable(name))
	}
}

// verifying tells how far reading a package back is, see backup.Verifier; nil
// when nothing is to be told.
func (p *progress) verifying(pkg backup.Package) func(model string, bytes int64) {
	if p == nil {
		return nil
	}
	at := part{}
	j := p.begin("Verifying", sizes())
	if sized, ok := pkg.(interface{ Bytes() int64 }); ok {
		p.mu.Lock()
		j.expect(at, sized.Bytes(), true)
		p.mu.Unlock()
	}
	return func(model string, bytes int64) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if model == "" {
			model = "the files"
		}
		j.count(at, j.part(at).done+bytes, printable(model))
	}
}
