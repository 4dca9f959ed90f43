package schema

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// JSON is the value as JSON text for people and plans: null, true, 12.30,
// "Draft", JSON as compact text, arrays as lists. Timestamps are strings,
// "2025-12-10 08:19:38.545+00".
func (t Type) JSON(v Value) string {
	return string(t.AppendJSON(make([]byte, 0, len(v.Text)+2), v))
}

// AppendJSON appends what JSON returns.
func (t Type) AppendJSON(b []byte, v Value) []byte {
	if !v.Valid {
		return append(b, "null"...)
	}
	switch t.Kind {
	case Bool:
		switch v.Text {
		case "t":
			return append(b, "true"...)
		case "f":
			return append(b, "false"...)
		}
	case Integer, Numeric, Float:
		if isJSONNumber(v.Text) {
			return append(b, v.Text...)
		}
	case JSON:
		// Members and strings stay as they were written, repeated ones too.
		out, err := jsontext.AppendFormat(b, v.Text, jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
		if err == nil {
			return out
		}
	case Array:
		if _, root, err := readArray(v.Text); err == nil {
			leaf, _ := t.leaf()
			return root.appendJSON(b, leaf.JSON)
		}
	}
	return appendQuoted(b, v.Text)
}

// appendQuoted appends the text as a JSON string. Invalid UTF-8 is replaced;
// HTML's characters are left alone.
func appendQuoted(b []byte, s string) []byte {
	if isPlain(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	out, _ := jsontext.AppendQuote(b, s) // its error tells of the replacement
	return out
}

// isPlain reports whether the text is a JSON string but for its quotes.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

func isJSONNumber(s string) bool {
	if isCount(s) {
		return true
	}
	raw := jsontext.Value(s)
	return raw.Kind() == '0' && raw.IsValid() && len(bytes.TrimSpace(raw)) == len(raw)
}

// isCount reports whether the text is a whole number that is not negative, as
// JSON and databases spell it.
func isCount(s string) bool { return s != "" && isDigits(s) && (s[0] != '0' || s == "0") }

// appendJSON prints an array as a JSON list, its values by f.
func (e element) appendJSON(b []byte, f func(Value) string) []byte {
	if !e.isList {
		return append(b, f(e.value)...)
	}
	b = append(b, '[')
	for i, child := range e.list {
		if i > 0 {
			b = append(b, ',')
		}
		b = child.appendJSON(b, f)
	}
	return append(b, ']')
}

// Literal is the value as a package would spell it, for the policy's
// expressions: bools, numbers, strings, JSON and arrays as such, times in ISO
// 8601 ("2025-12-10T08:19:38.545Z"). JSON's own null becomes null, which Parse
// cannot tell from NULL.
func (t Type) Literal(v Value) Literal {
	if !v.Valid {
		return Literal{}
	}
	switch t.Kind {
	case Bool:
		switch v.Text {
		case "t":
			return Literal{Kind: BoolLiteral, Text: "true"}
		case "f":
			return Literal{Kind: BoolLiteral, Text: "false"}
		}
	case Integer, Numeric, Float:
		if isJSONNumber(v.Text) {
			return Literal{Kind: NumberLiteral, Text: v.Text}
		}
	case Time, Timestamp, TimestampTZ:
		return Literal{Kind: StringLiteral, Text: packageMoment(t.Kind, v)}
	case JSON:
		if raw := jsontext.Value(v.Text); raw.IsValid() {
			return literalOf(bytes.TrimSpace(raw))
		}
	case Array:
		if _, root, err := readArray(v.Text); err == nil {
			leaf, _ := t.leaf()
			spell := func(e Value) string {
				e.Digits = v.Digits
				return leaf.Literal(e).json()
			}
			return Literal{Kind: ListLiteral, Text: string(root.appendJSON(nil, spell))}
		}
	}
	return Literal{Kind: StringLiteral, Text: v.Text}
}

// json is the literal as JSON text.
func (l Literal) json() string {
	switch l.Kind {
	case NullLiteral:
		return "null"
	case StringLiteral, CanonicalLiteral:
		return string(appendQuoted(nil, l.Text))
	default:
		return l.Text
	}
}
