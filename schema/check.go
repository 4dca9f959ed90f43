package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const postgres = "postgres" // Catalogue.Dialect

var (
	errNUL  = errors.New("the text holds a NUL character, which PostgreSQL does not store")
	errUTF8 = errors.New("the text is not valid UTF-8")
)

// Check reports why the column's type would not take the value as it is: too
// long, too many digits, out of range, not one of the labels, a NUL character
// in a text (PostgreSQL takes none; dialect is Catalogue.Dialect). The error
// does not quote the value.
func (t Type) Check(v Value, dialect string) error {
	if !v.Valid {
		return nil
	}
	if !utf8.ValidString(v.Text) {
		return errUTF8
	}
	if dialect == postgres && strings.IndexByte(v.Text, 0) >= 0 {
		return errNUL
	}
	switch t.Kind {
	case Integer:
		return t.checkInteger(v.Text)
	case Numeric:
		return t.checkNumeric(v.Text)
	case Float:
		_, err := t.readFloat(v.Text)
		return err
	case Text:
		return t.checkLength(v.Text)
	case Enum:
		if len(t.Labels) > 0 && !slices.Contains(t.Labels, v.Text) {
			return fmt.Errorf("the value is not one of the type's %d labels", len(t.Labels))
		}
	case JSON:
		if dialect == postgres && t.Native == "jsonb" {
			return checkJSONB(v.Text)
		}
	case Array:
		return t.checkArray(v.Text, dialect)
	}
	return nil
}

// checkLength counts characters, not bytes.
func (t Type) checkLength(text string) error {
	if t.Length == 0 || len(text) <= t.Length {
		return nil
	}
	if t.Padded() {
		text = strings.TrimRight(text, " ")
	}
	if n := utf8.RuneCountInString(text); n > t.Length {
		return fmt.Errorf("the text has %d characters, the column holds %d", n, t.Length)
	}
	return nil
}

func (t Type) checkArray(text, dialect string) error {
	_, root, err := readArray(text)
	if err != nil {
		return err
	}
	leaf, _ := t.leaf()
	return root.each(func(v Value) error { return leaf.Check(v, dialect) })
}
