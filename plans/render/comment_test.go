package render

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	gfm "github.com/yuin/goldmark/extension/ast"
	reader "github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// wholeMarkdown parses a comment as GitHub does and says what is broken: a
// fence or a section that is not closed, a row of a table that lacks cells.
func wholeMarkdown(t interface {
	Helper()
	Fatalf(string, ...any)
}, source string, columns int,
) {
	t.Helper()
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(reader.NewReader([]byte(source)))
	opened, closed, rows := 0, 0, 0
	last := ""
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		var b strings.Builder
		if n.Type() == ast.TypeBlock && n.Lines() != nil {
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				b.Write(line.Value([]byte(source)))
			}
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			opened += strings.Count(b.String(), "<details")
			closed += strings.Count(b.String(), "</details>")
		case *ast.FencedCodeBlock:
			if opened != closed+1 {
				t.Fatalf("a fence stands outside of a section, or a section was not closed before:\n%s", source)
			}
		case *gfm.Table:
			for r := n.FirstChild(); r != nil; r = r.NextSibling() {
				if rows++; r.ChildCount() != columns {
					t.Fatalf("a row has %d cells, want %d:\n%s", r.ChildCount(), columns, source)
				}
			}
		case *ast.CodeBlock:
			t.Fatalf("indented code:\n%s", source)
		}
		last = b.String()
	}
	if opened != closed || !strings.HasPrefix(last, "Change set: ") || strings.Count(source, "\n| ") != rows {
		t.Fatalf("%d sections opened, %d closed; %d rows; the end is %q:\n%s", opened, closed, rows, last, source)
	}
}

func TestMarkdownIsWhole(t *testing.T) {
	wholeMarkdown(t, rendering(t, planstest.Example(), Markdown), len(columns()))
	wholeMarkdown(t, rendering(t, planstest.Reinit(), Markdown), len(columns()))
	rapid.Check(t, func(rt *rapid.T) {
		wholeMarkdown(rt, rendering(rt, planstest.Random(30).Draw(rt, "plan"), Markdown), len(columns()))
	})
}

func TestMarkdownOfAMillionChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds: skipped with -short")
	}
	for name, p := range map[string]*plans.Plan{"changes": planstest.Large(1_000_000), "changes and all else": crowded(1_000_000)} {
		got := rendering(t, p, Markdown)
		t.Logf("a million %s: %d bytes, %d characters", name, len(got), utf8.RuneCountInString(got))
		if len(got) >= markdownLimit {
			t.Errorf("%d bytes", len(got))
		}
		wholeMarkdown(t, got, len(columns()))
		for _, want := range []string{"**This plan destroys 50,000 records.**", "only the beginning is shown here", "more records, hidden here"} {
			if !strings.Contains(got, want) {
				t.Errorf("the comment does not say %q", want)
			}
		}
	}
}

// crowded is a plan of n records, and of so much else that each part of a
// comment needs more room than there is; texts in it would end a fence.
func crowded(n int) *plans.Plan {
	const ends = "``````\n</details>\n````\n| x |\n"
	p := planstest.Large(n)
	for i := range 400 {
		p.Accounting = append(p.Accounting, plans.Accounting{Model: fmt.Sprintf("more.model%03d%s", i, ends), Package: i, Unchanged: i, Discarded: map[string]int{ends: i + 1}})
	}
	for i := range 5_000 {
		model := p.Accounting[i%12].Model
		key := "[" + quoteText(fmt.Sprint(ends, i)) + "]"
		p.Remaps = append(p.Remaps, plans.Remapping{Model: model, Key: key, Field: "uuid", Package: quoteText(ends), Live: quoteText("b")})
		p.Skips = append(p.Skips, plans.Skip{Model: model, Key: key, Number: i, Reason: ends})
		p.Diagnostics = append(p.Diagnostics, diag.Diagnostic{Severity: diag.Severity(i % 2), Summary: ends, Detail: ends + ends, Source: ends, Range: diag.Range{File: ends, Start: diag.Pos{Line: i + 1, Column: 1}}})
		p.Untouched = append(p.Untouched, fmt.Sprint(ends, i))
	}
	changes := p.Changes
	p.Changes = func() iter.Seq2[*plans.Record, error] {
		return func(yield func(*plans.Record, error) bool) {
			at := 0
			for r, err := range changes() {
				if at++; r != nil && at%3 == 0 {
					r.Key = "[" + quoteText(fmt.Sprint(ends, at)) + "]"
					r.Fields = append(r.Fields, plans.Field{Name: ends, Before: quoteText("a"), After: quoteText(ends)})
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
	return p
}
