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

// snapshot reads inside one transaction on a connection of its own.
type snapshot struct {
	db   *DB
	conn *pgconn.PgConn
}

// View opens a read-only transaction. The SELECT takes the snapshot, so that
// the instant is now and not that of the first read.
func (db *DB) View(ctx context.Context) (database.Snapshot, error) {
	return db.view(ctx, viewSQL+"; SELECT 1")
}

// viewSQL begins a transaction that reads.
const viewSQL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// view is a snapshot that can be forked. A transaction cannot: nobody else sees
// what it has not committed.
type view struct {
	*snapshot
}

var (
	_ database.Counter = (*snapshot)(nil)
	_ database.Forker  = (*view)(nil)
)

func (db *DB) view(ctx context.Context, begin string) (database.Snapshot, error) {
	s, err := db.start(ctx, begin)
	if err != nil {
		return nil, err
	}
	return &view{snapshot: s}, nil
}

// Fork exports the snapshot to a new connection. The name by which that one
// finds it holds as long as this transaction; what was found holds as long as
// the other.
func (v *view) Fork(ctx context.Context) (database.Snapshot, error) {
	if v.conn == nil {
		return nil, errClosed
	}
	rows, err := query(ctx, v.conn, "SELECT pg_catalog.pg_export_snapshot()")
	if err != nil {
		return nil, fmt.Errorf("cannot fork the snapshot: %w", err)
	}
	fork, err := v.db.view(ctx, viewSQL+"; SET TRANSACTION SNAPSHOT "+literal(rows[0][0]))
	if err != nil {
		return nil, fmt.Errorf("cannot fork the snapshot: %w", err)
	}
	return fork, nil
}

// Count counts the rows that a Scan would yield.
func (s *snapshot) Count(ctx context.Context, t *schema.Table) (int64, error) {
	if s.conn == nil {
		return 0, errClosed
	}
	rows, err := query(ctx, s.conn, "SELECT count(*) FROM "+relation(s.db.place(t)))
	if err != nil {
		return 0, fmt.Errorf("cannot count the rows of table %q: %w", t.Name, plain(err))
	}
	return strconv.ParseInt(rows[0][0], 10, 64)
}

// beginSQL begins a transaction that writes.
const beginSQL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE; SET CONSTRAINTS ALL DEFERRED"

// Begin opens a transaction whose snapshot is not taken yet: neither BEGIN nor
// SET CONSTRAINTS nor LOCK takes one. The first statement that reads does.
func (db *DB) Begin(ctx context.Context) (database.Tx, error) {
	s, err := db.start(ctx, beginSQL)
	if err != nil {
		return nil, err
	}
	return &tx{snapshot: s}, nil
}

func (db *DB) start(ctx context.Context, begin string) (*snapshot, error) {
	conn, err := db.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := conn.Exec(ctx, begin).Close(); err != nil {
		hangUp(conn)
		return nil, fmt.Errorf("cannot begin a transaction: %w", err)
	}
	return &snapshot{db: db, conn: conn}, nil
}

// Name is "live".
func (*snapshot) Name() string { return "live" }

// Contents is nil: a database has a catalogue.
func (*snapshot) Contents() []schema.Content { return nil }

// Catalogue reads the catalogue in two round trips.
func (s *snapshot) Catalogue(ctx context.Context) (*schema.Catalogue, error) {
	if s.conn == nil {
		return nil, errClosed
	}
	c, err := readCatalogue(ctx, s.conn, s.db.system)
	if err != nil {
		return nil, fmt.Errorf("cannot read the catalogue: %w", err)
	}
	if s.db.scratch != "" {
		s.db.inScratch(c)
	}
	return c, nil
}

// Close ends the transaction by closing its connection.
func (s *snapshot) Close() error {
	if s.conn != nil {
		hangUp(s.conn)
		s.conn = nil
	}
	return nil
}

var errClosed = errors.New("the snapshot or transaction is closed")
