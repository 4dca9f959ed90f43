// Package postgres is the adapter of providers/database to PostgreSQL 12 and
// later. It speaks to the server through pgconn in the text format, which is
// schema.Value's canonical form, so that values pass through unchanged.
//
// A test that needs a server takes one from the package pgtest below.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
)

// session is what every connection sets first. The output settings make the
// server print the canonical form, and those that decide how it reads a text are
// the same wherever that was printed. Limits that an administrator set for
// ordinary clients do not apply, as in pg_dump: a plan may take its time. Row
// security that would hide rows is an error instead, as in pg_dump.
const session = `
SET client_encoding = 'UTF8';
SET DateStyle = 'ISO';
SET TimeZone = 'UTC';
SET IntervalStyle = 'iso_8601';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET standard_conforming_strings = on;
SET statement_timeout = 0;
SET lock_timeout = 0;
SET array_nulls = on;
SET xmloption = content;
SET lc_monetary = 'C';
SET idle_in_transaction_session_timeout = 0;
SET row_security = off;
SET application_name = 'edmsplan'`

// closeWait is how long Close waits for the server to take notice.
const closeWait = 5 * time.Second

// DB is a PostgreSQL database. It keeps no connection of its own: each View
// and each Begin makes one.
type DB struct {
	config *pgconn.Config
	// system is the cluster's identifier, empty where the role may not ask.
	system string
	// scratch is the one schema that this is about, empty for the database.
	scratch string
}

var _ database.Database = (*DB)(nil)

// Open checks that the database can be reached and returns it. The url begins
// with postgres:// or postgresql://; what it leaves out comes from the PG*
// environment variables. No error quotes the url, which may hold a password.
func Open(ctx context.Context, url string) (database.Database, error) {
	db, err := connectTo(ctx, url)
	if err != nil {
		return nil, err // and not a database that is a nil *DB
	}
	return db, nil
}

func connectTo(ctx context.Context, url string) (*DB, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, errors.New("not a PostgreSQL URL: want postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		// The cause may quote a part of the password that was not encoded.
		return nil, errors.New("cannot read the PostgreSQL URL: want postgres://USER:PASSWORD@HOST:PORT/DATABASE " +
			"with special characters percent-encoded")
	}
	config.AfterConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		return c.Exec(ctx, session).Close()
	}
	db := &DB{config: config}
	conn, err := db.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer hangUp(conn)
	db.system, err = systemIdentifier(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("cannot identify the PostgreSQL server: %w", err)
	}
	return db, nil
}

// Close has nothing to release.
func (db *DB) Close() error { return nil }

func (db *DB) connect(ctx context.Context) (*pgconn.PgConn, error) {
	conn, err := pgconn.ConnectConfig(ctx, db.config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to PostgreSQL: %w", err)
	}
	return conn, nil
}

// hangUp closes a connection and waits until nothing of it is left. The server
// rolls an open transaction back.
func hangUp(conn *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	_ = conn.Close(ctx) // the connection is gone either way
	select {
	case <-conn.CleanupDone():
	case <-ctx.Done():
	}
}

// query runs a statement without parameters and returns its rows as text,
// NULL as "".
func query(ctx context.Context, conn *pgconn.PgConn, sql string) ([][]string, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(results) == 0 {
		return nil, nil
	}
	return texts(results[0]), nil
}

func texts(r *pgconn.Result) [][]string {
	out := make([][]string, len(r.Rows))
	for i, row := range r.Rows {
		out[i] = make([]string, len(row))
		for j, v := range row {
			out[i][j] = string(v)
		}
	}
	return out
}
