package native

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

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

	errMoreRows  = errors.New("a row more than the manifest lists")
	errFewerRows = errors.New("fewer rows than the manifest lists")
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
			b = appendText(b, v.Text)
		case v.Kind == schema.NullLiteral && f.Link == nil:
			b = append(b, 0)
		default:
			return b, fmt.Errorf("the field %s is not spelt canonically", f.Name)
		}
	}
	return b, nil
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))+1), text...)
}

// rowReader reads the rows of one model. The record it returns is valid until
// the next one.
type rowReader struct {
	model  *schema.Model
	record schema.Record
	spans  []span32
}

// span32 is where a text begins and ends; both are -1 for NULL.
type span32 struct{ from, to int32 }

func newRowReader(m *schema.Model) *rowReader {
	return &rowReader{model: m, record: newRecord(m), spans: make([]span32, 0, len(m.Fields))}
}

func newRecord(m *schema.Model) schema.Record {
	r := schema.Record{Fields: make([]schema.Field, len(m.Fields))}
	for i := range m.Fields {
		r.Fields[i].Name = m.Fields[i].Name
	}
	return r
}

// next reads the first row of b and returns what follows it.
func (r *rowReader) next(b []byte) (rec *schema.Record, rest []byte, err error) {
	var n int
	if r.spans, n, err = appendSpans(r.spans[:0], b, r.model); err != nil {
		return nil, nil, err
	}
	// One string holds the texts of all fields.
	fill(&r.record, r.model, r.spans, string(b[:n]))
	return &r.record, b[n:], nil
}

// appendSpans finds the texts of the first row of b, one for each field, and
// how long the row is.
func appendSpans(spans []span32, b []byte, m *schema.Model) ([]span32, int, error) {
	at := 0
	b = b[:min(len(b), math.MaxInt32)]
	for i := range m.Fields {
		if at < len(b) && b[at] > 0 && b[at] < 0x80 { // as nearly all are
			n := int(b[at]) - 1
			at++
			if n > len(b)-at {
				return spans, 0, errRow
			}
			spans = append(spans, span32{int32(at), int32(at + n)})
			at += n
			continue
		}
		n, w := binary.Uvarint(b[at:])
		switch {
		case w <= 0:
			return spans, 0, errRow
		case w > 1 && n < 1<<(7*(w-1)):
			return spans, 0, errMinimal
		}
		at += w
		if n == 0 {
			if m.Fields[i].Link != nil {
				return spans, 0, errLinkNull
			}
			spans = append(spans, span32{-1, -1})
			continue
		}
		if n-1 > uint64(len(b)-at) {
			return spans, 0, errRow
		}
		spans = append(spans, span32{int32(at), int32(at + int(n-1))})
		at += int(n - 1)
	}
	return spans, at, nil
}

// fill puts a row's texts into the record.
func fill(rec *schema.Record, m *schema.Model, spans []span32, text string) {
	for i, s := range spans {
		v := &rec.Fields[i].Value
		switch {
		case s.from < 0:
			*v = schema.Literal{}
		case m.Fields[i].Link != nil:
			*v = schema.Literal{Kind: schema.ListLiteral, Text: text[s.from:s.to]}
		default:
			*v = schema.Literal{Kind: schema.CanonicalLiteral, Text: text[s.from:s.to]}
		}
	}
}

// chunkRows are the rows of a chunk, judged. Several share one string: fewer
// are to be made, and who keeps a text keeps little besides.
type chunkRows struct {
	spans  []span32
	blocks []string
	rows   []rowAt
	counts []int64 // irregular values by field
	err    error   // what is wrong after those rows
}

// rowAt is where a row begins: in which block and where in it.
type rowAt struct{ block, from int32 }

const blockBytes = 1 << 10

func (c *chunkRows) forget() {
	clear(c.blocks)
	c.spans, c.blocks, c.rows, c.err = c.spans[:0], c.blocks[:0], c.rows[:0], nil
	if cap(c.spans)*8 > maxKept {
		c.spans = nil
	}
}

// read reads the rows of a chunk that holds so many.
func (c *chunkRows) read(b []byte, s *scan, records, limit int64) {
	c.forget()
	j := s.judge.again()
	c.counts = j.counts
	for len(b) > 0 && c.err == nil {
		n, first := 0, len(c.rows)
		for n < len(b) && (n < blockBytes || len(c.rows) == first) && c.err == nil {
			var size int
			c.spans, size, c.err = appendSpans(c.spans, b[n:], s.model)
			switch {
			case int64(len(c.rows)) >= records:
				c.err = errMoreRows
			case c.err == nil && limit > 0 && int64(size) > limit:
				c.err = fmt.Errorf("a row of more than %d bytes", limit)
			}
			if c.err == nil {
				c.rows = append(c.rows, rowAt{int32(len(c.blocks)), int32(n)})
				n += size
			}
		}
		block := string(b[:n])
		c.blocks = append(c.blocks, block)
		for i := first; i < len(c.rows); i++ {
			if err := c.judge(j, i); err != nil {
				c.rows, c.err = c.rows[:i], err
			}
		}
		b = b[n:]
	}
	if c.err == nil && int64(len(c.rows)) < records {
		// As it always was, the last row is the one that is at fault.
		c.rows, c.err = c.rows[:max(0, len(c.rows)-1)], errFewerRows
	}
}

// judge judges the i-th row.
func (c *chunkRows) judge(j *judge, i int) error {
	spans, text := c.row(i, j.model)
	for field, s := range spans {
		if s.from >= 0 {
			if err := j.value(field, text[s.from:s.to]); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill puts the i-th row into the record.
func (c *chunkRows) fill(rec *schema.Record, m *schema.Model, i int) {
	spans, text := c.row(i, m)
	fill(rec, m, spans, text)
}

// row is where the fields of the i-th row are, in a text that begins with it.
func (c *chunkRows) row(i int, m *schema.Model) ([]span32, string) {
	at, n := c.rows[i], len(m.Fields)
	return c.spans[i*n : i*n+n], c.blocks[at.block][at.from:]
}
