package django_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/schema"
)

func TestTheWriterPassesTheSuite(t *testing.T) {
	for name, o := range map[string]django.Options{"x.json": {}, "x.json.gz": {Gzip: true}} {
		t.Run(name, func(t *testing.T) {
			backuptest.RunWriter(t, backuptest.WriterAdapter{
				Format: django.Formats()[0], Name: name,
				Create: func(path string, h backup.Header) (backup.Writer, error) {
					return backuptest.InFile(path, func(w io.Writer) (backup.Writer, error) { return django.NewWriter(w, h, o) })
				},
			})
		})
	}
}

// Each value as Django's own serializer spells it.
func TestValuesAreSpeltAsDjangoDoes(t *testing.T) {
	integer := schema.Type{Kind: schema.Integer, Bits: 64}
	span := schema.Type{Kind: schema.Interval}
	array := func(t schema.Type) schema.Type { return schema.Type{Kind: schema.Array, Elem: &t} }
	kind := func(k schema.Kind) schema.Type { return schema.Type{Kind: k} }
	for name, c := range map[string]struct {
		typ       schema.Type
		text, out string
	}{
		"true":                          {kind(schema.Bool), "t", "true"},
		"a decimal is a string":         {kind(schema.Numeric), "12.30", `"12.30"`},
		"a float is a number":           {kind(schema.Float), "1e+100", "1e+100"},
		"a float's negative zero":       {kind(schema.Float), "-0", "-0.0"},
		"bytes are base64":              {kind(schema.Bytes), `\x00ff`, `"AP8="`},
		"no bytes":                      {kind(schema.Bytes), `\x`, `""`},
		"a time":                        {kind(schema.Time), "02:00:00.5", `"02:00:00.500000"`},
		"an instant of a whole second":  {kind(schema.TimestampTZ), "2025-12-10 08:19:38+00", `"2025-12-10T08:19:38Z"`},
		"an instant with microseconds":  {kind(schema.TimestampTZ), "2025-12-10 08:19:38.545123+00", `"2025-12-10T08:19:38.545123Z"`},
		"milliseconds that are all":     {kind(schema.TimestampTZ), "2025-12-10 08:19:38.545+00", `"2025-12-10T08:19:38.545000Z"`},
		"a timestamp without a zone":    {kind(schema.Timestamp), "2025-12-10 08:19:38.5", `"2025-12-10T08:19:38.500000"`},
		"a duration":                    {span, "P1DT2H3M4.5S", `"1 02:03:04.500000"`},
		"a duration back in time":       {span, "PT-1S", `"-1 23:59:59"`},
		"no duration":                   {span, "PT0S", `"00:00:00"`},
		"25 hours":                      {span, "PT25H", `"1 01:00:00"`},
		"a duration kept as an integer": {integer, "1500000", "1500000"},
		"JSON is laid out":              {kind(schema.JSON), `{"b":1.50,"a":[]}`, "{\n        \"b\": 1.50,\n        \"a\": []\n      }"},
		"an array is a string":          {array(integer), "{1,NULL}", `"[1, null]"`},
		"an array of durations":         {array(span), "{PT1S}", `"[\"00:00:01\"]"`},
		"a nested array":                {array(array(integer)), "{{1},{2}}", `"[[1], [2]]"`},
		"an address":                    {kind(schema.Inet), "192.0.2.0/24", `"192.0.2.0/24"`},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := tryValue(&b, c.typ, schema.NewValue(c.text)); err != nil {
				t.Fatal(err)
			}
			out := strings.ReplaceAll(c.out, "\n        ", "\n      ")
			out = strings.ReplaceAll(out, "\n      }", "\n    }")
			want := "[\n{\n  \"model\": \"a.b\",\n  \"pk\": 7,\n  \"fields\": {\n    \"value\": " + out + "\n  }\n}\n]\n"
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesThatAFixtureCannotHoldAreRefused(t *testing.T) {
	kind := func(k schema.Kind) schema.Type { return schema.Type{Kind: k} }
	array := func(t schema.Type) schema.Type { return schema.Type{Kind: schema.Array, Elem: &t} }
	for name, c := range map[string]struct {
		typ        schema.Type
		text, want string
	}{
		"NaN":                      {kind(schema.Float), "NaN", "NaN or Infinity"},
		"minus infinity":           {kind(schema.Float), "-Infinity", "NaN or Infinity"},
		"a decimal NaN":            {kind(schema.Numeric), "NaN", "NaN or Infinity"},
		"an infinite date":         {kind(schema.Date), "infinity", "calendar"},
		"an infinite instant":      {kind(schema.TimestampTZ), "-infinity", "calendar"},
		"a date before Christ":     {kind(schema.Date), "0044-03-15 BC", "calendar"},
		"a year of five digits":    {kind(schema.TimestampTZ), "10000-01-01 00:00:00+00", "calendar"},
		"midnight as 24":           {kind(schema.Time), "24:00:00", "24:00:00"},
		"a month":                  {kind(schema.Interval), "P1M", "months"},
		"JSON's null":              {kind(schema.JSON), " null ", "JSON's own null"},
		"a member twice":           {kind(schema.JSON), `{"hidden":1,"hidden":2}`, "a member twice"},
		"half a pair":              {kind(schema.JSON), `"\ud800"`, "surrogate"},
		"not UTF-8":                {kind(schema.Text), "hidden\xff", "UTF-8"},
		"an array from 0":          {array(kind(schema.Integer)), "[0:1]={1,2}", "count from 1"},
		"null in an array of JSON": {array(kind(schema.JSON)), "{null,\"null\"}", "another one"},
		"an infinite in an array":  {array(kind(schema.Float)), "{1,NaN}", "NaN"},
		"a word for a number":      {kind(schema.Integer), "hidden", "canonical"},
		"a word for a bool":        {kind(schema.Bool), "hidden", "canonical"},
		"a word for bytes":         {kind(schema.Bytes), "hidden", "canonical"},
		"a word for an instant":    {kind(schema.TimestampTZ), "hidden", "canonical"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tryValue(io.Discard, c.typ, schema.NewValue(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "writing a.b: record 1: field value: ") {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hidden") {
				t.Errorf("%v quotes the value", err)
			}
		})
	}
}

func TestAnEmptyFixtureIsNotFinished(t *testing.T) {
	h, m := oneModel(schema.Type{Kind: schema.Text})
	w, err := django.NewWriter(io.Discard, h, django.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := w.WriteModel(context.Background(), m, func(func(*schema.Record, error) bool) {})
	if n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if err := w.Finish(context.Background()); err == nil || !strings.Contains(err.Error(), "no records") {
		t.Errorf("got %v", err)
	}
}
