package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema/policy"
)

func TestLongPoliciesAreWithinBounds(t *testing.T) {
	line := func(format string) string {
		var b strings.Builder
		for i := range 2000 {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"many attributes":               "locals {\n" + line("a%d = 1 + 2\n") + "}\n",
		"attributes ended by comments":  "locals {\n" + line("a%d = -1 # minus one\n") + "}\n",
		"a long list":                   "locals { a = [" + line("-%d, ") + "] }\n",
		"a long object on lines":        "locals {\n a = {\n" + line("a%d = -1\n") + "}\n}\n",
		"a long text":                   "locals {\n a = <<END\n" + line("(%d) [ {\n") + "END\n}\n",
		"many blocks":                   line("locals { a%d = 1 }\n"),
		"a chain of locals":             "locals {\n a = 1\n" + strings.Repeat(" ", 1) + chain(400) + "}\n",
		"a number with many digits":     "locals { a = " + strings.Repeat("9", 900) + " }\n",
		"a number with a good exponent": "locals { a = 1e4000 }\n",
	} {
		t.Run(name, func(t *testing.T) { parse(t, header+text, policy.Options{}) })
	}
}

// chain are local values that each use the one before.
func chain(n int) string {
	var b strings.Builder
	b.WriteString(" c0 = 1\n")
	for i := range n {
		fmt.Fprintf(&b, " c%d = local.c%d\n", i+1, i)
	}
	return b.String()
}

// backwards are local values that each use the one after.
func backwards(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " c%d = local.c%d\n", i, i+1)
	}
	fmt.Fprintf(&b, " c%d = 1\n", n)
	return b.String()
}

func TestWhatIsOutOfBoundsIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"brackets":           "locals { a = " + strings.Repeat("[", 5e4),
		"templates":          "locals { a = " + strings.Repeat("\"${", 2e4),
		"blocks":             strings.Repeat("a {\n", 2e4),
		"template controls":  "locals { a = \"" + strings.Repeat("%{ if true }", 2e4) + "\" }",
		"minus signs":        "locals { a = " + strings.Repeat("-", 5e4) + "1 }",
		"conditions":         "locals { a = " + strings.Repeat("true ? 1 : ", 2e4) + "1 }",
		"splats":             "locals { a = b" + strings.Repeat(".*.b", 2e4) + " }",
		"additions in lines": "locals { a = (" + strings.Repeat("1 +\n", 2e4) + "1) }",
		"digits":             "locals { a = " + strings.Repeat("9", 5e4) + " }",
		"an exponent":        "locals { a = \"${1e600000000}\" }",
		"a wide format":      "locals { a = format(\"%999999999s\", \"\") }",
		"a deep indent":      "locals { a = indent(999999999, \"a\\nb\") }",
		"a number in a text": "locals { a = \"${tonumber(\"1e600000000\")}\" }",
		"a chain of locals":  "locals {\n" + backwards(3000) + "}\n",
	} {
		t.Run(name, func(t *testing.T) {
			p, diags := policy.Parse([]policy.File{{Name: "a.hcl", Content: []byte(header + text)}}, policy.Options{})
			if p != nil || !diags.HasErrors() {
				t.Error("it was accepted")
			}
		})
	}
}
