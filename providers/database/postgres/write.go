package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// stage is the temporary table that an Update's or a Delete's rows are copied
// to. It lives for one Write.
const stage = "pg_temp.edmsplan_stage"

// analyzeFrom is how many rows are worth telling the server's planner about.
const analyzeFrom = 1000

// Write sends all rows by COPY: inserts into the table itself, updates and
// deletes into a staging table that is then joined with it.
func (t *tx) Write(ctx context.Context, b schema.Batch) (int64, error) {
	if t.conn == nil {
		return 0, errClosed
	}
	b.Table = t.db.place(b.Table)
	var n int64
	var err error
	switch b.Op {
	case schema.Insert:
		n, err = t.copyIn(ctx, tableName(b.Table), b.Columns, b)
	case schema.Update, schema.Delete:
		n, err = t.writeStaged(ctx, b)
	default:
		err = fmt.Errorf("no such operation: %d", b.Op)
	}
	if err != nil {
		return 0, fmt.Errorf("cannot write to table %q: %w", b.Table.Name, err)
	}
	return n, nil
}

// copyIn copies the rows into the columns of a relation.
func (t *tx) copyIn(ctx context.Context, into string, columns []string, b schema.Batch) (int64, error) {
	if len(columns) == 0 {
		return 0, errors.New("no columns are given")
	}
	sql, binary := "COPY "+into+" ("+list(columns)+") FROM STDIN", binaryColumns(b)
	if binary != nil {
		sql += " (FORMAT binary)"
	}
	r := newCopyReader(b.Rows, len(columns), binary)
	tag, err := t.conn.CopyFrom(ctx, r, sql)
	if rowsErr := r.stop(); rowsErr != nil {
		return 0, rowsErr
	}
	if ended := ctx.Err(); err != nil && ended != nil {
		// The connection was closed under the copy, which may say only that.
		return 0, fmt.Errorf("%w: %w", ended, err)
	}
	if err != nil {
		return 0, judge(err, b.Table.Name)
	}
	return tag.RowsAffected(), nil
}

func (t *tx) writeStaged(ctx context.Context, b schema.Batch) (int64, error) {
	if len(b.Key) == 0 {
		return 0, errors.New("no key is given")
	}
	columns := b.Columns
	if b.Op == schema.Delete {
		columns = nil
	}
	keys, sets := prefixed("k", len(b.Key)), prefixed("c", len(columns))
	if err := t.conn.Exec(ctx, stageSQL(b.Table, b.Key, columns)).Close(); err != nil {
		return 0, fmt.Errorf("cannot make the staging table: %w", err)
	}
	staged, err := t.copyIn(ctx, stage, append(keys, sets...), b)
	if err != nil {
		return 0, err
	}
	if staged >= analyzeFrom {
		if err := t.conn.Exec(ctx, "ANALYZE "+stage).Close(); err != nil {
			return 0, fmt.Errorf("cannot analyze the staging table: %w", err)
		}
	}
	n, err := t.applyStaged(ctx, b, columns)
	if err != nil {
		return 0, judge(err, b.Table.Name)
	}
	return n, nil
}

func (t *tx) applyStaged(ctx context.Context, b schema.Batch, columns []string) (int64, error) {
	if b.Op == schema.Update && len(columns) == 0 {
		return 0, errors.New("no columns are given")
	}
	var sql strings.Builder
	if b.Op == schema.Delete {
		sql.WriteString("DELETE FROM " + relation(b.Table) + " AS t USING " + stage + " AS s")
	} else {
		sql.WriteString("UPDATE " + relation(b.Table) + " AS t SET ")
		for i, c := range columns {
			if i > 0 {
				sql.WriteString(", ")
			}
			fmt.Fprintf(&sql, "%s = s.c%d", quote(c), i)
		}
		sql.WriteString(" FROM " + stage + " AS s")
	}
	for i, k := range b.Key {
		word := " AND"
		if i == 0 {
			word = " WHERE"
		}
		fmt.Fprintf(&sql, "%s t.%s = s.k%d", word, quote(k), i)
	}
	return first(ctx, t.conn, sql.String()+"; DROP TABLE "+stage)
}

// stageSQL makes the staging table with the types of the target's columns. Its
// own names k0, c0 allow a column to be both key and changed.
func stageSQL(table *schema.Table, key, columns []string) string {
	var b strings.Builder
	b.WriteString("CREATE TEMPORARY TABLE edmsplan_stage ON COMMIT DROP AS SELECT ")
	for i, k := range key {
		fmt.Fprintf(&b, "%s AS k%d, ", quote(k), i)
	}
	for i, c := range columns {
		fmt.Fprintf(&b, "%s AS c%d, ", quote(c), i)
	}
	return strings.TrimSuffix(b.String(), ", ") + " FROM " + relation(table) + " WITH NO DATA"
}

func prefixed(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return out
}
