package changelog

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// ErrNoImages says that no row images of an apply are kept: it wrote no row,
// or they were pruned.
var ErrNoImages = errors.New("no row images of this apply are kept")

// imageTable holds row images. An apply writes as many as rows, and one image a
// row of the table would cost the database more than the changes do: a row
// with the operation chunkOp holds many of them in after, see chunk, and
// nothing in the columns that say something of one image. Images are not part
// of the hash chain: they may be pruned.
func imageTable() *schema.Table {
	return &schema.Table{
		Name: "edmsplan_row_image", Relation: "edmsplan_row_image", PrimaryKey: []string{"seq"},
		Columns: []schema.Column{
			integer("seq"), text("apply_id"), text("model"), text("natural_key"), text("tbl"), text("op"),
			text("row"), text("before"), text("after"), text("sensitive"),
		},
	}
}

// chunkOp marks a row that holds many images.
const chunkOp = "chunk"

// ImageTable is the table of row images, to be locked by who writes it.
func ImageTable() *schema.Table { return imageTable() }

// AppendImages keeps what an apply wrote, beside its log entries and in the
// same transaction. The images are read once, as a stream.
func AppendImages(ctx context.Context, tx database.Tx, applyID string, images iter.Seq2[*planner.Image, error]) error {
	p, err := PackImages("", images)
	if err != nil {
		return err
	}
	return errors.Join(p.Append(ctx, tx, applyID), p.Close())
}

// Packed are row images that are encoded already, in a temporary file: they
// can be made while the database is at work on something else.
type Packed struct {
	file  *os.File
	sizes []int // of the chunks
}

// PackImages reads the images once and encodes them. The caller closes what it
// returns. dir is where the temporary file goes; empty is the system's.
func PackImages(dir string, images iter.Seq2[*planner.Image, error]) (*Packed, error) {
	f, err := os.CreateTemp(dir, "edmsplan-images-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	// The name is not needed again, so that nothing is left behind by a crash.
	// Where the system keeps open files' names, Close removes it.
	_ = os.Remove(f.Name())
	p := &Packed{file: f}
	for data, err := range chunks(images) {
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.sizes = append(p.sizes, len(data))
	}
	return p, nil
}

// Close removes the temporary file.
func (p *Packed) Close() error {
	err := p.file.Close()
	_ = os.Remove(p.file.Name())
	return err
}

// Append keeps the images. They hold values that are not masked: they never
// leave the live database.
func (p *Packed) Append(ctx context.Context, tx database.Tx, applyID string) error {
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
	count := int64(len(p.sizes))
	n, err := tx.Write(ctx, schema.Batch{Op: schema.Insert, Table: t, Columns: columns(t), Count: count, Rows: p.rows(seq, applyID)})
	if err != nil {
		return fmt.Errorf("keep the row images: %w", err)
	}
	if n != count {
		return fmt.Errorf("keep the row images: %d rows of them written, %d expected", n, count)
	}
	return nil
}

// rows are those of the table, numbered after seq.
func (p *Packed) rows(seq int64, applyID string) iter.Seq2[[]schema.Value, error] {
	return func(yield func([]schema.Value, error) bool) {
		var data, text []byte
		at := int64(0)
		for i, size := range p.sizes {
			data = slices.Grow(data[:0], size)[:size]
			if _, err := p.file.ReadAt(data, at); err != nil {
				yield(nil, fmt.Errorf("read a temporary file: %w", err))
				return
			}
			at += int64(size)
			text = base64.StdEncoding.AppendEncode(text[:0], data)
			row := []string{strconv.FormatInt(seq+int64(i)+1, 10), applyID, "", "", "", chunkOp, "", "", string(text), ""}
			if !yield(values(row), nil) {
				return
			}
		}
	}
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
			for img, err := range imagesOf(rec, c) {
				if !yield(img, err) || err != nil {
					return
				}
			}
		}
		if !found {
			yield(nil, fmt.Errorf("apply %s: %w", applyID, ErrNoImages))
		}
	}
}

// imagesOf are those of one row of the table.
func imagesOf(rec *schema.Record, c *schema.Catalogue) iter.Seq2[*planner.Image, error] {
	if rec.Fields[5].Value.Text == chunkOp {
		return unchunked(rec.Fields[8].Value.Text, c)
	}
	return func(yield func(*planner.Image, error) bool) { yield(decodeImage(rec, c)) }
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
