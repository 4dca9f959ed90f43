package schema_test

import (
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
)

func TestCheck(t *testing.T) {
	five := schema.Type{Kind: schema.Text, Length: 5}
	plainJSON := schema.Type{Kind: schema.JSON, Native: "json"}
	cases := map[string]struct {
		typ     schema.Type
		text    string
		dialect string
		say     string // empty: no objection
	}{
		"a text of the full length":            {five, "abcde", "postgres", ""},
		"a length counts characters":           {five, "ééééé", "postgres", ""},
		"a text too long":                      {five, "abcdef", "sqlite", "has 6 characters, the column holds 5"},
		"spaces too many":                      {five, "abcde ", "postgres", "has 6 characters"},
		"padding too long does not count":      {padded(5), "abcde  ", "postgres", ""},
		"a text without limit":                 {text, strings.Repeat("a", 1<<16), "postgres", ""},
		"NUL in PostgreSQL":                    {text, "a\x00b", "postgres", "NUL"},
		"NUL in SQLite":                        {text, "a\x00b", "sqlite", ""},
		"invalid UTF-8":                        {text, "a\xffb", "sqlite", "UTF-8"},
		"an integer in its bits":               {smallint, "-32768", "postgres", ""},
		"an integer beyond its bits":           {smallint, "32768", "postgres", "out of the type's range"},
		"an integer that is none":              {smallint, "", "postgres", "expected an integer"},
		"a decimal that fits":                  {money, "-99999999.99", "postgres", ""},
		"a decimal with a digit too many":      {money, "100000000.00", "postgres", "before the point"},
		"a decimal finer than its scale":       {money, "0.001", "postgres", "after the point"},
		"zeros beyond the scale":               {money, "0.100000", "postgres", ""},
		"a fraction alone":                     {schema.Type{Kind: schema.Numeric, Precision: 2, Scale: 2}, "0.99", "postgres", ""},
		"one where only a fraction fits":       {schema.Type{Kind: schema.Numeric, Precision: 2, Scale: 2}, "1.00", "postgres", "before the point"},
		"an infinite decimal with a precision": {money, "Infinity", "postgres", "range"},
		"an infinite decimal without":          {numeric, "Infinity", "postgres", ""},
		"a decimal that is no number":          {money, "NaN", "postgres", ""},
		"a float in range":                     {single, "3.4e+38", "postgres", ""},
		"a float beyond its range":             {single, "3.5e+38", "postgres", "range"},
		"a label":                              {enum, "final", "postgres", ""},
		"no label":                             {enum, "Final", "postgres", "2 labels"},
		"an element out of range":              {arrayOf(smallint), "{1,32768}", "postgres", "range"},
		"a nested element out of range":        {arrayOf(smallint), "{{1},{32768}}", "postgres", "range"},
		"no array":                             {arrayOf(smallint), "{1", "postgres", "expected a list"},
		"a null element":                       {arrayOf(smallint), "{NULL}", "postgres", ""},
		"an escaped NUL in jsonb":              {document, `{"a":"\u0000"}`, "postgres", "NUL"},
		"an escaped backslash before u0000":    {document, `{"a":"\\u0000"}`, "postgres", ""},
		"an escaped NUL in json":               {plainJSON, `{"a":"\u0000"}`, "postgres", ""},
		"a number jsonb cannot hold":           {document, `[1e131072]`, "postgres", "more digits than PostgreSQL"},
		"the greatest number jsonb can hold":   {document, `[1e131071]`, "postgres", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.typ.Check(val(c.text), c.dialect)
			switch {
			case c.say == "" && err != nil:
				t.Errorf("objects: %v", err)
			case c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)):
				t.Errorf("says %v, not %q", err, c.say)
			case err != nil && len(c.text) > 2 && strings.Contains(err.Error(), c.text):
				t.Errorf("quotes the value: %v", err)
			}
		})
	}
	for _, typ := range everyType {
		if err := typ.Check(schema.Value{}, "postgres"); err != nil {
			t.Errorf("objects to null in %s: %v", typ.Kind, err)
		}
	}
}
