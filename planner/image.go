package planner

import (
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// Image is one row that a plan writes, as it was and as it will be: what undo
// needs. Its values are canonical and not masked, so images stay in the live
// database, beside the data they came from.
type Image struct {
	// Model is the record's model; of a join row, the owner's with the field
	// after a dot.
	Model string
	// Key is the natural key for people, a JSON list.
	Key   string
	Table *schema.Table
	Op    schema.Op
	// Row identifies the row: the primary key, or the key columns of a table
	// without one.
	Row []Cell
	// Before are the columns that an Update changes and all columns of a
	// Delete; After those that an Update or an Insert writes.
	Before, After []Cell
	// Sensitive are the columns of the model that are masked wherever they are
	// shown, whether the image has them or not.
	Sensitive []string
}

// Cell is a column's value in a row.
type Cell struct {
	Column string
	Value  schema.Value
}

// images implements work: rows first, then join rows.
func (p *planning) images() iter.Seq2[*Image, error] {
	return func(yield func(*Image, error) bool) {
		for _, m := range p.models {
			for _, n := range slices.Concat(m.destroys, m.changes) {
				img, err := p.image(m, m.entries.at(n))
				if err != nil {
					yield(nil, err)
					return
				}
				if img != nil && !yield(img, nil) {
					return
				}
			}
			if !p.freshImages(m, yield) {
				return
			}
		}
		for _, m := range p.models {
			for n := range m.fields {
				if m.fields[n].many != nil && !p.linkImages(m, n, yield) {
					return
				}
			}
		}
	}
}

// image is the image of a record's own row, nil when only its members change.
func (p *planning) image(m *model, e *entry) (*Image, error) {
	img := &Image{Model: m.label, Key: p.keyText(m, e.key), Table: m.table, Op: schema.Insert, Sensitive: m.masked()}
	if e.status == destroyed {
		before, err := m.spool.get(e.live, len(m.fields))
		if err != nil {
			return nil, err
		}
		img.Op = schema.Delete
		img.Before = m.cells(before)
		img.Row = p.rowCells(m, e, before)
		return img, nil
	}
	before, after, err := p.beforeAfter(m, e)
	if err != nil {
		return nil, err
	}
	img.Row = p.rowCells(m, e, after)
	fields := p.written(m, before, after)
	if before != nil {
		img.Op = schema.Update
		if len(fields) == 0 {
			return nil, nil
		}
		raw, err := m.spool.get(e.live, len(m.fields))
		if err != nil {
			return nil, err
		}
		for _, n := range fields {
			img.Before = append(img.Before, Cell{m.fields[n].column.Name, plainValue(raw.cells[n].value)})
		}
	}
	for _, n := range fields {
		img.After = append(img.After, Cell{m.fields[n].column.Name, p.final(m, e, n, after.cells)})
	}
	return img, nil
}

// masked are the names of the sensitive columns.
func (m *model) masked() []string {
	var out []string
	for n := range m.fields {
		if f := &m.fields[n]; f.sensitive && f.column != nil {
			out = append(out, f.column.Name)
		}
	}
	return out
}

// cells are all columns of a live row as the database holds them.
func (m *model) cells(r *row) []Cell {
	var out []Cell
	for n := range m.fields {
		if c := m.fields[n].column; c != nil {
			out = append(out, Cell{c.Name, plainValue(r.cells[n].value)})
		}
	}
	return out
}

func plainValue(v schema.Value) schema.Value { return schema.Value{Text: v.Text, Valid: v.Valid} }

func (p *planning) rowCells(m *model, e *entry, after *row) []Cell {
	values := p.rowKeyValues(m, e, after, nil)
	out := make([]Cell, len(values))
	for i, n := range m.rowKey {
		out[i] = Cell{m.fields[n].column.Name, values[i]}
	}
	return out
}

// linkImages yields the join rows of one many-to-many field.
func (p *planning) linkImages(m *model, n int, yield func(*Image, error) bool) bool {
	j := m.fields[n].many
	for _, i := range slices.Concat(m.changes, m.destroys) {
		e := m.entries.at(i)
		if e.links == nil {
			continue
		}
		owner, err := p.ownerText(m, e, n)
		if err != nil {
			return yield(nil, err)
		}
		img := Image{Model: m.label + "." + m.fields[n].name, Key: p.keyText(m, e.key), Table: j.table, Sensitive: j.masked(m, n)}
		for _, h := range e.links.gone[n] {
			img.Op, img.After = schema.Delete, nil
			img.Before = j.row(owner, h)
			img.Row = img.Before[:2]
			if !yield(&img, nil) {
				return false
			}
		}
		for _, k := range e.links.added[n] {
			h := holding{p.finalText(m.fields[n].ref.model, m.fields[n].ref.field, k.key), k.row}
			img.Op, img.Before = schema.Insert, nil
			img.After = j.row(owner, h)
			img.Row = img.After[:2]
			if !yield(&img, nil) {
				return false
			}
		}
	}
	return true
}

// masked is the member's column where the many-to-many field is sensitive.
func (j *many) masked(m *model, field int) []string {
	if m.fields[field].sensitive {
		return []string{j.member}
	}
	return nil
}

// row are the columns of a join row: owner, member, its own key if it has one.
func (j *many) row(owner string, h holding) []Cell {
	out := []Cell{{j.owner, schema.NewValue(owner)}, {j.member, schema.NewValue(h.member)}}
	if h.id != "" {
		out = append(out, Cell{j.key[0], schema.NewValue(h.id)})
	}
	return out
}
