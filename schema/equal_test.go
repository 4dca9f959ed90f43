package schema_test

import (
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

func val(s string) schema.Value { return schema.NewValue(s) }
func cut(s string) schema.Value { return schema.Value{Text: s, Valid: true, Digits: 3} }
func padded(length int) schema.Type {
	return schema.Type{Kind: schema.Text, Length: length, Native: "character(5)"}
}
func arrayOf(t schema.Type) schema.Type { return schema.Type{Kind: schema.Array, Elem: &t} }

func TestEqual(t *testing.T) {
	cases := map[string]struct {
		typ  schema.Type
		a, b schema.Value
		want bool
	}{
		"null is null":                                      {text, schema.Value{}, schema.Value{}, true},
		"the empty string is not null":                      {text, val(""), schema.Value{}, false},
		"texts differ by case":                              {text, val("a"), val("A"), false},
		"texts differ by a space at the end":                {text, val("a"), val("a "), false},
		"padding does not count":                            {padded(5), val("a"), val("a    "), true},
		"decimals by their number":                          {numeric, val("12.30"), val("12.3"), true},
		"decimals differ in the last of many digits":        {numeric, val("0.1000000000000000000000000001"), val("0.1"), false},
		"floats by their number":                            {double, val("1e+23"), val("9.999999999999999e+22"), true},
		"minus zero is zero":                                {double, val("-0"), val("0"), true},
		"NaN is NaN":                                        {double, val("NaN"), val("NaN"), true},
		"instants cut to milliseconds":                      {instant, cut("2025-12-10 08:19:38.545+00"), val("2025-12-10 08:19:38.545999+00"), true},
		"instants cut to nothing":                           {instant, cut("2025-12-10 08:19:38+00"), val("2025-12-10 08:19:38.000999+00"), true},
		"the cut does not round":                            {instant, cut("2025-12-10 08:19:38.546+00"), val("2025-12-10 08:19:38.545999+00"), false},
		"an instant that carries all is not cut":            {instant, val("2025-12-10 08:19:38+00"), val("2025-12-10 08:19:38.000999+00"), false},
		"both are cut":                                      {clock, cut("02:00:00.5"), cut("02:00:00.5"), true},
		"24 hours are a day":                                {interval, val("P1D"), val("PT24H"), true},
		"a day less an hour":                                {interval, val("P1DT-1H"), val("PT23H"), true},
		"12 months are a year":                              {interval, val("P1Y"), val("P12M"), true},
		"30 days are no month":                              {interval, val("P1M"), val("P30D"), false},
		"members in another order":                          {document, val(`{"a":1,"b":[{"c":2,"d":3}]}`), val(`{"b": [{"d": 3, "c": 2}], "a": 1}`), true},
		"elements in another order":                         {document, val(`[1,2]`), val(`[2,1]`), false},
		"JSON numbers by their value":                       {document, val(`[1e5,1.0,-0]`), val(`[100000,1,0]`), true},
		"JSON numbers beyond a float's precision":           {document, val(`12345678901234567890`), val(`12345678901234567891`), false},
		"JSON numbers with large exponents":                 {document, val(`1.5e300`), val(`15e299`), true},
		"a JSON number is not its string":                   {document, val(`1`), val(`"1"`), false},
		"digits within a string are no number":              {document, val(`"1.0 \" 1.0"`), val(`"1 \" 1"`), false},
		"escapes in JSON":                                   {document, val(`"\u00e9\/"`), val(`"é/"`), true},
		"JSON's null is not NULL":                           {document, val("null"), schema.Value{}, false},
		"what is not JSON is compared as text":              {document, val("{"), val("{ "), false},
		"elements by their own type":                        {arrayOf(numeric), val("{1.0,NULL}"), val("{1,NULL}"), true},
		"a quoted NULL is not NULL":                         {texts, val(`{"NULL"}`), val("{NULL}"), false},
		"arrays that count from elsewhere":                  {integers, val("[2:3]={1,2}"), val("{1,2}"), false},
		"instants in an array are cut together":             {instants, schema.Value{Text: `{"2025-12-10 08:19:38.545+00"}`, Valid: true, Digits: 3}, val(`{"2025-12-10 08:19:38.545678+00"}`), true},
		"what is not an array is compared as text":          {integers, val("{1"), val("{1 "), false},
		"an address as PostgreSQL casts it to text":         {inet, val("192.0.2.7/32"), val("192.0.2.7"), true},
		"the same address in two networks":                  {inet, val("192.0.2.7/24"), val("192.0.2.7/25"), false},
		"a brace nested deeper than an array goes, as text": {integers, val(strings.Repeat("{", 1<<20)), val("{"), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.typ.Equal(c.a, c.b); got != c.want {
				t.Errorf("Equal(%.40q, %.40q) = %v", c.a.Text, c.b.Text, got)
			}
			if got := c.typ.Equal(c.b, c.a); got != c.want {
				t.Errorf("Equal(%.40q, %.40q) = %v the other way round", c.a.Text, c.b.Text, got)
			}
		})
	}
}

func TestKeyTextIsReadable(t *testing.T) {
	cases := map[string]struct {
		typ      schema.Type
		in, want string
	}{
		"a text":               {text, "Author ", "Author "},
		"an instant as it is":  {instant, "2025-12-10 08:19:38.545+00", "2025-12-10 08:19:38.545+00"},
		"a decimal":            {money, "1200.50", "1200.5"},
		"a round decimal":      {money, "1200.00", "1200"},
		"a duration":           {interval, "P1DT-1H", "PT23H"},
		"a document":           {document, `{"b": 1.0, "a": 2}`, `{"a":2,"b":1}`},
		"an array of decimals": {arrayOf(money), "{1.00,NULL}", "{1,NULL}"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.typ.KeyText(val(c.in)); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// TestLargeDocumentsCompareFast compares 8 MB in two spellings.
func TestLargeDocumentsCompareFast(t *testing.T) {
	a := `{"x":[` + strings.Repeat(`{"b":1.50,"a":"text"},`, 300_000) + `0]}`
	b := `{"x": [` + strings.Repeat(`{"a":"text","b":1.5},`, 300_000) + `0]}`
	start := time.Now()
	if !document.Equal(val(a), val(b)) {
		t.Error("the documents differ")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %s", d)
	}
}
