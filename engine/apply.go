package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	// Warnings are what went wrong after the commit: sentences.
	Warnings []string
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
// errors among its diagnostics returns those, unless they are of guards that
// Overrides names; ErrRefused is wrapped when guards alone or checks refuse. For a plan of PlanUndo pol and
// pkg are nil.
func (e *Engine) Apply(ctx context.Context, saved *plans.Plan, pol *policy.Policy, pkg backup.Package, wait time.Duration) (*Applied, error) {
	return e.goThrough(ctx, saved, pol, pkg, wait, false)
}

// goThrough is an apply, or the rehearsal of one.
func (e *Engine) goThrough(ctx context.Context, saved *plans.Plan, pol *policy.Policy, pkg backup.Package, wait time.Duration, rehearsal bool) (*Applied, error) {
	if err := e.overridesFit(pol); err != nil {
		return nil, err
	}
	if _, err := e.refusal(saved.Diagnostics); err != nil {
		return nil, err
	}
	if err := sameInputs(saved, pol, pkg); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		done, err := e.attempt(ctx, saved, pol, pkg, wait, rehearsal)
		var moved *movedError
		if !errors.As(err, &moved) || n == attempts {
			return done, err
		}
	}
}

// sameInputs refuses another policy or package than the plan was made of.
func sameInputs(saved *plans.Plan, pol *policy.Policy, pkg backup.Package) error {
	switch {
	case saved.Header.Undoes() != "":
		return nil // it was made of neither
	case pol.Digest != saved.Digests.Policy:
		return &StaleError{Reason: "the policy or its variables are not those that were reviewed"}
	case pkg == nil && saved.Digests.Package != "":
		return &StaleError{Reason: "the plan was made with a package"}
	case pkg != nil && pkg.Info().Digest != saved.Digests.Package:
		return &StaleError{Reason: fmt.Sprintf("the package %s is not the one that was reviewed", pkg.Info().Path)}
	}
	return nil
}

// application is one attempt to apply, inside its transaction.
type application struct {
	*Engine
	ctx   context.Context
	tx    database.Tx
	saved *plans.Plan
	*survey
	pol       *policy.Policy // nil when an apply is undone
	protected []protection
	// overridden are the guards that would have refused the plan.
	overridden []string
	// rehearsal stops before the commit; nothing is made to last.
	rehearsal bool
	trees     *trees
	// wait is how long to wait for a lock, catalogue the tables as they are
	// under the locks.
	wait      time.Duration
	catalogue *schema.Catalogue
	// rebuilder holds what is set aside; nil when nothing is.
	rebuilder database.Rebuilder
	numbers   numbers
}

// attempt surveys what to lock, opens the transaction and goes through with it.
// It fails with a movedError, having written nothing, when what it surveyed
// was no longer so once it had the locks.
func (e *Engine) attempt(ctx context.Context, saved *plans.Plan, pol *policy.Policy, pkg backup.Package, wait time.Duration, rehearsal bool) (*Applied, error) {
	s, err := e.look(ctx, saved, pol)
	if err != nil {
		return nil, err
	}
	tx, err := e.Live.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	a := &application{Engine: e, ctx: ctx, tx: tx, saved: saved, survey: s, trees: &trees{}, pol: pol, rehearsal: rehearsal, wait: wait, numbers: numbers{}}
	done, err := a.run(pol, pkg)
	err = cleanUp(done, err, a.trees)
	return done, cleanUp(done, err, tx)
}

// cleanUp closes what an apply has used. Once it is committed, an error in
// tidying up must not look as if it had failed.
func cleanUp(done *Applied, err error, used io.Closer) error {
	closed := used.Close()
	if done != nil {
		return nil
	}
	return errors.Join(err, closed)
}

func (a *application) run(pol *policy.Policy, pkg backup.Package) (*Applied, error) {
	a.stage("lock")
	if err := a.tx.Lock(a.ctx, a.tables, a.wait); err != nil {
		if a.ctx.Err() == nil && !errors.Is(err, database.ErrLocked) {
			err = &movedError{err} // a table may have been dropped just now
		}
		return nil, err
	}
	catalogue, err := a.tx.Catalogue(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	if err := a.stillHolds(catalogue, a.saved, pol); err != nil {
		return nil, err
	}
	a.catalogue = catalogue
	log, err := a.openLog()
	if err != nil {
		return nil, err
	}
	if err := a.openProtection(); err != nil {
		return nil, err
	}
	a.stage("plan")
	result, err := a.plan(catalogue, pol, pkg)
	if err != nil {
		return nil, err
	}
	done, err := a.carryOut(result, log)
	if done == nil {
		err = errors.Join(err, a.abandonFiles(err))
	} else if a.rehearsal {
		done.Warnings = append(done.Warnings, a.abandonRehearsed()...)
	}
	return done, cleanUp(done, err, result)
}

// sameSecrets refuses a plan whose sensitive values, which the change set does
// not show, are no longer those that were planned.
func (a *application) sameSecrets(result *planner.Result) error {
	secrets, err := a.sealSecrets(result.Secrets, a.saved.Header.ID)
	if err == nil && secrets != a.saved.Digests.Secrets {
		err = &StaleError{Reason: "a sensitive value that the plan writes or replaces has changed since"}
	}
	return err
}

// carryOut compares and writes.
func (a *application) carryOut(result *planner.Result, log *changelog.Log) (*Applied, error) {
	a.stage("compare")
	if result.ChangeSet != a.saved.Digests.ChangeSet {
		return nil, stale(a.saved, result)
	}
	var err error
	if a.overridden, err = a.refusal(result.Diagnostics); err != nil {
		return nil, err
	}
	if err := a.sameSecrets(result); err != nil {
		return nil, err
	}
	a.stage("write")
	if err := a.setAside(result); err != nil {
		return nil, err
	}
	if err := a.write(result); err != nil {
		return nil, err
	}
	images, err := a.settle(result)
	if err != nil {
		return nil, err
	}
	done, err := a.conclude(result, log, images)
	return done, cleanUp(done, err, images)
}

// conclude logs what was written, and commits.
func (a *application) conclude(result *planner.Result, log *changelog.Log, images *changelog.Packed) (*Applied, error) {
	a.stage("log")
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	s := result.Summary
	record := &changelog.Apply{
		ID: id.String(), PlanID: a.saved.Header.ID, At: a.now(), Actor: a.Actor, Program: a.Program,
		Policy: a.saved.Digests.Policy, Package: a.saved.Digests.Package, ChangeSet: a.saved.Digests.ChangeSet,
		Source: source(a.saved), Added: s.Add, Changed: s.Change, Destroyed: s.Destroy,
	}
	record.Added += len(a.overridden) // an entry each
	entries := int64(record.Added + s.Change + s.Destroy)
	if err := log.Append(a.ctx, record, watched(a.Engine, "", 0, entries, a.withOverrides(a.overridden, result.Changes())), entries); err != nil {
		if errors.Is(err, database.ErrConstraint) {
			err = &movedError{err} // another apply made the log and wrote these numbers
		}
		return nil, err
	}
	if err := images.Append(a.ctx, a.tx, record.ID); err != nil {
		return nil, err
	}
	for _, step := range []func(*changelog.Apply, *planner.Result) error{
		a.protect, a.check, a.stageFiles,
	} {
		if err := step(record, result); err != nil {
			return nil, err
		}
	}
	done := &Applied{ID: record.ID, Summary: s}
	if a.rehearsal {
		if err := a.judge(); err != nil {
			return nil, err
		}
		return done, nil // closing the transaction takes everything back
	}
	if err := a.commit(record, result); err != nil {
		return nil, err
	}
	done.Warnings = a.finishFiles()
	return done, nil
}

// commit makes it last. Sequences move only now: some databases do not take
// that back.
func (a *application) commit(record *changelog.Apply, result *planner.Result) error {
	a.stage("commit")
	for _, s := range result.Sequences {
		if err := a.tx.Advance(a.ctx, s.Table, s.Column, s.Last); err != nil {
			return fmt.Errorf("advance the sequence of %s.%s: %w", s.Table.Name, s.Column, err)
		}
	}
	for n, last := range a.numbers {
		if err := a.tx.Advance(a.ctx, n.table, n.column, last); err != nil {
			return fmt.Errorf("advance the sequence of %s.%s: %w", n.table.Name, n.column, err)
		}
	}
	if err := a.tx.Commit(a.ctx); err != nil {
		if err = a.committed(record, err); err != nil {
			return err
		}
	}
	return nil
}

// write does the plan's writes and compares the database's numbers with the
// plan's.
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
		b.Rows = a.numbers.watch(b)
		b.Rows = watched(a.Engine, b.Table.Name, done, total, b.Rows)
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
	return nil
}
