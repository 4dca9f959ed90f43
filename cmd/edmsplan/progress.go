package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/edmsplan/edmsplan/planner"
)

// progress tells on standard error how far the work is: on a terminal a line
// that renews itself, elsewhere a plain line now and then. It speaks up by
// itself when a step takes long, so that nobody waits before a silent screen.
//
// It implements engine.Observer.
type progress struct {
	w        io.Writer
	terminal bool
	quit     chan struct{}
	done     sync.WaitGroup

	mu    sync.Mutex
	state string
}

// Times of progress: what is done at once is not worth a line, and a log does
// not need many.
const (
	firstSaid     = 500 * time.Millisecond
	everyTerminal = 100 * time.Millisecond
	everyPlain    = 5 * time.Second
	lineWidth     = 79
)

// startProgress begins to tell; stop must be called before anything else is
// written to the terminal.
func startProgress(w io.Writer) *progress {
	p := &progress{w: w, terminal: isTerminal(w), quit: make(chan struct{})}
	p.done.Go(p.tell)
	return p
}

// stop ends it and clears the line. It may be called twice, and on nil.
func (p *progress) stop() {
	if p == nil {
		return
	}
	select {
	case <-p.quit:
	default:
		close(p.quit)
	}
	p.done.Wait()
}

func (p *progress) tell() {
	every := everyPlain
	if p.terminal {
		every = everyTerminal
	}
	said := ""
	for wait := firstSaid; ; wait = every {
		select {
		case <-p.quit:
			if p.terminal && said != "" {
				fmt.Fprint(p.w, "\r\x1b[K")
			}
			return
		case <-time.After(wait):
		}
		p.mu.Lock()
		state := p.state
		p.mu.Unlock()
		switch {
		case state == said:
		case p.terminal:
			fmt.Fprint(p.w, "\r\x1b[K"+cut(state))
		default:
			fmt.Fprintln(p.w, state)
		}
		said = state
	}
}

// cut keeps the state on one line.
func cut(state string) string {
	if r := []rune(state); len(r) > lineWidth {
		return string(r[:lineWidth-1]) + "…"
	}
	return state
}

// say notes the state.
func (p *progress) say(format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	p.mu.Lock()
	p.state = text
	p.mu.Unlock()
}

// Planning implements planner.Observer.
func (p *progress) Planning(model string, side planner.Side, records int) {
	if side == planner.SideLive {
		p.say("Planning %s: %d live rows read", model, records)
		return
	}
	p.say("Planning %s: %d records of the package read", model, records)
}

// Writing implements engine.Observer.
func (p *progress) Writing(table string, rows, total int64) {
	p.say("Writing %s: %d of %d rows", table, rows, total)
}

// verifying tells how far reading a package back is, see backup.Verifier; nil
// when nothing is to be told.
func (p *progress) verifying() func(model string, bytes int64) {
	if p == nil {
		return nil
	}
	var read int64
	return func(model string, bytes int64) {
		read += bytes
		if model == "" {
			model = "the files"
		}
		p.say("Verifying %s: %s read", model, bytesText(read))
	}
}

// Stage implements engine.Observer.
func (p *progress) Stage(name string) {
	words := map[string]string{
		"plan": "Planning", "lock": "Waiting for the tables' locks", "compare": "Comparing with the saved plan",
		"write": "Writing", "judge": "Letting the database judge the changes", "log": "Writing the change log", "commit": "Committing",
		"read": "Reading the live database", "select": "Choosing what leaves", "files": "Reading the files",
	}
	if w, ok := words[name]; ok {
		name = w
	}
	p.say("%s …", name)
}
