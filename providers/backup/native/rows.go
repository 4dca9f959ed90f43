package native

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
)

// textEncoding names how rows are written: for each field 0 for NULL, else the
// length of its text in bytes and 1 more, as a minimal uvarint, and the text.
const textEncoding = "text-1"

// What closes a chunk: see cut.
const (
	maxChunkSize    = 1 << 20
	maxChunkRecords = 8192
	cutMask         = 1<<10 - 1
)

var (
	errRow      = errors.New("a row that does not end")
	errMinimal  = errors.New("a length that is spelt with more bytes than it needs")
	errLinkNull = errors.New("a many-to-many field without a list")
)

// appendRow appends a record's row. The error does not quote values.
func appendRow(b []byte, m *schema.Model, r *schema.Record) ([]byte, error) {
	if len(r.Fields) != len(m.Fields) {
		return b, fmt.Errorf("%d fields where the model has %d", len(r.Fields), len(m.Fields))
	}
	for i := range r.Fields {
		f, v := &m.Fields[i], r.Fields[i].Value
		want := schema.CanonicalLiteral
		if f.Link != nil {
			want = schema.ListLiteral
		}
		switch {
		case r.Fields[i].Name != f.Name:
			return b, fmt.Errorf("the field %s where the model has %s", r.Fields[i].Name, f.Name)
		case v.Kind == want:
			b = binary.AppendUvarint(b, uint64(len(v.Text))+1)
			b = append(b, v.Text...)
		case v.Kind == schema.NullLiteral && f.Link == nil:
			b = append(b, 0)
		default:
			return b, fmt.Errorf("the field %s is not spelt canonically", f.Name)
		}
	}
	return b, nil
}

// rowReader reads the rows of one model. The record it returns is valid until
// the next one.
type rowReader struct {
	model  *schema.Model
	record schema.Record
	spans  [][2]int
}

func newRowReader(m *schema.Model) *rowReader {
	r := &rowReader{model: m, spans: make([][2]int, len(m.Fields))}
	r.record.Fields = make([]schema.Field, len(m.Fields))
	for i := range m.Fields {
		r.record.Fields[i].Name = m.Fields[i].Name
	}
	return r
}

// next reads the first row of b and returns what follows it.
func (r *rowReader) next(b []byte) (rec *schema.Record, rest []byte, err error) {
	at := 0
	for i := range r.spans {
		n, w := binary.Uvarint(b[at:])
		switch {
		case w <= 0:
			return nil, nil, errRow
		case w > 1 && n < 1<<(7*(w-1)):
			return nil, nil, errMinimal
		}
		at += w
		if n == 0 {
			if r.model.Fields[i].Link != nil {
				return nil, nil, errLinkNull
			}
			r.spans[i] = [2]int{-1, -1}
			continue
		}
		if n-1 > uint64(len(b)-at) {
			return nil, nil, errRow
		}
		r.spans[i] = [2]int{at, at + int(n-1)}
		at += int(n - 1)
	}
	text := string(b[:at]) // one string holds the texts of all fields
	for i, s := range r.spans {
		v := &r.record.Fields[i].Value
		switch {
		case s[0] < 0:
			*v = schema.Literal{}
		case r.model.Fields[i].Link != nil:
			*v = schema.Literal{Kind: schema.ListLiteral, Text: text[s[0]:s[1]]}
		default:
			*v = schema.Literal{Kind: schema.CanonicalLiteral, Text: text[s[0]:s[1]]}
		}
	}
	return &r.record, b[at:], nil
}
