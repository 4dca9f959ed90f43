package postgres

import (
	"context"
	"errors"
	"fmt"

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
	s, err := db.start(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1")
	if err != nil {
		return nil, err
	}
	return s, nil
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
