package plans

// AppendJSON appends the record as a saved plan holds it: one line of JSON,
// keys in a fixed order, without the fields of an Add (unless Stub) or a
// Destroy, without the newline.
func (r *Record) AppendJSON(b []byte) []byte { return b }

// Seal digests a change set: SHA-256 over the lines of its records.
type Seal struct{}

// NewSeal starts a digest.
func NewSeal() *Seal { return &Seal{} }

// Add takes the next record.
func (s *Seal) Add(r *Record) {}

// Sum is the digest in lower-case hexadecimal.
func (s *Seal) Sum() string { return "" }
