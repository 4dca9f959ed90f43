package schema_test

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// FuzzParse parses anything as any type. What is understood must be canonical,
// print as JSON and read back from its own literal.
func FuzzParse(f *testing.F) {
	for _, in := range []string{
		"", "t", "12.50", "1e999999999", "-Infinity", "1e23", "a\x00\xff", `\x00ff`, "AAH/", "6f1c0a52-8f34-4c39-9c50-0123456789ab",
		"0044-03-15 BC", "24:00:00", "2025-12-10T08:19:38.545+02:30", "-1 22:00:00.5", "-P1Y2MT-3.5S", `{"a":[1.0,"\u00e9"]}`, `["\ud800"]`,
		`[[1,2],[3,null]]`, `["[\"1\"]"]`, `{a,"b\"",NULL}`, "[2:3]={1,2}", "192.0.2.7/24", "::ffff:1.2.3.4",
	} {
		for shape := range everyShape {
			for typ := range everyType {
				f.Add(uint8(typ), uint8(shape), in)
			}
		}
	}
	f.Fuzz(func(t *testing.T, typ, shape uint8, in string) {
		checkAnything(t, everyType[int(typ)%len(everyType)], schema.Literal{Kind: everyShape[int(shape)%len(everyShape)], Text: in})
	})
}

func checkAnything(t *testing.T, typ schema.Type, l schema.Literal) {
	v, err := typ.Parse(l)
	if err != nil {
		return
	}
	if !typ.Equal(v, v) {
		t.Errorf("%+v is not equal to itself", v)
	}
	if again, err := typ.Parse(canonical(v.Text)); v.Valid && (err != nil || again.Text != v.Text) {
		t.Errorf("%+v passed on is %+v, %v", v, again, err)
	}
	if s := typ.JSON(v); !jsontext.Value(s).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		t.Errorf("%+v is printed as %q", v, s)
	}
	_ = typ.Check(v, "postgres")
	typ.KeyText(v)
	literal := typ.Literal(v)
	if l.Kind == schema.CanonicalLiteral {
		return // it may be anything, and need not read back
	}
	back, err := typ.Parse(literal)
	if err != nil || literal.Kind != schema.NullLiteral && !typ.Equal(v, back) {
		t.Errorf("%+v as %+v is %+v, %v", v, literal, back, err)
	}
}
