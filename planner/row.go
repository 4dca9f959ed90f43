package planner

import (
	"encoding/binary"
	"errors"

	"github.com/edmsplan/edmsplan/schema"
)

// cellKind says what is known of a field's value.
type cellKind uint8

const (
	absent   cellKind = iota // the record does not have the field
	plain                    // a value, maybe NULL
	byID                     // a reference by the target's identifier: value.Text
	byKey                    // a reference by the target's natural key as a package spells it: key
	byName                   // a reference by the target's natural key as the policy spells it: key
	resolved                 // a reference to the record with the natural key: key
	dangling                 // a reference that leads nowhere: value.Text is what is written
	members                  // a many-to-many field
	held                     // in a spool: resolved, with the value that the live row holds
)

// cell is one field of a row.
type cell struct {
	kind  cellKind
	value schema.Value
	key   schema.Key
	list  []cell
	row   string // of a member: the primary key of its row in the join table, "" if unknown
}

// same reports whether the cells of a plain field or a reference are the same.
func (c cell) same(o cell) bool { return c.kind == o.kind && c.key == o.key && c.value == o.value }

func (c cell) isNull() bool { return c.kind == plain && !c.value.Valid }

// row is one record with a cell for each field of its model.
type row struct {
	number int // in the package, 0 for a live row
	cells  []cell
}

// append encodes the row for the spool.
func (r *row) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.number))
	for i := range r.cells {
		b = r.cells[i].append(b)
	}
	return b
}

func (c *cell) append(b []byte) []byte {
	b = append(b, byte(c.kind))
	switch c.kind {
	case absent:
	case plain, byID, dangling:
		if !c.value.Valid {
			return append(b, 0)
		}
		b = append(b, 1+c.value.Digits)
		b = schema.AppendKey(b, c.value.Text)
	case byKey, byName, resolved:
		b = schema.AppendKey(b, string(c.key))
	case members:
		b = binary.AppendUvarint(b, uint64(len(c.list)))
		for i := range c.list {
			b = c.list[i].append(b)
			b = schema.AppendKey(b, c.list[i].row)
		}
	}
	return b
}

// appendWhole encodes a row whose references are resolved.
func (r *row) appendWhole(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.number))
	for i := range r.cells {
		c := &r.cells[i]
		if c.kind != resolved || !c.value.Valid {
			b = c.append(b)
			continue
		}
		b = schema.AppendKey(append(b, byte(held)), string(c.key))
		b = schema.AppendKey(append(b, c.value.Digits), c.value.Text)
	}
	return b
}

var errSpool = errors.New("a spooled record does not read back")

// decodeRow reads what append wrote, for a model with so many fields.
func decodeRow(b []byte, fields int) (*row, error) {
	d := &rowReader{s: string(b)} // one string holds the texts of all cells
	r := d.row(fields)
	return r, d.err
}

// rowReader takes a text apart that was spooled.
type rowReader struct {
	s   string
	err error
}

func (d *rowReader) uvarint() uint64 {
	n := uint64(0)
	for shift := 0; shift < 63; shift += 7 {
		c := d.byte()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	d.err = errSpool
	return 0
}

func (d *rowReader) text() string { return d.take(d.uvarint()) }

// take reads so many bytes.
func (d *rowReader) take(n uint64) string {
	if d.err != nil || n > uint64(len(d.s)) {
		d.err = errSpool
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *rowReader) byte() byte {
	if d.s == "" {
		d.err = errSpool
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

func (d *rowReader) row(fields int) *row {
	r := &row{cells: make([]cell, fields)}
	d.into(r)
	return r
}

// into reads a row into one that has its cells.
func (d *rowReader) into(r *row) {
	r.number = int(d.uvarint())
	for i := range r.cells {
		r.cells[i] = d.cell()
	}
}

func (d *rowReader) cell() cell {
	c := cell{kind: cellKind(d.byte())}
	switch c.kind {
	case plain, byID, dangling:
		if digits := d.byte(); digits > 0 {
			c.value = schema.Value{Valid: true, Digits: digits - 1, Text: d.text()}
		}
	case byKey, byName, resolved:
		c.key = schema.Key(d.text())
	case held:
		c = cell{kind: resolved, key: schema.Key(d.text()), value: schema.Value{Valid: true, Digits: d.byte(), Text: d.text()}}
	case members:
		n := d.uvarint()
		for i := uint64(0); i < n && d.err == nil; i++ {
			member := d.cell()
			member.row = d.text()
			c.list = append(c.list, member)
		}
	}
	return c
}
