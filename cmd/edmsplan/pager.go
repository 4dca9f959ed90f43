package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
)

// screen is the size of a terminal, zero where it is not known.
type screen struct{ columns, rows int }

// pagerOff is the flag -no-pager.
const pagerOff = "show long texts without a pager"

// paged writes a text to standard output, through a pager where that is a
// terminal and the text is longer than its screen. Whoever leaves the pager
// early has seen enough: that is no error, nor is a pager that does not start.
func (s streams) paged(off bool, write func(io.Writer) error) error {
	f, isFile := fileOf(s.out)
	if off || !isFile || !isTerminal(f) {
		return write(s.out)
	}
	p := &pager{out: f, screen: screenOf(f), command: s.pagerCommand(), env: s.pagerEnv()}
	err := write(p)
	if errors.Is(err, errPagerLeft) {
		err = nil
	}
	return errors.Join(err, p.Close())
}

// pagerCommand is the pager as git finds its own: the program's variable, then
// everybody's, then less. Empty and cat are none.
func (s streams) pagerCommand() []string {
	text := "less -FRX"
	for _, name := range []string{"EDMSPLAN_PAGER", "PAGER"} {
		if v, set := s.env(name); set {
			text = strings.TrimSpace(v)
			break
		}
	}
	switch {
	case text == "" || text == "cat":
		return nil
	case strings.ContainsAny(text, "|&;<>()$`\\\"'*?[#~=%"):
		return []string{"sh", "-c", text}
	}
	return strings.Fields(text)
}

// pagerEnv makes less show colours, and end by itself where it can, unless who
// uses it has chosen otherwise.
func (s streams) pagerEnv() []string {
	env := os.Environ()
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, set := s.env(name); !set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// errPagerLeft ends a rendering that nobody reads on.
var errPagerLeft = errors.New("the pager was left")

// pager holds back what is written until it is longer than the screen; then a
// pager is started and gets it and all that follows. Close must be called.
type pager struct {
	out     *os.File
	screen  screen
	command []string
	env     []string

	held  bytes.Buffer
	rows  int
	lines lineCount
	// pipe leads to the pager once it runs; plain says that none will.
	pipe  io.WriteCloser
	run   *exec.Cmd
	plain bool
	stop  chan os.Signal
}

// Write implements io.Writer.
func (p *pager) Write(b []byte) (int, error) {
	switch {
	case p.pipe != nil:
		if _, err := p.pipe.Write(b); err != nil {
			return 0, errPagerLeft
		}
		return len(b), nil
	case p.plain:
		return p.out.Write(b)
	}
	p.held.Write(b)
	p.rows += p.lines.add(b, p.screen.columns)
	// The last row is the shell's prompt.
	if p.screen.rows > 0 && p.rows < p.screen.rows {
		return len(b), nil
	}
	if !p.start() {
		p.plain = true
	}
	if err := p.release(); err != nil {
		return 0, err
	}
	return len(b), nil
}

// start reports whether a pager runs now.
func (p *pager) start() bool {
	if len(p.command) == 0 || p.screen.rows == 0 {
		return false
	}
	c := exec.Command(p.command[0], p.command[1:]...)
	c.Stdout, c.Stderr, c.Env = p.out, os.Stderr, p.env
	pipe, err := c.StdinPipe()
	if err != nil {
		return false
	}
	if err := c.Start(); err != nil {
		return false
	}
	p.run, p.pipe = c, pipe
	// Ctrl-C is the pager's now: it would be left behind on a terminal that the
	// shell has taken back.
	p.stop = make(chan os.Signal, 1)
	signal.Notify(p.stop, os.Interrupt)
	return true
}

// release writes what was held back.
func (p *pager) release() error {
	var err error
	if p.pipe == nil {
		_, err = p.out.Write(p.held.Bytes())
	} else if _, broken := p.pipe.Write(p.held.Bytes()); broken != nil {
		err = errPagerLeft
	}
	p.held = bytes.Buffer{}
	return err
}

// Close shows what was shorter than the screen, or waits until the pager is
// left. How it ends does not matter.
func (p *pager) Close() error {
	if p.run == nil {
		return p.release()
	}
	_ = p.pipe.Close()
	_ = p.run.Wait()
	signal.Stop(p.stop)
	return nil
}

// lineCount counts the rows that a text takes on a screen.
type lineCount struct {
	column int
	escape bool // within a colour
}

func (l *lineCount) add(b []byte, columns int) int {
	rows := 0
	for _, c := range b {
		switch {
		case l.escape:
			l.escape = c != 'm'
		case c == 0x1b:
			l.escape = true
		case c == '\n':
			rows++
			l.column = 0
		case c&0xc0 != 0x80: // not inside of a character
			if l.column++; columns > 0 && l.column > columns {
				rows++
				l.column = 1
			}
		}
	}
	return rows
}
