package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

var (
	boolean    = schema.Type{Kind: schema.Bool}
	smallint   = schema.Type{Kind: schema.Integer, Bits: 16}
	bigint     = schema.Type{Kind: schema.Integer, Bits: 64}
	numeric    = schema.Type{Kind: schema.Numeric}
	money      = schema.Type{Kind: schema.Numeric, Precision: 10, Scale: 2}
	hundreds   = schema.Type{Kind: schema.Numeric, Precision: 3, Scale: -2}
	double     = schema.Type{Kind: schema.Float, Bits: 64}
	single     = schema.Type{Kind: schema.Float, Bits: 32}
	text       = schema.Type{Kind: schema.Text}
	binary     = schema.Type{Kind: schema.Bytes}
	uuid       = schema.Type{Kind: schema.UUID}
	date       = schema.Type{Kind: schema.Date}
	clock      = schema.Type{Kind: schema.Time}
	wall       = schema.Type{Kind: schema.Timestamp}
	instant    = schema.Type{Kind: schema.TimestampTZ}
	interval   = schema.Type{Kind: schema.Interval}
	document   = schema.Type{Kind: schema.JSON, Native: "jsonb"}
	integers   = schema.Type{Kind: schema.Array, Elem: &bigint}
	matrix     = schema.Type{Kind: schema.Array, Elem: &integers}
	texts      = schema.Type{Kind: schema.Array, Elem: &text}
	instants   = schema.Type{Kind: schema.Array, Elem: &instant}
	documents  = schema.Type{Kind: schema.Array, Elem: &document}
	inet       = schema.Type{Kind: schema.Inet, Native: "inet"}
	cidr       = schema.Type{Kind: schema.Inet, Native: "cidr"}
	enum       = schema.Type{Kind: schema.Enum, Labels: []string{"draft", "final"}}
	other      = schema.Type{Kind: schema.Other, Native: "tsvector"}
	everyType  = []schema.Type{boolean, smallint, bigint, numeric, money, hundreds, double, single, text, binary, uuid, date, clock, wall, instant, interval, document, integers, matrix, texts, instants, documents, inet, cidr, enum, other}
	everyShape = []schema.LiteralKind{schema.BoolLiteral, schema.NumberLiteral, schema.StringLiteral, schema.ListLiteral, schema.ObjectLiteral, schema.CanonicalLiteral, schema.NullLiteral}
)

func str(s string) schema.Literal    { return schema.Literal{Kind: schema.StringLiteral, Text: s} }
func num(s string) schema.Literal    { return schema.Literal{Kind: schema.NumberLiteral, Text: s} }
func truth(s string) schema.Literal  { return schema.Literal{Kind: schema.BoolLiteral, Text: s} }
func list(s string) schema.Literal   { return schema.Literal{Kind: schema.ListLiteral, Text: s} }
func object(s string) schema.Literal { return schema.Literal{Kind: schema.ObjectLiteral, Text: s} }

func canonical(s string) schema.Literal {
	return schema.Literal{Kind: schema.CanonicalLiteral, Text: s}
}

type parseCase struct {
	typ    schema.Type
	in     schema.Literal
	want   string
	digits uint8
}

// checkParse runs a table of spellings that must be understood.
func checkParse(t *testing.T, cases map[string]parseCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := c.typ.Parse(c.in)
			if err != nil {
				t.Fatal(err)
			}
			want := schema.Value{Text: c.want, Valid: true, Digits: c.digits}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

type refusal struct {
	typ schema.Type
	in  schema.Literal
	say string
}

// checkRefusals runs a table of spellings that must be refused, in words that
// do not give the value away.
func checkRefusals(t *testing.T, cases map[string]refusal) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := c.typ.Parse(c.in)
			if err == nil {
				t.Fatalf("parsed as %+v", got)
			}
			if !strings.Contains(err.Error(), c.say) {
				t.Errorf("says %q, not %q", err, c.say)
			}
			if len(c.in.Text) > 2 && strings.Contains(err.Error(), c.in.Text) {
				t.Errorf("quotes the value: %q", err)
			}
		})
	}
}

func TestParseOfPlainKinds(t *testing.T) {
	checkParse(t, map[string]parseCase{
		"a canonical text passes through whatever it says": {typ: uuid, in: canonical("ANY thing"), want: "ANY thing"},
		"the empty string is not null":                     {typ: text, in: str(""), want: ""},
		"a text is taken as it is":                         {typ: text, in: str(" é\n"), want: " é\n"},
		"a number in a text column is taken as written":    {typ: text, in: num("1.50"), want: "1.50"},
		"a bool is t":                                       {typ: boolean, in: truth("true"), want: "t"},
		"a bool is f":                                       {typ: boolean, in: truth("false"), want: "f"},
		"a bool may be SQLite's number":                     {typ: boolean, in: num("1"), want: "t"},
		"a bool may be Python's string":                     {typ: boolean, in: str("False"), want: "f"},
		"a uuid has hyphens":                                {typ: uuid, in: str("6F1C0A52-8f34-4c39-9c50-0123456789AB"), want: "6f1c0a52-8f34-4c39-9c50-0123456789ab"},
		"a uuid may lack hyphens":                           {typ: uuid, in: str("6f1c0a528f344c399c500123456789ab"), want: "6f1c0a52-8f34-4c39-9c50-0123456789ab"},
		"bytes are base64":                                  {typ: binary, in: str("AAH/"), want: `\x0001ff`},
		"bytes may be hexadecimal":                          {typ: binary, in: str(`\x0001FF`), want: `\x0001ff`},
		"no bytes are still a value":                        {typ: binary, in: str(""), want: `\x`},
		"an enum's label is looked at by Check only":        {typ: enum, in: str("lost"), want: "lost"},
		"another type is taken as it is":                    {typ: other, in: str("'a':1"), want: "'a':1"},
		"an address of full length shows no length":         {typ: inet, in: str("192.0.2.7/32"), want: "192.0.2.7"},
		"an address keeps a shorter length":                 {typ: inet, in: str("192.0.2.7/24"), want: "192.0.2.7/24"},
		"an IPv6 address is shortened":                      {typ: inet, in: str("2001:DB8:0:0:0:0:0:1"), want: "2001:db8::1"},
		"an IPv4 address mapped to IPv6 stays so":           {typ: inet, in: str("::FFFF:1.2.3.4"), want: "::ffff:1.2.3.4"},
		"an IPv4-compatible address is printed in dots":     {typ: inet, in: str("::1:2"), want: "::0.1.0.2"},
		"the loopback address is not printed in dots":       {typ: inet, in: str("::1"), want: "::1"},
		"a network of full length shows its length in cidr": {typ: cidr, in: str("192.0.2.7"), want: "192.0.2.7/32"},
	})
	for _, typ := range everyType {
		if got, err := typ.Parse(schema.Literal{}); err != nil || got != (schema.Value{}) {
			t.Errorf("null is %+v, %v for %s", got, err, typ.Kind)
		}
	}
}

func TestParseRefusesPlainKinds(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"a bool in a text column":              {typ: text, in: truth("true"), say: "expected a string, found a bool"},
		"a list in a text column":              {typ: text, in: list("[1]"), say: "found a list"},
		"an object in a text column":           {typ: text, in: object("{}"), say: "found an object"},
		"a bool that is two":                   {typ: boolean, in: num("2"), say: "expected true or false"},
		"a bool that is empty":                 {typ: boolean, in: str(""), say: "expected true or false"},
		"a uuid cut short":                     {typ: uuid, in: str("6f1c0a52-8f34-4c39-9c50-0123456789a"), say: "expected a uuid"},
		"a uuid with hyphens elsewhere":        {typ: uuid, in: str("6f1c0a528f34-4c39-9c50-0123-456789ab"), say: "expected a uuid"},
		"a uuid with other letters":            {typ: uuid, in: str("6f1c0a52-8f34-4c39-9c50-0123456789ag"), say: "expected a uuid"},
		"bytes that are no base64":             {typ: binary, in: str("se*cret"), say: "base64"},
		"bytes with half a hexadecimal":        {typ: binary, in: str(`\x123`), say: "hexadecimal"},
		"an address with a zone":               {typ: inet, in: str("fe80::1%eth0"), say: "expected an IP address"},
		"an address longer than it can be":     {typ: inet, in: str("192.0.2.7/33"), say: "expected an IP address"},
		"a host name":                          {typ: inet, in: str("db.example.test"), say: "expected an IP address"},
		"a network with bits after its length": {typ: cidr, in: str("192.0.2.7/24"), say: "bits set"},
	})
}
