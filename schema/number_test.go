package schema_test

import (
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

func TestParseOfNumbers(t *testing.T) {
	checkParse(t, map[string]parseCase{
		"an integer":                                     {typ: bigint, in: num("12"), want: "12"},
		"an integer with an idle fraction":               {typ: bigint, in: num("12.0"), want: "12"},
		"an integer with an exponent":                    {typ: bigint, in: num("1e2"), want: "100"},
		"an integer in a string":                         {typ: bigint, in: str("-007"), want: "-7"},
		"minus zero is zero":                             {typ: bigint, in: num("-0"), want: "0"},
		"the greatest integer":                           {typ: bigint, in: num("9223372036854775807"), want: "9223372036854775807"},
		"the least integer":                              {typ: bigint, in: num("-9223372036854775808"), want: "-9223372036854775808"},
		"a duration in an integer column":                {typ: bigint, in: str("1 02:03:04.000005"), want: "93784000005"},
		"a duration below zero in an integer column":     {typ: bigint, in: str("-1 22:00:00"), want: "-7200000000"},
		"an ISO duration in an integer column":           {typ: bigint, in: str("P0DT00H00M01S"), want: "1000000"},
		"a decimal is padded to the scale":               {typ: money, in: num("12.3"), want: "12.30"},
		"a decimal in a string":                          {typ: money, in: str("12.30"), want: "12.30"},
		"idle digits are dropped down to the scale":      {typ: money, in: str("12.3000"), want: "12.30"},
		"too many digits before the point wait":          {typ: money, in: num("123456789012"), want: "123456789012.00"},
		"a decimal keeps every digit":                    {typ: numeric, in: str("123456789012345678901234567890.000000000000000000001"), want: "123456789012345678901234567890.000000000000000000001"},
		"an unconstrained decimal keeps its zeros":       {typ: numeric, in: str("1.500"), want: "1.500"},
		"an exponent is written out":                     {typ: numeric, in: num("1.5e3"), want: "1500"},
		"an exponent below zero is written out":          {typ: numeric, in: num("15e-3"), want: "0.015"},
		"zero has no sign":                               {typ: numeric, in: str("-0.00"), want: "0.00"},
		"zero with a monstrous exponent is zero":         {typ: money, in: num("0e999999999999999999999"), want: "0.00"},
		"a scale below zero":                             {typ: hundreds, in: num("1200"), want: "1200"},
		"not a number":                                   {typ: numeric, in: str("NaN"), want: "NaN"},
		"infinity":                                       {typ: numeric, in: str("-infinity"), want: "-Infinity"},
		"a float":                                        {typ: double, in: num("1.50"), want: "1.5"},
		"a float of 15 digits before the point is plain": {typ: double, in: num("123456789012345"), want: "123456789012345"},
		"a float of 16 has an exponent":                  {typ: double, in: num("1234567890123456"), want: "1.234567890123456e+15"},
		"a small float is plain":                         {typ: double, in: num("0.0001"), want: "0.0001"},
		"a smaller one has an exponent of two digits":    {typ: double, in: num("0.00001"), want: "1e-05"},
		"an exponent of three digits":                    {typ: double, in: num("1E100"), want: "1e+100"},
		"digits that rest on rounding half to even":      {typ: double, in: num("1e23"), want: "9.999999999999999e+22"},
		"minus zero keeps its sign in a float":           {typ: double, in: num("-0.0"), want: "-0"},
		"the least float":                                {typ: double, in: num("4.9e-324"), want: "5e-324"},
		"a float that is no number":                      {typ: double, in: str("nan"), want: "NaN"},
		"a float in a string":                            {typ: double, in: str("-Infinity"), want: "-Infinity"},
		"a short float of seven digits has an exponent":  {typ: single, in: num("1000000"), want: "1e+06"},
		"a short float of six digits is plain":           {typ: single, in: num("100000"), want: "100000"},
		"a short float half way rounds to even":          {typ: single, in: num("2.44140625e-04"), want: "0.00024414062"},
		"a short float at a power of two":                {typ: single, in: num("1.262177448e-29"), want: "1.2621775e-29"},
	})
}

func TestParseRefusesNumbers(t *testing.T) {
	const range_ = "out of the type's range"
	checkRefusals(t, map[string]refusal{
		"an integer with a fraction":                {typ: bigint, in: num("1.5"), say: "a number with a fraction"},
		"an integer beyond 64 bits":                 {typ: bigint, in: num("9223372036854775808"), say: range_},
		"an integer beyond its own bits":            {typ: smallint, in: num("32768"), say: range_},
		"an integer with a monstrous exponent":      {typ: bigint, in: num("1e999999999"), say: range_},
		"an empty string for an integer":            {typ: bigint, in: str(""), say: "expected an integer"},
		"a space before an integer":                 {typ: bigint, in: str(" 12"), say: "expected an integer"},
		"a fraction in a string":                    {typ: bigint, in: str("12.0"), say: "expected an integer"},
		"a bool for an integer":                     {typ: bigint, in: truth("true"), say: "found a bool"},
		"months for an integer":                     {typ: bigint, in: str("P1M"), say: "years and months"},
		"a duration beyond 64 bits":                 {typ: bigint, in: str("P200000000D"), say: range_},
		"a decimal finer than the scale":            {typ: money, in: num("12.345"), say: "more digits after the point"},
		"a decimal finer than a scale below zero":   {typ: hundreds, in: num("1250"), say: "more digits after the point"},
		"a decimal with a monstrous exponent":       {typ: numeric, in: num("1e999999999"), say: "more digits than a numeric"},
		"a decimal with an exponent beyond measure": {typ: numeric, in: num("1e99999999999999999999999"), say: "expected a decimal number"},
		"a decimal with a monstrous fraction":       {typ: numeric, in: num("1e-999999999"), say: "more digits than a numeric"},
		"a zero with a monstrous fraction":          {typ: numeric, in: num("0e-999999999"), say: "more digits than a numeric"},
		"a decimal with two points":                 {typ: numeric, in: str("1.2.3"), say: "expected a decimal number"},
		"a point alone":                             {typ: numeric, in: str("."), say: "expected a decimal number"},
		"an exponent without digits":                {typ: numeric, in: str("1e+"), say: "expected a decimal number"},
		"a comma":                                   {typ: money, in: str("12,30"), say: "expected a decimal number"},
		"a float in hexadecimal":                    {typ: double, in: str("0x1p-2"), say: "expected a number"},
		"a float with underscores":                  {typ: double, in: str("1_000"), say: "expected a number"},
		"a float beyond its range":                  {typ: double, in: num("1e400"), say: range_},
		"a float that would become zero":            {typ: double, in: num("1e-400"), say: range_},
		"a short float beyond its range":            {typ: single, in: num("1e39"), say: range_},
	})
}

// TestExponentsAreNotExpanded would run out of memory or time if they were.
func TestExponentsAreNotExpanded(t *testing.T) {
	start := time.Now()
	for _, in := range []string{"1e999999999", "-1e-999999999", "1e99999999999999999", "9" + strings.Repeat("0", 200000) + "e-99999999999999999"} {
		for _, typ := range everyType {
			v, err := typ.Parse(num(in))
			if err != nil {
				v = schema.NewValue(in)
			}
			typ.Equal(v, schema.NewValue("1"+in))
			_ = typ.Check(v, "postgres")
			_ = len(typ.JSON(v)) + len(typ.KeyText(v))
		}
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("took %s", d)
	}
}
