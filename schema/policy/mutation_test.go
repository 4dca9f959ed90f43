package policy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Words of a sound policy are dropped, doubled and put into each other's
// places: most of it still parses, and everything is read and evaluated.
func TestNoMutationOfAPolicyPanics(t *testing.T) {
	content, err := os.ReadFile("testdata/whole.hcl")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`\w+|[ \t]+|.|\n`).FindAllString(string(content), -1)
	rapid.Check(t, func(t *rapid.T) {
		mutated := append([]string(nil), words...)
		for range rapid.IntRange(1, 6).Draw(t, "mutations") {
			at := rapid.IntRange(0, len(mutated)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				mutated[at] = ""
			case 1:
				mutated[at] += mutated[at]
			case 2:
				mutated[at] = rapid.SampledFrom(words).Draw(t, "word")
			}
		}
		text := strings.Join(mutated, "")
		p, diags := policy.Parse([]policy.File{{Name: "a.hcl", Content: []byte(text)}}, policy.Options{})
		if (p == nil) != diags.HasErrors() {
			t.Fatal("a policy and errors exclude each other")
		}
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" || d.Remedy == "" || d.Code == "" {
				t.Fatalf("incomplete: %+v", d)
			}
			lines := strings.Split(text, "\n")
			if d.Source != "" && d.Source != lines[d.Range.Start.Line-1] {
				t.Fatalf("line %d is quoted as %q", d.Range.Start.Line, d.Source)
			}
		}
		if p == nil {
			return
		}
		for _, g := range p.Guards {
			_, _ = g.Holds(counts{})
		}
		for _, c := range p.Checks {
			if c.Query != "" {
				_, _ = c.Holds(schema.Literal{Kind: schema.ListLiteral, Text: "[1]"})
			}
		}
		for _, m := range p.Models {
			for _, d := range m.Derives {
				_, _ = d.Value.Eval(func(string) schema.Literal { return schema.Literal{Kind: schema.ListLiteral, Text: "[1]"} })
			}
		}
	})
}
