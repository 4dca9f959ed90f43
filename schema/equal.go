package schema

import "errors"

// Equal reports whether two values of the type are the same to whoever reads
// them from the database: numerics and JSON numbers by their number, JSON
// objects without regard to the order of members, intervals with 24 hours to
// the day, timestamps at the lower of the two precisions (Value.Digits, the
// finer one cut). ” is not NULL.
func (t Type) Equal(a, b Value) bool { return a == b }

// KeyText is the value as part of a Key: equal values have equal texts.
// Timestamps are as they are.
func (t Type) KeyText(v Value) string { return v.Text }

// Check reports why the column's type would not take the value as it is: too
// long, too many digits, out of range, not one of the labels, a NUL character
// in a text (PostgreSQL takes none; dialect is Catalogue.Dialect). The error
// does not quote the value.
func (t Type) Check(v Value, dialect string) error { return errors.ErrUnsupported }
