package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/ahead"
)

var errClosed = errors.New("the snapshot is closed")

// view is a snapshot: an open read transaction on its own connection.
type view struct {
	file   *file
	conn   *conn
	closed bool
}

var (
	_ database.Counter = (*view)(nil)
	_ database.Counter = (*tx)(nil)
)

func (v *view) Name() string               { return "live" }
func (v *view) Contents() []schema.Content { return nil }

func (v *view) Catalogue(ctx context.Context) (*schema.Catalogue, error) {
	if v.closed {
		return nil, errClosed
	}
	return v.file.catalogue(ctx, v.conn)
}

func (v *view) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	if v.closed {
		return failing(errClosed)
	}
	return v.conn.scan(ctx, s)
}

// Count counts the rows that a Scan would yield. There is no Fork beside it: a
// connection takes the newest state, and the driver cannot put it on another.
func (v *view) Count(ctx context.Context, t *schema.Table) (int64, error) {
	if v.closed {
		return 0, errClosed
	}
	n, err := v.conn.count(ctx, t)
	return n, translate(err)
}

// Close ends the snapshot with its connection.
func (v *view) Close() error {
	if v.closed {
		return nil
	}
	v.closed = true
	return v.conn.close()
}

func failing(err error) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) { yield(nil, err) }
}

// scan yields the selected rows.
func (c *conn) scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	sql, codecs, err := selection(s)
	if err != nil {
		return failing(err)
	}
	return func(yield func(*schema.Record, error) bool) {
		rec := schema.Record{Fields: make([]schema.Field, len(s.Columns))}
		for i, name := range s.Columns {
			rec.Fields[i].Name = name
		}
		for b := range ahead.Run(c.batches(ctx, sql, max(1, len(codecs))), depth) {
			for row := range slices.Chunk(b.values, max(1, len(codecs))) {
				for i, codec := range codecs {
					rec.Fields[i].Value = schema.Literal{}
					if row[i] != nil {
						rec.Fields[i].Value = schema.Literal{Kind: schema.CanonicalLiteral, Text: codec.decode(row[i])}
					}
				}
				if !yield(&rec, nil) {
					return
				}
			}
			if b.err != nil {
				yield(nil, fmt.Errorf("cannot read table %q: %w", s.Table.Name, translate(b.err)))
				return
			}
		}
	}
}

// batch is rows that follow each other, and why no more do where that is an
// error.
type batch struct {
	values []driver.Value
	err    error
}

const (
	// depth is how many batches wait to be decoded: to step through the rows
	// takes the driver longer than anything else that is done with them.
	depth = 2
	// batchRows and batchBytes end a batch, whichever comes first.
	batchRows  = 128
	batchBytes = 64 << 10
)

// batches yields the rows of a statement with so many columns, to run ahead.
func (c *conn) batches(ctx context.Context, sql string, columns int) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		var turns [depth + 2][]driver.Value
		turn, size := 0, 0
		for row, err := range c.query(ctx, sql) {
			if err != nil {
				yield(batch{turns[turn], err})
				return
			}
			turns[turn] = append(turns[turn], row[:columns]...)
			for _, v := range row {
				size += length(v)
			}
			if len(turns[turn]) < batchRows*columns && size < batchBytes {
				continue
			}
			if !yield(batch{values: turns[turn]}) {
				return
			}
			turn, size = (turn+1)%len(turns), 0
			clear(turns[turn])
			turns[turn] = turns[turn][:0]
		}
		yield(batch{values: turns[turn]})
	}
}

// length is that of a text or of bytes.
func length(v driver.Value) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 0
}

// count returns the number of the table's rows.
func (c *conn) count(ctx context.Context, t *schema.Table) (int64, error) {
	row, err := c.one(ctx, "SELECT count(*) FROM "+quote(relation(t)))
	if err != nil {
		return 0, fmt.Errorf("cannot count the rows of table %q: %w", t.Name, err)
	}
	return number(row[0]), nil
}

// selection is the statement for a Selection, with a codec for each column.
func selection(s schema.Selection) (string, []codec, error) {
	if s.Table == nil {
		return "", nil, errors.New("the selection names no table")
	}
	codecs, err := codecsFor(s.Table, s.Columns)
	if err != nil {
		return "", nil, err
	}
	// With + before it a column has no declared type, so that the driver leaves
	// its values alone: it would parse dates.
	what := quoteAll("+", s.Columns)
	if what == "" {
		what = "NULL"
	}
	var sql strings.Builder
	sql.WriteString("SELECT " + what + " FROM " + quote(relation(s.Table)))
	for i, name := range s.OrderBy {
		if s.Table.Column(name) == nil {
			return "", nil, fmt.Errorf("table %q has no column %q", s.Table.Name, name)
		}
		sql.WriteString(map[bool]string{true: " ORDER BY ", false: ", "}[i == 0] + quote(name))
		if s.Descending {
			sql.WriteString(" DESC")
		}
	}
	if s.Limit > 0 {
		sql.WriteString(" LIMIT " + strconv.Itoa(s.Limit))
	}
	return sql.String(), codecs, nil
}

// codecsFor are the codecs of some columns. A name that the table does not
// have must not reach SQLite, which takes "name" for a string then.
func codecsFor(t *schema.Table, columns []string) ([]codec, error) {
	out := make([]codec, len(columns))
	for i, name := range columns {
		c := t.Column(name)
		if c == nil {
			return nil, fmt.Errorf("table %q has no column %q", t.Name, name)
		}
		out[i] = codecFor(c.Type)
	}
	return out, nil
}

// relation is the table's name in the database: its Name as a whole, since
// there are no schemas. A table hr.people that comes from another database is
// so told from people.
func relation(t *schema.Table) string { return t.Name }
