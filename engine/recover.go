package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// RecoverReport is what Recover did, by tree.
type RecoverReport struct {
	Trees []RecoveredTree
}

// RecoveredTree is what Recover did in one tree.
type RecoveredTree struct {
	Path string
	// Finished are the applies whose files are now in place, Abandoned those
	// that were not committed and whose staged files are gone.
	Finished, Abandoned []string
	// Swept is the number of unnamed leftovers that were removed.
	Swept int
}

// Recover repairs what a crash left in the trees of files: it finishes what
// was committed and removes what was not. It looks into the trees that the
// live database names and into the policy's, and keeps applies away meanwhile;
// database.ErrLocked is wrapped when one is under way for longer than wait
// (negative: wait for ever). What could not be repaired is in the error and
// stays as it is; the report says what was done all the same.
func (e *Engine) Recover(ctx context.Context, pol *policy.Policy, wait time.Duration) (_ *RecoverReport, err error) {
	if e.OpenTree == nil {
		return nil, errors.New("there is no way to open trees of files")
	}
	tables, err := e.recoverLocks(ctx, pol)
	if err != nil {
		return nil, err
	}
	tx, err := e.Live.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	if err := tx.Lock(ctx, tables, wait); err != nil {
		return nil, err
	}
	pending, err := e.pendingFiles(ctx)
	if err != nil {
		return nil, err
	}
	r := &recovery{Engine: e, pending: pending, report: &RecoverReport{}}
	if err := r.run(ctx, pol); err != nil {
		return r.report, errors.Join(err, markFinished(ctx, tx, r.finished))
	}
	return r.report, markFinished(ctx, tx, r.finished)
}

// recoverLocks are the tables that every apply of the policy locks.
func (e *Engine) recoverLocks(ctx context.Context, pol *policy.Policy) (_ []*schema.Table, err error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	c, err := view.Catalogue(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	tables := planner.Tables(pol, c)
	logged, err := changelog.Exists(ctx, view)
	if err != nil {
		return nil, err
	}
	if logged {
		tables = append(tables, changelog.Tables()...)
	}
	return tables, nil
}

// recovery is a Recover under way.
type recovery struct {
	*Engine
	pending  []changelog.TreeChange
	finished []changelog.TreeChange
	report   *RecoverReport
}

func (r *recovery) run(ctx context.Context, pol *policy.Policy) error {
	var paths []string
	for _, c := range r.pending {
		paths = append(paths, c.Path)
	}
	for _, t := range pol.FileTrees {
		path, err := treePath(t)
		if err != nil {
			return err
		}
		paths = append(paths, path)
	}
	var all []error
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			continue
		}
		if err := r.tree(ctx, path); err != nil {
			all = append(all, fmt.Errorf("%s: %w", path, err))
		}
	}
	return errors.Join(all...)
}

// tree repairs one tree.
func (r *recovery) tree(ctx context.Context, path string) (err error) {
	var mine []changelog.TreeChange
	for _, c := range r.pending {
		if c.Path == path {
			mine = append(mine, c)
		}
	}
	store, err := r.OpenTree(path)
	if errors.Is(err, fs.ErrNotExist) && len(mine) == 0 {
		return nil // nothing was ever staged there
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := r.strangers(ctx, store, mine); err != nil {
		return err
	}
	var manifests []stage.Manifest
	for _, c := range mine {
		m, err := manifest(c)
		if err != nil {
			return err
		}
		manifests = append(manifests, m)
	}
	done, err := stage.Recover(ctx, store, manifests)
	for _, c := range mine {
		if slices.Contains(done.Finished, c.ApplyID) {
			r.finished = append(r.finished, c)
		}
	}
	r.report.Trees = append(r.report.Trees, RecoveredTree{Path: path, Finished: done.Finished, Abandoned: done.Abandoned, Swept: done.Swept})
	return err
}

// strangers refuses a tree with staged files of an apply that was committed
// for a tree of another path: it is the same folder under two names, and what
// is to be finished there would be abandoned here.
func (r *recovery) strangers(ctx context.Context, s storage.Store, mine []changelog.TreeChange) error {
	staged, err := stage.Pending(ctx, s)
	if err != nil {
		return err
	}
	for _, c := range r.pending {
		own := slices.ContainsFunc(mine, func(m changelog.TreeChange) bool { return m.ApplyID == c.ApplyID })
		if !own && slices.Contains(staged, c.ApplyID) && !r.done(c) {
			return fmt.Errorf("it holds staged files of apply %s, which knows the folder as %s: give the path as it was then", c.ApplyID, c.Path)
		}
	}
	return nil
}

func (r *recovery) done(c changelog.TreeChange) bool { return slices.Contains(r.finished, c) }
