package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Applied is what an apply did.
type Applied struct {
	ID      string
	Summary plans.Summary
}

// Apply carries out a saved plan: in one transaction it locks the tables that
// the plan reads, plans again with the same policy and package, compares the
// change set with the saved one, writes it, checks the numbers of rows that the
// database says it wrote, logs every change and commits. After any error
// nothing is written.
//
// A *StaleError says that the plan is not what would be done now, a *UsedError
// that it was applied before; database.ErrLocked is wrapped when the tables
// could not be locked within wait (negative: wait for ever). A plan with
// errors among its diagnostics returns those.
func (e *Engine) Apply(ctx context.Context, saved *plans.Plan, pol *policy.Policy, pkg backup.Package, wait time.Duration) (*Applied, error) {
	if err := saved.CanApply(); err != nil {
		return nil, err
	}
	if err := sameInputs(saved, pol, pkg); err != nil {
		return nil, err
	}
	tables, err := e.tables(ctx, saved, pol)
	if err != nil {
		return nil, err
	}
	tx, err := e.Live.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	a := &application{Engine: e, ctx: ctx, tx: tx, saved: saved}
	done, err := a.run(pol, pkg, tables, wait)
	return done, errors.Join(err, tx.Close())
}

// sameInputs refuses another policy or package than the plan was made of.
func sameInputs(saved *plans.Plan, pol *policy.Policy, pkg backup.Package) error {
	switch {
	case pol.Digest != saved.Digests.Policy:
		return &StaleError{Reason: "the policy or its variables are not those that were reviewed"}
	case pkg.Info().Digest != saved.Digests.Package:
		return &StaleError{Reason: fmt.Sprintf("the package %s is not the one that was reviewed", pkg.Info().Path)}
	}
	return nil
}

// tables are those to lock: what the plan reads and, where rows are destroyed,
// every table that could refer to them.
func (e *Engine) tables(ctx context.Context, saved *plans.Plan, pol *policy.Policy) ([]*schema.Table, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	c, err := view.Catalogue(ctx)
	if err := errors.Join(err, view.Close()); err != nil {
		return nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	if c.Identity != saved.Digests.Live {
		return nil, &StaleError{Reason: fmt.Sprintf("the plan was made for another database (%s), not for this one (%s)", saved.Header.Target, c.Name)}
	}
	tables := planner.Tables(pol, c)
	destroyed := map[string]bool{}
	for _, a := range saved.Accounting {
		destroyed[a.Table] = destroyed[a.Table] || a.Destroyed > 0
	}
	seen := map[string]bool{}
	for _, t := range tables {
		seen[t.Name] = true
	}
	for _, t := range c.Tables {
		for _, fk := range t.ForeignKeys {
			if destroyed[fk.RefTable] && !seen[t.Name] {
				seen[t.Name] = true
				tables = append(tables, t)
			}
		}
	}
	return tables, nil
}

// application is one apply inside its transaction.
type application struct {
	*Engine
	ctx   context.Context
	tx    database.Tx
	saved *plans.Plan
}

func (a *application) run(pol *policy.Policy, pkg backup.Package, tables []*schema.Table, wait time.Duration) (*Applied, error) {
	a.stage("lock")
	if err := a.tx.Lock(a.ctx, tables, wait); err != nil {
		return nil, err
	}
	log, err := changelog.Open(a.ctx, a.tx)
	if err != nil {
		return nil, err
	}
	if before, err := log.Applied(a.ctx, a.saved.Header.ID); err != nil || before != nil {
		if err == nil {
			err = &UsedError{ApplyID: before.ID, At: before.At, Actor: before.Actor}
		}
		return nil, err
	}
	catalogue, err := a.tx.Catalogue(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	a.stage("plan")
	result, err := planner.Plan(a.ctx, a.input(pol, pkg, a.tx, catalogue))
	if err != nil {
		return nil, err
	}
	done, err := a.carryOut(result, log)
	return done, errors.Join(err, result.Close())
}

// carryOut compares, writes, logs and commits.
func (a *application) carryOut(result *planner.Result, log *changelog.Log) (*Applied, error) {
	a.stage("compare")
	if result.ChangeSet != a.saved.Digests.ChangeSet {
		return nil, stale(a.saved.Changes, result.Changes)
	}
	if err := result.Diagnostics.Err(); err != nil {
		return nil, err
	}
	a.stage("write")
	if err := a.write(result); err != nil {
		return nil, err
	}
	a.stage("log")
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	s := result.Summary
	record := &changelog.Apply{
		ID: id.String(), PlanID: a.saved.Header.ID, At: a.now(), Actor: a.Actor, Program: a.Program,
		Policy: a.saved.Digests.Policy, Package: a.saved.Digests.Package, ChangeSet: a.saved.Digests.ChangeSet,
		Source: a.saved.Header.Package, Added: s.Add, Changed: s.Change, Destroyed: s.Destroy,
	}
	if err := log.Append(a.ctx, record, result.Changes(), int64(s.Add+s.Change+s.Destroy)); err != nil {
		return nil, err
	}
	a.stage("commit")
	if err := a.tx.Commit(a.ctx); err != nil {
		return nil, err
	}
	return &Applied{ID: record.ID, Summary: s}, nil
}

// write does the plan's writes and compares the database's numbers with the
// plan's. Sequences move last: some databases do not take that back.
func (a *application) write(result *planner.Result) error {
	var total, done int64
	for b, err := range result.Batches() {
		if err != nil {
			return err
		}
		total += b.Count
	}
	for b, err := range result.Batches() {
		if err != nil {
			return err
		}
		n, err := a.tx.Write(a.ctx, b)
		if err != nil {
			return fmt.Errorf("write %s: %w", b.Table.Name, err)
		}
		if n != b.Count {
			return &CountError{Table: b.Table.Name, Op: b.Op, Wrote: n, Planned: b.Count}
		}
		done += n
		if a.Observer != nil {
			a.Observer.Writing(b.Table.Name, done, total)
		}
	}
	for _, s := range result.Sequences {
		if err := a.tx.Advance(a.ctx, s.Table, s.Column, s.Last); err != nil {
			return fmt.Errorf("advance the sequence of %s.%s: %w", s.Table.Name, s.Column, err)
		}
	}
	return nil
}
