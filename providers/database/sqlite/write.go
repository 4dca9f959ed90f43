package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Write writes a batch.
func (t *tx) Write(ctx context.Context, b schema.Batch) (n int64, err error) {
	err = t.do(ctx, writing, func() error {
		w, err := newWriter(t.conn, b)
		if err != nil {
			return err
		}
		n, err = w.run(ctx, b)
		if err != nil {
			return fmt.Errorf("cannot write to table %q: %w%s", b.Table.Name, translate(err), t.conn.explain(ctx, err))
		}
		return nil
	})
	return n, err
}

// variables is how many a statement has at most: more do not make it faster,
// and SQLite allows 32766.
const variables = 500

// writer writes the rows of one batch, several to a statement when they are
// inserted.
type writer struct {
	conn   *conn
	table  string
	names  []string // of the values of a row
	codecs []codec
	one    string // the statement for one row
	many   string // the statement for chunk rows
	chunk  int
	rows   []driver.Value // the values gathered for the next statement
	named  []driver.NamedValue
}

func newWriter(c *conn, b schema.Batch) (*writer, error) {
	if b.Table == nil {
		return nil, errors.New("the batch names no table")
	}
	w := &writer{conn: c, table: b.Table.Name, chunk: 1}
	switch {
	case b.Op == schema.Insert:
		w.names = b.Columns
		w.insert(b)
	case len(b.Key) == 0, b.Op == schema.Update && len(b.Columns) == 0:
		return nil, fmt.Errorf("the batch for table %q has no key or no columns", w.table)
	case b.Op == schema.Update:
		w.names = append(append(w.names, b.Key...), b.Columns...)
		w.one = "UPDATE OR ABORT " + quote(relation(b.Table)) + " SET " + assignments(b.Columns, len(b.Key), ", ", "=") +
			" WHERE " + assignments(b.Key, 0, " AND ", "IS")
	case b.Op == schema.Delete:
		w.names = b.Key
		w.one = "DELETE FROM " + quote(relation(b.Table)) + " WHERE " + assignments(b.Key, 0, " AND ", "IS")
	default:
		return nil, fmt.Errorf("unknown operation %d", b.Op)
	}
	var err error
	w.codecs, err = codecsFor(b.Table, w.names)
	return w, err
}

// insert makes the statements that insert. OR ABORT overrules what a table's
// own constraints may say, such as ON CONFLICT REPLACE, which would remove
// other rows without a word.
func (w *writer) insert(b schema.Batch) {
	into := "INSERT OR ABORT INTO " + quote(relation(b.Table))
	if len(b.Columns) == 0 {
		w.one = into + " DEFAULT VALUES"
		return
	}
	row := "(?" + strings.Repeat(", ?", len(b.Columns)-1) + ")"
	into += " (" + quoteAll("", b.Columns) + ") VALUES "
	w.one = into + row
	w.chunk = max(1, variables/len(b.Columns))
	w.many = into + row + strings.Repeat(", "+row, w.chunk-1)
}

// assignments are "a" = ?2, "b" = ?3 …, numbered from the offset on.
func assignments(names []string, offset int, separator, operator string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("%s %s ?%d", quote(n), operator, offset+i+1)
	}
	return strings.Join(parts, separator)
}

// run writes all rows and returns how many SQLite says it wrote.
func (w *writer) run(ctx context.Context, b schema.Batch) (total int64, err error) {
	one, err := w.conn.prepare(ctx, w.one)
	if err != nil {
		return 0, err
	}
	defer one.close(&err)
	many := one
	if w.chunk > 1 {
		if many, err = w.conn.prepare(ctx, w.many); err != nil {
			return 0, err
		}
		defer many.close(&err)
	}
	size, held := len(w.names), 0
	for values, err := range b.Rows {
		if err != nil {
			return total, err
		}
		if err := w.add(values); err != nil {
			return total, err
		}
		if held++; held < w.chunk {
			continue
		}
		n, err := w.flush(ctx, many, w.rows)
		if err != nil {
			return total, err
		}
		total, held, w.rows = total+n, 0, w.rows[:0]
	}
	for i := range held {
		n, err := w.flush(ctx, one, w.rows[i*size:(i+1)*size])
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// add gathers a row.
func (w *writer) add(values []schema.Value) error {
	if len(values) != len(w.codecs) {
		return fmt.Errorf("a row has %d values for %d columns", len(values), len(w.codecs))
	}
	for i, v := range values {
		if !v.Valid {
			w.rows = append(w.rows, nil)
			continue
		}
		stored, err := w.codecs[i].encode(v.Text)
		if err != nil {
			return fmt.Errorf("%w: column %q: %w", database.ErrConstraint, w.names[i], err)
		}
		w.rows = append(w.rows, stored)
	}
	return nil
}

func (w *writer) flush(ctx context.Context, s *statement, values []driver.Value) (int64, error) {
	w.named = named(w.named, values)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	res, err := s.exec.ExecContext(ctx, w.named)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// statement is a prepared statement.
type statement struct {
	stmt driver.Stmt
	exec driver.StmtExecContext
}

func (c *conn) prepare(ctx context.Context, sql string) (*statement, error) {
	s, err := c.raw.PrepareContext(ctx, sql)
	if err != nil {
		return nil, err
	}
	e, ok := s.(driver.StmtExecContext)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks an interface"), s.Close())
	}
	return &statement{stmt: s, exec: e}, nil
}

// close closes the statement; its error counts when there is no other.
func (s *statement) close(err *error) {
	if e := s.stmt.Close(); *err == nil {
		*err = e
	}
}
