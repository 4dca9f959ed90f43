package render

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	gfm "github.com/yuin/goldmark/extension/ast"
	reader "github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans/planstest"
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
	got := rendering(t, planstest.Large(1_000_000), Markdown)
	t.Logf("%d bytes", len(got))
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
