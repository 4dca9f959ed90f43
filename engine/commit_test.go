package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// breaking is a database whose connection breaks at the commit, before the
// database has carried it out or after.
type breaking struct {
	database.Database
	after bool
	// unbroken says that only tidying up afterwards fails.
	unbroken bool
	// gone says that the database cannot be asked again.
	gone, broken bool
}

var errBroke = errors.New("the connection broke")

func (b *breaking) Begin(ctx context.Context) (database.Tx, error) {
	if b.gone && b.broken {
		return nil, errBroke
	}
	tx, err := b.Database.Begin(ctx)
	return &breakingTx{tx, b}, err
}

type breakingTx struct {
	database.Tx
	b *breaking
}

// Query is what the wrapped transaction can do.
func (tx *breakingTx) Query(ctx context.Context, sql string) (schema.Literal, error) {
	return tx.Tx.(database.Querier).Query(ctx, sql) //nolint:forcetypeassert // the databases here can
}

func (tx *breakingTx) Commit(ctx context.Context) error {
	if tx.b.unbroken {
		return tx.Tx.Commit(ctx)
	}
	tx.b.broken = true
	if tx.b.after {
		if err := tx.Tx.Commit(ctx); err != nil {
			return err
		}
	}
	return errors.Join(errBroke, tx.Close())
}

func (tx *breakingTx) Close() error {
	if err := tx.Tx.Close(); err != nil || !tx.b.unbroken {
		return err
	}
	return errBroke
}

// When the connection breaks at the commit, the database is asked what became
// of it: an apply is reported as what it is.
func TestConnectionBreaksAtTheCommit(t *testing.T) {
	cases := map[string]struct {
		after, gone, unbroken bool
		applied               bool
		error                 string
	}{
		"before it is carried out":                       {applied: false, error: "the connection broke"},
		"after it is carried out":                        {after: true, applied: true},
		"after it, and the database cannot be asked":     {after: true, gone: true, applied: true, error: "it is not known"},
		"only when it has been carried out and reported": {unbroken: true, applied: true},
		"before it, and the database cannot be asked":    {gone: true, applied: false, error: "it is not known"},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
				p := planned(t, e, pol, pkg)
				e.Live = &breaking{Database: s.db, after: test.after, gone: test.gone, unbroken: test.unbroken}
				_, err := e.Apply(t.Context(), p, pol, pkg, lockWait)
				if (err == nil) != (test.error == "") || err != nil && !strings.Contains(err.Error(), test.error) {
					t.Errorf("error %v, want %q", err, test.error)
				}
				logged(t, s, map[bool]int{true: 1}[test.applied])
			})
		}
	})
}
