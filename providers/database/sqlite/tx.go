package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// stage is how far a transaction is.
type stage uint8

const (
	idle    stage = iota // no lock, no snapshot
	reading              // has a snapshot
	writing              // has the write lock, or takes it with the next statement
	ended                // rolled back or committed
)

// tx is a transaction on its own connection.
type tx struct {
	file *file
	conn *conn
	// life is the context of Begin: when it ends, so does the transaction.
	life     context.Context //nolint:containedctx // the seam's contract
	stage    stage
	closed   bool
	patience time.Duration // how long a commit waits for readers, negative for ever
}

// Begin opens a transaction that holds nothing until it is used.
func (f *file) Begin(ctx context.Context) (database.Tx, error) {
	c, err := connect(ctx, f.path, "rw", f.pragmas...)
	if err != nil {
		return nil, fmt.Errorf("cannot begin: %w", err)
	}
	return &tx{file: f, conn: c, life: ctx, patience: patience}, nil
}

func (t *tx) Name() string               { return "live" }
func (t *tx) Contents() []schema.Content { return nil }

func (t *tx) Catalogue(ctx context.Context) (cat *schema.Catalogue, err error) {
	err = t.do(ctx, reading, func() error {
		cat, err = t.file.catalogue(ctx, t.conn)
		return err
	})
	return cat, err
}

func (t *tx) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		err := ctx.Err() // which ends the scan, not the transaction
		if err == nil {
			err = t.reach(ctx, reading)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		t.conn.scan(ctx, s)(yield)
	}
}

// Count counts what a Scan in the transaction would yield.
func (t *tx) Count(ctx context.Context, table *schema.Table) (n int64, err error) {
	err = t.do(ctx, reading, func() error {
		n, err = t.conn.count(ctx, table)
		return err
	})
	return n, err
}

// Lock takes the one lock that SQLite has. What was read before is given up,
// so that what is read afterwards is as of now.
func (t *tx) Lock(ctx context.Context, _ []*schema.Table, wait time.Duration) error {
	if t.stage == reading {
		if err := t.rollback(); err != nil {
			return t.fail(err)
		}
		t.stage = idle
	}
	t.patience = max(t.patience, wait)
	if wait < 0 {
		t.patience, wait = -1, math.MaxInt64
	}
	if t.stage == idle {
		if err := t.conn.wait(ctx, wait); err != nil {
			return t.fail(err)
		}
	}
	if err := t.do(ctx, writing, func() error { return nil }); err != nil {
		return fmt.Errorf("cannot lock the database: %w", err)
	}
	return t.conn.wait(ctx, patience)
}

// do runs f in the stage that it needs. After an error the transaction has
// ended.
func (t *tx) do(ctx context.Context, need stage, f func() error) error {
	err := t.reach(ctx, need)
	if err == nil {
		if err = f(); err != nil {
			err = t.fail(err)
		}
	}
	return err
}

// reach takes the transaction to the stage needed.
func (t *tx) reach(ctx context.Context, need stage) error {
	if t.stage == ended {
		return errors.New("the transaction has ended")
	}
	if err := errors.Join(t.life.Err(), ctx.Err()); err != nil {
		return t.fail(err)
	}
	if t.stage >= need {
		return nil
	}
	if t.stage == idle {
		begin := "BEGIN"
		if need == writing {
			begin = "BEGIN IMMEDIATE"
		}
		if _, err := t.conn.exec(ctx, begin); err != nil {
			return t.fail(err)
		}
		// Until the end of the transaction, which RESTRICT then waits for, too.
		if _, err := t.conn.exec(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
			return t.fail(err)
		}
	}
	t.stage = need
	return nil
}

// fail ends the transaction because of an error, which it translates.
func (t *tx) fail(err error) error {
	if t.stage == reading || t.stage == writing {
		_ = t.rollback() // SQLite may have done it; closing the connection does in any case
	}
	t.stage = ended
	return translate(err)
}

func (t *tx) rollback() error {
	_, err := t.conn.exec(context.Background(), "ROLLBACK")
	return err
}

// Commit makes it last.
func (t *tx) Commit(ctx context.Context) error {
	if t.stage == ended {
		return errors.New("cannot commit: the transaction has ended")
	}
	if err := t.commit(ctx); err != nil {
		reason := t.conn.explain(ctx, err)
		return fmt.Errorf("cannot commit: %w%s", t.fail(err), reason)
	}
	t.stage = ended
	return nil
}

// commit waits for readers in short turns between which it looks at the
// contexts: a COMMIT that is interrupted might have been done all the same.
func (t *tx) commit(ctx context.Context) error {
	const turn = 50 * time.Millisecond
	if err := t.conn.wait(ctx, turn); err != nil {
		return err
	}
	start := time.Now()
	for {
		if err := errors.Join(t.life.Err(), ctx.Err()); err != nil {
			return err
		}
		if t.stage == idle {
			return nil
		}
		_, err := t.conn.exec(context.Background(), "COMMIT")
		if err == nil || !busy(err) || t.patience >= 0 && time.Since(start) > t.patience {
			return err
		}
	}
}

// Close rolls back what was not committed.
func (t *tx) Close() error {
	if t.closed {
		return nil
	}
	t.closed, t.stage = true, ended
	return t.conn.close()
}
