package schema

// JSON is the value as JSON text for people and plans: null, true, 12.30,
// "Draft", JSON as compact text, arrays as lists. Timestamps are strings,
// "2025-12-10 08:19:38.545+00".
func (t Type) JSON(v Value) string { return "" }

// Literal is the value as a package would spell it, for the policy's
// expressions: bools, numbers, strings, JSON and arrays as such.
func (t Type) Literal(v Value) Literal { return Literal{} }
