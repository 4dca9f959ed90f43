package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "modernc.org/sqlite" // the driver
)

// load fills the tables, sets their sequences and lets the server's planner
// know.
func load(ctx context.Context, url string, all []*table, changed bool) error {
	c, err := pgconn.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	if err := c.Exec(ctx, "BEGIN").Close(); err != nil {
		return err
	}
	for _, t := range all {
		if err := copyIn(ctx, c, t, changed); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		set := fmt.Sprintf("SELECT setval('%s_id_seq', %d)", t.name, t.rows)
		if err := c.Exec(ctx, set).Close(); err != nil {
			return err
		}
	}
	if err := c.Exec(ctx, "COMMIT").Close(); err != nil {
		return err
	}
	return c.Exec(ctx, "VACUUM ANALYZE").Close()
}

func copyIn(ctx context.Context, c *pgconn.PgConn, t *table, changed bool) error {
	r, w := io.Pipe()
	defer func() { _ = r.Close() }() // ends the writer too
	go func() {
		b := bufio.NewWriterSize(w, 1<<20)
		err := writeCopy(b, t, changed)
		if err == nil {
			err = b.Flush()
		}
		w.CloseWithError(err)
	}()
	_, err := c.CopyFrom(ctx, r, "COPY "+t.name+" FROM STDIN")
	return err
}

func loadSQLite(ctx context.Context, path string, all []*table) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, "PRAGMA synchronous = OFF; "+schemaFor("sqlite")); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, t := range all {
		if err := insert(ctx, tx, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return tx.Commit()
}

func insert(ctx context.Context, tx *sql.Tx, t *table) error {
	st, err := tx.PrepareContext(ctx, "INSERT INTO "+t.name+" VALUES (?"+strings.Repeat(", ?", len(t.columns))+")")
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	var r row
	args := make([]any, len(t.columns)+1)
	for i := range t.rows {
		t.make(i, &r, false)
		args[0] = i + 1
		for n, c := range r.cells {
			args[n+1] = c.argument()
		}
		if _, err := st.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}
