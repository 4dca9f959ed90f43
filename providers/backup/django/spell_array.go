package django

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// spellArray writes a string that holds the list, as ArrayField does. Lists in
// it are lists, not strings: readers that do not know the number of dimensions
// understand them too.
func spellArray(b []byte, t schema.Type, v schema.Value) ([]byte, error) {
	leaf := t
	for leaf.Kind == schema.Array {
		if leaf.Elem == nil {
			leaf = schema.Type{}
			break
		}
		leaf = *leaf.Elem
	}
	l := t.Literal(v)
	switch {
	case strings.HasPrefix(v.Text, "["):
		return b, errBounds
	case l.Kind != schema.ListLiteral:
		return b, errNotCanonical
	}
	list, err := spellList(nil, leaf, l.Text)
	if err != nil {
		return b, err
	}
	// JSON in arrays is ambiguous: null and NULL, a nested list and a JSON one.
	back, err := t.Parse(schema.Literal{Kind: schema.StringLiteral, Text: string(list)})
	if err != nil || !t.Equal(v, back) {
		return b, errArray
	}
	return spellText(b, string(list))
}

// spellList spells each element of the JSON list.
func spellList(b []byte, leaf schema.Type, list string) ([]byte, error) {
	d := jsontext.NewDecoder(strings.NewReader(list))
	if _, err := d.ReadToken(); err != nil {
		return b, errNotCanonical
	}
	b = append(b, '[')
	for first := true; d.PeekKind() != ']'; first = false {
		raw, err := d.ReadValue()
		if err != nil {
			return b, errJSON
		}
		if !first {
			b = append(b, ", "...)
		}
		kind := kindOf(raw)
		switch {
		case kind == schema.NullLiteral:
			b = append(b, "null"...)
		case leaf.Kind == schema.JSON:
			b, err = spellJSON(b, string(raw))
		case kind == schema.ListLiteral:
			b, err = spellList(b, leaf, string(raw))
		default:
			b, err = spellElement(b, leaf, raw, kind)
		}
		if err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func spellElement(b []byte, leaf schema.Type, raw []byte, kind schema.LiteralKind) ([]byte, error) {
	l := schema.Literal{Kind: kind, Text: string(raw)}
	if kind == schema.StringLiteral {
		l.Text = string(unquote(nil, raw))
	}
	v, err := leaf.Parse(l)
	if err != nil {
		return b, errNotCanonical
	}
	return spell(b, leaf, v)
}

// microseconds is the length of a duration in ISO 8601.
func microseconds(text string) (int64, error) {
	if text == "" {
		return 0, errors.New("no duration")
	}
	v, err := schema.Type{Kind: schema.Integer, Bits: 64}.Parse(schema.Literal{Kind: schema.StringLiteral, Text: text})
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(v.Text, 10, 64)
}
