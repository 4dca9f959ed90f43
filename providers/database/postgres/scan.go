package postgres

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// Scan streams the rows as the server prints them. A caller that stops early
// pays for reading the rest of the result, which keeps the connection usable.
func (s *snapshot) Scan(ctx context.Context, sel schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		if s.conn == nil {
			yield(nil, errClosed)
			return
		}
		sel.Table = s.db.place(sel.Table)
		if sel.KeyOrder && len(sel.OrderBy) == 0 {
			var err error
			if sel.OrderBy, err = s.keyOrder(ctx, sel.Table); err != nil {
				yield(nil, err)
				return
			}
		}
		printers, formats := printers(sel.Table, sel.Columns)
		rows := s.conn.ExecParams(ctx, selectSQL(sel), nil, nil, nil, formats)
		// Also when yield panics.
		defer func() { _, _ = rows.Close() }()
		if err := check(printers, rows.FieldDescriptions()); err != nil {
			yield(nil, fmt.Errorf("cannot read table %q: %w", sel.Table.Name, err))
			return
		}

		rec := &schema.Record{Fields: make([]schema.Field, len(sel.Columns))}
		for i, c := range sel.Columns {
			rec.Fields[i].Name = c
		}
		var block strings.Builder
		var printed []byte
		for rows.NextRow() {
			row := rows.Values()
			printed = printAll(row, printers, printed[:0])
			fill(rec, row, &block)
			if !yield(rec, nil) {
				return
			}
		}
		if _, err := rows.Close(); err != nil {
			yield(nil, fmt.Errorf("cannot read table %q: %w", sel.Table.Name, plain(err)))
		}
	}
}

// keyOrderSQL says whether it is cheap to read a table in the order of its
// primary key: where it is small, or lies nearly so by its statistics. Else the
// server would sort it, or go to and fro in it.
const keyOrderSQL = `
SELECT c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) <= %d OR coalesce(s.correlation, 0) > 0.9
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = %s AND NOT s.inherited
WHERE c.oid = %s::regclass`

// keyOrder is the primary key to order the table's rows by, nil where that
// costs.
func (s *snapshot) keyOrder(ctx context.Context, t *schema.Table) ([]string, error) {
	if len(t.PrimaryKey) != 1 {
		return nil, nil
	}
	rows, err := query(ctx, s.conn, fmt.Sprintf(keyOrderSQL, smallTable, literal(t.PrimaryKey[0]), literal(tableName(t))))
	if err != nil {
		return nil, fmt.Errorf("cannot read the statistics of table %q: %w", t.Name, plain(err))
	}
	if len(rows) != 1 || rows[0][0] != "t" {
		return nil, nil
	}
	return t.PrimaryKey, nil
}

// printAll puts the texts of a row's values in the place of those in the binary
// format.
func printAll(row [][]byte, printers []printer, b []byte) []byte {
	for i, v := range row {
		if printers[i] != nil && v != nil {
			from := len(b)
			b = printers[i](b, v)
			row[i] = b[from:]
		}
	}
	return b
}

// blockBytes is how long the strings are that rows share: fewer are to be made,
// and who keeps a value keeps little besides.
const blockBytes = 4 << 10

// fill puts a row's values into the record. They are parts of what the block
// holds, or of that of a new one when it is full.
func fill(rec *schema.Record, row [][]byte, block *strings.Builder) {
	size := 0
	for _, v := range row {
		size += len(v)
	}
	if block.Cap()-block.Len() < size {
		block.Reset()
		block.Grow(max(size, blockBytes))
	}
	from := block.Len()
	for _, v := range row {
		block.Write(v)
	}
	text := block.String()[from:]
	for i, v := range row {
		if v == nil {
			rec.Fields[i].Value = schema.Literal{}
			continue
		}
		rec.Fields[i].Value = schema.Literal{Kind: schema.CanonicalLiteral, Text: text[:len(v)]}
		text = text[len(v):]
	}
}

func selectSQL(sel schema.Selection) string {
	var b strings.Builder
	b.WriteString("SELECT " + list(sel.Columns) + " FROM " + relation(sel.Table))
	for i, c := range sel.OrderBy {
		if i == 0 {
			b.WriteString(" ORDER BY ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(order(sel.Table, c, sel.Descending))
	}
	if sel.Limit > 0 {
		b.WriteString(" LIMIT " + strconv.Itoa(sel.Limit))
	}
	return b.String()
}

// order sorts the same way on every database: texts by their bytes whatever
// the locale, null as the least value.
func order(t *schema.Table, column string, descending bool) string {
	sql := quote(column)
	c := t.Column(column)
	if c != nil && c.Type.Kind == schema.Text {
		sql += ` COLLATE "C"`
	}
	nullable := c == nil || !c.NotNull
	switch {
	case descending && nullable:
		return sql + " DESC NULLS LAST"
	case descending:
		return sql + " DESC"
	case nullable:
		return sql + " NULLS FIRST"
	}
	return sql
}
