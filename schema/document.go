package schema

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// parseJSON makes JSON text of any literal. Members keep their order and
// numbers their digits.
func parseJSON(l Literal) (string, error) {
	if l.Kind == StringLiteral {
		b, err := jsontext.AppendQuote(nil, l.Text)
		if err != nil {
			return "", errors.New("the string is not valid UTF-8")
		}
		return string(b), nil
	}
	if err := checkJSON(l.Text); err != nil {
		return "", err
	}
	return l.Text, nil
}

// checkJSON says what is wrong with a JSON text without quoting it: the
// parser's own errors name members and characters.
func checkJSON(text string) error {
	if usualJSON(text) {
		return nil
	}
	_, err := jsontext.AppendFormat(nil, text)
	if err == nil {
		return nil
	}
	syntax := new(jsontext.SyntacticError)
	at := ""
	if errors.As(err, &syntax) {
		at = fmt.Sprintf(" (after byte %d)", syntax.ByteOffset)
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("JSON with %w%s", jsontext.ErrDuplicateName, at)
	case !utf8.ValidString(text):
		return errors.New("JSON that is not valid UTF-8" + at)
	case jsontext.Value(text).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)):
		return errors.New(`JSON with half a surrogate pair, such as "\ud800" alone` + at)
	}
	return errors.New("expected JSON" + at)
}

// canonicalJSON is one text for all spellings of a document: members sorted,
// no spaces, numbers by canonicalNumber. A text that is not JSON, or repeats a
// member, stays as it is.
func canonicalJSON(text string) string {
	b, err := jsontext.AppendFormat(nil, text, jsontext.ReorderRawObjects(true))
	if err != nil {
		return text
	}
	return canonicalNumbers(b)
}

// canonicalNumbers replaces the numbers of a compact JSON text.
func canonicalNumbers(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		end := i + 1
		switch c := b[i]; {
		case c == '"':
			for b[end] != '"' {
				if b[end] == '\\' {
					end++
				}
				end++
			}
			end++
			out = append(out, b[i:end]...)
		case c == '-' || c >= '0' && c <= '9':
			for end < len(b) && strings.IndexByte("+-.eE0123456789", b[end]) >= 0 {
				end++
			}
			out = append(out, canonicalNumber(string(b[i:end]))...)
		default:
			out = append(out, c)
		}
		i = end
	}
	return string(out)
}

// literalOf is a JSON value as a Literal; the text must be valid JSON.
func literalOf(raw jsontext.Value) Literal {
	switch raw.Kind() {
	case 'n':
		return Literal{}
	case 't', 'f':
		return Literal{Kind: BoolLiteral, Text: string(raw)}
	case '"':
		// Half a surrogate pair becomes U+FFFD; Parse refused it before.
		text, _ := jsontext.AppendUnquote(nil, raw)
		return Literal{Kind: StringLiteral, Text: string(text)}
	case '[':
		return Literal{Kind: ListLiteral, Text: string(raw)}
	case '{':
		return Literal{Kind: ObjectLiteral, Text: string(raw)}
	default:
		return Literal{Kind: NumberLiteral, Text: string(raw)}
	}
}

// checkJSONB says why PostgreSQL's jsonb would not take a valid JSON text: it
// holds strings without NUL and numbers within a numeric's digits.
func checkJSONB(text string) error {
	if usualJSON(text) {
		return nil
	}
	d := jsontext.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return nil // the end; the text was checked before
		}
		switch token.Kind() {
		case '"':
			if strings.IndexByte(token.String(), 0) >= 0 {
				return errNUL
			}
		case '0':
			n, ok := parseDecimal(token.String())
			if !ok || !n.printable() {
				return errors.New("a number in the JSON has more digits than PostgreSQL can hold")
			}
		}
	}
}
