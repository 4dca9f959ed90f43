package schema_test

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

func TestJSONAndLiteral(t *testing.T) {
	cases := map[string]struct {
		typ     schema.Type
		in      schema.Value
		want    string
		literal schema.Literal
	}{
		"null":                                 {text, schema.Value{}, "null", schema.Literal{}},
		"a bool":                               {boolean, val("t"), "true", truth("true")},
		"an integer":                           {bigint, val("-7"), "-7", num("-7")},
		"a decimal keeps its zeros":            {money, val("12.30"), "12.30", num("12.30")},
		"a decimal that is no number":          {money, val("NaN"), `"NaN"`, str("NaN")},
		"a float":                              {double, val("1e+100"), "1e+100", num("1e+100")},
		"an infinite float":                    {double, val("-Infinity"), `"-Infinity"`, str("-Infinity")},
		"a text":                               {text, val("<Draft> & \"x\""), `"<Draft> & \"x\""`, str("<Draft> & \"x\"")},
		"a text of digits":                     {text, val("12"), `"12"`, str("12")},
		"invalid UTF-8 is replaced":            {text, val("a\xffb"), "\"a\ufffdb\"", str("a\xffb")},
		"bytes":                                {binary, val(`\x00ff`), `"\\x00ff"`, str(`\x00ff`)},
		"an instant that carries all":          {instant, val("2025-12-10 08:19:38.545+00"), `"2025-12-10 08:19:38.545+00"`, str("2025-12-10T08:19:38.545000Z")},
		"an instant that was cut":              {instant, cut("2025-12-10 08:19:38+00"), `"2025-12-10 08:19:38+00"`, str("2025-12-10T08:19:38.000Z")},
		"an instant of whole seconds":          {instant, val("2025-12-10 08:19:38+00"), `"2025-12-10 08:19:38+00"`, str("2025-12-10T08:19:38Z")},
		"a wall clock":                         {wall, val("2025-12-10 08:19:38.5"), `"2025-12-10 08:19:38.5"`, str("2025-12-10T08:19:38.5")},
		"an instant before Christ":             {instant, val("0044-03-15 12:00:00+00 BC"), `"0044-03-15 12:00:00+00 BC"`, str("0044-03-15T12:00:00Z BC")},
		"the end of time":                      {instant, val("infinity"), `"infinity"`, str("infinity")},
		"a document is compact and in order":   {document, val(`{"b": 1.0, "a": [1, "<"]}`), `{"b":1.0,"a":[1,"<"]}`, object(`{"b": 1.0, "a": [1, "<"]}`)},
		"a document that is a string":          {document, val(`"a\u0062"`), `"a\u0062"`, str("ab")},
		"a document that repeats a member":     {document, val(`{"a": 1, "a": 2}`), `{"a":1,"a":2}`, str(`{"a": 1, "a": 2}`)},
		"a document that is none":              {document, val(`{"a`), `"{\"a"`, str(`{"a`)},
		"JSON's null":                          {document, val("null"), "null", schema.Literal{}},
		"an array":                             {texts, val(`{a,"b \"c\"",NULL,"NULL"}`), `["a","b \"c\"",null,"NULL"]`, list(`["a","b \"c\"",null,"NULL"]`)},
		"a nested array":                       {integers, val("{{1,2},{3,4}}"), "[[1,2],[3,4]]", list("[[1,2],[3,4]]")},
		"an array that counts from elsewhere":  {integers, val("[2:3]={1,2}"), "[1,2]", list("[1,2]")},
		"an array of documents":                {documents, val(`{"{\"a\": 1}"}`), `[{"a":1}]`, list(`[{"a": 1}]`)},
		"an array that is none":                {integers, val("{1"), `"{1"`, str("{1")},
		"an array of instants that carry all":  {instants, val(`{"2025-12-10 08:19:38.545+00"}`), `["2025-12-10 08:19:38.545+00"]`, list(`["2025-12-10T08:19:38.545000Z"]`)},
		"another type":                         {other, val("'a':1"), `"'a':1"`, str("'a':1")},
		"a number with a space is not printed": {bigint, val(" 1"), `" 1"`, str(" 1")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.typ.JSON(c.in)); diff != "" {
				t.Error("JSON", diff)
			}
			if diff := cmp.Diff(c.literal, c.typ.Literal(c.in)); diff != "" {
				t.Error("Literal", diff)
			}
		})
	}
}

func TestPlainTextIsQuotedAsTheLibraryDoes(t *testing.T) {
	text := schema.Type{Kind: schema.Text}
	for c := range 0x100 {
		s := "a" + string([]byte{byte(c)}) + "z"
		want, _ := jsontext.AppendQuote(nil, s)
		if got := text.JSON(schema.NewValue(s)); got != string(want) {
			t.Errorf("JSON of %q = %s, want %s", s, got, want)
		}
	}
}
