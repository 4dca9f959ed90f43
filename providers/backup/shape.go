package backup

import (
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// Shape is how a value is spelt, in words.
type Shape string

// The shapes.
const (
	NullShape   Shape = "null"
	BoolShape   Shape = "bool"
	NumberShape Shape = "number"
	EmptyString Shape = "empty string"
	StringShape Shape = "string"
	Millis      Shape = "timestamp cut to milliseconds"
	Timestamp   Shape = "timestamp"
	UUIDShape   Shape = "uuid"
	EmptyList   Shape = "empty list"
	NumberList  Shape = "list of numbers"
	NaturalKey  Shape = "natural key (list of scalars)"
	NaturalKeys Shape = "list of natural keys (list of lists)"
	MixedList   Shape = "other list"
	ObjectShape Shape = "object"
)

// ShapeOf tells how the value is spelt.
func ShapeOf(l schema.Literal) Shape {
	switch l.Kind {
	case schema.NullLiteral:
		return NullShape
	case schema.BoolLiteral:
		return BoolShape
	case schema.NumberLiteral:
		return NumberShape
	case schema.ListLiteral:
		return listShape(l.Text)
	case schema.ObjectLiteral:
		return ObjectShape
	}
	return stringShape(l.Text)
}

func stringShape(s string) Shape {
	switch {
	case s == "":
		return EmptyString
	case like(s, "dddddddd-dddd-dddd-dddd-dddddddddddd", isHex):
		return UUIDShape
	case len(s) >= 19 && like(s[:10], "dddd-dd-dd", isDigit) && like(s[11:19], "dd:dd:dd", isDigit) &&
		(s[10] == 'T' || s[10] == ' '):
		rest := s[19:]
		if len(rest) > 4 && like(rest[:4], ".ddd", isDigit) && !isDigit(rest[4]) || like(rest, ".ddd", isDigit) {
			return Millis
		}
		return Timestamp
	}
	return StringShape
}

// like compares s with a pattern in which d stands for a digit.
func like(s, pattern string, digit func(byte) bool) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		if pattern[i] == 'd' && !digit(s[i]) || pattern[i] != 'd' && pattern[i] != s[i] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// listShape looks at the kinds of a list's elements.
func listShape(text string) Shape {
	dec := jsontext.NewDecoder(strings.NewReader(text))
	if _, err := dec.ReadToken(); err != nil {
		return MixedList
	}
	var total, numbers, scalars, lists int
	for {
		kind := dec.PeekKind()
		if kind == ']' {
			break
		}
		if err := dec.SkipValue(); err != nil || err == io.EOF {
			return MixedList
		}
		total++
		switch kind {
		case '0':
			numbers++
			scalars++
		case '"', 't', 'f', 'n':
			scalars++
		case '[':
			lists++
		}
	}
	switch total {
	case 0:
		return EmptyList
	case numbers:
		return NumberList
	case scalars:
		return NaturalKey
	case lists:
		return NaturalKeys
	}
	return MixedList
}
