package schema

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzUsualJSON: what is recognised as usual is JSON, to the parser too.
func FuzzUsualJSON(f *testing.F) {
	for _, s := range []string{
		`{"a": 1, "b": [1.5, -2, "x y", null, true, false, {}], "c": {"d": []}}`, `{"a":1,"a":2}`, `[01]`, `[1.]`, `[-]`, `-0`, `"\u0000"`,
		"\"\x01\"", "\"\xff\"", `nul`, `tru`, `{"a":1,}`, `[1,]`, `[`, `{`, `{"a"`, `1 2`, ` 1 `, `1234567890123456`, `"ü"`, ``, `[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !usualJSON(s) {
			return
		}
		if _, err := jsontext.AppendFormat(nil, s); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		d := Type{Kind: JSON, Native: "jsonb"}
		for _, dialect := range []string{"postgres", "sqlite"} {
			if err := d.Check(NewValue(s), dialect); err != nil {
				t.Fatalf("%q in %s: %v", s, dialect, err)
			}
		}
	})
}

func TestUsualJSONRecognisesTheUsual(t *testing.T) {
	for _, s := range []string{`{}`, `[]`, `"x"`, `1`, `-1.5`, `{"a": {"b": [1, "zwölf"]}, "c": null}`, ` [ true , false ] `} {
		if !usualJSON(s) {
			t.Errorf("%s is not recognised", s)
		}
	}
}
