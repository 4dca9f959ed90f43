package planner

import (
	"encoding/binary"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// batches implements work.
func (p *planning) batches() iter.Seq2[schema.Batch, error] {
	return func(yield func(schema.Batch, error) bool) {
		for _, step := range []func() ([]schema.Batch, error){
			p.linksRemoved, p.rowsLoosened, p.rowsDestroyed, p.rowsWritten, p.lateReferences, p.linksAdded,
		} {
			batches, err := step()
			if err != nil {
				yield(schema.Batch{}, err)
				return
			}
			for _, b := range batches {
				if b.Count > 0 && !yield(b, nil) {
					return
				}
			}
		}
		// A key that did not read back would have been written as another.
		if err := p.spoiled(); err != nil {
			yield(schema.Batch{}, err)
		}
	}
}

// rowsLoosened takes the references within a group off rows that are going to
// be destroyed, where the database would not wait for the other row to go too.
func (p *planning) rowsLoosened() ([]schema.Batch, error) {
	var out []schema.Batch
	for _, m := range p.models {
		for f := range m.fields {
			if !m.fields[f].loosen {
				continue
			}
			b := schema.Batch{Op: schema.Update, Table: m.table, Key: m.columns(m.rowKey), Columns: m.columns([]int{f}), Count: int64(len(m.destroys))}
			b.Rows = func(yield func([]schema.Value, error) bool) {
				for _, n := range m.destroys {
					if !yield(append(rowValues(nil, m.entries.at(n).row), schema.Value{}), nil) {
						return
					}
				}
			}
			out = append(out, b)
		}
	}
	return out, nil
}

func (p *planning) rowsDestroyed() ([]schema.Batch, error) {
	var out []schema.Batch
	for _, m := range slices.Backward(p.models) {
		out = append(out, schema.Batch{
			Op: schema.Delete, Table: m.table, Key: m.columns(m.rowKey), Count: int64(len(m.destroys)),
			Rows: func(yield func([]schema.Value, error) bool) {
				for _, n := range m.destroys {
					if !yield(rowValues(nil, m.entries.at(n).row), nil) {
						return
					}
				}
			},
		})
	}
	return out, nil
}

// rowsWritten groups each model's changes by the columns they write.
func (p *planning) rowsWritten() ([]schema.Batch, error) {
	var out []schema.Batch
	for _, m := range p.models {
		updates, inserts, err := p.shapes(m, false)
		if err != nil {
			return nil, err
		}
		out = append(out, p.batchesOf(m, schema.Update, updates)...)
		out = append(out, p.batchesOf(m, schema.Insert, inserts)...)
		out = append(out, p.freshBatches(m)...)
	}
	return out, nil
}

// lateReferences are the second updates of references within a group that the
// database does not let wait.
func (p *planning) lateReferences() ([]schema.Batch, error) {
	var out []schema.Batch
	for _, m := range p.models {
		updates, _, err := p.shapes(m, true)
		if err != nil {
			return nil, err
		}
		out = append(out, p.batchesOf(m, schema.Update, updates)...)
	}
	return out, nil
}

// shape is a set of fields and the entries that write just these.
type shape struct {
	fields  []int
	entries []int32
}

// shapes sorts the model's changes by the fields they write. With late it
// takes the late references only, of added records too.
func (p *planning) shapes(m *model, late bool) (updates, inserts []shape, err error) {
	if late && !slices.ContainsFunc(m.fields, func(f field) bool { return f.late }) {
		return nil, nil, nil
	}
	if done := &m.shaped[boolIndex(late)]; done.is {
		return done.updates, done.inserts, nil
	}
	index := map[string]int{}
	var name []byte
	for _, n := range m.changes {
		e := m.entries.at(n)
		before, after, err := p.beforeAfter(m, e)
		if err != nil {
			return nil, nil, err
		}
		list := &updates
		if before == nil && !late {
			list = &inserts
		}
		fields := slices.DeleteFunc(p.written(m, before, after), func(f int) bool {
			return m.fields[f].late != late || (late && after.cells[f].isNull() && before == nil)
		})
		if len(fields) == 0 && list == &updates {
			continue
		}
		name = name[:0]
		if before == nil && !late {
			name = append(name, '+')
		}
		for _, f := range fields {
			name = binary.AppendUvarint(name, uint64(f))
		}
		i, ok := index[string(name)]
		if !ok {
			i = len(*list)
			index[string(name)] = i
			*list = append(*list, shape{fields: fields})
		}
		(*list)[i].entries = append((*list)[i].entries, n)
	}
	m.shaped[boolIndex(late)] = shaped{is: true, updates: updates, inserts: inserts}
	return updates, inserts, nil
}

// shaped is what shapes found out, as it is asked for more than once.
type shaped struct {
	is               bool
	updates, inserts []shape
}

func boolIndex(b bool) int {
	if b {
		return 1
	}
	return 0
}

// written are the fields that a change writes.
func (p *planning) written(m *model, before, after *row) []int {
	var out []int
	for n := range m.fields {
		c := &after.cells[n]
		switch {
		case m.fields[n].column == nil:
			continue
		case before != nil:
			if p.sameCell(m, n, before, after) {
				continue
			}
		case c.kind == absent && n != m.pk:
			continue
		}
		out = append(out, n)
	}
	return out
}

// sameCell reports whether a field of a live row stays as it is. The id of a
// generic reference that led nowhere may lead to a record that the plan adds
// under this very id: then nothing is to be written.
func (p *planning) sameCell(m *model, n int, before, after *row) bool {
	b, a := &before.cells[n], &after.cells[n]
	if a.kind == b.kind && a.key == b.key && a.value == b.value {
		return true
	}
	if m.fields[n].generic == 0 || a.kind != resolved || b.kind == resolved || !b.value.Valid {
		return false
	}
	t := m.referred(n, after.cells, p)
	return t != nil && t.pk >= 0 && p.finalText(t, t.pk, a.key) == b.value.Text
}

func (p *planning) batchesOf(m *model, op schema.Op, shapes []shape) []schema.Batch {
	out := make([]schema.Batch, len(shapes))
	for i, s := range shapes {
		b := schema.Batch{Op: op, Table: m.table, Columns: m.columns(s.fields), Count: int64(len(s.entries))}
		if op == schema.Update {
			b.Key = m.columns(m.rowKey)
		}
		b.Rows = func(yield func([]schema.Value, error) bool) {
			var values []schema.Value
			for _, n := range s.entries {
				e := m.entries.at(n)
				_, after, err := p.beforeAfter(m, e)
				if err != nil {
					yield(nil, err)
					return
				}
				values = values[:0]
				if op == schema.Update {
					values = p.rowKeyValues(m, e, after, values)
				}
				for _, f := range s.fields {
					values = append(values, p.final(m, e, f, after.cells))
				}
				if !yield(values, nil) {
					return
				}
			}
		}
		out[i] = b
	}
	return out
}

// rowKeyValues identify the row of an update: the live row, or the row that
// the same plan added.
func (p *planning) rowKeyValues(m *model, e *entry, after *row, values []schema.Value) []schema.Value {
	if e.inLive() {
		return rowValues(values, e.row)
	}
	for _, f := range m.rowKey {
		values = append(values, p.final(m, e, f, after.cells))
	}
	return values
}

// final is what the database gets for a field: of a reference, the identifier
// that the record referred to has or gets.
func (p *planning) final(m *model, e *entry, n int, cells []cell) schema.Value {
	f, c := &m.fields[n], cells[n]
	switch {
	case n == m.pk && e.pk != "":
		return schema.NewValue(e.pk)
	case c.kind == resolved && f.generic > 0:
		t := m.referred(n, cells, p)
		return schema.NewValue(p.finalText(t, t.pk, c.key))
	case c.kind == resolved:
		return schema.NewValue(p.finalText(f.ref.model, f.ref.field, c.key))
	}
	return schema.Value{Text: c.value.Text, Valid: c.value.Valid}
}

// finalText is the value by which references name a record after the plan.
func (p *planning) finalText(t *model, field int, key schema.Key) string {
	n, ok := t.entries.find(key)
	if !ok {
		i, ok := t.settled.find(string(key))
		if !ok {
			return ""
		}
		return t.settled.ids.at(i) // by which alone they are referred to
	}
	e := t.entries.at(n)
	switch {
	case field == t.pk:
		return e.pk
	case e.status != added && e.status != changed:
		return t.target(field).liveText[n]
	}
	_, after, err := p.beforeAfter(t, e)
	if err != nil {
		return ""
	}
	return p.final(t, e, field, after.cells).Text
}

func (m *model) columns(fields []int) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = m.fields[f].column.Name
	}
	return out
}

func rowValues(values []schema.Value, row schema.Key) []schema.Value {
	for _, text := range row.Parts() {
		values = append(values, schema.NewValue(text))
	}
	return values
}

func (p *planning) linksRemoved() ([]schema.Batch, error) {
	return p.linkBatches(schema.Delete, func(k *links, n int) int { return len(k.gone[n]) })
}

func (p *planning) linksAdded() ([]schema.Batch, error) {
	return p.linkBatches(schema.Insert, func(k *links, n int) int { return len(k.added[n]) })
}

func (p *planning) linkBatches(op schema.Op, count func(*links, int) int) ([]schema.Batch, error) {
	var out []schema.Batch
	for _, m := range p.models {
		for n := range m.fields {
			j := m.fields[n].many
			if j == nil {
				continue
			}
			b := schema.Batch{Op: op, Table: j.table, Key: []string{j.owner, j.member}}
			if op == schema.Insert {
				b.Key, b.Columns = nil, b.Key
				if j.given {
					b.Columns = append(b.Columns, j.key[0])
				}
			}
			for _, i := range slices.Concat(m.changes, m.destroys) {
				if k := m.entries.at(i).links; k != nil {
					b.Count += int64(count(k, n))
				}
			}
			b.Rows = p.linkRows(m, n, op)
			out = append(out, b)
		}
	}
	return out, nil
}

func (p *planning) linkRows(m *model, n int, op schema.Op) iter.Seq2[[]schema.Value, error] {
	return func(yield func([]schema.Value, error) bool) {
		ref := m.fields[n].ref
		for _, i := range slices.Concat(m.changes, m.destroys) {
			e := m.entries.at(i)
			if e.links == nil {
				continue
			}
			owner, err := p.ownerText(m, e, n)
			if err != nil {
				yield(nil, err)
				return
			}
			rows := e.links.gone[n]
			if op == schema.Insert {
				rows = nil
				for _, k := range e.links.added[n] {
					rows = append(rows, holding{p.finalText(ref.model, ref.field, k.key), k.row})
				}
			}
			for _, h := range rows {
				values := []schema.Value{schema.NewValue(owner), schema.NewValue(h.member)}
				if op == schema.Insert && h.id != "" {
					values = append(values, schema.NewValue(h.id))
				}
				if !yield(values, nil) {
					return
				}
			}
		}
	}
}

// ownerText is how the join table names the owner of many-to-many members.
func (p *planning) ownerText(m *model, e *entry, n int) (string, error) {
	at := m.fields[n].many.ownerField
	if at == m.pk {
		return e.pk, nil
	}
	before, after, err := p.beforeAfter(m, e)
	if err != nil {
		return "", err
	}
	if before != nil {
		return before.cells[at].value.Text, nil
	}
	return after.cells[at].value.Text, nil
}

// sequence gives out the join table's own primary keys, nil if it has none.
func (j *many) sequence() *schema.Sequence {
	if len(j.key) != 1 {
		return nil
	}
	return j.table.Column(j.key[0]).Sequence
}
