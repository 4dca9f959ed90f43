package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// throughPager writes so many lines to a pager on a screen of ten rows, whose
// output is a file, and gives what is in the file and the last write's error.
func throughPager(t *testing.T, lines int, command ...string) (string, error) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	p := &pager{out: f, screen: screen{columns: 20, rows: 10}, command: command, env: os.Environ()}
	for range lines {
		if _, err = p.Write([]byte("line\n")); err != nil {
			break
		}
	}
	if err := errors.Join(p.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	content, readErr := os.ReadFile(f.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(content), err
}

func TestAPagerGetsWhatIsLongerThanTheScreen(t *testing.T) {
	whole := func(n int) string { return strings.Repeat("line\n", n) }
	number := []string{"sed", "s/^/paged: /"}
	numbered := func(n int) string { return strings.Repeat("paged: line\n", n) }
	tests := map[string]struct {
		lines   int
		command []string
		want    string
	}{
		"a text that fits is shown as it is":                {9, number, whole(9)},
		"a text that is longer goes through the pager":      {10, number, numbered(10)},
		"a much longer one too":                             {5000, number, numbered(5000)},
		"without a pager it is shown as it is":              {50, nil, whole(50)},
		"a pager that cannot be started is no error":        {50, []string{"/nonexistent/pager"}, whole(50)},
		"nothing is shown as nothing":                       {0, number, ""},
		"a pager may be a command line of the shell":        {20, []string{"sh", "-c", "sed -n '1p;20p'"}, whole(2)},
		"a pager that fails after it has read is no matter": {20, []string{"sh", "-c", "cat; exit 3"}, whole(20)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := throughPager(t, tt.lines, tt.command...)
			if err != nil || got != tt.want {
				t.Errorf("%v; %d lines: %.200q", err, strings.Count(got, "\n"), got)
			}
		})
	}
}

func TestWhoLeavesThePagerHasSeenEnough(t *testing.T) {
	got, err := throughPager(t, 1_000_000, "head", "-n", "3")
	if !errors.Is(err, errPagerLeft) || got != "line\nline\nline\n" {
		t.Errorf("%v, %q", err, got)
	}
}

func TestRowsOfAText(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a\n": 1, "0123456789\n": 1, "0123456789a\n": 2, "\x1b[31mred\x1b[0m567\n": 1, "ééééééééé\n": 1, "\n\n\n": 3,
	} {
		if got := new(lineCount).add([]byte(text), 10); got != want {
			t.Errorf("%q takes %d rows, want %d", text, got, want)
		}
	}
}

func TestWhichPager(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want []string
	}{
		"less, as git has it":                    {nil, []string{"less", "-FRX"}},
		"PAGER, with its arguments":              {map[string]string{"PAGER": "more -d"}, []string{"more", "-d"}},
		"EDMSPLAN_PAGER before PAGER":            {map[string]string{"PAGER": "more", "EDMSPLAN_PAGER": "most"}, []string{"most"}},
		"cat is none":                            {map[string]string{"PAGER": "cat"}, nil},
		"an empty one is none, whatever else is": {map[string]string{"PAGER": "more", "EDMSPLAN_PAGER": ""}, nil},
		"a command line is the shell's":          {map[string]string{"PAGER": "LESS=S less"}, []string{"sh", "-c", "LESS=S less"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := streams{env: func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok }}
			if got := s.pagerCommand(); !slices.Equal(got, tt.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}
