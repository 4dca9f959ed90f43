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

// record counts the record's irregular values; it refuses those that no
// database of the dialect can hold. The error does not quote them.
func (j *judge) record(r *schema.Record) error {
	for i := range r.Fields {
		f, v := &j.model.Fields[i], r.Fields[i].Value
		if v.Kind == schema.NullLiteral {
			continue
		}
		if f.Link != nil {
			if err := checkMembers(v); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
			continue
		}
		if isCanonical(f.Type, v.Text, j.dialect) {
			continue
		}
		if !j.mayBeIrregular(f.Type.Kind) {
			return fmt.Errorf("field %s: the value is not one of a column of type %s", f.Name, f.Type.Kind)
		}
		j.counts[i]++
	}
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
func checkMembers(l schema.Literal) error {
	if l.Text == "[]" {
		return nil
	}
	list, err := schema.ParseMembers(l)
	if err != nil {
		return err
	}
	if schema.Members(list).Text != l.Text {
		return fmt.Errorf("the list of members is not spelt canonically")
	}
	return nil
}

// isCanonical reports whether the text is the canonical form of a value of the
// type.
func isCanonical(t schema.Type, text, dialect string) bool {
	switch t.Kind {
	case schema.Text, schema.Enum:
		return t.Check(schema.NewValue(text), dialect) == nil
	case schema.Other:
		return utf8.ValidString(text)
	case schema.Bool:
		return text == "t" || text == "f"
	case schema.Integer:
		return isInteger(text) && t.Check(schema.NewValue(text), dialect) == nil
	case schema.UUID:
		return isUUID(text)
	case schema.Bytes:
		return isBytes(text)
	case schema.JSON:
		// Whatever is spelt as JSON is: documents have no canonical text.
		return t.Check(schema.NewValue(text), dialect) == nil && isJSON(t, text)
	case schema.Array:
		return t.Check(schema.NewValue(text), dialect) == nil
	case schema.Timestamp, schema.TimestampTZ:
		if isUsualMoment(t.Kind, text) {
			return true
		}
	}
	v, err := t.Parse(schema.Literal{Kind: schema.StringLiteral, Text: text})
	return err == nil && v.Text == text && t.Check(v, dialect) == nil
}

// isJSON asks the type itself, by reading the text as a value inside a list.
func isJSON(t schema.Type, text string) bool {
	_, err := t.Parse(schema.Literal{Kind: schema.ObjectLiteral, Text: text})
	return err == nil
}

func isInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] == '0' && s != "0" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

func isLowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		isLowerHex(s[:8]) && isLowerHex(s[9:13]) && isLowerHex(s[14:18]) && isLowerHex(s[19:23]) && isLowerHex(s[24:])
}

func isBytes(s string) bool {
	digits, ok := strings.CutPrefix(s, `\x`)
	return ok && len(digits)%2 == 0 && isLowerHex(digits)
}

// isUsualMoment recognises nearly all timestamps that there are, at a tenth of
// what parsing costs. Those it does not, such as the 31st of a month, may be
// canonical all the same.
func isUsualMoment(k schema.Kind, s string) bool {
	if k == schema.TimestampTZ {
		var ok bool
		if s, ok = strings.CutSuffix(s, "+00"); !ok {
			return false
		}
	}
	const form = "0000-00-00 00:00:00"
	if len(s) < len(form) || len(s) > len(form)+7 {
		return false
	}
	for i := range len(form) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (form[i] == '0') || !digit && s[i] != form[i] {
			return false
		}
	}
	if fraction := s[len(form):]; fraction != "" {
		digits := fraction[1:]
		if fraction[0] != '.' || digits == "" || digits[len(digits)-1] == '0' || strings.Trim(digits, "0123456789") != "" {
			return false
		}
	}
	return s[:4] != "0000" && s[5:7] >= "01" && s[5:7] <= "12" && s[8:10] >= "01" && s[8:10] <= "28" &&
		s[11:13] <= "23" && s[14:16] <= "59" && s[17:19] <= "59"
}
