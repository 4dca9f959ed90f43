package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func TestSummaryLine(t *testing.T) {
	tests := map[string]struct {
		summary plans.Summary
		want    string
	}{
		"everything": {
			plans.Summary{Remap: 2, Add: 17, Change: 3, Destroy: 1},
			"Plan: 2 to remap, 17 to add, 3 to change, 1 to destroy.",
		},
		"zero remaps are left out, the others never, and thousands stand without a comma": {
			plans.Summary{Add: 4812}, "Plan: 4812 to add, 0 to change, 0 to destroy.",
		},
		"a remap alone is no change": {
			plans.Summary{Remap: 2}, "No changes. The live database matches the package and the policy.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := SummaryLine(tt.summary); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCarets(t *testing.T) {
	tests := map[string]struct {
		source string
		place  diag.Range
		want   string
	}{
		"under the range": {
			"match = kepp", planstest.At(7, 9, 13),
			"     7: match = kepp\n                ^^^^\n",
		},
		"behind tabs and wide characters": {
			"\t\"日本\" = x", planstest.At(7, 9, 10),
			"     7:   \"日本\" = x\n                   ^\n",
		},
		"to the end of the line when the range goes on": {
			"model {",
			diag.Range{File: "p", Start: diag.Pos{Line: 7, Column: 7}, End: diag.Pos{Line: 9, Column: 2}},
			"     7: model {\n              ^\n",
		},
		"an empty range has one": {
			"a", planstest.At(7, 2, 2),
			"     7: a\n         ^\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			source(&b, diag.Diagnostic{Range: tt.place, Source: tt.source}, painter{})
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("source differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoTextOfADiagnosticPassesForALineOfThePlan(t *testing.T) {
	var b bytes.Buffer
	forged := "x\nPlan: 0 to add, 0 to change, 0 to destroy."
	d := diag.Diagnostic{
		Severity: diag.Error, Summary: forged, Detail: forged, Remedy: forged, Source: forged,
		Range: diag.Range{File: forged, Start: diag.Pos{Line: 1, Column: 1}}, Record: &diag.Record{Model: forged},
	}
	if err := Diagnostics(&b, diag.List{d}, Options{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\nPlan:") {
		t.Errorf("a line is forged:\n%s", b.String())
	}
}

// many makes n changes of a model, each unlike the others.
func many(model string, n int) []*plans.Record {
	var records []*plans.Record
	for i := range n {
		records = append(records, &plans.Record{
			Model: model, Key: plans.Value(fmt.Sprintf("[%d]", i)), Action: plans.Change,
			Fields: []plans.Field{{Name: "n", Before: plans.Value(fmt.Sprint(i)), After: plans.Value(fmt.Sprint(-i))}},
		})
	}
	return records
}

func TestMarkdownSummarisesTheLargestSectionsFirst(t *testing.T) {
	records := append(many("a.large", 5000), many("b.small", 3)...)
	records = append(records, many("c.larger", 9000)...)
	p := planstest.New(planstest.Header(), []plans.Accounting{
		{Model: "a.large", Changed: 5000}, {Model: "b.small", Changed: 3}, {Model: "c.larger", Changed: 9000},
	}, nil, records)
	got := rendering(t, p, Markdown)
	for _, want := range []string{
		"<summary><code>a.large</code>: 5,000 to change; only the beginning is shown here</summary>",
		"<summary><code>c.larger</code>: 9,000 to change; only the beginning is shown here</summary>",
		"a.large[3] will be updated",
		" more records, hidden here; edmsplan show has them)",
		"<summary><code>b.small</code>: 3 to change</summary>",
		`b.small[2] will be updated`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("Markdown does not say %q:\n%s", want, got)
		}
	}
}

func TestMarkdownOfVeryManyModelsStaysUnderItsLimit(t *testing.T) {
	var records []*plans.Record
	var accounting []plans.Accounting
	for i := range 3000 {
		model := fmt.Sprintf("app.%s%d", strings.Repeat("`|", 60), i)
		records = append(records, many(model, 1)...)
		accounting = append(accounting, plans.Accounting{Model: model, Package: 1, Changed: 1})
	}
	got := rendering(t, planstest.New(planstest.Header(), accounting, nil, records), Markdown)
	if len(got) >= markdownLimit || !strings.Contains(got, "more models") || !strings.Contains(got, "more hidden sections") {
		t.Errorf("%d bytes, ending %q", len(got), got[max(0, len(got)-300):])
	}
}

func TestFencesCountTowardsTheLimitOfMarkdown(t *testing.T) {
	ticks := strings.Repeat("`", 8500)
	var accounting []plans.Accounting
	for i := range 300 {
		accounting = append(accounting, plans.Accounting{Model: fmt.Sprintf("app.model%d", i)})
	}
	destroys := func(key string) []*plans.Record {
		var records []*plans.Record
		for _, m := range []string{"a.a", "b.b", "c.c"} {
			records = append(records, &plans.Record{Model: m, Key: "[" + quoteText(key) + "]", Action: plans.Destroy})
		}
		return records
	}
	sections := planstest.New(planstest.Header(), accounting, nil, destroys(ticks))
	problems := planstest.New(planstest.Header(), accounting, nil, destroys(strings.Repeat("k", 8500)))
	problems.Diagnostics = diag.List{{Severity: diag.Error, Summary: ticks}}
	for name, p := range map[string]*plans.Plan{"sections": sections, "diagnostics": problems} {
		if n := len(rendering(t, p, Markdown)); n >= markdownLimit {
			t.Errorf("with long fences in %s: %d bytes", name, n)
		}
	}
}

func TestGroups(t *testing.T) {
	alike := func(n int) []*plans.Record {
		records := many("users.userrole", n)
		for _, r := range records {
			r.Fields = []plans.Field{{Name: "role", Before: "3", After: "17"}}
		}
		return records
	}
	render := func(n int, o Options) string {
		return rendering(t, planstest.New(planstest.Header(), nil, nil, alike(n)), text(o))
	}
	if got := render(few, Options{}); strings.Contains(got, "records") || strings.Count(got, "# users.userrole[") != few {
		t.Errorf("a few records are not listed one by one:\n%s", got)
	}
	if got := render(few+1, Options{}); !strings.Contains(got, "  ~ 6 records: role 3 -> 17\n") || strings.Contains(got, "# users.userrole[") {
		t.Errorf("more than a few are not grouped:\n%s", got)
	}
	if got := render(few+1, Options{All: true}); strings.Count(got, "# users.userrole[") != few+1 {
		t.Errorf("All does not list them:\n%s", got)
	}
}

func TestTheSurveyIsBounded(t *testing.T) {
	s, counts := &survey{common: map[shape]bool{}}, map[shape]int{}
	for i := range 3 * maxShapes {
		s.count(counts, shape{byte(i), byte(i >> 8), byte(i >> 16)})
		if len(counts) > maxShapes {
			t.Fatalf("%d shapes are held", len(counts))
		}
	}
	for range few + 1 {
		s.count(counts, shape{15: 1})
	}
	if len(s.common) != 1 || !s.common[shape{15: 1}] {
		t.Errorf("%d shapes are common, want that of the last records alone", len(s.common))
	}
}

func BenchmarkText(b *testing.B) {
	p := planstest.New(planstest.Header(), nil, nil, many("a.a", 100_000))
	b.ReportAllocs()
	for b.Loop() {
		if err := Text(new(countingWriter), p, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

type countingWriter int

func (c *countingWriter) Write(b []byte) (int, error) {
	*c += countingWriter(len(b))
	return len(b), nil
}

// What was refused does not match: a plan without changes must not say so.
func TestARefusedPlanClaimsNoMatch(t *testing.T) {
	p := &plans.Plan{
		Header:      plans.Header{Target: "edms", Package: "backup.json"},
		Accounting:  []plans.Accounting{{Model: "m.t", Table: "t", Package: 1, Refused: 1}},
		Diagnostics: diag.List{{Severity: diag.Error, Code: "key.null", Summary: "The record has no natural key"}},
	}
	for name, write := range map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return Text(w, p, Options{}) },
		"markdown": func(w io.Writer) error { return Markdown(w, p) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if s := b.String(); strings.Contains(s, "No changes") || !strings.Contains(s, "Plan: 0 to add, 0 to change, 0 to destroy.") {
			t.Errorf("%s:\n%s", name, s)
		}
	}
}

func TestModelsWithNothingInThemAreNamedOnOneLine(t *testing.T) {
	p := planstest.Example()
	p.Accounting = []plans.Accounting{
		{Model: "a.empty", Links: []plans.Links{{Field: "tags"}}},
		{Model: "a.live", Live: 2, Kept: 2},
		{Model: "b.linked", Links: []plans.Links{{Field: "tags", Live: 1}}},
		{Model: "c.empty\n"},
		{Model: "d.refused", Package: 1, Refused: 1},
		{Model: "e.wrong", Live: 0, Kept: 1},
	}
	for format, print := range map[string]func(io.Writer){
		"text":     func(w io.Writer) { accountingTable(w, p, Options{}) },
		"markdown": func(w io.Writer) { markdownAccounting(w, p.Accounting) },
	} {
		var b bytes.Buffer
		print(&b)
		before, line, found := strings.Cut(b.String(), "2 models without records and rows: ")
		if !found || !strings.Contains(strings.SplitN(line, "\n", 2)[0], `a.empty, c.empty`) || strings.Contains(before, "empty") {
			t.Errorf("%s: not on a line of their own:\n%s", format, b.String())
		}
		for _, shown := range []string{"a.live", "b.linked", "d.refused", "e.wrong"} {
			if !strings.Contains(before, shown) {
				t.Errorf("%s: %s is not in the table:\n%s", format, shown, b.String())
			}
		}
	}
}

func TestTheNamesOfModelsWithNothingInThemFitTheTerminal(t *testing.T) {
	p := planstest.Example()
	p.Accounting = nil
	for i := range 40 {
		p.Accounting = append(p.Accounting, plans.Accounting{Model: fmt.Sprintf("scheduler.notification%d", i)})
	}
	var b bytes.Buffer
	accountingTable(&b, p, Options{Width: 72})
	for line := range strings.Lines(b.String()) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 72 {
			t.Errorf("wider than the terminal: %s", line)
		}
	}
	if !strings.Contains(b.String(), "scheduler.notification39") {
		t.Errorf("the last is not named:\n%s", b.String())
	}
}
