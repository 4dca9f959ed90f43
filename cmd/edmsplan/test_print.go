package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/edmsplan/edmsplan/engine/policytest"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// testReport prints results as they come, and keeps them.
type testReport struct {
	s              streams
	json           bool
	style          render.Options
	files          []testedFile
	passed, failed int
}

// testedFile is a file with the results of its tests.
type testedFile struct {
	path    string
	results []*policytest.Result
}

// file runs the tests of a file.
func (t *testReport) file(ctx context.Context, r *policytest.Runner, f *policy.TestFile, path string) error {
	if len(r.Selected(f)) == 0 {
		return nil
	}
	t.say("%s... in progress\n", path)
	file := testedFile{path: path}
	word := "pass"
	err := r.Run(ctx, f, filepath.Dir(path), func(result *policytest.Result) error {
		file.results = append(file.results, result)
		if result.Passed() {
			t.passed++
		} else {
			t.failed++
			word = "fail"
		}
		if t.json {
			return writeJSON(t.s.out, testOf(path, result))
		}
		t.say("  test %q... %s\n", result.Test.Name, status(result))
		return t.explain(path, result)
	})
	t.files = append(t.files, file)
	if err != nil {
		return err
	}
	t.say("%s... %s\n", path, word)
	return nil
}

// status is what is said of a test: pass, fail, or error when it could not run.
func status(r *policytest.Result) string {
	switch {
	case r.Passed():
		return "pass"
	case r.Diagnostics.HasErrors():
		return "error"
	}
	return "fail"
}

func (t *testReport) say(format string, args ...any) {
	if !t.json {
		fmt.Fprintf(t.s.out, format, args...)
	}
}

// explain prints why a test does not pass.
func (t *testReport) explain(path string, r *policytest.Result) error {
	if r.Diagnostics.HasErrors() {
		return render.Diagnostics(t.s.out, r.Diagnostics, t.style)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(t.s.out, "\n    %s\n", strings.Join(problemLines(path, p, t.style.Color), "\n    "))
	}
	if len(r.Problems) > 0 {
		fmt.Fprintln(t.s.out)
	}
	return nil
}

// problemLines are a problem's place, and its difference: what is expected with
// a minus, what is with a plus.
func problemLines(path string, p policytest.Problem, color bool) []string {
	lines := []string{fmt.Sprintf("%s:%d: %s", path, p.Range.Start.Line, p.Summary)}
	if len(p.Want)+len(p.Got) > 0 {
		lines[0] += " (- expected, + planned)"
	}
	for _, d := range diffLines(p.Want, p.Got) {
		lines = append(lines, paintLine(d, color))
	}
	if p.Note != "" {
		for n := range strings.SplitSeq(strings.TrimSpace(p.Note), "\n") {
			lines = append(lines, "  "+n)
		}
	}
	return lines
}

func paintLine(line string, color bool) string {
	if !color || line[2] == ' ' {
		return printable(line)
	}
	code := "31"
	if line[2] == '+' {
		code = "32"
	}
	return "\x1b[" + code + "m" + printable(line) + "\x1b[0m"
}

// diffLines compares lines; each line of the result begins with a mark.
func diffLines(want, got []string) []string {
	join := func(l []string) string {
		if len(l) == 0 {
			return ""
		}
		return strings.Join(l, "\n") + "\n"
	}
	d := diffmatchpatch.New()
	a, b, lines := d.DiffLinesToRunes(join(want), join(got))
	var out []string
	for _, piece := range d.DiffCharsToLines(d.DiffMainRunes(a, b, false), lines) {
		mark := map[diffmatchpatch.Operation]string{diffmatchpatch.DiffDelete: "  - ", diffmatchpatch.DiffInsert: "  + ", diffmatchpatch.DiffEqual: "    "}[piece.Type]
		for l := range strings.SplitSeq(strings.TrimSuffix(piece.Text, "\n"), "\n") {
			out = append(out, mark+l)
		}
	}
	return out
}

// splitLines are a text's lines as diffLines takes them.
func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// end prints the summary and tells how the command ends.
func (t *testReport) end(pattern string) error {
	if t.passed+t.failed == 0 {
		return fmt.Errorf("no test's name matches %q", pattern)
	}
	word := "Success!"
	if t.failed > 0 {
		word = "Failure!"
	}
	if t.json {
		if err := writeJSON(t.s.out, testSummaryDoc{"summary", t.passed, t.failed}); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintf(t.s.out, "\n%s %d passed, %d failed.\n", word, t.passed, t.failed); err != nil {
		return err
	}
	if t.failed > 0 {
		return codeError(exitError)
	}
	return nil
}

// plain is why a test does not pass, without colours.
func plain(w io.Writer, path string, r *policytest.Result) error {
	if r.Diagnostics.HasErrors() {
		return render.Diagnostics(w, r.Diagnostics, render.Options{})
	}
	for _, p := range r.Problems {
		if _, err := fmt.Fprintf(w, "%s\n", strings.Join(problemLines(path, p, false), "\n")); err != nil {
			return err
		}
	}
	return nil
}
