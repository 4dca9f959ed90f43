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

// Lock takes the one lock that two applies of the same database cannot both
// have, and then SHARE ROW EXCLUSIVE on each table in the order of their
// names, so that nothing can deadlock. That mode lets readers read, keeps
// writers out and conflicts with itself.
func (t *tx) Lock(ctx context.Context, tables []*schema.Table, wait time.Duration) error {
	if t.conn == nil {
		return errClosed
	}
	placed := make([]*schema.Table, len(tables))
	for i, table := range tables {
		placed[i] = t.db.place(table)
	}
	tables = placed
	began := time.Now()
	if err := t.exclude(ctx, wait); err != nil {
		return t.locked(ctx, err, wait, time.Since(began), ourHolder)
	}
	if len(tables) == 0 {
		return nil
	}
	if wait > 0 {
		// Whole milliseconds, as the server counts them.
		wait = max((wait - time.Since(began)).Truncate(time.Millisecond), time.Millisecond)
	}
	began = time.Now()
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = tableName(table)
	}
	if err := t.conn.Exec(ctx, lockSQL(names, "SHARE ROW EXCLUSIVE", wait)).Close(); err != nil {
		return t.locked(ctx, err, wait, time.Since(began), tableHolders(names, false))
	}
	return nil
}

// locked closes the transaction that did not get its locks and says who has
// them: the answer to the question that holders asks.
func (t *tx) locked(ctx context.Context, err error, wait, took time.Duration, holders string) error {
	if !heldByOther(ctx, err, wait, took) {
		return fmt.Errorf("cannot lock the tables: %w", err)
	}
	// The locks that were had must not show up among those in the way.
	_ = t.Close()
	return &lockError{holders: t.db.holders(ctx, holders), cause: err}
}

// lockSQL locks tables whose names are spelt for SQL.
func lockSQL(names []string, mode string, wait time.Duration) string {
	names = slices.Sorted(slices.Values(names))
	lock := "LOCK TABLE " + strings.Join(slices.Compact(names), ", ") + " IN " + mode + " MODE"
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

// holders asks on a connection of its own who holds what we want. It returns
// nothing when it cannot tell. The rows of the question are what is held, and
// by which process.
func (db *DB) holders(ctx context.Context, question string) []string {
	ctx, cancel := context.WithTimeout(ctx, holdersWait)
	defer cancel()
	conn, err := db.connect(ctx)
	if err != nil {
		return nil
	}
	defer hangUp(conn)
	rows, err := query(ctx, conn, fmt.Sprintf(`
SELECT DISTINCT h.what, h.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''),
	coalesce(to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '')
FROM (%s) h (what, pid)
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid
WHERE h.pid <> pg_catalog.pg_backend_pid() ORDER BY 1, 2 LIMIT 10`, question))
	if err != nil {
		return nil
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprintf("%s is held by process %s (application %q, user %q", r[0], r[1], r[2], r[3])
		if r[4] != "" {
			out[i] += ", since " + r[4] + " UTC"
		}
		out[i] += ")"
	}
	return out
}

// tableHolders asks who holds locks on the tables that conflict with ours:
// those of writers, and of readers if we keep them out.
func tableHolders(names []string, readers bool) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = literal(n)
	}
	modes := `'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'`
	if readers {
		modes += `, 'AccessShareLock', 'RowShareLock'`
	}
	return fmt.Sprintf(`
SELECT 'table "' || c.relname || '"', l.pid
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.granted AND l.locktype = 'relation'
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
AND l.relation IN (SELECT pg_catalog.to_regclass(n) FROM unnest(ARRAY[%s]) n)
AND l.mode IN (%s)`, strings.Join(quoted, ", "), modes)
}
