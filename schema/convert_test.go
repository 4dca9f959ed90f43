package schema_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/schema"
)

func TestConvert(t *testing.T) {
	text := schema.Type{Kind: schema.Text}
	for name, c := range map[string]struct {
		from, to    schema.Type
		value, want string // want "" is an error
	}{
		"the same kind is taken over":              {schema.Type{Kind: schema.TimestampTZ}, schema.Type{Kind: schema.TimestampTZ}, "2026-01-02 03:04:05.678+00", "2026-01-02 03:04:05.678+00"},
		"a smaller integer":                        {schema.Type{Kind: schema.Integer, Bits: 64}, schema.Type{Kind: schema.Integer, Bits: 32}, "7", "7"},
		"an integer that does not fit":             {schema.Type{Kind: schema.Integer, Bits: 64}, schema.Type{Kind: schema.Integer, Bits: 16}, "70000", ""},
		"microseconds become a duration":           {schema.Type{Kind: schema.Integer, Bits: 64}, schema.Type{Kind: schema.Interval}, "93784500000", "P1DT2H3M4.5S"},
		"a duration becomes microseconds":          {schema.Type{Kind: schema.Interval}, schema.Type{Kind: schema.Integer, Bits: 64}, "P1DT2H3M4.5S", "93784500000"},
		"a bool from SQLite's number":              {schema.Type{Kind: schema.Integer, Bits: 64}, schema.Type{Kind: schema.Bool}, "1", "t"},
		"a number of another scale":                {schema.Type{Kind: schema.Numeric, Precision: 8, Scale: 2}, schema.Type{Kind: schema.Numeric, Precision: 8, Scale: 3}, "12.30", "12.300"},
		"a number that has too many digits":        {schema.Type{Kind: schema.Numeric, Precision: 8, Scale: 3}, schema.Type{Kind: schema.Numeric, Precision: 8, Scale: 2}, "12.345", ""},
		"a text that is a uuid":                    {text, schema.Type{Kind: schema.UUID}, "6F1C0000-0000-4000-8000-000000000001", "6f1c0000-0000-4000-8000-000000000001"},
		"a text that is none":                      {text, schema.Type{Kind: schema.UUID}, "x", ""},
		"a text keeps a number as it was":          {schema.Type{Kind: schema.Numeric}, text, "12.30", "12.30"},
		"an instant in a column without time zone": {schema.Type{Kind: schema.Timestamp}, schema.Type{Kind: schema.TimestampTZ}, "2026-01-02 03:04:05", ""},
		"three digits that nothing cut":            {text, schema.Type{Kind: schema.TimestampTZ}, "2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05.678+00"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.to.Convert(c.from, schema.NewValue(c.value))
			switch {
			case c.want == "" && err == nil:
				t.Errorf("became %q", got.Text)
			case c.want != "" && (err != nil || got != schema.NewValue(c.want)):
				t.Errorf("became %+v, error %v, want %s", got, err, c.want)
			}
			if null, err := c.to.Convert(c.from, schema.Value{}); err != nil || null.Valid {
				t.Errorf("null became %+v, error %v", null, err)
			}
		})
	}
}
