package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// freshRecords yields the model's fresh records by key. The Record is valid
// until the next one is asked for.
func (m *model) freshRecords() iter.Seq2[*freshRecord, error] {
	return func(yield func(*freshRecord, error) bool) {
		if m.settled == nil || m.settled.fresh == nil {
			return
		}
		f := &freshRecord{rec: plans.Record{Model: m.label, Action: plans.Add}}
		for text, err := range runAhead(m.settled.fresh.sorted.all()) {
			if err == nil {
				err = f.read(m, text)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// freshRecord is a fresh record of the change set.
type freshRecord struct {
	key     schema.Key
	rec     plans.Record
	secrets string
}

func (f *freshRecord) read(m *model, text string) error {
	d := rowReader{s: text}
	f.key = schema.Key(d.text())
	f.rec.Key, f.rec.PrimaryKey = plans.Value(d.text()), plans.Value(d.text())
	f.rec.Content = hex.EncodeToString([]byte(d.take(sha256.Size)))
	f.secrets = d.text()
	f.rec.Fields = f.rec.Fields[:0]
	for d.s != "" && d.err == nil {
		n := int(d.uvarint())
		if n >= len(m.fields) {
			return errSpool
		}
		f.rec.Fields = append(f.rec.Fields, plans.Field{Name: m.fields[n].name, After: plans.Value(d.text()), Sensitive: m.fields[n].sensitive})
	}
	return d.err
}

// freshRow is a fresh record as it is written.
type freshRow struct {
	pk  string
	key schema.Key
	row *row
}

// all yields the shape's rows.
func (s *freshShape) all(m *model) iter.Seq2[*freshRow, error] {
	return func(yield func(*freshRow, error) bool) {
		f, at := &freshRow{row: &row{cells: make([]cell, len(m.fields))}}, int64(0)
		for range s.count {
			body, next, err := s.rows.getNext(at)
			if err != nil {
				yield(nil, err)
				return
			}
			at = next
			d := &rowReader{s: string(body)}
			f.pk, f.key = d.text(), schema.Key(d.text())
			d.into(f.row)
			if !yield(f, d.err) || d.err != nil {
				return
			}
		}
	}
}

// finalFresh is what the database gets for a field of a fresh record.
func (p *planning) finalFresh(m *model, f *freshRow, n int) schema.Value {
	c := &f.row.cells[n]
	switch {
	case n == m.pk:
		return schema.NewValue(f.pk)
	case c.kind == resolved && c.value.Valid:
		return c.value
	}
	return p.final(m, nil, n, f.row.cells)
}

// freshBatches are the writes of the fresh records.
func (p *planning) freshBatches(m *model) []schema.Batch {
	if m.settled == nil || m.settled.fresh == nil {
		return nil
	}
	var out []schema.Batch
	for _, s := range m.settled.fresh.shapes {
		b := schema.Batch{Op: schema.Insert, Table: m.table, Columns: m.columns(s.fields), Count: s.count}
		b.Rows = func(yield func([]schema.Value, error) bool) {
			var values []schema.Value
			for f, err := range s.all(m) {
				if err != nil {
					yield(nil, err)
					return
				}
				values = values[:0]
				for _, n := range s.fields {
					values = append(values, p.finalFresh(m, f, n))
				}
				if !yield(values, nil) {
					return
				}
			}
		}
		out = append(out, b)
	}
	return out
}

// freshImages are their images.
func (p *planning) freshImages(m *model, yield func(*Image, error) bool) bool {
	if m.settled == nil || m.settled.fresh == nil {
		return true
	}
	masked, primary := m.masked(), m.fields[m.pk].column.Name
	for _, s := range m.settled.fresh.shapes {
		columns := m.columns(s.fields)
		img := &Image{Model: m.label, Table: m.table, Op: schema.Insert, Sensitive: masked, Row: make([]Cell, 1), After: make([]Cell, len(columns))}
		for f, err := range s.all(m) {
			if err != nil {
				return yield(nil, err)
			}
			img.Key = p.keyText(m, f.key)
			img.Row[0] = Cell{primary, schema.NewValue(f.pk)}
			for i, n := range s.fields {
				img.After[i] = Cell{columns[i], p.finalFresh(m, f, n)}
			}
			if !yield(img, nil) {
				return false
			}
		}
	}
	return true
}
