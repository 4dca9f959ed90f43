package planner

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// items takes a list literal apart. Lists and objects inside it stay JSON text.
func items(l schema.Literal) ([]schema.Literal, error) {
	dec := jsontext.NewDecoder(strings.NewReader(l.Text))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, errors.New("not a list")
	}
	var out []schema.Literal
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		item, err := literal(v)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	if _, err := dec.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return out, nil
}

func literal(v jsontext.Value) (schema.Literal, error) {
	switch v.Kind() {
	case 'n':
		return schema.Literal{}, nil
	case 't', 'f':
		return schema.Literal{Kind: schema.BoolLiteral, Text: string(v)}, nil
	case '0':
		return schema.Literal{Kind: schema.NumberLiteral, Text: string(v)}, nil
	case '"':
		s, err := jsontext.AppendUnquote(nil, v)
		return schema.Literal{Kind: schema.StringLiteral, Text: string(s)}, err
	case '[':
		return schema.Literal{Kind: schema.ListLiteral, Text: string(v)}, nil
	default:
		return schema.Literal{Kind: schema.ObjectLiteral, Text: string(v)}, nil
	}
}

// keySpelling reads a natural key as a package's reference spells it: the
// list of its parts, a nested list for the parts of a reference in it.
func keySpelling(l schema.Literal, types []schema.Type, cut bool) (schema.Key, error) {
	if key, ok := textKey(l, types); ok {
		return key, nil
	}
	flat, err := flatten(l)
	if err != nil {
		return "", err
	}
	if len(flat) != len(types) {
		return "", fmt.Errorf("has %d parts, the key has %d", len(flat), len(types))
	}
	var key []byte
	for i, item := range flat {
		v, err := types[i].Parse(item)
		if err != nil {
			return "", fmt.Errorf("part %d: %w", i+1, err)
		}
		if !v.Valid {
			return "", fmt.Errorf("part %d is null", i+1)
		}
		key = schema.AppendKey(key, keyText(types[i], v, cut))
	}
	return schema.Key(key), nil
}

// textKey is keySpelling for the usual list: texts without escapes.
func textKey(l schema.Literal, types []schema.Type) (schema.Key, bool) {
	var room [64]byte
	key := room[:0]
	rest, isList := strings.CutPrefix(l.Text, "[")
	for i := range types {
		if i > 0 {
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, ","), " ")
		}
		end := -1
		if types[i].Kind == schema.Text && !types[i].Padded() && strings.HasPrefix(rest, `"`) {
			end = strings.IndexByte(rest[1:], '"')
		}
		if end < 0 || strings.IndexByte(rest[1:1+end], '\\') >= 0 {
			return "", false
		}
		key = schema.AppendKey(key, rest[1:1+end])
		rest = rest[2+end:]
	}
	return schema.Key(key), isList && rest == "]" && len(types) > 0
}

func flatten(l schema.Literal) ([]schema.Literal, error) {
	list, err := items(l)
	if err != nil {
		return nil, err
	}
	var out []schema.Literal
	for _, item := range list {
		if item.Kind != schema.ListLiteral {
			out = append(out, item)
			continue
		}
		inner, err := flatten(item)
		if err != nil {
			return nil, err
		}
		out = append(out, inner...)
	}
	return out, nil
}

// keyText is a value as a part of a key. In the key that a package's
// references spell, timestamps are cut to milliseconds: the record itself
// often has no more, while the reference has all.
func keyText(t schema.Type, v schema.Value, cut bool) string {
	text := t.KeyText(v)
	if !cut || !slices.Contains([]schema.Kind{schema.Timestamp, schema.TimestampTZ, schema.Time}, t.Kind) {
		return text
	}
	dot := strings.IndexByte(text, '.')
	if dot < 0 {
		return text
	}
	end := dot + 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	fraction := strings.TrimRight(text[dot+1:min(end, dot+4)], "0")
	if fraction != "" {
		fraction = "." + fraction
	}
	return text[:dot] + fraction + text[end:]
}

// keyJSON is a natural key as people read it: a JSON list, numbers as numbers.
func keyJSON(k schema.Key, types []schema.Type) string {
	b := append(make([]byte, 0, 64), '[')
	for i := 0; ; i++ {
		part, rest, ok := k.Cut()
		if !ok {
			return string(append(b, ']'))
		}
		if i > 0 {
			b = append(b, ',')
		}
		t := schema.Type{Kind: schema.Text}
		if i < len(types) {
			t = types[i]
		}
		b, k = t.AppendJSON(b, schema.NewValue(part)), rest
	}
}
