package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ourLock is the advisory lock that a transaction of ours holds, one at a time
// in each database: "edms" and "plan" as two numbers.
const ourLock = "1701080435, 1886151022"

// ourHolder asks who holds it.
const ourHolder = `
SELECT 'the database', l.pid FROM pg_catalog.pg_locks l
WHERE l.granted AND l.locktype = 'advisory' AND l.classid = 1701080435 AND l.objid = 1886151022 AND l.objsubid = 2
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`

// exclude keeps every other transaction that locks out. The lock is taken
// outside the transaction, which begins anew after it: to ask for it inside
// would take the transaction's snapshot before the wait, and what another
// apply commits meanwhile would not be seen. It belongs to the connection,
// which ends with the transaction.
func (t *tx) exclude(ctx context.Context, wait time.Duration) error {
	if t.alone || t.db.scratch != "" {
		return nil // nobody else knows of a scratch schema
	}
	steps := []string{"ROLLBACK", "SELECT pg_catalog.pg_advisory_lock(" + ourLock + ")"}
	switch {
	case wait >= 0 && wait < time.Millisecond: // a limit of 0 would mean none
		steps[1] = ""
	case wait > 0:
		steps = []string{"ROLLBACK", fmt.Sprintf("SET lock_timeout = %d", wait.Milliseconds()), steps[1], "SET lock_timeout = 0"}
	}
	for _, sql := range append(steps, beginSQL) {
		if sql == "" {
			if err := t.tryExclude(ctx); err != nil {
				return err
			}
			continue
		}
		if err := t.conn.Exec(ctx, sql).Close(); err != nil {
			return err
		}
	}
	t.alone = true
	return nil
}

// tryExclude takes the lock if it is free.
func (t *tx) tryExclude(ctx context.Context) error {
	rows, err := query(ctx, t.conn, "SELECT pg_catalog.pg_try_advisory_lock("+ourLock+")")
	if err == nil && rows[0][0] != "t" {
		err = &pgconn.PgError{Severity: "ERROR", Code: "55P03", Message: "the lock is held"}
	}
	return err
}
