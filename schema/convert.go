package schema

import (
	"reflect"
	"slices"
	"strconv"
)

// Same reports whether the canonical texts of the two types are the same:
// whether a value of one can be taken over by the other as it is, apart from
// what Check says. Names of types do not count, but for those whose form only
// the database knows.
func (t Type) Same(o Type) bool {
	if t.Kind != o.Kind {
		return false
	}
	switch t.Kind {
	case JSON, Text, Bytes, UUID, Date, Time, Timestamp, TimestampTZ, Interval, Enum:
		return true // lengths and labels are for Check
	case Other:
		return t.Native == o.Native
	case Array:
		return t.Elem != nil && o.Elem != nil && t.Elem.Same(*o.Elem)
	}
	t.Native, o.Native, t.Labels, o.Labels = "", "", nil, nil
	return reflect.DeepEqual(t, o)
}

// Convert turns a canonical value of another type into one of this type, with
// nothing lost: what one database holds, as another holds it. Durations that
// are kept as an Integer are microseconds, as Django has them where the
// database has no intervals. The error does not quote the value.
func (t Type) Convert(from Type, v Value) (Value, error) {
	if !v.Valid || t.Same(from) {
		return v, nil
	}
	l := from.Literal(Value{Text: v.Text, Valid: true})
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil && t.Kind == Interval && from.Kind == Integer {
		l = Literal{Kind: StringLiteral, Text: interval{us: n}.normal().String()}
	}
	if t.Kind == Text && slices.Contains([]Kind{Bool, Integer, Numeric, Float, JSON}, from.Kind) {
		return NewValue(v.Text), nil
	}
	out, err := t.Parse(l)
	out.Digits = 0 // nothing was cut
	return out, err
}
