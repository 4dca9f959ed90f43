package changelog

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/schema"
)

// chunkSize is how much of images goes into one row of their table, before it
// is compressed; maxChunk is what reading takes, as one image may be larger.
const (
	chunkSize = 256 << 10
	maxChunk  = 1 << 30
)

// A chunk is images one after another. Each says first, in one byte, whether
// its shape is that of the image before it or follows; the values alone differ
// from row to row. A text has its length before it, a value its length plus
// one, or 0 when it is null: images lose nothing, whatever the bytes.
//
// chunk encodes it.
type chunk struct {
	buf   []byte
	shape planner.Image // of the last image: all that is not a value
}

func (c *chunk) add(img *planner.Image) error {
	switch img.Op {
	case schema.Insert, schema.Update, schema.Delete:
	default:
		return fmt.Errorf("a row image of %s has no operation", img.Model)
	}
	if len(c.buf) > 0 && sameShape(&c.shape, img) {
		c.buf = append(c.buf, 0)
	} else {
		c.buf = append(c.buf, 1)
		c.addShape(img)
	}
	c.addText(img.Key)
	for _, cells := range [...][]planner.Cell{img.Row, img.Before, img.After} {
		for i := range cells {
			if v := &cells[i].Value; v.Valid {
				c.buf = append(binary.AppendUvarint(c.buf, uint64(len(v.Text))+1), v.Text...)
			} else {
				c.buf = append(c.buf, 0)
			}
		}
	}
	return nil
}

func (c *chunk) addText(s string) {
	c.buf = append(binary.AppendUvarint(c.buf, uint64(len(s))), s...)
}

func (c *chunk) addShape(img *planner.Image) {
	c.addText(img.Model)
	c.addText(img.Table.Name)
	c.buf = binary.AppendUvarint(c.buf, uint64(img.Op))
	for _, cells := range [...][]planner.Cell{img.Row, img.Before, img.After} {
		c.buf = binary.AppendUvarint(c.buf, uint64(len(cells)))
		for i := range cells {
			c.addText(cells[i].Column)
		}
	}
	c.buf = binary.AppendUvarint(c.buf, uint64(len(img.Sensitive)))
	for _, s := range img.Sensitive {
		c.addText(s)
	}
	// The image is the planner's, which makes the next one in its place.
	c.shape = planner.Image{
		Model: img.Model, Table: img.Table, Op: img.Op, Sensitive: slices.Clone(img.Sensitive),
		Row: slices.Clone(img.Row), Before: slices.Clone(img.Before), After: slices.Clone(img.After),
	}
}

func sameShape(a, b *planner.Image) bool {
	return a.Op == b.Op && a.Model == b.Model && a.Table.Name == b.Table.Name && slices.Equal(a.Sensitive, b.Sensitive) &&
		sameColumns(a.Row, b.Row) && sameColumns(a.Before, b.Before) && sameColumns(a.After, b.After)
}

func sameColumns(a, b []planner.Cell) bool {
	return slices.EqualFunc(a, b, func(x, y planner.Cell) bool { return x.Column == y.Column })
}

// chunks encodes and compresses images. What it yields is valid until the next
// one is asked for.
func chunks(images iter.Seq2[*planner.Image, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(chunkSize))
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = enc.Close() }()
		c := &chunk{}
		var packed []byte
		for img, err := range images {
			if err == nil {
				err = c.add(img)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if len(c.buf) < chunkSize {
				continue
			}
			packed = enc.EncodeAll(c.buf, packed[:0])
			if c.buf = c.buf[:0]; !yield(packed, nil) {
				return
			}
		}
		if len(c.buf) > 0 {
			yield(enc.EncodeAll(c.buf, packed[:0]), nil)
		}
	}
}

var errImage = errors.New("it is not what was written")

// unchunked decodes one chunk.
func unchunked(text string, c *schema.Catalogue) iter.Seq2[*planner.Image, error] {
	return func(yield func(*planner.Image, error) bool) {
		damaged := func(err error) { yield(nil, fmt.Errorf("row images are damaged: %w", err)) }
		packed, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			damaged(errImage)
			return
		}
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxChunk))
		if err != nil {
			yield(nil, err)
			return
		}
		defer dec.Close()
		plain, err := dec.DecodeAll(packed, nil)
		if err != nil || len(plain) == 0 {
			damaged(errors.Join(errImage, err))
			return
		}
		r := &chunkReader{rest: string(plain)}
		for r.rest != "" {
			img := r.image()
			if r.bad {
				damaged(errImage)
				return
			}
			table := img.Table.Name
			if img.Table = c.Table(table); img.Table == nil {
				yield(nil, fmt.Errorf("the table %q, of which row images are kept, no longer exists", table))
				return
			}
			if !yield(img, nil) {
				return
			}
		}
	}
}

// chunkReader reads what chunk wrote. bad says that it was something else.
type chunkReader struct {
	rest  string
	shape *planner.Image
	bad   bool
}

func (r *chunkReader) number() uint64 {
	n, w := binary.Uvarint([]byte(r.rest[:min(len(r.rest), binary.MaxVarintLen64)]))
	if w <= 0 {
		r.bad, r.rest = true, ""
		return 0
	}
	r.rest = r.rest[w:]
	return n
}

func (r *chunkReader) take(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, ""
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *chunkReader) text() string { return r.take(r.number()) }

// texts is a list; each of its texts is at least one byte.
func (r *chunkReader) texts() []string {
	n := r.number()
	if n == 0 || n > uint64(len(r.rest)) {
		r.bad = r.bad || n > 0
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = r.text()
	}
	return out
}

func (r *chunkReader) readShape() {
	s := &planner.Image{Model: r.text(), Table: &schema.Table{Name: r.text()}, Op: schema.Op(r.number())}
	for _, cells := range [...]*[]planner.Cell{&s.Row, &s.Before, &s.After} {
		for _, name := range r.texts() {
			*cells = append(*cells, planner.Cell{Column: name})
		}
	}
	s.Sensitive = r.texts()
	r.bad = r.bad || s.Op != schema.Insert && s.Op != schema.Update && s.Op != schema.Delete
	r.shape = s
}

// image reads one; its table has only a name.
func (r *chunkReader) image() *planner.Image {
	switch mark := r.take(1); {
	case mark == "\x01":
		r.readShape()
	case mark != "\x00" || r.shape == nil:
		r.bad = true
		return nil
	}
	img := *r.shape
	img.Key = r.text()
	for _, cells := range [...]*[]planner.Cell{&img.Row, &img.Before, &img.After} {
		*cells = slices.Clone(*cells)
		for i := range *cells {
			if n := r.number(); n > 0 {
				(*cells)[i].Value = schema.NewValue(r.take(n - 1))
			}
		}
	}
	return &img
}
