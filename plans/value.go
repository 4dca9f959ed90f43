package plans

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is the deepest nesting of a Value that is embedded as it is. JSON
// readers stop at 10,000 levels, and a document puts a few around the value.
const maxDepth = 9000

// AppendTo appends the value as JSON text on one line, so that it can stand
// inside a document. A Value is JSON by its contract; text that is not, which
// only a bug or a damaged file can bring, is appended as a JSON string.
func (v Value) AppendTo(b []byte) []byte {
	s := string(v)
	if isUsual(s) {
		return append(b, s...)
	}
	return appendChecked(b, s)
}

func appendChecked(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	s = strings.Trim(s, " \t\r\n")
	// PostgreSQL's json keeps duplicate names and lone surrogates; they are
	// what the database holds and are shown as such.
	valid := jsontext.Value(s).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if !valid || tooDeep(s) {
		return appendString(b, s)
	}
	for i := range len(s) {
		// A line break in valid JSON is space between tokens.
		if c := s[i]; c == '\n' || c == '\r' || c == '\t' {
			c = ' '
			b = append(b, c)
		} else {
			b = append(b, c)
		}
	}
	return b
}

// isUsual reports whether it is a string of printable ASCII without escapes, a
// whole number, or a list of these without space, as most values and nearly all
// keys are: they are JSON on one line.
func isUsual(s string) bool {
	s, list := strings.CutPrefix(s, "[")
	for {
		n := usualLen(s)
		switch s = s[n:]; {
		case n == 0:
			return false
		case !list:
			return s == ""
		case s == "]":
			return true
		case !strings.HasPrefix(s, ","):
			return false
		}
		s = s[1:]
	}
}

// usualLen is how long the string or number is that s begins with, 0 when it is
// none of the usual ones.
func usualLen(s string) int {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			switch c := s[i]; {
			case c == '"':
				return i + 1
			case c < ' ' || c >= 0x7f || c == '\\':
				return 0
			}
		}
		return 0
	}
	digits := strings.TrimPrefix(s, "-")
	n := 0
	for n < len(digits) && digits[n]-'0' <= 9 {
		n++
	}
	if n == 0 || n > 1 && digits[0] == '0' {
		return 0
	}
	return len(s) - len(digits) + n
}

// Parts are the elements of a value that is a list, such as a natural key; nil
// when it is none.
func (v Value) Parts() []Value {
	if !strings.HasPrefix(string(v), "[") {
		return nil
	}
	d := jsontext.NewDecoder(strings.NewReader(string(v)),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	parts := []Value{}
	for d.PeekKind() != ']' {
		e, err := d.ReadValue()
		if err != nil {
			return nil
		}
		parts = append(parts, Value(e))
	}
	return parts
}

// Text is the text of a value that is a JSON string, and whether it is one.
func (v Value) Text() (string, bool) {
	if !strings.HasPrefix(string(v), `"`) {
		return "", false
	}
	// An error with a usable result is a lone surrogate, replaced by U+FFFD.
	b, err := jsontext.AppendUnquote(nil, string(v))
	if err != nil && !jsontext.Value(v).IsValid(jsontext.AllowInvalidUTF8(true)) {
		return "", false
	}
	return string(b), true
}

// tooDeep counts brackets outside strings.
func tooDeep(s string) bool {
	if len(s) <= maxDepth {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
