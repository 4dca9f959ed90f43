// Package schema is the vocabulary of edmsplan: tables, types, values, records
// and the sources they are read from. It imports nothing of ours, so that the
// planner can be tested without a database and an adapter can be written
// without the planner.
//
// What the operator wants is in schema/policy, what is to be done in plans.
package schema

// Kind is the family of a column's type. Values of one Kind have one canonical
// text form on every database; see Value.
type Kind uint8

// The kinds. Other is carried as the database's own text.
const (
	Other Kind = iota
	Bool
	Integer
	Numeric
	Float
	Text
	Bytes
	UUID
	Date
	Time
	Timestamp   // without time zone
	TimestampTZ // with time zone: an instant
	Interval
	JSON
	Array
	Inet
	Enum
)

var kindNames = [...]string{
	"other", "bool", "integer", "numeric", "float", "text", "bytes", "uuid", "date", "time",
	"timestamp", "timestamptz", "interval", "json", "array", "inet", "enum",
}

// String is the kind's name in messages and in a package's manifest.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "other"
}

// Type is a column's type as a policy author would describe it.
type Type struct {
	Kind Kind
	// Bits is 16, 32 or 64 for Integer, 32 or 64 for Float.
	Bits int
	// Length is the greatest number of characters of a Text, 0 when unlimited.
	Length int
	// Precision and Scale are the decimal digits of a Numeric in all and after
	// the point; Precision 0 means unconstrained.
	Precision, Scale int
	// Elem is the element type of an Array.
	Elem *Type
	// Labels are the allowed values of an Enum, in their order.
	Labels []string
	// Native is the database's own name of the type, such as "jsonb" or
	// "character varying(50)"; the adapter needs it to write the value.
	Native string
}
