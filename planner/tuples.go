package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// danglingTuples finds written rows that would refer to no row by a foreign key
// of several columns. Each column that is a reference of its own leads to a
// record; that all of them together do is known only now.
func (p *planning) danglingTuples() error {
	for _, m := range p.models {
		for i := range m.table.ForeignKeys {
			fk := &m.table.ForeignKeys[i]
			if len(fk.Columns) == 1 || !p.comparable(m.table, fk) {
				continue
			}
			if err := p.danglingTuple(m, fk); err != nil {
				return err
			}
		}
	}
	return nil
}

// comparable reports whether values of the columns are equal where their texts
// are.
func (p *planning) comparable(t *schema.Table, fk *schema.ForeignKey) bool {
	target := p.catalogue.Table(fk.RefTable)
	if target == nil || len(fk.RefColumns) != len(fk.Columns) {
		return false
	}
	for i, name := range fk.Columns {
		c, ref := t.Column(name), target.Column(fk.RefColumns[i])
		if c == nil || ref == nil || c.Type.Kind != ref.Type.Kind || c.Type.Padded() || ref.Type.Padded() {
			return false
		}
		switch c.Type.Kind {
		case schema.Integer, schema.Text, schema.UUID, schema.Date, schema.Bool:
		default:
			return false
		}
	}
	return true
}

// referrers are rows that refer to one tuple.
type referrers struct {
	first schema.Key
	count int
}

func (p *planning) danglingTuple(m *model, fk *schema.ForeignKey) error {
	wanted := map[string]referrers{}
	err := p.tuplesOf(m, fk.Columns, true, func(tuple string, key schema.Key) {
		r := wanted[tuple]
		if r.count++; r.count == 1 || compareKeys(key, r.first) < 0 {
			r.first = key
		}
		wanted[tuple] = r
	})
	if err != nil || len(wanted) == 0 {
		return err
	}
	for _, t := range p.byTable[fk.RefTable] {
		if err := p.tuplesOf(t, fk.RefColumns, false, func(tuple string, _ schema.Key) { delete(wanted, tuple) }); err != nil {
			return err
		}
	}
	if err := p.tuplesLeft(fk, wanted); err != nil || len(wanted) == 0 {
		return err
	}
	all := referrers{}
	for _, r := range wanted {
		if all.count == 0 || compareKeys(r.first, all.first) < 0 {
			all.first = r.first
		}
		all.count += r.count
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.target." + m.table.Name + "." + strings.Join(fk.Columns, "."), Range: m.policy.Range,
		Record:  &diag.Record{Model: m.label, Key: p.keyText(m, all.first), Member: p.in.Package.Name()},
		Summary: fmt.Sprintf(plural(all.count, "%d row{|s} of %s would refer by %s to {a row that is|rows that are} not there"), all.count, m.table.Name, quoteList(fk.Columns)),
		Detail:  fmt.Sprintf("Neither the live table %s nor the plan has a row with these values in %s. The foreign key %s would be violated.", fk.RefTable, quoteList(fk.RefColumns), nameOfKey(fk)),
		Remedy:  "Correct what they refer to at its source, or let the plan add it.",
	})
	return nil
}

// tuplesOf visits what rows that the plan writes have in the columns; rows
// with a null among them are left out and, where only those count that write
// one of the columns, others too.
func (p *planning) tuplesOf(m *model, columns []string, written bool, visit func(tuple string, key schema.Key)) error {
	fields := make([]int, len(columns))
	for i, c := range columns {
		n, known := m.names[c]
		if !known {
			return nil // a generated column
		}
		fields[i] = n
	}
	tuple := func(key schema.Key, value func(n int) schema.Value) {
		var b []byte
		for _, n := range fields {
			v := value(n)
			if !v.Valid {
				return
			}
			b = schema.AppendKey(b, v.Text)
		}
		visit(string(b), key)
	}
	for _, n := range m.changes {
		e := m.entries.at(n)
		before, after, err := p.beforeAfter(m, e)
		if err != nil {
			return err
		}
		if written && before != nil && !slices.ContainsFunc(p.written(m, before, after), func(n int) bool { return slices.Contains(fields, n) }) {
			continue
		}
		tuple(e.key, func(n int) schema.Value { return p.final(m, e, n, after.cells) })
	}
	return nil
}

// inTuples reports whether rows of the model refer, or are referred to, by a
// foreign key of several columns: what they have must be known when all is
// planned.
func (p *planning) inTuples(m *model) bool {
	return slices.ContainsFunc(p.models, func(holder *model) bool {
		return slices.ContainsFunc(holder.table.ForeignKeys, func(fk schema.ForeignKey) bool {
			return len(fk.Columns) > 1 && (holder == m || fk.RefTable == m.table.Name)
		})
	})
}

// tuplesLeft takes away those that a live row has which stays as it is.
func (p *planning) tuplesLeft(fk *schema.ForeignKey, wanted map[string]referrers) error {
	t := p.catalogue.Table(fk.RefTable)
	leaving, moving, err := p.leavingRows(t, fk.RefColumns)
	if err != nil {
		return err
	}
	width := len(fk.RefColumns)
	for rec, err := range p.in.Live.Scan(p.ctx, schema.Selection{Table: t, Columns: append(slices.Clone(fk.RefColumns), p.rowColumnsOf(t)...)}) {
		if err != nil {
			return fmt.Errorf("read the live table %s: %w", t.Name, err)
		}
		if row := fieldKey(rec.Fields[width:]); !leaving[row] && !moving[row] {
			delete(wanted, string(fieldKey(rec.Fields[:width])))
		}
	}
	return nil
}
