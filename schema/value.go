package schema

// Value is one column's value in the canonical form of the column's Type; the
// zero Value is NULL.
//
// The canonical form is what PostgreSQL prints for the type under
// DateStyle ISO, TimeZone UTC, IntervalStyle iso_8601, bytea_output hex and
// extra_float_digits 1, so that its rows need no conversion:
//
//	bool         t or f
//	integer      -9223372036854775808 … 9223372036854775807, no sign or zeros before
//	numeric      digits with the column's scale, 12.30; NaN, Infinity
//	float        shortest text that reads back as the same number, 1e+100; NaN, Infinity, -Infinity
//	text, enum   as it is
//	bytes        \x and lower-case hexadecimal
//	uuid         lower case with hyphens
//	date         2025-12-12; infinity
//	time         02:00:00.5, fraction without trailing zeros
//	timestamp    2025-12-10 08:19:38.545, fraction as in time
//	timestamptz  2025-12-10 08:19:38.545+00, always UTC
//	interval     P1DT2H3M4.5S
//	json         any JSON text; compared by meaning, see Type.Equal
//	array        {a,"b c",NULL}
//	inet         192.0.2.7, 192.0.2.0/24, 2001:db8::1
//	other        the database's own text
type Value struct {
	Text  string
	Valid bool
	// Digits is the number of fractional-second digits the source carried when
	// it cut the value (3 in a Django JSON fixture), 0 when it carried all.
	Digits uint8
}

// NewValue returns the value with this canonical text.
func NewValue(text string) Value { return Value{Text: text, Valid: true} }
