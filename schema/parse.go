package schema

import (
	"errors"
	"fmt"
)

// Parse turns a package's spelling into the canonical form. It accepts what
// Django's serializers write for the type: numbers and decimals as numbers or
// strings, durations as "[-]D HH:MM:SS.ffffff" (for Integer: microseconds, as
// Django keeps durations where the database has no interval), timestamps in
// ISO 8601 with any offset, uuids with or without hyphens. Value.Digits is 3
// for a timestamp with three digits of fraction, 0 otherwise. A value that
// would lose something is an error: 1.5 for an Integer, a fraction finer than
// a microsecond, an instant without offset for TimestampTZ. The empty string
// is never null. Errors say what was expected and never quote the value.
func (t Type) Parse(l Literal) (Value, error) {
	switch l.Kind {
	case NullLiteral:
		return Value{}, nil
	case CanonicalLiteral:
		return NewValue(l.Text), nil
	}
	switch t.Kind {
	case Date, Time, Timestamp, TimestampTZ:
		return parseMoment(t.Kind, l)
	case Array:
		return t.parseArray(l)
	}
	text, err := t.parseText(l)
	if err != nil {
		return Value{}, err
	}
	return NewValue(text), nil
}

// parseText parses the kinds whose value is nothing but its text.
func (t Type) parseText(l Literal) (string, error) {
	switch t.Kind {
	case Bool:
		return parseBool(l)
	case Integer:
		return t.parseInteger(l)
	case Numeric:
		return t.parseNumeric(l)
	case Float:
		return t.parseFloat(l)
	case Bytes:
		return parseBytes(l)
	case UUID:
		return parseUUID(l)
	case Interval:
		return parseIntervalLiteral(l)
	case JSON:
		return parseJSON(l)
	case Inet:
		return t.parseInet(l)
	default: // Text, Enum, Other
		return parsePlain(l)
	}
}

// parsePlain takes a string as it is and a number as it is written.
func parsePlain(l Literal) (string, error) {
	if l.Kind == StringLiteral || l.Kind == NumberLiteral {
		return l.Text, nil
	}
	return "", unexpected("a string", l)
}

func parseBool(l Literal) (string, error) {
	switch l.Kind {
	case BoolLiteral, NumberLiteral, StringLiteral:
		switch l.Text {
		case "true", "True", "t", "1":
			return "t", nil
		case "false", "False", "f", "0":
			return "f", nil
		}
	}
	return "", unexpected("true or false", l)
}

// unexpected says what a value should have been and what kind of literal it
// was. The value itself may be a secret and stays out.
func unexpected(want string, l Literal) error {
	return fmt.Errorf("expected %s, found %s", want, l.Kind.noun())
}

func (k LiteralKind) noun() string {
	switch k {
	case NullLiteral:
		return "null"
	case BoolLiteral:
		return "a bool"
	case NumberLiteral:
		return "another number"
	case StringLiteral:
		return "another string"
	case ListLiteral:
		return "a list"
	case ObjectLiteral:
		return "an object"
	default:
		return "another value"
	}
}

// errOutOfRange is a value of the right form that no column of the type holds.
var errOutOfRange = errors.New("the value is out of the type's range")
