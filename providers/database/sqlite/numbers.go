package sqlite

import (
	"database/sql/driver"
	"math"
	"strconv"
	"strings"
)

func readInteger(v driver.Value) (string, bool) {
	n, ok := v.(int64)
	return strconv.FormatInt(n, 10), ok
}

func writeInteger(s string) (driver.Value, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

func readFloat(v driver.Value) (string, bool) {
	f, ok := v.(float64)
	return floatText(f), ok
}

// readNarrowFloat reads a float of 32 bits: in the digits that tell it from
// others of that width, with an exponent from 1e+06, as PostgreSQL prints one.
func readNarrowFloat(v driver.Value) (string, bool) {
	f, ok := v.(float64)
	if a := math.Abs(f); math.IsInf(f, 0) || math.IsNaN(f) || a == 0 {
		return floatText(f), ok
	} else if a < 1e-4 || a >= 1e6 {
		return strconv.FormatFloat(f, 'e', -1, 32), ok
	}
	return strconv.FormatFloat(f, 'f', -1, 32), ok
}

// writeFloat reads any spelling of a number, since a float has only one value
// for it. SQLite would store NaN as NULL: it is left to be stored as text.
func writeFloat(s string) (driver.Value, bool) {
	switch {
	case s == "Infinity":
		return math.Inf(1), true
	case s == "-Infinity":
		return math.Inf(-1), true
	case !looksNumeric(s):
		return nil, false
	}
	f, err := strconv.ParseFloat(strings.Trim(s, spaces), 64)
	return f, err == nil
}

// readNumber and writeNumber are for columns that hold numbers among other
// things.
func readNumber(v driver.Value) (string, bool) {
	switch v.(type) {
	case int64, float64:
		return ownText(v), true
	}
	return "", false
}

// writeNumber stores a number when SQLite can keep it exactly.
func writeNumber(s string) (driver.Value, bool) {
	if !looksNumeric(s) {
		return nil, false
	}
	if n, ok := writeInteger(s); ok {
		return n, true
	}
	f, ok := writeFloat(s)
	if !ok || decimalOf(ownText(f)) != decimalOf(s) {
		return nil, false
	}
	return f, true
}

// writeSpeltNumber stores a number that is read back in the same digits: 0101
// and 1.50 are texts.
func writeSpeltNumber(s string) (driver.Value, bool) {
	v, ok := writeNumber(s)
	return v, ok && ownText(v) == s
}

// numericForm stores a numeric as Django does: an integer when it is one, else
// a REAL, provided that this gives the same digits back.
func numericForm(scale int) form {
	return form{
		read: func(v driver.Value) (string, bool) {
			switch v := v.(type) {
			case int64:
				return padScale(strconv.FormatInt(v, 10), scale), true
			case float64:
				if math.IsInf(v, 0) || math.IsNaN(v) {
					return "", false
				}
				return padScale(strconv.FormatFloat(v, 'f', -1, 64), scale), true
			}
			return "", false
		},
		write: func(s string) (driver.Value, bool) {
			if whole, fraction, _ := strings.Cut(s, "."); strings.Trim(fraction, "0") == "" {
				if n, ok := writeInteger(whole); ok {
					return n, true
				}
			}
			return writeNumber(s)
		},
	}
}

// padScale gives a number in plain digits the decimals that its column has. It
// takes none away.
func padScale(s string, scale int) string {
	_, fraction, ok := strings.Cut(s, ".")
	if missing := scale - len(fraction); missing > 0 {
		if !ok {
			s += "."
		}
		s += strings.Repeat("0", missing)
	}
	return s
}

// floatText is a float as PostgreSQL prints it: the shortest digits that read
// back as the same number, with an exponent from 1e+15 and below 0.0001.
func floatText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.IsNaN(f):
		return "NaN"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e15) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// spaces are what SQLite passes over around a number.
const spaces = " \t\n\v\f\r"

// looksNumeric reports whether SQLite makes a number of the text in a column
// with numeric affinity: a decimal literal with a sign and spaces around it.
func looksNumeric(s string) bool {
	s = strings.Trim(s, spaces)
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole := run(s, 0, isDigit)
	end := whole
	if end < len(s) && s[end] == '.' {
		end = run(s, end+1, isDigit)
		if end == 1 {
			return false // a point alone
		}
	}
	if end == 0 {
		return false
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		exponent := end + 1
		if exponent < len(s) && (s[exponent] == '+' || s[exponent] == '-') {
			exponent++
		}
		end = run(s, exponent, isDigit)
		if end == exponent {
			return false
		}
	}
	return end == len(s)
}

// decimal is a number without the ways to spell it: 0.digits times ten to the
// exponent, no zeros at either end of the digits.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// decimalOf reads a text that looksNumeric. Exponents that no float has come
// out as some number that no float has.
func decimalOf(s string) decimal {
	s = strings.ToLower(strings.Trim(s, spaces))
	var d decimal
	mantissa, exponent, _ := strings.Cut(s, "e")
	d.exponent, _ = strconv.Atoi(exponent)
	d.negative = strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimLeft(mantissa, "+-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := whole + fraction
	d.digits = strings.TrimLeft(all, "0")
	d.exponent += len(whole) - (len(all) - len(d.digits))
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}
	}
	return d
}
