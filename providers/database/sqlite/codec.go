package sqlite

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// errUnfit says that a column would keep something else than the value given
// to it: a number with more digits than a REAL has, or "007" as 7.
var errUnfit = errors.New("the column cannot keep the value exactly")

// codec turns what SQLite stores in a column into the canonical text of the
// column's type and back. For every stored value v, encode(decode(v)) is v,
// storage class included.
type codec struct {
	affinity affinity
	form     form
}

// form is how values of one kind are stored when they are as they should be.
// The zero form has no such values.
type form struct {
	// read returns the canonical text of a stored value, false when it is not
	// of this form.
	read func(driver.Value) (string, bool)
	// write returns what is stored for a canonical text, false when the text is
	// not one.
	write func(string) (driver.Value, bool)
	// exact says that write is the inverse of read for every text that does not
	// begin with the marker, so that a value need not be written to know it.
	exact bool
}

// codecFor is the codec of a column.
func codecFor(t schema.Type) codec {
	native := declaredOf(t)
	a := affinityOf(native)
	return codec{affinity: a, form: formOf(t, native, a)}
}

func formOf(t schema.Type, native string, a affinity) form {
	switch t.Kind {
	case schema.Bool:
		return form{readBool, writeBool, true}
	case schema.Integer:
		return form{readInteger, writeInteger, true}
	case schema.Float:
		if t.Bits == 32 {
			return form{readNarrowFloat, writeFloat, false}
		}
		return form{readFloat, writeFloat, false}
	case schema.Numeric:
		if a == textAffinity {
			return textForm()
		}
		return numericForm(t.Scale)
	case schema.Bytes:
		return form{readBytes, writeBytes, true}
	case schema.UUID:
		if base, _ := splitType(native); base != "uuid" {
			return form{readHexUUID, writeHexUUID, true}
		}
		return form{}
	case schema.Time:
		return form{readTime, writeTime, true}
	case schema.Timestamp:
		return instantForm("")
	case schema.TimestampTZ:
		return instantForm("+00")
	case schema.JSON:
		if a.numeric() {
			return form{readNumber, writeNumber, false}
		}
		return form{}
	case schema.Text, schema.Enum, schema.Array:
		if a == textAffinity {
			return textForm()
		}
	case schema.Other:
		if a == blobAffinity {
			return form{readNumber, writeSpeltNumber, false}
		}
	}
	return form{}
}

// decode is the text of a stored value that is not NULL: canonical when it is
// of the declared form, else its own text, and marked when that text alone
// would be written back as something else.
func (c codec) decode(v driver.Value) string {
	if c.form.read != nil {
		if text, ok := c.form.read(v); ok && (c.form.exact && !strings.HasPrefix(text, marker) || c.restores(text, v)) {
			return text
		}
	}
	if text := ownText(v); c.restores(text, v) {
		return text
	}
	return mark(v)
}

// restores reports whether writing the text would store v.
func (c codec) restores(text string, v driver.Value) bool {
	got, err := c.encode(text)
	return err == nil && same(got, v)
}

// encode is what to store for a text: the inverse of decode.
func (c codec) encode(text string) (driver.Value, error) {
	if v, ok := unmark(text); ok {
		return v, nil
	}
	if c.form.write != nil {
		if v, ok := c.form.write(text); ok {
			return v, nil
		}
	}
	if b, ok := unhex(text); ok {
		return b, nil
	}
	if !c.affinity.numeric() || !looksNumeric(text) {
		return text, nil
	}
	// SQLite would make a number of the text: only a number that says the same.
	if v, ok := writeNumber(text); ok && ownText(v) == text {
		return v, nil
	}
	return nil, errUnfit
}

// ownText is a stored value as text, whatever its column's type.
func ownText(v driver.Value) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return floatText(v)
	case []byte:
		return `\x` + hex.EncodeToString(v)
	case string:
		return v
	}
	return ""
}

// unhex reads \x and lower-case hexadecimal.
func unhex(text string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(text, `\x`)
	if !ok || digits != strings.ToLower(digits) {
		return nil, false
	}
	b, err := hex.DecodeString(digits)
	if b == nil {
		b = []byte{} // nil would be stored as NULL
	}
	return b, err == nil
}

// marker begins the text of a stored value whose own text would be written
// back as another value: a BLOB in a text column, the text 5 in a column of
// numbers. It is no UTF-8, so that no package can spell it.
const marker = "\xff"

func mark(v driver.Value) string {
	switch v := v.(type) {
	case int64, float64:
		return marker + "number:" + ownNumber(v)
	case []byte:
		return marker + "blob:" + hex.EncodeToString(v)
	}
	return marker + "text:" + ownText(v)
}

// ownNumber keeps a real apart from an integer by its point or exponent.
func ownNumber(v driver.Value) string {
	text := ownText(v)
	if _, ok := v.(float64); ok && only(text, func(c byte) bool { return isDigit(c) || c == '-' }) {
		text += ".0"
	}
	return text
}

func unmark(text string) (driver.Value, bool) {
	rest, ok := strings.CutPrefix(text, marker)
	if !ok {
		return nil, false
	}
	class, body, _ := strings.Cut(rest, ":")
	switch class {
	case "text":
		return body, true
	case "blob":
		b, ok := unhex(`\x` + body)
		return b, ok
	case "number":
		if v, ok := writeInteger(body); ok {
			return v, true
		}
		return writeFloat(body)
	}
	return nil, false
}

// same reports whether two stored values are one, to the bit.
func same(a, b driver.Value) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case string:
		b, ok := b.(string)
		return ok && a == b
	case int64:
		b, ok := b.(int64)
		return ok && a == b
	}
	return a == nil && b == nil
}
