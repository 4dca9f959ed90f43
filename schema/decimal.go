package schema

import (
	"strconv"
	"strings"
)

// decimal is an exact decimal number, ±digits × 10^exp. Its digits have no
// zeros in front; those of zero are empty. The digits are never expanded by
// the exponent, so that 1e999999999 costs nothing until it is printed.
type decimal struct {
	negative bool
	digits   string
	exp      int64
}

// maxExponentDigits bounds the exponents that are understood; all sums of such
// an exponent and the length of a text fit an int64.
const maxExponentDigits = 17

// parseDecimal reads [sign] digits [. digits] [e [sign] digits] with at least
// one digit before the exponent.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	mantissa, exponent, hasExponent := s, "", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, hasExponent = s[:i], s[i+1:], true
	}
	d.negative, mantissa = cutSign(mantissa)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(whole)+len(fraction) == 0 || !isDigits(whole) || !isDigits(fraction) {
		return decimal{}, false
	}
	d.digits = strings.TrimLeft(whole+fraction, "0")
	if hasExponent {
		down, digits := cutSign(exponent)
		if digits == "" || !isDigits(digits) {
			return decimal{}, false
		}
		digits = strings.TrimLeft(digits, "0")
		if len(digits) > maxExponentDigits {
			if d.digits != "" {
				return decimal{}, false
			}
			digits = ""
		}
		d.exp, _ = strconv.ParseInt("0"+digits, 10, 64)
		if down {
			d.exp = -d.exp
		}
	}
	d.exp -= int64(len(fraction))
	if d.digits == "" {
		d.negative = false
	}
	return d, true
}

func cutSign(s string) (negative bool, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[0] == '-', s[1:]
	}
	return false, s
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// reduced is the same number without zeros at the end of its digits.
func (d decimal) reduced() decimal {
	if d.digits == "" {
		return decimal{}
	}
	trimmed := strings.TrimRight(d.digits, "0")
	d.exp += int64(len(d.digits) - len(trimmed))
	d.digits = trimmed
	return d
}

// wholeDigits is the number of digits before the point, negative when zeros
// follow the point: -1 for 0.05.
func (d decimal) wholeDigits() int64 { return int64(len(d.digits)) + d.exp }

// PostgreSQL's limits of a numeric's digits before and after the point.
const (
	maxWholeDigits    = 131072
	maxFractionDigits = 16383
)

// printable reports whether text may expand the number.
func (d decimal) printable() bool {
	return (d.digits == "" || d.wholeDigits() <= maxWholeDigits) && -d.exp <= maxFractionDigits
}

// text is the number with scale digits after the point, at least as many as
// it has. The number must be printable.
func (d decimal) text(scale int) string {
	var b strings.Builder
	if d.negative {
		b.WriteByte('-')
	}
	digits := d.digits
	if d.exp > 0 {
		if digits != "" {
			digits += strings.Repeat("0", int(d.exp))
		}
		d.exp = 0
	}
	fraction := int(-d.exp)
	if missing := fraction + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	b.WriteString(digits[:len(digits)-fraction])
	if scale > 0 || fraction > 0 {
		b.WriteByte('.')
		b.WriteString(digits[len(digits)-fraction:])
		b.WriteString(strings.Repeat("0", max(scale-fraction, 0)))
	}
	return b.String()
}

// canonicalNumber is one text for all spellings of a number: plain digits
// while they are short, an exponent beyond. A text that is no number, or one
// beyond any measure, stays as it is.
func canonicalNumber(s string) string {
	d, ok := parseDecimal(s)
	if !ok {
		return s
	}
	d = d.reduced()
	const short = 40
	if d.exp >= -short && d.wholeDigits() <= short {
		return d.text(0)
	}
	e := d.exp
	d.exp = 0
	return d.text(0) + "e" + strconv.FormatInt(e, 10)
}
