package django

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// Why a value has no spelling in a fixture. No message quotes the value.
var (
	errNotCanonical = errors.New("the value is not in the canonical form of its column's type")
	errNotFinite    = errors.New("the value is NaN or Infinity, which JSON cannot spell")
	errCalendar     = errors.New("the value is outside the years 1 to 9999 of Python's calendar, or infinite")
	errMidnight     = errors.New("the value is 24:00:00, which is no time of the day to Python")
	errMonths       = errors.New("the duration has years or months, whose length differs, or is too long for Python")
	errUTF8         = errors.New("the text is not UTF-8")
	errJSON         = errors.New("the value is not JSON that every reader takes: it names a member twice, or holds half of a surrogate pair")
	errJSONNull     = errors.New("the value is JSON's own null, which a fixture cannot tell from NULL")
	errBounds       = errors.New("the array does not count from 1, which a list does")
	errArray        = errors.New("the array cannot be told from another one when it is a list")
)

// spell appends the value as JSON, as Django's serializer has it for a field
// that keeps its values in a column of that type. What loaddata would refuse or
// change is an error.
func spell(b []byte, t schema.Type, v schema.Value) ([]byte, error) {
	if !v.Valid {
		return append(b, "null"...), nil
	}
	switch t.Kind {
	case schema.Bool, schema.Integer:
		if t.Kind == schema.Integer && isSmall(v.Text) {
			return append(b, v.Text...), nil
		}
		if l := t.Literal(v); l.Kind == schema.BoolLiteral || l.Kind == schema.NumberLiteral {
			return append(b, l.Text...), nil
		}
		return b, errNotCanonical
	case schema.Numeric, schema.Float:
		return spellNumber(b, t, v)
	case schema.Bytes:
		return spellBytes(b, v.Text)
	case schema.Date, schema.Time, schema.Timestamp, schema.TimestampTZ:
		return spellMoment(b, t, v)
	case schema.Interval:
		return spellDuration(b, v.Text)
	case schema.JSON:
		return spellJSON(b, v.Text)
	case schema.Array:
		return spellArray(b, t, v)
	}
	return spellText(b, v.Text)
}

// isSmall recognises most integers.
func isSmall(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != "" && len(s) <= 18 && (s[0] != '0' || s == "0")
}

func spellText(b []byte, s string) ([]byte, error) {
	out, err := jsontext.AppendQuote(b, s)
	if err != nil {
		return b, errUTF8
	}
	return out, nil
}

// spellNumber writes decimals as strings, which Django reads exactly, and
// floats as numbers.
func spellNumber(b []byte, t schema.Type, v schema.Value) ([]byte, error) {
	l := t.Literal(v)
	switch {
	case strings.TrimLeft(v.Text, "-+") == "Infinity" || v.Text == "NaN":
		return b, errNotFinite
	case l.Kind != schema.NumberLiteral:
		return b, errNotCanonical
	case t.Kind == schema.Numeric:
		return spellText(b, l.Text)
	case l.Text == "-0": // which Python reads as the integer 0
		return append(b, "-0.0"...), nil
	}
	return append(b, l.Text...), nil
}

func spellBytes(b []byte, text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, `\x`)
	raw, err := hex.DecodeString(digits)
	if err != nil || !ok {
		return b, errNotCanonical
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, raw)
	return append(b, '"'), nil
}

// spellMoment writes fractions with six digits: three would say that the value
// was cut.
func spellMoment(b []byte, t schema.Type, v schema.Value) ([]byte, error) {
	if (t.Kind == schema.Timestamp || t.Kind == schema.TimestampTZ) && schema.UsualMoment(t.Kind, v.Text) {
		return spellUsualMoment(b, t.Kind, v.Text), nil
	}
	v.Digits = 0
	if again, err := t.Parse(t.Literal(v)); err != nil || again.Text != v.Text {
		return b, errNotCanonical
	}
	text := t.Literal(v).Text
	switch {
	case t.Kind == schema.Time && strings.HasPrefix(text, "24"):
		return b, errMidnight
	case t.Kind != schema.Time && (strings.IndexByte(text, '-') != 4 || strings.HasSuffix(text, " BC")):
		return b, errCalendar
	}
	if whole, fraction, ok := strings.Cut(text, "."); ok {
		digits := strings.TrimSuffix(fraction, "Z")
		text = whole + "." + (digits + "000000")[:6] + fraction[len(digits):]
	}
	return spellText(b, text)
}

// spellUsualMoment turns 2025-12-10 08:19:38.5+00 into 2025-12-10T08:19:38.500000Z.
func spellUsualMoment(b []byte, k schema.Kind, text string) []byte {
	b = append(append(b, '"'), text[:10]...)
	b = append(append(b, 'T'), text[11:19]...)
	fraction := text[19:]
	if k == schema.TimestampTZ {
		fraction = fraction[:len(fraction)-len("+00")]
	}
	if fraction != "" {
		b = append(b, fraction...)
		b = append(b, "000000"[len(fraction)-1:]...)
	}
	if k == schema.TimestampTZ {
		b = append(b, 'Z')
	}
	return append(b, '"')
}

// spellDuration writes what django.utils.duration.duration_string does.
func spellDuration(b []byte, text string) ([]byte, error) {
	us, err := microseconds(text)
	if err != nil {
		return b, errMonths
	}
	const day = 24 * 60 * 60 * 1_000_000
	days, rest := us/day, us%day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	b = append(b, '"')
	if days != 0 {
		b = fmt.Appendf(b, "%d ", days)
	}
	seconds := rest / 1_000_000
	b = fmt.Appendf(b, "%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	if fraction := rest % 1_000_000; fraction != 0 {
		b = fmt.Appendf(b, ".%06d", fraction)
	}
	return append(b, '"'), nil
}

// spellJSON takes only what our own readers and Python's take alike.
func spellJSON(b []byte, text string) ([]byte, error) {
	out, err := jsontext.AppendFormat(b, text)
	if err != nil {
		return b, errJSON
	}
	if string(out[len(b):]) == "null" {
		return b, errJSONNull
	}
	return out, nil
}
