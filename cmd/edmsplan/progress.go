package main

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
)

type engineDatabase = database.Database

// actor is who the change log names: EDMSPLAN_ACTOR, else the system's user.
func actor(s streams) string {
	if name, ok := s.env("EDMSPLAN_ACTOR"); ok && name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// progress tells how far the work is: a line that renews itself on a
// terminal, elsewhere a plain line when a long step goes on.
type progress struct {
	w        io.Writer
	terminal bool
	last     time.Time
	shown    bool
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && isatty.IsTerminal(f.Fd()), last: time.Now()}
}

// say prints a state, not more often than is pleasant.
func (p *progress) say(format string, args ...any) {
	every := 100 * time.Millisecond
	if !p.terminal {
		every = 5 * time.Second
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	if !p.terminal {
		fmt.Fprintf(p.w, format+"\n", args...)
		return
	}
	p.shown = true
	fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
}

// Planning implements engine.Observer.
func (p *progress) Planning(model string, side planner.Side, records int) {
	p.say("Planning %s: %d records of the %s read", model, records, side)
}

// Writing implements engine.Observer.
func (p *progress) Writing(table string, rows, total int64) {
	p.say("Writing %s: %d of %d rows", table, rows, total)
}

// Stage implements engine.Observer.
func (p *progress) Stage(name string) {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
	p.say("%s …", name)
}
