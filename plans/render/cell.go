package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
)

const (
	// longText is how many characters of a value are shown whole.
	longText = 120
	// cellWidth is how many of them a table's column shows.
	cellWidth = 60
)

// cell is one field of a change as it is shown.
type cell struct {
	mark plans.Action
	// text stands behind the name; in braces instead of behind "=" when the
	// paths inside an object are compared.
	text   string
	braces bool
	more   []string
}

// cell compares a field's two values by what they are.
func (c *changes) cell(f plans.Field, a plans.Action) cell {
	before, after := f.Before, f.After
	null := func(v plans.Value) bool { return v == "" || v == plans.Null }
	switch {
	case f.Sensitive:
		mark := plans.Change
		if a == plans.Add {
			mark = plans.Add
		}
		return cell{mark: mark, text: "(sensitive value)"}
	case a == plans.Add || null(before):
		return cell{mark: plans.Add, text: c.pt.green(cut(after, longText))}
	case null(after):
		return cell{mark: plans.Destroy, text: c.pt.red(cut(before, longText)) + " -> null"}
	}
	switch d := compareValues(before, after); d.kind {
	case pathsDiffer:
		return c.objectCell(d)
	case wordsDiffer:
		size := fmt.Sprintf("(%s -> %s)", thousands(utf8.RuneCountInString(d.a)), counted(utf8.RuneCountInString(d.b), "character"))
		return cell{mark: plans.Change, text: size, more: c.words(d.a, d.b)}
	case elementsDiffer:
		return c.listCell(d)
	}
	return cell{mark: plans.Change, text: c.arrow(cut(before, longText), cut(after, longText))}
}

func (c *changes) arrow(before, after string) string {
	return c.pt.red(before) + " -> " + c.pt.green(after)
}

func long(v plans.Value) bool { return utf8.RuneCountInString(string(v)) > longText }

// cut is a value's JSON text, of a long one its beginning and how much was cut.
func cut(v plans.Value, most int) string {
	if utf8.RuneCountInString(string(v)) <= most {
		return jsonText(v)
	}
	text, isText := v.Text()
	if !isText {
		text = string(v)
	}
	head, rest := cutText(text, most*5/6)
	if rest == 0 {
		return jsonText(v)
	}
	note := fmt.Sprintf(" (%s cut)", counted(rest, "character"))
	if isText {
		return strings.TrimSuffix(jsonText(quoteText(head)), `"`) + `…"` + note
	}
	return visible(head) + "…" + note
}

// cutText is the text's first characters and how many follow.
func cutText(s string, most int) (string, int) {
	n := 0
	for i := range s {
		if n == most {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
		n++
	}
	return s, 0
}

// lastText is the text's last characters.
func lastText(s string, most int) string {
	i := len(s)
	for ; most > 0 && i > 0; most-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}

func quoteText(s string) plans.Value {
	// The error says that bytes which are no UTF-8 became U+FFFD.
	b, _ := jsontext.AppendQuote(nil, s)
	return plans.Value(b)
}

// inside is a piece of text as it stands between the quotes of JSON text.
func inside(s string) string {
	q := jsonText(quoteText(s))
	return q[1 : len(q)-1]
}
