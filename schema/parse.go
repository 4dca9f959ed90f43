package schema

import "errors"

// Parse turns a package's spelling into the canonical form. It accepts what
// Django's serializers write for the type: numbers and decimals as numbers or
// strings, durations as "[-]D HH:MM:SS.ffffff" (for Integer: microseconds, as
// Django keeps durations where the database has no interval), timestamps in
// ISO 8601 with any offset, uuids with or without hyphens. Value.Digits is 3
// for a timestamp with three digits of fraction, 0 otherwise. A value that
// would lose something is an error: 1.5 for an Integer, a fraction finer than
// a microsecond, an instant without offset for TimestampTZ. The empty string
// is never null. Errors say what was expected and never quote the value.
func (t Type) Parse(l Literal) (Value, error) { return Value{}, errors.ErrUnsupported }
