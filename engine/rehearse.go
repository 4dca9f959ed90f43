package engine

import (
	"context"
	"errors"
	"time"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Rehearse does all that Apply does, on the live database and under its locks:
// triggers, checks and constraints that wait until the commit have their say.
// Then it takes everything back. No sequence moves, unless a trigger of the
// database moves one, and the plan can still be applied. The Applied's ID is of
// no apply.
func (e *Engine) Rehearse(ctx context.Context, saved *plans.Plan, pol *policy.Policy, pkg backup.Package, wait time.Duration) (*Applied, error) {
	return e.goThrough(ctx, saved, pol, pkg, wait, true)
}

// judge stands in for the commit.
func (a *application) judge() error {
	j, ok := a.tx.(database.Judger)
	if !ok {
		return errors.New("this kind of database cannot judge deferred constraints without committing")
	}
	return j.Judge(a.ctx)
}
