// Package frozen makes a read-only database of a package that holds tables: it
// stands in for the live database where a plan is made and that cannot be
// reached. Nothing can be written to it.
package frozen

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// ErrReadOnly says that a package is no live database.
var ErrReadOnly = errors.New("a package is not a live database: nothing can be written to it")

// Source is what a frozen database is made of. It is used from one goroutine
// at a time.
type Source interface {
	// Catalogue describes the tables. It is the same each time.
	Catalogue() *schema.Catalogue
	// ScanTable yields the rows of one of them, as database.Snapshot's Scan.
	ScanTable(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error]
}

// New makes a database of the source, which stays the caller's: close, if it
// is not nil, is called with the database.
func New(src Source, close func() error) database.Database {
	return &frozen{src, close}
}

type frozen struct {
	source Source
	close  func() error
}

// View implements database.Database. All views see the same.
func (f *frozen) View(context.Context) (database.Snapshot, error) { return view{f.source}, nil }

// Begin implements database.Database: it fails with ErrReadOnly.
func (f *frozen) Begin(context.Context) (database.Tx, error) { return nil, ErrReadOnly }

// Close implements database.Database.
func (f *frozen) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// view is a snapshot of what never changes.
type view struct{ source Source }

var _ database.Counter = view{}

func (view) Name() string               { return "live" }
func (view) Contents() []schema.Content { return nil }
func (view) Close() error               { return nil }

func (v view) Catalogue(context.Context) (*schema.Catalogue, error) { return v.source.Catalogue(), nil }

func (v view) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	if s.Table == nil || v.source.Catalogue().Table(s.Table.Name) == nil {
		return func(yield func(*schema.Record, error) bool) {
			name := ""
			if s.Table != nil {
				name = s.Table.Name
			}
			yield(nil, fmt.Errorf("cannot read table %q: %w", name, database.ErrNoTable))
		}
	}
	return v.source.ScanTable(ctx, s)
}

// Count implements database.Counter.
func (v view) Count(ctx context.Context, t *schema.Table) (int64, error) {
	var n int64
	for _, err := range v.Scan(ctx, schema.Selection{Table: t}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
