package policy_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/policy"
)

func format(text string) (string, string) {
	out, diags := policy.Format(policy.File{Name: "a.hcl", Content: []byte(text)})
	return string(out), printed(diags)
}

func TestFormat(t *testing.T) {
	cases := map[string]struct{ text, want, diags string }{
		"nothing stays nothing":        {text: "", want: ""},
		"a file in order stays":        {text: "policy {\n  name = \"x\"\n}\n", want: "policy {\n  name = \"x\"\n}\n"},
		"equals signs are aligned":     {text: "model \"a.b\" {\ntable=\"t\"\n    natural_key   = [ a,b ]\n}\n", want: "model \"a.b\" {\n  table       = \"t\"\n  natural_key = [a, b]\n}\n"},
		"comments and gaps are kept":   {text: "# one\n\n\npolicy { # two\n// three\nname=\"x\" /* four */\n}\n# five\n", want: "# one\n\n\npolicy { # two\n  // three\n  name = \"x\" /* four */\n}\n# five\n"},
		"texts are left as they are":   {text: "locals {\n a = <<E\n   x=1\nE\n  b=\"  ${ 1+1 }\"\n}\n", want: "locals {\n  a = <<E\n   x=1\nE\n  b = \"  ${1 + 1}\"\n}\n"},
		"names are not looked up":      {text: "nonsense   \"x\" {}\n", want: "nonsense \"x\" {}\n"},
		"what is no HCL is left alone": {text: "policy {\n  name =\n}\n", diags: "a.hcl:2,9-3,1: policy.syntax Invalid expression\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, diags := format(c.text)
			if first, _, _ := strings.Cut(diags, "\n"); first != strings.TrimSuffix(c.diags, "\n") {
				t.Error(diags)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Policies that people read are in the canonical style.
func TestThePoliciesOfTheExamplesAreFormatted(t *testing.T) {
	paths, err := filepath.Glob("../../examples/*/policy/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatal("no policies", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, diags := format(string(text))
		if d := cmp.Diff(string(text), got); d != "" || diags != "" {
			t.Errorf("%s: %s %s", path, diags, d)
		}
	}
}

// Formatting changes white space only, and formatting again changes nothing.
func FuzzFormat(f *testing.F) {
	paths, _ := filepath.Glob("testdata/errors/*/*.hcl")
	for _, path := range append(paths, "testdata/whole.hcl") {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(testFile)
	f.Add("a {\r\n b=1\r\n}\r\n")
	f.Add("a = <<-E\n    x\n  y\n  E\nb = [\n1,\n # c\n2]")
	f.Fuzz(func(t *testing.T, text string) {
		got, diags := format(text)
		if diags != "" {
			return
		}
		if again, diags := format(got); again != got || diags != "" {
			t.Fatalf("formatting again gives %q of %q %s", again, got, diags)
		}
		if d := cmp.Diff(tokens(text), tokens(got)); d != "" {
			t.Fatal(d)
		}
	})
}

// tokens are a text without its white space.
func tokens(text string) []string {
	list, _ := hclsyntax.LexConfig([]byte(text), "a.hcl", hcl.InitialPos)
	var out []string
	for _, t := range list {
		out = append(out, string(bytes.TrimSpace(t.Bytes)))
	}
	return out
}
