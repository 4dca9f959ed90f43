package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// holdersWait bounds the question who holds a lock: it is a courtesy.
const holdersWait = 3 * time.Second

// Lock takes SHARE ROW EXCLUSIVE on each table in the order of their names, so
// that two applies cannot deadlock. That mode lets readers read, keeps writers
// out and conflicts with itself.
func (t *tx) Lock(ctx context.Context, tables []*schema.Table, wait time.Duration) error {
	if t.conn == nil {
		return errClosed
	}
	if len(tables) == 0 {
		return nil
	}
	began := time.Now()
	err := t.conn.Exec(ctx, lockSQL(tables, wait)).Close()
	if err == nil {
		return nil
	}
	if !heldByOther(ctx, err, wait, time.Since(began)) {
		return fmt.Errorf("cannot lock the tables: %w", err)
	}
	// The locks that were had must not show up among those in the way.
	own := t.conn.PID()
	_ = t.Close()
	return &lockError{holders: t.db.holders(ctx, tables, own), cause: err}
}

func lockSQL(tables []*schema.Table, wait time.Duration) string {
	names := make([]string, 0, len(tables))
	for _, t := range tables {
		names = append(names, relation(t))
	}
	slices.Sort(names)
	lock := "LOCK TABLE " + strings.Join(slices.Compact(names), ", ") + " IN SHARE ROW EXCLUSIVE MODE"
	switch {
	case wait < 0:
		return lock
	case wait < time.Millisecond: // a limit of 0 would mean none
		return lock + " NOWAIT"
	}
	// lock_timeout begins anew with each table; statement_timeout bounds all.
	ms := wait.Milliseconds()
	return fmt.Sprintf("SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = %d; %s; "+
		"SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0", ms, ms, lock)
}

// heldByOther reports whether the lock failed because another client has it:
// lock_not_available, deadlock_detected, or the statement's time was up.
func heldByOther(ctx context.Context, err error, wait, took time.Duration) bool {
	var e *pgconn.PgError
	if ctx.Err() != nil || !errors.As(err, &e) {
		return false
	}
	return e.Code == "55P03" || e.Code == "40P01" || e.Code == "57014" && wait >= 0 && took >= wait
}

// lockError says who is in the way.
type lockError struct {
	holders []string
	cause   error
}

func (e *lockError) Error() string {
	if len(e.holders) == 0 {
		return database.ErrLocked.Error()
	}
	return database.ErrLocked.Error() + ": " + strings.Join(e.holders, "; ")
}

func (e *lockError) Unwrap() []error { return []error{database.ErrLocked, e.cause} }

// holders asks on a connection of its own who holds locks on the tables that
// conflict with ours. It returns nothing when it cannot tell.
func (db *DB) holders(ctx context.Context, tables []*schema.Table, own uint32) []string {
	ctx, cancel := context.WithTimeout(ctx, holdersWait)
	defer cancel()
	conn, err := db.connect(ctx)
	if err != nil {
		return nil
	}
	defer hangUp(conn)
	names := make([]string, 0, len(tables))
	for _, t := range tables {
		names = append(names, literal(relation(t)))
	}
	rows, err := query(ctx, conn, fmt.Sprintf(`
SELECT c.relname, l.pid, coalesce(a.application_name, ''), coalesce(a.usename, '')
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation' AND l.pid NOT IN (%d, pg_catalog.pg_backend_pid())
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
AND l.relation IN (SELECT pg_catalog.to_regclass(n) FROM unnest(ARRAY[%s]) n)
AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
	'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2 LIMIT 10`, own, strings.Join(names, ", ")))
	if err != nil {
		return nil
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprintf("table %q is held by process %s (application %q, user %q)", r[0], r[1], r[2], r[3])
	}
	return out
}
