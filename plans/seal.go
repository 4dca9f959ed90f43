package plans

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Sealed is the record as a saved plan holds it and as people see it: without
// the fields of an Add (unless Stub) or a Destroy, and with Masked for each
// sensitive value. Whoever makes a record masks it already; here it is made
// sure of. The fields are copied where they differ, never altered in place.
func (r *Record) Sealed() Record {
	s := *r
	if r.Action == Destroy || r.Action == Remap || r.Action == Add && !r.Stub {
		s.Fields = nil
		return s
	}
	for i := range r.Fields {
		if r.Fields[i].Sensitive {
			s.Fields = maskFields(r.Fields)
			break
		}
	}
	return s
}

func maskFields(fields []Field) []Field {
	out := make([]Field, len(fields))
	for i, f := range fields {
		out[i] = f.masked()
	}
	return out
}

// masked hides a sensitive field's values, nulls too: only whether it differs
// may be known.
func (f Field) masked() Field {
	if f.Sensitive {
		if f.Before != "" {
			f.Before = Masked
		}
		if f.After != "" {
			f.After = Masked
		}
	}
	return f
}

// AppendJSON appends the record as a saved plan holds it: one line of JSON,
// keys in a fixed order, empty members left out, without the fields of an Add
// (unless Stub) or a Destroy, without the newline. DecodeRecord reads it.
func (r *Record) AppendJSON(b []byte) []byte {
	s := r.Sealed()
	b = append(b, `{"action":`...)
	b = appendString(b, s.Action.Name())
	b = append(b, `,"model":`...)
	b = appendString(b, s.Model)
	b = appendValue(b, `,"key":`, s.Key)
	b = appendValue(b, `,"old_key":`, s.OldKey)
	b = appendValue(b, `,"primary_key":`, s.PrimaryKey)
	if s.Stub {
		b = append(b, `,"stub":true`...)
	}
	if s.Hidden != 0 {
		b = append(b, `,"hidden":`...)
		b = strconv.AppendInt(b, int64(s.Hidden), 10)
	}
	b = appendText(b, `,"content":`, s.Content)
	b = appendText(b, `,"reason":`, s.Reason)
	if !s.Rule.IsZero() {
		b = appendText(b, `,"rule":`, s.Rule.String())
	}
	if len(s.Fields) > 0 {
		b = appendFields(b, s.Fields)
	}
	return append(b, '}')
}

func appendFields(b []byte, fields []Field) []byte {
	b = append(b, `,"fields":[`...)
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = appendString(b, f.Name)
		b = appendValue(b, `,"before":`, f.Before)
		b = appendValue(b, `,"after":`, f.After)
		if f.Sensitive {
			b = append(b, `,"sensitive":true`...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func appendValue(b []byte, name string, v Value) []byte {
	if v == "" {
		return b
	}
	return v.AppendTo(append(b, name...))
}

func appendText(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return appendString(append(b, name...), text)
}

// appendString quotes; bytes that are no UTF-8 become U+FFFD, which is what
// AppendQuote's error says and all that can be done about them in JSON.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// Seal digests a change set: SHA-256 over the lines of its decisions and of its
// records, each with its newline.
type Seal struct {
	sum  hash.Hash
	line []byte
}

// NewSeal starts a digest.
func NewSeal() *Seal { return &Seal{sum: sha256.New()} }

// Add takes the next record.
func (s *Seal) Add(r *Record) {
	s.line = append(r.AppendJSON(s.line[:0]), '\n')
	s.sum.Write(s.line)
}

// Decide takes the next decision; they come before the records.
func (s *Seal) Decide(d *Decision) {
	s.line = append(d.AppendJSON(s.line[:0]), '\n')
	s.sum.Write(s.line)
}

// Sum is the digest in lower-case hexadecimal. More records may follow.
func (s *Seal) Sum() string { return hex.EncodeToString(s.sum.Sum(nil)) }
