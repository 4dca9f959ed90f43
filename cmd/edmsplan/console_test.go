package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

// consoleOn is a console on the terminal, with two voices.
func consoleOn(v *terminal) (c *console, out, err *voice) {
	c = &console{terminal: v, size: v.size, reflows: v.reflows}
	return c, &voice{Writer: v, console: c}, &voice{Writer: v, console: c}
}

// fixed is a region of these lines.
func fixed(lines ...string) func(int) []string {
	return func(int) []string { return append([]string(nil), lines...) }
}

func sees(t *testing.T, v *terminal, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, v.lines()); diff != "" {
		t.Errorf("the screen (-want +got):\n%s", diff)
	}
}

func TestTheRegionStaysBelowWhatIsWritten(t *testing.T) {
	v := newTerminal(t, 20, 5, true)
	c, out, errs := consoleOn(v)
	fmt.Fprintln(out, "before")
	must(t, c.show(fixed("one", "two")))
	sees(t, v, "before", "one", "two")
	fmt.Fprintln(errs, "a warning that is longer than the screen is wide")
	fmt.Fprint(out, "half a ")
	sees(t, v, "before", "a warning that is longer than the screen is wide", "one", "two")
	fmt.Fprint(errs, "another warning\n")
	fmt.Fprint(out, "line\nand a beginning")
	must(t, c.show(fixed("three")))
	sees(t, v, "before", "a warning that is longer than the screen is wide", "another warning", "half a line", "three")
	must(t, c.hide())
	sees(t, v, "before", "a warning that is longer than the screen is wide", "another warning", "half a line", "and a beginning")
	fmt.Fprintln(out, ", continued")
	sees(t, v, "before", "a warning that is longer than the screen is wide", "another warning", "half a line", "and a beginning, continued")
}

func TestTheRegionIsCutToTheScreen(t *testing.T) {
	v := newTerminal(t, 12, 10, true)
	c, _, _ := consoleOn(v)
	must(t, c.show(fixed("exactly 11 c", "日本語日本語", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301")))
	sees(t, v, "exactly 11…", "日本語日本…", strings.Repeat("e\u0301", 10)+"…")
	v.resize(8, 10)
	must(t, c.show(fixed("exactly 11 c", "two")))
	sees(t, v, "exactl…", "two")
	v.resize(3, 5)
	must(t, c.show(fixed("exactly 11 c", "two")))
	sees(t, v, "e…", "t…")
	v.resize(3, 2)
	must(t, c.show(fixed("exactly 11 c", "two")))
	sees(t, v, "e…") // the other row is left to what is written above
	must(t, c.hide())
	sees(t, v)
}

func TestNothingIsWrittenWhereNothingChanged(t *testing.T) {
	v := newTerminal(t, 80, 10, true)
	c, _, _ := consoleOn(v)
	must(t, c.hide())
	for range 5 {
		must(t, c.show(fixed("same")))
	}
	if v.says != 1 {
		t.Errorf("the terminal was written to %d times", v.says)
	}
}

// Whatever is written, in whatever pieces, and however often the region is
// drawn and the terminal resized: all lines are there whole and in order, and
// below them the region and nothing else. In a terminal that cuts lines, what
// is cut is lost, so that only their number and beginnings are compared.
func TestTheRegionNeverTearsALine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		reflows := rapid.Bool().Draw(rt, "reflows")
		v := newTerminal(t, rapid.IntRange(2, 90).Draw(rt, "columns"), rapid.IntRange(4, 12).Draw(rt, "rows"), reflows)
		c, out, errs := consoleOn(v)
		word := rapid.SampledFrom([]string{"users", "ö", "語", "documents.document", " ", "\n", "\n\n", "x\n"})
		var want strings.Builder
		pending := map[*voice]string{}
		narrowest, shown := v.columns, []string(nil)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0:
				shown = rapid.SliceOfN(rapid.SampledFrom([]string{"[0:01] Planning", "語語語語語語語語語語語語", "r", strings.Repeat("=", 100)}), 1, 3).Draw(rt, "region")
				must(t, c.show(fixed(shown...)))
			case 1:
				columns, taken := rapid.IntRange(2, 90).Draw(rt, "columns"), 0
				for _, l := range c.drawn {
					taken += 1 + breaks(l, columns)
				}
				if reflows && taken > v.screen.rows {
					continue // what has left the screen at its top cannot be erased
				}
				v.resize(columns, v.screen.rows)
				narrowest = min(narrowest, v.columns)
				if shown != nil {
					must(t, c.show(fixed(shown...)))
				}
			default:
				voice := out
				if rapid.Bool().Draw(rt, "warning") {
					voice = errs
				}
				text := strings.Join(rapid.SliceOfN(word, 1, 6).Draw(rt, "text"), "")
				if shown == nil {
					text = strings.TrimRight(text, "\n") + "\n" // an unfinished line has no region to be held for
				}
				fmt.Fprint(voice, text)
				pending[voice] += text
				if i := strings.LastIndexByte(pending[voice], '\n'); i >= 0 {
					want.WriteString(pending[voice][:i+1])
					pending[voice] = pending[voice][i+1:]
				}
			}
		}
		compare := func(region []string) {
			rt.Helper()
			lines := strings.Split(strings.TrimSuffix(want.String(), "\n"), "\n")
			if want.Len() == 0 {
				lines = nil
			}
			for _, l := range region {
				lines = append(lines, cut(l, v.columns-1))
			}
			for i := range lines {
				lines[i] = strings.TrimRight(lines[i], " ")
			}
			for len(lines) > 0 && lines[len(lines)-1] == "" {
				lines = lines[:len(lines)-1]
			}
			got := v.lines()
			if len(lines)+len(got) == 0 {
				return
			}
			if !reflows {
				got, lines = beginnings(got, narrowest), beginnings(lines, narrowest)
			}
			if diff := cmp.Diff(lines, got); diff != "" {
				rt.Fatalf("the screen (-want +got):\n%s", diff)
			}
		}
		compare(shown)
		must(t, c.hide())
		for _, l := range pending {
			if l != "" && shown != nil {
				return // how unfinished lines end is tested elsewhere
			}
		}
		compare(nil)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func beginnings(lines []string, columns int) []string {
	var out []string
	for _, l := range lines {
		for uniseg.StringWidth(l) > columns-2 && l != "" {
			l = l[:len(l)-1]
		}
		out = append(out, strings.TrimRight(strings.ToValidUTF8(l, ""), " "))
	}
	return out
}

func TestWhichTerminalsReflow(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want bool
	}{
		"most":                     {map[string]string{"TERM": "xterm-256color"}, true},
		"tmux":                     {map[string]string{"TERM": "tmux-256color", "TMUX": "/tmp/x"}, true},
		"tmux that says screen":    {map[string]string{"TERM": "screen-256color", "TMUX": "/tmp/x"}, true},
		"screen in an xterm":       {map[string]string{"TERM": "screen.xterm-256color"}, false},
		"screen itself":            {map[string]string{"TERM": "screen"}, false},
		"xterm itself":             {map[string]string{"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(390)"}, false},
		"the console of the Linux": {map[string]string{"TERM": "linux"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := streams{env: func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok }}
			if got := s.reflows(); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
}
