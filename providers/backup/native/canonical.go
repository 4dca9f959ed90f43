package native

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/schema"
)

const sqlite = "sqlite" // Catalogue.Dialect

// judge judges the values of one model's records: whether each is what a
// column of its type can hold.
type judge struct {
	model   *schema.Model
	dialect string
	counts  []int64 // irregular values by field
}

func newJudge(m *schema.Model, dialect string) *judge {
	return &judge{model: m, dialect: dialect, counts: make([]int64, len(m.Fields))}
}

// again is a judge of the same records that has counted nothing yet.
func (j *judge) again() *judge { return newJudge(j.model, j.dialect) }

// add adds what another judge has counted.
func (j *judge) add(counts []int64) {
	for i, n := range counts {
		j.counts[i] += n
	}
}

// record judges the values of a record as value does.
func (j *judge) record(r *schema.Record) error {
	for i := range r.Fields {
		if v := r.Fields[i].Value; v.Kind != schema.NullLiteral {
			if err := j.value(i, v.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// value counts a value of the i-th field that is irregular; it refuses one that
// no database of the dialect can hold. The error does not quote it.
func (j *judge) value(i int, text string) error {
	f := &j.model.Fields[i]
	if f.Link != nil {
		if err := checkMembers(text); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		return nil
	}
	if isUsual(&f.Type, text, j.dialect) || isCanonical(f.Type, text, j.dialect) {
		return nil
	}
	if !j.mayBeIrregular(f.Type.Kind) {
		return fmt.Errorf("field %s: the value is not one of a column of type %s", f.Name, f.Type.Kind)
	}
	j.counts[i]++
	return nil
}

// mayBeIrregular reports whether a column can hold what is not of its type: in
// SQLite any column, elsewhere those whose text is the database's own affair
// (json keeps repeated members, arrays their bounds).
func (j *judge) mayBeIrregular(k schema.Kind) bool {
	if j.dialect == sqlite {
		return true
	}
	switch k {
	case schema.JSON, schema.Array, schema.Interval, schema.Inet:
		return true
	}
	return false
}

// list is the manifest's list.
func (j *judge) list() []irregularMember {
	out := []irregularMember{}
	for i, n := range j.counts {
		if n > 0 {
			out = append(out, irregularMember{Field: j.model.Fields[i].Name, Values: n})
		}
	}
	return out
}

// checkMembers wants a many-to-many field spelt as schema.Members does.
func checkMembers(text string) error {
	if text == "[]" {
		return nil
	}
	list, err := schema.ParseMembers(schema.Literal{Kind: schema.ListLiteral, Text: text})
	if err != nil {
		return err
	}
	if schema.Members(list).Text != text {
		return fmt.Errorf("the list of members is not spelt canonically")
	}
	return nil
}

// isCanonical reports whether the text is the canonical form of a value of the
// type.
func isCanonical(t schema.Type, text, dialect string) bool {
	if isUsual(&t, text, dialect) {
		return true
	}
	switch t.Kind {
	case schema.Bool, schema.UUID, schema.Bytes, schema.Other:
		return false
	case schema.Text, schema.Enum:
		return t.Check(schema.NewValue(text), dialect) == nil
	case schema.Integer:
		return isInteger(text) && t.Check(schema.NewValue(text), dialect) == nil
	case schema.JSON:
		// Whatever is spelt as JSON is: documents have no canonical text.
		return t.Check(schema.NewValue(text), dialect) == nil && isJSON(t, text)
	case schema.Array:
		return t.Check(schema.NewValue(text), dialect) == nil
	}
	v, err := t.Parse(schema.Literal{Kind: schema.StringLiteral, Text: text})
	return err == nil && v.Text == text && t.Check(v, dialect) == nil
}

// isJSON asks the type itself, by reading the text as a value inside a list.
func isJSON(t schema.Type, text string) bool {
	_, err := t.Parse(schema.Literal{Kind: schema.ObjectLiteral, Text: text})
	return err == nil
}

// isUsual recognises nearly all canonical texts that there are, at a fraction of
// what parsing costs. Those it does not may be canonical all the same, but for
// the kinds of which it knows all.
func isUsual(t *schema.Type, text, dialect string) bool {
	switch t.Kind {
	case schema.Text:
		return (t.Length == 0 || len(text) <= t.Length) && utf8.ValidString(text) &&
			(dialect == sqlite || strings.IndexByte(text, 0) < 0)
	case schema.Integer:
		return isUsualInteger(t.Bits, text)
	case schema.Date, schema.Timestamp, schema.TimestampTZ:
		return schema.UsualMoment(t.Kind, text)
	case schema.JSON:
		return schema.UsualJSON(text)
	case schema.Bool:
		return text == "t" || text == "f"
	case schema.UUID:
		return isUUID(text)
	case schema.Bytes:
		return isBytes(text)
	case schema.Numeric:
		return isUsualNumeric(t, text)
	case schema.Other:
		return utf8.ValidString(text)
	}
	return false
}

func isInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && (digits[0] != '0' || s == "0") && isDigits(digits)
}

// isUsualInteger recognises the integers that fit by their length.
func isUsualInteger(bits int, s string) bool {
	most := 18
	switch bits {
	case 16:
		most = 4
	case 32:
		most = 9
	}
	return len(s) <= most && isInteger(s)
}

// isUsualNumeric recognises numbers that are spelt with just the digits of the
// column.
func isUsualNumeric(t *schema.Type, s string) bool {
	point := len(s) - 1 - t.Scale
	if t.Scale <= 0 || point < 1 || point > t.Precision-t.Scale || s[point] != '.' {
		return false
	}
	return isDigits(s[:point]) && (s[0] != '0' || point == 1) && isDigits(s[point+1:])
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// isLowerHex does not branch on what a byte is: of random digits and letters no
// processor can guess which comes next.
func isLowerHex(s string) bool {
	bad := int32(0)
	for i := range len(s) {
		digit, letter := int32(s[i])-'0', int32(s[i])-'a'
		bad |= (digit | (9 - digit)) & (letter | (5 - letter)) // negative outside both
	}
	return bad >= 0
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		isLowerHex(s[:8]) && isLowerHex(s[9:13]) && isLowerHex(s[14:18]) && isLowerHex(s[19:23]) && isLowerHex(s[24:])
}

func isBytes(s string) bool {
	digits, ok := strings.CutPrefix(s, `\x`)
	return ok && len(digits)%2 == 0 && isLowerHex(digits)
}
