package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema/policy"
)

// snippet is an example in a document; policyBlock tells whether it has the
// block that every policy needs.
var (
	snippet     = regexp.MustCompile("(?ms)^```hcl\n(.*?)^```$")
	policyBlock = regexp.MustCompile(`(?m)^policy \{`)
)

func TestExamplesInDocumentsParse(t *testing.T) {
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(documents, "../../README.md") {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range snippet.FindAllSubmatchIndex(content, -1) {
			line := 1 + strings.Count(string(content[:at[2]]), "\n")
			text := content[at[2]:at[3]]
			t.Run(fmt.Sprintf("%s:%d", path, line), func(t *testing.T) {
				if filepath.Base(path) == "policy-tests.md" {
					parseTestSnippet(t, string(text))
					return
				}
				files := []policy.File{{Name: "example.hcl", Content: text}}
				if !policyBlock.Match(text) {
					files = append(files, policy.File{Name: "policy.hcl", Content: []byte(header)})
				}
				_, diags := policy.Parse(files, policy.Options{
					BaseDir: "testdata/docs",
					Env:     func(name string) (string, bool) { return "set", !strings.HasPrefix(name, "EDMSPLAN_VAR_") },
				})
				for _, d := range diags {
					t.Error(d.Error())
				}
			})
		}
	}
}

func parseTestSnippet(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(text, "database {") {
		text = "database { schema = \"schema.sql\" }\n" + text
	}
	if _, diags := parseTests(text); diags != nil {
		t.Error(printed(diags))
	}
}

// Every word of a test file stands in its reference.
func TestTheReferenceOfTestsNamesEveryBlockAndAttribute(t *testing.T) {
	content, err := os.ReadFile("../../docs/policy-tests.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range policy.WordsOfTests() {
		if !regexp.MustCompile(`\b` + w + `\b`).Match(content) {
			t.Errorf("docs/policy-tests.md does not say what %s is", w)
		}
	}
}

// Every word of the language stands in the reference.
func TestTheReferenceNamesEveryBlockAttributeAndFunction(t *testing.T) {
	content, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	words := policy.Words()
	if !slices.Contains(words, "on_missing") || !slices.Contains(words, "uuidv5") || !slices.Contains(words, "json_reference") {
		t.Fatalf("the list of words is not whole: %v", words)
	}
	for _, w := range words {
		if !regexp.MustCompile("`" + w + "( \"[A-Z]+\")?`|\n##+ " + w + "\n").Match(content) {
			t.Errorf("docs/policy.md does not explain %s", w)
		}
	}
}
