package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// tx is a snapshot that writes.
type tx struct {
	*snapshot
	// alone says that no other transaction of ours can have its locks.
	alone bool
	// aside is what SetAside dropped, nil when there is nothing.
	aside *suspended
}

var (
	_ database.Tx      = (*tx)(nil)
	_ database.Querier = (*tx)(nil)
	_ database.Judger  = (*tx)(nil)
)

// Commit judges the deferred constraints first, on their own, so that their
// error is told from one of the commit itself.
func (t *tx) Commit(ctx context.Context) error {
	if t.conn == nil {
		return errClosed
	}
	defer func() { _ = t.Close() }()
	if t.aside != nil {
		return errors.New("cannot commit: indexes and foreign keys are still set aside")
	}
	if err := t.Judge(ctx); err != nil {
		return fmt.Errorf("cannot commit: %w", err)
	}
	results, err := t.conn.Exec(ctx, "COMMIT").ReadAll()
	if err != nil {
		return fmt.Errorf("cannot commit: %w", judge(err, ""))
	}
	// COMMIT of a failed transaction is a ROLLBACK without an error.
	if tag := results[0].CommandTag.String(); tag != "COMMIT" {
		return errors.New("cannot commit: the database rolled back")
	}
	return nil
}

// Judge judges the deferred constraints and runs the deferred triggers.
func (t *tx) Judge(ctx context.Context) error {
	if t.conn == nil {
		return errClosed
	}
	if err := t.conn.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE").Close(); err != nil {
		return judge(err, "")
	}
	return nil
}

// Advance moves the sequence with setval, which no rollback takes back; a
// transaction that is rolled back leaves a gap, nothing worse.
func (t *tx) Advance(ctx context.Context, table *schema.Table, column string, last int64) error {
	if t.conn == nil {
		return errClosed
	}
	c := table.Column(column)
	if c == nil || c.Sequence == nil || c.Sequence.Name == "" {
		return fmt.Errorf("cannot advance: column %q of table %q has no sequence", column, table.Name)
	}
	if t.db.place(table) != table {
		return fmt.Errorf("cannot advance: table %q is not described by the catalogue of the scratch schema", table.Name)
	}
	// The name comes quoted from the catalogue, see sequencesSQL.
	n := strconv.FormatInt(last, 10)
	_, err := query(ctx, t.conn, "SELECT pg_catalog.setval("+literal(c.Sequence.Name)+", "+n+", true) FROM "+c.Sequence.Name+
		" WHERE CASE WHEN is_called THEN last_value < "+n+" ELSE last_value <= "+n+" END")
	if err != nil {
		return fmt.Errorf("cannot advance sequence %s: %w", c.Sequence.Name, judge(err, table.Name))
	}
	return nil
}

// first runs statements and returns the number of rows that the first one
// wrote.
func first(ctx context.Context, conn *pgconn.PgConn, sql string) (int64, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return 0, err
	}
	return results[0].CommandTag.RowsAffected(), nil
}
