package planner

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// liveRows yields the rows of the model's live table, of these fields only
// (nil: all). The row is reused.
func (p *planning) liveRows(m *model, fields []int) iter.Seq2[*row, error] {
	columns, at := m.liveColumns(fields)
	return func(yield func(*row, error) bool) {
		r := &row{cells: make([]cell, len(m.fields))}
		for rec, err := range p.in.Live.Scan(p.ctx, schema.Selection{Model: m.label, Table: m.table, Columns: columns}) {
			if err != nil {
				yield(nil, fmt.Errorf("read the live table %s: %w", m.table.Name, err))
				return
			}
			clear(r.cells)
			for i := range rec.Fields {
				r.cells[at[i]] = p.liveCell(m, at[i], rec.Fields[i].Value)
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// liveColumns are the columns of these fields (nil: all), and the fields that
// they are.
func (m *model) liveColumns(fields []int) (columns []string, at []int) {
	if fields == nil {
		for n := range m.fields {
			fields = append(fields, n)
		}
	}
	for _, n := range fields {
		if c := m.fields[n].column; c != nil && !slices.Contains(columns, c.Name) {
			columns = append(columns, c.Name)
			at = append(at, n)
		}
	}
	return columns, at
}

func (p *planning) liveCell(m *model, n int, l schema.Literal) cell {
	v := schema.Value{}
	if l.Kind != schema.NullLiteral {
		v = schema.NewValue(l.Text)
	}
	if ref := m.fields[n].ref; ref != nil && v.Valid {
		if ref.model == nil {
			return cell{kind: dangling, value: v}
		}
		return cell{kind: byID, value: v}
	}
	return cell{kind: plain, value: v}
}

// resolveLive replaces the row's references by natural keys. It returns the
// cells as the database holds them.
func (p *planning) resolveLive(m *model, r *row) {
	for n := range r.cells {
		c := &r.cells[n]
		if c.kind != byID {
			continue
		}
		ref := m.fields[n].ref
		if key, ok := refKey(ref, *c, true); ok {
			// The value stays beside the key: it is what the row holds.
			c.kind, c.key = resolved, key
		} else {
			c.kind = dangling
		}
	}
	for i := range m.generics {
		p.resolveLiveGeneric(m, &m.generics[i], r)
	}
}

// rowID is what identifies the live row in the database.
func (m *model) rowID(r *row) schema.Key {
	var b []byte
	for _, n := range m.rowKey {
		b = schema.AppendKey(b, r.cells[n].value.Text)
	}
	return schema.Key(b)
}

// register notes a live row: which entry it is, and how references name it.
// It returns the entry's number, -1 for a row that needs none.
func (p *planning) register(m *model, r *row) int32 {
	m.hasLive = true
	key, why, _ := p.keyOf(m, m.key, r, true, false)
	if m.pk >= 0 {
		if id, err := strconv.ParseInt(r.cells[m.pk].value.Text, 10, 64); err == nil {
			m.keys.max = max(m.keys.max, id)
		}
	}
	n, known := int32(-1), false
	apart := why == "" && m.ruling.apartFrom(key, m.rowID(r))
	switch {
	case apart:
		n, known = p.entryOf(m, r), true
	case why == "":
		if n, known = m.entries.find(key); !known && (m.isTarget() || p.mayClear(m)) {
			n, _ = m.entries.put(key)
			known = true
		}
	}
	if m.pk >= 0 {
		if other, claimed := m.pkOwner.get(r.cells[m.pk].value.Text); claimed && (!known || other != n) {
			m.entries.at(other).taken = true
		}
	}
	if !known {
		return -1
	}
	m.nameLive(n, r)
	if apart {
		return n
	}
	e := m.entries.at(n)
	if e.inLive() {
		e.twice = true
		e.doomed = e.doomed || m.ruling.skips(n) // which row would be meant cannot be told
		return n
	}
	e.row = m.rowID(r)
	if m.pk >= 0 {
		e.pk = strings.Clone(r.cells[m.pk].value.Text) // not the whole row with it
	}
	if m.ownSpelling {
		if spelling, why, _ := p.keyOf(m, m.packageKey, r, true, true); why == "" {
			m.liveBySpelling[spelling] = n
		}
	}
	return n
}

// nameLive notes how references in the live database name an entry.
func (m *model) nameLive(n int32, r *row) {
	for _, t := range m.targets {
		t.nameLive(n, r.cells[t.field].value, t.field != m.pk)
	}
}

// nameLive notes one value, and keeps it by entry where that is asked for. It
// keeps no more of the row, which is one string.
func (t *target) nameLive(n int32, v schema.Value, byEntry bool) {
	if !v.Valid {
		return
	}
	t.live.set(v.Text, n)
	if byEntry {
		t.liveText[n] = strings.Clone(v.Text)
	}
}

// indexLive reads only the keys of a live table: rows of models that refer to
// each other are named before they are compared, and those that the package
// lacks are known.
func (p *planning) indexLive(m *model) error {
	fields := slices.Concat(m.key, m.packageKey, m.rowKey)
	for _, t := range m.targets {
		fields = append(fields, t.field)
	}
	for r, err := range p.liveRows(m, fields) {
		if err != nil {
			return err
		}
		p.register(m, r)
	}
	if !p.lackingGoes(m) || !p.inScope(m) || p.judgesRows(m) {
		return nil
	}
	for n := range m.entries.len() {
		// Nothing in the package may refer to what goes.
		if e := m.entries.at(n); !e.inPackage() && e.inLive() && !e.twice {
			e.status = destroyed
		}
	}
	return nil
}
