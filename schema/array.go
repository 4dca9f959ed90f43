package schema

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDimensions is PostgreSQL's limit of nested arrays.
const maxDimensions = 6

var (
	errArray      = errors.New("expected a list")
	errRagged     = errors.New("the nested lists differ in length or depth")
	errDimensions = errors.New("the list is nested deeper than an array can be")
)

// element is one element of an array: a list of elements or a value.
type element struct {
	list   []element
	isList bool
	value  Value
}

// leaf is the type of what is not a list, and depth how many Array types
// stand around it. PostgreSQL itself does not tell int[] from int[][].
func (t Type) leaf() (leaf Type, depth int) {
	for t.Kind == Array && depth <= maxDimensions {
		depth++
		if t.Elem == nil {
			return Type{}, depth
		}
		t = *t.Elem
	}
	return t, depth
}

// parseArray takes a list, or a string that holds one as Django's ArrayField
// dumps it.
func (t Type) parseArray(l Literal) (Value, error) {
	if l.Kind != ListLiteral && l.Kind != StringLiteral {
		return Value{}, unexpected("a list", l)
	}
	leaf, depth := t.leaf()
	p := arrayParser{leaf: leaf, depth: depth}
	root, err := p.list(l.Text, 1)
	if err != nil {
		return Value{}, err
	}
	if _, ok := shape(root); !ok {
		return Value{}, errRagged
	}
	v := NewValue("{}")
	if !barren(root) {
		v.Text = string(leaf.appendArray(nil, root))
	}
	v.Digits = p.digits
	return v, nil
}

type arrayParser struct {
	leaf   Type
	depth  int
	digits uint8
}

// list parses a JSON list that is so many lists deep.
func (p *arrayParser) list(text string, depth int) (element, error) {
	if err := checkJSON(text); err != nil {
		return element{}, err
	}
	if depth > maxDimensions {
		return element{}, errDimensions
	}
	d := jsontext.NewDecoder(strings.NewReader(text))
	if token, err := d.ReadToken(); err != nil || token.Kind() != '[' {
		return element{}, errArray
	}
	root := element{isList: true}
	for d.PeekKind() != ']' {
		raw, err := d.ReadValue()
		if err != nil {
			return element{}, errArray
		}
		l := literalOf(raw)
		var e element
		if p.nested(l, depth) {
			e, err = p.list(l.Text, depth+1)
		} else if e.value, err = p.leaf.Parse(l); err == nil {
			p.digits = max(p.digits, e.value.Digits)
		}
		if err != nil {
			return element{}, err
		}
		root.list = append(root.list, e)
	}
	return root, nil
}

// nested tells whether a literal is a list of the array rather than a value
// in it. Django dumps the lists of a nested ArrayField as strings.
func (p *arrayParser) nested(l Literal, depth int) bool {
	switch {
	case depth < p.depth:
		return l.Kind == ListLiteral || l.Kind == StringLiteral
	case p.leaf.Kind == JSON:
		return false
	case l.Kind == ListLiteral:
		return true
	}
	switch p.leaf.Kind {
	case Text, Enum, Other:
		return false
	}
	return l.Kind == StringLiteral && strings.HasPrefix(l.Text, "[")
}

// shape is the lengths of the lists, outermost first; ok is false when they
// differ beside each other.
func shape(e element) (lengths []int, ok bool) {
	if !e.isList {
		return nil, true
	}
	lengths = []int{len(e.list)}
	for i, child := range e.list {
		inner, ok := shape(child)
		if !ok {
			return nil, false
		}
		if i == 0 {
			lengths = append(lengths, inner...)
			continue
		}
		if len(inner) != len(lengths)-1 {
			return nil, false
		}
		for n := range inner {
			if inner[n] != lengths[n+1] {
				return nil, false
			}
		}
	}
	return lengths, true
}

// barren reports whether there is no value in the lists at all; PostgreSQL
// prints all such arrays as {}.
func barren(e element) bool {
	for _, child := range e.list {
		if !barren(child) {
			return false
		}
	}
	return e.isList
}

// appendArray prints with PostgreSQL's quoting; t is the type of the leaves.
func (t Type) appendArray(b []byte, e element) []byte {
	switch {
	case e.isList:
		b = append(b, '{')
		for i, child := range e.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = t.appendArray(b, child)
		}
		return append(b, '}')
	case !e.value.Valid:
		return append(b, "NULL"...)
	}
	return appendElement(b, e.value.Text)
}

func appendElement(b []byte, s string) []byte {
	if s != "" && !strings.EqualFold(s, "NULL") && !strings.ContainsAny(s, "{}\",\\ \t\n\v\f\r") {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// readArray takes a canonical array apart. bounds is the "[2:3]=" before an
// array that does not count from 1.
func readArray(s string) (bounds string, root element, err error) {
	if strings.HasPrefix(s, "[") {
		i := strings.IndexByte(s, '=')
		bounds, s = s[:i+1], s[i+1:]
	}
	root, rest, err := readList(s, 1)
	if err == nil && rest != "" {
		err = errArray
	}
	return bounds, root, err
}

// readList reads one pair of braces and returns what follows it.
func readList(s string, depth int) (root element, rest string, err error) {
	if depth > maxDimensions {
		return root, "", errDimensions
	}
	if s == "" || s[0] != '{' {
		return root, "", errArray
	}
	root.isList = true
	if s = s[1:]; strings.HasPrefix(s, "}") {
		return root, s[1:], nil
	}
	for {
		var e element
		switch {
		case strings.HasPrefix(s, "{"):
			e, s, err = readList(s, depth+1)
		case strings.HasPrefix(s, `"`):
			e.value, s, err = readQuoted(s[1:])
		default:
			end := strings.IndexAny(s, ",{}\"\\")
			if end <= 0 {
				return root, "", errArray
			}
			if s[:end] != "NULL" {
				e.value = NewValue(s[:end])
			}
			s = s[end:]
		}
		if err != nil {
			return root, "", err
		}
		root.list = append(root.list, e)
		switch {
		case strings.HasPrefix(s, "}"):
			return root, s[1:], nil
		case strings.HasPrefix(s, ","):
			s = s[1:]
		default:
			return root, "", errArray
		}
	}
}

// readQuoted reads up to the closing quote.
func readQuoted(s string) (v Value, rest string, err error) {
	var b []byte
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return NewValue(string(b)), s[i+1:], nil
		case '\\':
			if i++; i == len(s) {
				return v, "", errArray
			}
		}
		b = append(b, s[i])
	}
	return v, "", errArray
}

// each calls f for every value of the array, in order.
func (e element) each(f func(Value) error) error {
	if !e.isList {
		return f(e.value)
	}
	for _, child := range e.list {
		if err := child.each(f); err != nil {
			return err
		}
	}
	return nil
}

// rewrite replaces the text of every value of the array.
func (e element) rewrite(f func(string) string) element {
	if !e.isList && e.value.Valid {
		e.value.Text = f(e.value.Text)
	}
	for i := range e.list {
		e.list[i] = e.list[i].rewrite(f)
	}
	return e
}
