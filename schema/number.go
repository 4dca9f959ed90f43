package schema

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// parseInteger takes an integral number, digits in a string, or a duration,
// which is stored as microseconds.
func (t Type) parseInteger(l Literal) (string, error) {
	const want = "an integer"
	switch l.Kind {
	case NumberLiteral:
	case StringLiteral:
		if strings.HasPrefix(strings.TrimLeft(l.Text, "+-"), "P") || strings.Contains(l.Text, ":") {
			return t.parseMicroseconds(l)
		}
		if _, digits := cutSign(l.Text); digits == "" || !isDigits(digits) {
			return "", unexpected(want, l)
		}
	default:
		return "", unexpected(want, l)
	}
	d, ok := parseDecimal(l.Text)
	if !ok {
		return "", unexpected(want, l)
	}
	d = d.reduced()
	if d.exp < 0 {
		return "", errors.New("expected an integer, found a number with a fraction")
	}
	if d.wholeDigits() > 19 {
		return "", errOutOfRange
	}
	text := d.text(0)
	return text, t.checkInteger(text)
}

func (t Type) parseMicroseconds(l Literal) (string, error) {
	i, err := parseInterval(l.Text)
	if err != nil {
		return "", err
	}
	us, err := i.microseconds()
	if err != nil {
		return "", err
	}
	text := strconv.FormatInt(us, 10)
	return text, t.checkInteger(text)
}

// checkInteger tells whether the canonical text fits the column's bits. It
// hides strconv's error, which quotes the value.
func (t Type) checkInteger(text string) error {
	bits := t.Bits
	if bits == 0 {
		bits = 64
	}
	_, err := strconv.ParseInt(text, 10, bits)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return errOutOfRange
	case err != nil:
		return errors.New("expected an integer")
	}
	return nil
}

// parseNumeric works on the digits alone: no float is involved and nothing is
// rounded.
func (t Type) parseNumeric(l Literal) (string, error) {
	const want = "a decimal number"
	if l.Kind != NumberLiteral && l.Kind != StringLiteral {
		return "", unexpected(want, l)
	}
	if special := specialNumber(l.Text); special != "" {
		return special, nil
	}
	d, ok := parseDecimal(l.Text)
	if !ok {
		return "", unexpected(want, l)
	}
	scale := 0
	if t.Precision > 0 {
		d, scale = d.reduced(), t.Scale
		if d.digits != "" && -d.exp > int64(scale) {
			return "", errors.New("the number has more digits after the point than the column keeps")
		}
	}
	if !d.printable() {
		return "", errors.New("the number has more digits than a numeric can hold")
	}
	return d.text(scale), nil
}

// checkNumeric tells whether the canonical text fits precision and scale.
func (t Type) checkNumeric(text string) error {
	if text == "NaN" || t.Precision == 0 && specialNumber(text) != "" {
		return nil
	}
	d, ok := parseDecimal(text)
	if !ok {
		if specialNumber(text) != "" {
			return errOutOfRange
		}
		return errors.New("expected a decimal number")
	}
	d = d.reduced()
	switch {
	case !d.printable():
		return errors.New("the number has more digits than a numeric can hold")
	case t.Precision == 0 || d.digits == "":
		return nil
	case d.wholeDigits() > int64(t.Precision-t.Scale):
		return errors.New("the number has more digits before the point than the column holds")
	case -d.exp > int64(t.Scale):
		return errors.New("the number has more digits after the point than the column keeps")
	}
	return nil
}

// specialNumber is the canonical spelling of what is a number to databases but
// has no digits, empty for anything else.
func specialNumber(s string) string {
	switch strings.ToLower(s) {
	case "nan":
		return "NaN"
	case "infinity", "+infinity", "inf", "+inf":
		return "Infinity"
	case "-infinity", "-inf":
		return "-Infinity"
	}
	return ""
}

func (t Type) parseFloat(l Literal) (string, error) {
	if l.Kind != NumberLiteral && l.Kind != StringLiteral {
		return "", unexpected("a number", l)
	}
	if special := specialNumber(l.Text); special != "" {
		return special, nil
	}
	f, err := t.readFloat(l.Text)
	if errors.Is(err, errOutOfRange) {
		return "", err
	} else if err != nil {
		return "", unexpected("a number", l)
	}
	return t.formatFloat(f), nil
}

// readFloat reads a float's text. Decimal syntax only: strconv alone would
// take hexadecimal and underscores too.
func (t Type) readFloat(s string) (float64, error) {
	if special := specialNumber(s); special != "" {
		return strconv.ParseFloat(special, 64)
	}
	d, ok := parseDecimal(s)
	if !ok {
		return 0, errors.New("expected a number")
	}
	f, err := strconv.ParseFloat(s, t.floatBits())
	if err != nil || f == 0 && d.digits != "" {
		return 0, errOutOfRange
	}
	return f, nil
}

func (t Type) floatBits() int {
	if t.Bits == 32 {
		return 32
	}
	return 64
}

// formatFloat prints as PostgreSQL does: the shortest digits that lie strictly
// inside the interval that rounds to the number, plain for small exponents.
func (t Type) formatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	bits, plain := t.floatBits(), 15
	if bits == 32 {
		plain = 6
	}
	s := shortestFloat(f, bits)
	_, exponent, _ := strings.Cut(s, "e")
	if e, err := strconv.Atoi(exponent); err == nil && e >= -4 && e < plain {
		if d, ok := parseDecimal(s); ok {
			if s[0] == '-' && d.digits == "" {
				return "-0"
			}
			return d.reduced().text(0)
		}
	}
	return s
}

// shortestFloat looks for the fewest digits that are not onBoundary, half
// rounded to even. Go's own shortest text tells where to start; it is the only
// one of its length where the nearest does not read back, below a power of two.
func shortestFloat(f float64, bits int) string {
	shortest := strconv.FormatFloat(f, 'e', -1, bits)
	mantissa, _, _ := strings.Cut(strings.TrimPrefix(shortest, "-"), "e")
	start := max(len(mantissa)-2, 0)
	for n := start; n <= 17; n++ {
		s := strconv.FormatFloat(f, 'e', n, bits)
		if n == start && !sameFloat(s, f, bits) {
			s = shortest
		}
		if sameFloat(s, f, bits) && !onBoundary(s, f, bits) {
			return s
		}
	}
	return shortest
}

// onBoundary reports whether the shortest text lies exactly between two
// floats, where reading it back depends on rounding half to even. Go prints
// such a text (1e+23), PostgreSQL does not.
func onBoundary(s string, f float64, bits int) bool {
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok || f == 0 {
		return false
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += "."
	}
	more := mantissa + "0000000000000000000000001e" + exponent
	d, ok := parseDecimal(s)
	if !ok {
		return false
	}
	d = d.reduced()
	last := len(d.digits) - 1
	d.digits = d.digits[:last] + string(d.digits[last]-1) + "9999999999999999999999999"
	less := d.digits + "e" + strconv.FormatInt(d.exp-25, 10)
	if d.negative {
		less = "-" + less
	}
	return !sameFloat(more, f, bits) || !sameFloat(less, f, bits)
}

func sameFloat(s string, f float64, bits int) bool {
	g, err := strconv.ParseFloat(s, bits)
	return err == nil && g == f
}
