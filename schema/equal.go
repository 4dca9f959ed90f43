package schema

import "strings"

// Equal reports whether two values of the type are the same to whoever reads
// them from the database: numerics and JSON numbers by their number, JSON
// objects without regard to the order of members, intervals with 24 hours to
// the day, timestamps at the lower of the two precisions (Value.Digits, the
// finer one cut). The empty string is not NULL.
func (t Type) Equal(a, b Value) bool {
	if !a.Valid || !b.Valid {
		return a.Valid == b.Valid
	}
	if a.Text == b.Text {
		return true
	}
	digits := lowerDigits(a.Digits, b.Digits)
	return t.comparable(a.Text, digits) == t.comparable(b.Text, digits)
}

// lowerDigits is the lower of two precisions, of which 0 is the full one.
func lowerDigits(a, b uint8) uint8 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// KeyText is the value as part of a Key: equal values have equal texts.
// Timestamps are as they are.
func (t Type) KeyText(v Value) string { return t.comparable(v.Text, 0) }

// comparable is one text for all canonical texts that mean the same, with
// times cut to so many digits of fraction unless that is 0. A text that is not
// of the type stands for itself.
func (t Type) comparable(text string, digits uint8) string {
	switch t.Kind {
	case Numeric:
		return canonicalNumber(text)
	case Float:
		f, err := t.readFloat(text)
		if err != nil {
			return text
		}
		if f == 0 {
			return "0" // -0 too
		}
		return t.formatFloat(f)
	case Text:
		if t.Padded() {
			return strings.TrimRight(text, " ")
		}
	case Time, Timestamp, TimestampTZ:
		return cutFraction(text, digits)
	case Interval:
		i, err := parseInterval(text)
		if err != nil {
			return text
		}
		return i.normal().String()
	case JSON:
		return canonicalJSON(text)
	case Inet:
		// PostgreSQL's cast to text prints 192.0.2.7/32, its output does not.
		if same, err := t.parseInet(Literal{Kind: StringLiteral, Text: text}); err == nil {
			return same
		}
	case Array:
		return t.comparableArray(text, digits)
	}
	return text
}

// Padded is true of character(n), which is filled up with spaces that do not
// count.
func (t Type) Padded() bool {
	return strings.HasPrefix(t.Native, "character(") || t.Native == "bpchar"
}

func (t Type) comparableArray(text string, digits uint8) string {
	bounds, root, err := readArray(text)
	if err != nil {
		return text
	}
	leaf, _ := t.leaf()
	root = root.rewrite(func(s string) string { return leaf.comparable(s, digits) })
	return bounds + string(leaf.appendArray(nil, root))
}
