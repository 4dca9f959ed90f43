package django

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// A compact text is laid out as the JSON library does it.
func FuzzIndent(f *testing.F) {
	for _, s := range []string{`{"a":[],"b":{},"c":[1,[2,{}],"x,]}:\\\"{["],"d":{"e":null,"f":-1.5e3}}`, `[]`, `"a"`, `[{}]`, `{"a":{"b":[true,false]}}`, `""`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		compact, err := jsontext.AppendFormat(nil, b)
		if err != nil {
			return
		}
		want, err := jsontext.AppendFormat(nil, compact, jsontext.Multiline(true), jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		if got := appendIndented(nil, compact); string(got) != string(want) {
			t.Fatalf("%s is laid out as\n%s\nand not as\n%s", compact, got, want)
		}
	})
}
