package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rivo/uniseg"
)

// console is a terminal that shows a live region below everything else: a few
// lines that renew themselves. What is written through its voices meanwhile
// comes above the region, whole lines at a time. It may be used from several
// goroutines.
type console struct {
	terminal io.Writer
	size     func() screen
	// reflows says that the terminal breaks lines anew when it becomes narrower,
	// so that a line of the region takes several rows.
	reflows bool

	mu     sync.Mutex
	frame  func(columns int) []string // nil while there is no region
	drawn  []string
	at     screen   // the size when it was drawn
	voices []*voice // with an unfinished line, in the order in which they began it
}

// voice is a stream that leads to the console's terminal.
type voice struct {
	io.Writer
	console *console
	held    []byte // an unfinished line
}

// Write implements io.Writer.
func (v *voice) Write(b []byte) (int, error) { return v.console.write(v, b) }

// onConsole puts standard error, and standard output if it is the same
// terminal, on a console.
func onConsole(s streams) streams {
	f, ok := s.err.(*os.File)
	if !ok || !isTerminal(f) {
		return s
	}
	c := &console{terminal: f, size: func() screen { return screenOf(f) }, reflows: s.reflows()}
	s.err = &voice{Writer: f, console: c}
	if out, ok := s.out.(*os.File); ok && isTerminal(out) && sameFile(out, f) {
		s.out = &voice{Writer: out, console: c}
	}
	return s
}

func sameFile(a, b *os.File) bool {
	x, err1 := a.Stat()
	y, err2 := b.Stat()
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// fileOf is the file that a stream leads to, if it does.
func fileOf(w io.Writer) (*os.File, bool) {
	if v, ok := w.(*voice); ok {
		w = v.Writer
	}
	f, ok := w.(*os.File)
	return f, ok
}

// reflows reports whether the terminal is of a kind that breaks lines anew when
// it changes its width. Nearly all do; were it assumed of one that does not,
// lines above the region would be erased.
func (s streams) reflows() bool {
	is := func(name string) bool { v, _ := s.env(name); return v != "" }
	term, _ := s.env("TERM")
	kind, _, _ := strings.Cut(term, "-")
	return !is("XTERM_VERSION") && kind != "linux" && kind != "st" && (!strings.HasPrefix(term, "screen") || is("TMUX"))
}

// show draws the region, which from now on is as frame says; it gives the lines
// for so many columns. Nothing is written when they are those shown already.
func (c *console) show(frame func(columns int) []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frame = frame
	return c.draw(nil)
}

// hide removes the region, and writes what the voices have begun.
func (c *console) hide() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b bytes.Buffer
	c.erase(&b, c.size())
	c.frame, c.drawn = nil, nil
	for i, v := range c.voices {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.Write(v.held)
		v.held = nil
	}
	c.voices = nil
	if b.Len() == 0 {
		return nil
	}
	_, err := c.terminal.Write(b.Bytes())
	return err
}

func (c *console) write(v *voice, b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frame == nil {
		return v.Writer.Write(b)
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	var lines []byte
	if end > 0 {
		lines = append(v.held, b[:end]...)
		v.held = nil
	}
	v.held = append(v.held, b[end:]...)
	c.note(v)
	if lines == nil {
		return len(b), nil
	}
	if err := c.draw(lines); err != nil {
		return 0, err
	}
	return len(b), nil
}

// note keeps the voices with an unfinished line in their order.
func (c *console) note(v *voice) {
	for i, other := range c.voices {
		if other == v {
			if len(v.held) == 0 {
				c.voices = slices.Delete(c.voices, i, i+1)
			}
			return
		}
	}
	if len(v.held) > 0 {
		c.voices = append(c.voices, v)
	}
}

// draw writes the lines above the region and the region below them, at once:
// neither is seen without the other.
func (c *console) draw(above []byte) error {
	size := c.size()
	columns := max(size.columns-1, 1) // the last one may break the line
	if size.columns == 0 {
		columns = unknownWidth - 1
	}
	lines := c.frame(columns)
	if size.rows > 0 {
		lines = lines[:min(len(lines), max(size.rows-1, 1))]
	}
	for i := range lines {
		lines[i] = cut(lines[i], columns)
	}
	if above == nil && size == c.at && slices.Equal(lines, c.drawn) {
		return nil
	}
	var b bytes.Buffer
	c.erase(&b, size)
	b.Write(above)
	b.WriteString(strings.Join(lines, "\n"))
	if len(lines) > 0 {
		b.WriteByte('\r')
	}
	c.drawn, c.at = lines, size
	_, err := c.terminal.Write(b.Bytes())
	return err
}

// unknownWidth is that of a terminal that does not tell its own.
const unknownWidth = 80

// erase removes the region as it was drawn. The cursor is at the beginning of
// its last line, where it stays whatever the terminal does to the lines.
func (c *console) erase(b *bytes.Buffer, size screen) {
	if len(c.drawn) == 0 {
		return
	}
	up := 0
	for _, line := range c.drawn[:len(c.drawn)-1] {
		up++
		if c.reflows && size.columns > 0 {
			up += breaks(line, size.columns)
		}
	}
	b.WriteByte('\r')
	if up > 0 {
		b.WriteString("\x1b[" + strconv.Itoa(up) + "A")
	}
	b.WriteString("\x1b[J")
}

// breaks is how often a terminal of so many columns breaks a line.
func breaks(line string, columns int) int {
	n, at := 0, 0
	for g := uniseg.NewGraphemes(line); g.Next(); {
		if at+g.Width() > columns {
			n, at = n+1, 0
		}
		at += g.Width()
	}
	return n
}

// cut keeps a text within so many columns.
func cut(text string, columns int) string {
	if uniseg.StringWidth(text) <= columns {
		return text
	}
	var b strings.Builder
	left := columns - 1
	for g := uniseg.NewGraphemes(text); g.Next(); {
		if left -= g.Width(); left < 0 {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}
