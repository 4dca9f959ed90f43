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
		// Without parameters and result formats: everything comes as text.
		rows := s.conn.ExecParams(ctx, selectSQL(sel), nil, nil, nil, nil)
		// Also when yield panics.
		defer func() { _, _ = rows.Close() }()

		rec := &schema.Record{Fields: make([]schema.Field, len(sel.Columns))}
		for i, c := range sel.Columns {
			rec.Fields[i].Name = c
		}
		var buf []byte
		for rows.NextRow() {
			buf = fill(rec, rows.Values(), buf[:0])
			if !yield(rec, nil) {
				return
			}
		}
		if _, err := rows.Close(); err != nil {
			yield(nil, fmt.Errorf("cannot read table %q: %w", sel.Table.Name, plain(err)))
		}
	}
}

// fill puts a row's values into the record. All of them share one string.
func fill(rec *schema.Record, row [][]byte, buf []byte) []byte {
	for _, v := range row {
		buf = append(buf, v...)
	}
	text := string(buf)
	for i, v := range row {
		if v == nil {
			rec.Fields[i].Value = schema.Literal{}
			continue
		}
		rec.Fields[i].Value = schema.Literal{Kind: schema.CanonicalLiteral, Text: text[:len(v)]}
		text = text[len(v):]
	}
	return buf
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
