package changelog

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// ErrNoImages says that no row images of an apply are kept: it wrote no row,
// or they were pruned.
var ErrNoImages = errors.New("no row images of this apply are kept")

// imageTable holds a row image a row. Images are not part of the hash chain:
// they may be pruned.
func imageTable() *schema.Table {
	return &schema.Table{
		Name: "edmsplan_row_image", Relation: "edmsplan_row_image", PrimaryKey: []string{"seq"},
		Columns: []schema.Column{
			integer("seq"), text("apply_id"), text("model"), text("natural_key"), text("tbl"), text("op"),
			text("row"), text("before"), text("after"), text("sensitive"),
		},
	}
}

// ImageTable is the table of row images, to be locked by who writes it.
func ImageTable() *schema.Table { return imageTable() }

// AppendImages keeps what an apply wrote, beside its log entries and in the
// same transaction. The images are read once, as a stream, and hold values
// that are not masked: they never leave the live database.
func AppendImages(ctx context.Context, tx database.Tx, applyID string, images iter.Seq2[*planner.Image, error]) error {
	t := imageTable()
	if err := tx.Create(ctx, t); err != nil {
		return fmt.Errorf("make the table of row images: %w", err)
	}
	seq := int64(0)
	last := schema.Selection{Table: t, Columns: []string{"seq"}, OrderBy: []string{"seq"}, Descending: true, Limit: 1}
	for rec, err := range tx.Scan(ctx, last) {
		if err == nil {
			seq, err = strconv.ParseInt(rec.Fields[0].Value.Text, 10, 64)
		}
		if err != nil {
			return fmt.Errorf("read the row images: %w", err)
		}
	}
	// How many there are is known when they have been read; counting them
	// first would make each of them twice.
	count := int64(0)
	rows := func(yield func([]schema.Value, error) bool) {
		for img, err := range images {
			var row []schema.Value
			if err == nil {
				row, err = imageRow(seq+count+1, applyID, img)
			}
			count++
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
	n, err := tx.Write(ctx, schema.Batch{Op: schema.Insert, Table: t, Columns: columns(t), Rows: rows})
	if err != nil {
		return fmt.Errorf("keep the row images: %w", err)
	}
	if n != count {
		return fmt.Errorf("keep the row images: %d written, %d expected", n, count)
	}
	return nil
}

// Images yields what an apply wrote, in the order in which it was kept, with
// the catalogue's tables. ErrNoImages is wrapped when there are none; the
// snapshot is then of no further use. An image of a table that no longer
// exists is an error. The Image is valid until the next one is asked for.
func Images(ctx context.Context, s database.Snapshot, applyID string, c *schema.Catalogue) iter.Seq2[*planner.Image, error] {
	t := imageTable()
	return func(yield func(*planner.Image, error) bool) {
		found := false
		for rec, err := range s.Scan(ctx, schema.Selection{Table: t, Columns: columns(t), OrderBy: []string{"seq"}}) {
			if errors.Is(err, database.ErrNoTable) {
				break
			}
			if err != nil {
				yield(nil, fmt.Errorf("read the row images: %w", err))
				return
			}
			if rec.Fields[1].Value.Text != applyID {
				continue
			}
			found = true
			img, err := decodeImage(rec, c)
			if !yield(img, err) || err != nil {
				return
			}
		}
		if !found {
			yield(nil, fmt.Errorf("apply %s: %w", applyID, ErrNoImages))
		}
	}
}

// HasImages reports whether the table of row images exists. The snapshot is of
// no further use when it does not.
func HasImages(ctx context.Context, s database.Snapshot) (bool, error) {
	for _, err := range s.Scan(ctx, schema.Selection{Table: imageTable(), Columns: []string{"seq"}, Limit: 1}) {
		if errors.Is(err, database.ErrNoTable) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read the row images: %w", err)
		}
	}
	return true, nil
}

// Imaged are the ids of the applies of which row images are kept. The snapshot
// is of no further use when there were never any.
func Imaged(ctx context.Context, s database.Snapshot) (map[string]bool, error) {
	out := map[string]bool{}
	for rec, err := range s.Scan(ctx, schema.Selection{Table: imageTable(), Columns: []string{"apply_id"}}) {
		if errors.Is(err, database.ErrNoTable) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the row images: %w", err)
		}
		out[rec.Fields[0].Value.Text] = true
	}
	return out, nil
}

// DropImages forgets the images of an apply, which can then not be undone. It
// is no error if there are none.
func DropImages(ctx context.Context, tx database.Tx, applyID string) error {
	t := imageTable()
	if err := tx.Create(ctx, t); err != nil {
		return fmt.Errorf("make the table of row images: %w", err)
	}
	// One key is the key of all its rows.
	_, err := tx.Write(ctx, schema.Batch{
		Op: schema.Delete, Table: t, Key: []string{"apply_id"}, Count: 1,
		Rows: func(yield func([]schema.Value, error) bool) { yield(values([]string{applyID}), nil) },
	})
	if err != nil {
		return fmt.Errorf("drop the row images: %w", err)
	}
	return nil
}

// opNames are the operations as the table has them.
func opNames() map[schema.Op]string {
	return map[schema.Op]string{schema.Insert: "insert", schema.Update: "update", schema.Delete: "delete"}
}

func imageRow(seq int64, applyID string, img *planner.Image) ([]schema.Value, error) {
	op, ok := opNames()[img.Op]
	if !ok {
		return nil, fmt.Errorf("a row image of %s has no operation", img.Model)
	}
	return values([]string{
		strconv.FormatInt(seq, 10), applyID, img.Model, img.Key, img.Table.Name, op,
		encodeCells(img.Row), encodeCells(img.Before), encodeCells(img.After), encodeNames(img.Sensitive),
	}), nil
}

func decodeImage(rec *schema.Record, c *schema.Catalogue) (*planner.Image, error) {
	r := &reader{fields: rec.Fields[2:]}
	img := &planner.Image{Model: r.text(), Key: r.text()}
	table, op := r.text(), r.text()
	if img.Table = c.Table(table); img.Table == nil {
		return nil, fmt.Errorf("the table %q, of which row images are kept, no longer exists", table)
	}
	for o, name := range opNames() {
		if name == op {
			img.Op = o
		}
	}
	var errs [4]error
	img.Row, errs[0] = decodeCells(r.text())
	img.Before, errs[1] = decodeCells(r.text())
	img.After, errs[2] = decodeCells(r.text())
	img.Sensitive, errs[3] = decodeNames(r.text())
	if err := errors.Join(errs[:]...); err != nil || img.Op == 0 {
		return nil, fmt.Errorf("a row image of %s %s is damaged: %w", img.Model, img.Key, errors.Join(err, errImage))
	}
	return img, nil
}

var errImage = errors.New("it is not what was written")

// encodeCells writes columns and values as a JSON list of pairs. A value is a
// string, null, or, where its bytes are not UTF-8, a list of one string with
// the bytes in hexadecimal: images lose nothing.
func encodeCells(cells []planner.Cell) string {
	b := []byte("[")
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendExact(append(b, '['), c.Column), ',')
		if c.Value.Valid {
			b = appendExact(b, c.Value.Text)
		} else {
			b = append(b, "null"...)
		}
		b = append(b, ']')
	}
	return string(append(b, ']'))
}

func appendExact(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		return append(append(append(b, `["`...), hex.EncodeToString([]byte(s))...), `"]`...)
	}
	b, _ = jsontext.AppendQuote(b, s) // its error is of text that is not UTF-8
	return b
}

// decodeCells reads what encodeCells wrote.
func decodeCells(text string) ([]planner.Cell, error) {
	lists, err := elements(jsontext.Value(text))
	if err != nil {
		return nil, err
	}
	var out []planner.Cell
	for _, l := range lists {
		pair, err := elements(l)
		if err != nil || len(pair) != 2 {
			return nil, errors.Join(err, errImage)
		}
		column, err := exact(pair[0])
		if err != nil {
			return nil, err
		}
		c := planner.Cell{Column: column}
		if pair[1].Kind() != 'n' {
			v, err := exact(pair[1])
			if err != nil {
				return nil, err
			}
			c.Value = schema.NewValue(v)
		}
		out = append(out, c)
	}
	return out, nil
}

// encodeNames writes names as a JSON list.
func encodeNames(names []string) string {
	b := []byte("[")
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendExact(b, n)
	}
	return string(append(b, ']'))
}

// decodeNames reads what encodeNames wrote.
func decodeNames(text string) ([]string, error) {
	list, err := elements(jsontext.Value(text))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		name, err := exact(e)
		if err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, nil
}

func exact(v jsontext.Value) (string, error) {
	if v.Kind() == '[' {
		l, err := elements(v)
		if err != nil || len(l) != 1 || l[0].Kind() != '"' {
			return "", errors.Join(err, errImage)
		}
		digits, err := exact(l[0])
		if err != nil {
			return "", err
		}
		b, err := hex.DecodeString(digits)
		return string(b), err
	}
	if v.Kind() != '"' {
		return "", errImage
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err
}

// elements are those of a JSON list.
func elements(v jsontext.Value) ([]jsontext.Value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(v))
	start, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	if start.Kind() != '[' {
		return nil, errImage
	}
	var out []jsontext.Value
	for d.PeekKind() != ']' {
		e, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		out = append(out, e.Clone())
	}
	return out, nil
}
