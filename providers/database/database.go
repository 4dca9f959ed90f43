// Package database is the seam between edmsplan and a live database. Adapters
// are postgres and sqlite; each passes the suite in databasetest.
//
// Read state through schema.Source where a package would do as well: the
// planner does, and never imports this package.
package database

import (
	"context"
	"errors"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

// Errors that an adapter's errors wrap, to be tested with errors.Is.
var (
	// ErrLocked says that another client holds what is needed and did not let
	// go in time.
	ErrLocked = errors.New("locked by another client")
	// ErrConstraint says that the database refused a row: a constraint, a
	// trigger or a type. The message names the constraint but, as it may quote
	// secrets, never the row's values.
	ErrConstraint = errors.New("refused by the database")
	// ErrNoTable says that a table to be read does not exist.
	ErrNoTable = errors.New("no such table")
)

// Database is a live database. It may be used from several goroutines.
type Database interface {
	// View opens a consistent read-only snapshot: everything read through it
	// is as of one instant. The caller closes it.
	View(ctx context.Context) (Snapshot, error)
	// Begin opens a read-write transaction that has taken no lock and no
	// snapshot yet. The caller closes it; closing before Commit rolls back.
	Begin(ctx context.Context) (Tx, error)
	// Close releases the connections. Snapshots and transactions are closed
	// first.
	Close() error
}

// Snapshot reads. It is used from one goroutine at a time. Its Contents are
// nil and its Name is "live".
type Snapshot interface {
	schema.Source
	// Catalogue describes the tables as the snapshot sees them, sequences'
	// states included. Each call asks the database anew.
	Catalogue(ctx context.Context) (*schema.Catalogue, error)
	// Close ends the snapshot and, in a Tx that was not committed, rolls back.
	// Closing twice is allowed.
	Close() error
}

// Tx is a transaction. After an error from any method but Scan's it can only
// be closed. A cancelled context rolls it back.
type Tx interface {
	Snapshot
	// Lock keeps other clients from writing to the tables until the end of the
	// transaction; they may go on reading. Two transactions that Lock exclude
	// each other even when their tables differ. It is called before anything is
	// read or written, so that what is read afterwards includes all writes
	// committed before. It returns an error that wraps ErrLocked, and names who
	// is in the way where the database can tell, when the locks are not had
	// within wait; a negative wait waits for ever.
	Lock(ctx context.Context, tables []*schema.Table, wait time.Duration) error
	// Create makes the table, unless a table of that name exists. It may come
	// from the catalogue of any database. It is made with
	//
	//   - its columns, with a type of the same Kind as near to theirs as the
	//     database has, that holds every canonical value of theirs as it is;
	//     Native is at most a hint. A Generated column becomes an ordinary one
	//     that may be null, as what computes it is not known
	//   - NOT NULL and the primary key
	//   - what gives out values, for an integer column with a Sequence, where
	//     the database can have it. No other default: a Default is in the words
	//     of another database, if not in those of a hostile package
	//   - its uniques but partial ones and those over expressions
	//   - its foreign keys, deferrable and deferred. The tables that they lead
	//     to are there already, or it is the table itself: the caller makes the
	//     tables in that order, and adds foreign keys that close a circle later,
	//     see Relater
	//
	// and without checks, triggers and indexes. What the database makes of the
	// types, its Catalogue says afterwards: read and write with that.
	Create(ctx context.Context, t *schema.Table) error
	// Write writes the rows in bulk and returns how many the database says it
	// wrote. Constraints that can wait until the commit do. It does not compare
	// the number with b.Count. A constraint error wraps ErrConstraint.
	Write(ctx context.Context, b schema.Batch) (int64, error)
	// Advance leaves the column's sequence past last: the next value it gives
	// out is greater. It never moves a sequence back.
	Advance(ctx context.Context, t *schema.Table, column string, last int64) error
	// Commit makes it last. Deferred constraints are judged here; their error
	// wraps ErrConstraint and the transaction is rolled back.
	Commit(ctx context.Context) error
}

// Relater is what a Tx may be able to do besides: add a foreign key to a table
// that is there. A Tx that is none makes tables whose foreign keys lead to tables
// that come later.
type Relater interface {
	// Relate adds a foreign key as Create would have made it.
	Relate(ctx context.Context, t *schema.Table, fk schema.ForeignKey) error
}

// Querier is what a Tx may be able to do besides: answer a query of the policy.
type Querier interface {
	// Query runs one statement that reads and returns its one value: a number
	// as a NumberLiteral, true and false as a BoolLiteral where the database has
	// them, null as a NullLiteral, anything else as a StringLiteral. It sees what the
	// transaction wrote and cannot write itself. Another number of rows or
	// columns is an error; after an error the transaction goes on.
	Query(ctx context.Context, sql string) (schema.Literal, error)
}

// Judger is what a Tx may be able to do besides: judge before the commit what
// can wait until then.
type Judger interface {
	// Judge judges the deferred constraints as Commit would, without
	// committing. Their error wraps ErrConstraint.
	Judge(ctx context.Context) error
}

// Aside names what of a table is set aside while many rows are added.
type Aside struct {
	Table                string // its Name
	Indexes, ForeignKeys []string
}

// Surveyor is what a Snapshot may be able to do besides: say what a Rebuilder
// would set aside.
type Surveyor interface {
	// Rebuildable are the indexes and foreign keys of the tables that SetAside
	// would set aside now; tables without any are left out.
	Rebuildable(ctx context.Context, tables []*schema.Table) ([]Aside, error)
}

// Rebuilder is what a Tx may be able to do besides: set aside what costs much
// to keep up row by row, and build it from all rows at once.
type Rebuilder interface {
	// SetAside drops, for this transaction only, the indexes and foreign keys of
	// the tables that can be put back exactly as they were and on which nothing
	// else depends; others stay. It is called once, under Lock and before
	// anything is written, and keeps readers out of the tables and of those that
	// the foreign keys lead to until the end of the transaction. It returns an
	// error that wraps ErrLocked when they do not let go within wait.
	SetAside(ctx context.Context, tables []*schema.Table, wait time.Duration) ([]Aside, error)
	// PutBack makes them again, and with that has the database judge every row;
	// an error about a row wraps ErrConstraint. Deferred constraints are judged
	// too. It fails when the catalogue is then not in everything what it was.
	// Without it there is no Commit.
	PutBack(ctx context.Context) error
}

// Counter is what a Snapshot may be able to do besides: count.
type Counter interface {
	// Count returns how many rows the table has, as the snapshot sees it.
	Count(ctx context.Context, t *schema.Table) (int64, error)
}

// Estimator is what a Snapshot may be able to do besides: tell about how many
// rows a table has at a cost that does not grow with them.
type Estimator interface {
	// Estimate returns about how many rows each of the tables has, in their
	// order; -1 where that cannot be told.
	Estimate(ctx context.Context, tables []*schema.Table) ([]int64, error)
}

// Forker is what a Snapshot may be able to do besides: be read from several
// goroutines.
type Forker interface {
	// Fork opens another snapshot that sees exactly what this one sees, on a
	// connection of its own. This one stays open until it returns; each is
	// closed by the caller, in any order.
	Fork(ctx context.Context) (Snapshot, error)
}
