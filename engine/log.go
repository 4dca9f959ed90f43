package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/providers/database"
)

// openLog opens the change log, makes it for the first apply, and refuses a
// plan that was applied before.
func (a *application) openLog() (*changelog.Log, error) {
	log, err := changelog.Open(a.ctx, a.tx)
	if err != nil {
		if !a.logged && a.ctx.Err() == nil {
			err = &movedError{err} // another first apply may be making the same tables
		}
		return nil, err
	}
	for before, err := range changelog.Applies(a.ctx, a.tx) {
		if err != nil {
			return nil, err
		}
		if before.PlanID == a.saved.Header.ID {
			return nil, &UsedError{ApplyID: before.ID, At: before.At, Actor: before.Actor}
		}
	}
	return log, nil
}

// answerWait is how long a database that broke off a commit has to say what
// became of it.
const answerWait = 15 * time.Second

// committed finds out what became of a commit that failed: when the connection
// breaks, the database may have carried it out all the same. The apply's own
// row tells. It returns nil when the plan is applied.
func (a *application) committed(record *changelog.Apply, cause error) error {
	if errors.Is(cause, database.ErrConstraint) || errors.Is(cause, database.ErrLocked) {
		return cause
	}
	// The transaction must not be in the way of the question.
	cause = errors.Join(cause, a.tx.Close())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), answerWait)
	defer cancel()
	found, err := a.applied(ctx, record.ID)
	if err != nil {
		return fmt.Errorf("%w, look with edmsplan log whether there is an apply %s: %w",
			ErrUnknown, record.ID, errors.Join(cause, err))
	}
	if found {
		return nil
	}
	return cause
}

// applied looks an apply up. It takes the same locks as the apply did, so that
// it waits for a transaction that is still at its commit.
func (a *application) applied(ctx context.Context, id string) (found bool, err error) {
	tx, err := a.Live.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	if err := tx.Lock(ctx, a.tables, answerWait); err != nil {
		return false, err
	}
	if found, err = changelog.Exists(ctx, tx); err != nil || !found {
		return false, err
	}
	for before, err := range changelog.Applies(ctx, tx) {
		if err != nil {
			return false, err
		}
		if before.ID == id {
			return true, nil
		}
	}
	return false, nil
}
