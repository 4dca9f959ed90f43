package django

import (
	"testing"

	"gopkg.in/yaml.v3"
)

// What a plain scalar means to the library that dumpdata uses, PyYAML: it
// leaves a string unquoted when it would read it as one.
func TestPlainScalarsMeanWhatDumpdataMeant(t *testing.T) {
	for text, want := range map[string]meaning{
		"": nullMeaning, "~": nullMeaning, "null": nullMeaning, "nULL": textMeaning,
		"true": trueMeaning, "False": falseMeaning, "tRue": textMeaning,
		"yes": ambiguous, "Off": ambiguous, "y": textMeaning, "n": textMeaning,
		"0": numberMeaning, "-5": numberMeaning, "12.30": numberMeaning, "1.0e+20": numberMeaning, "-0.0": numberMeaning,
		"1e5": textMeaning, "1E5": textMeaning, "1.5e3": textMeaning, "08": textMeaning, "0o17": textMeaning, "1.0.0": textMeaning,
		"017": badNumber, "0x1f": badNumber, "0b11": badNumber, "1_000": badNumber, "1:30": badNumber, "+1": badNumber,
		"1.": badNumber, ".5": badNumber, ".nan": badNumber, "-.inf": badNumber, "nan": textMeaning,
		"2020-01-01": textMeaning, "2020-01-01 10:00:00.123456+00:00": textMeaning, "12:30:00.5x": textMeaning,
	} {
		if got := resolve(&yaml.Node{Kind: yaml.ScalarNode, Value: text}); got != want {
			t.Errorf("%q means %d, want %d", text, got, want)
		}
		quoted := &yaml.Node{Kind: yaml.ScalarNode, Value: text, Style: yaml.SingleQuotedStyle}
		if got := resolve(quoted); got != textMeaning {
			t.Errorf("'%s' means %d, want a text", text, got)
		}
	}
}
