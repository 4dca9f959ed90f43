package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/providers/database"
)

// PruneOptions say which applies' row images are dropped: those that every
// option allows to go. The zero PruneOptions keep none.
type PruneOptions struct {
	// Before keeps the images of applies at this time and later; zero keeps
	// none for their age.
	Before time.Time
	// KeepLast keeps those of the last so many applies that have any.
	KeepLast int
	// Wait is how long to wait for other clients, see Apply.
	Wait time.Duration
}

// PruneImages drops the row images of old applies, which cannot be undone any
// more, and returns the ids of those applies, oldest first. The change log
// itself is left alone. A dry run only says which they are.
func (e *Engine) PruneImages(ctx context.Context, keep PruneOptions, dryRun bool) ([]string, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	// What does not exist cannot be locked.
	ids, err := prunable(ctx, view, keep)
	if err := errors.Join(err, view.Close()); err != nil || dryRun || len(ids) == 0 {
		return ids, err
	}
	tx, err := e.Live.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	ids, err = prune(ctx, tx, keep)
	if err == nil {
		return ids, cleanPrune(tx.Commit(ctx), tx)
	}
	return nil, cleanPrune(err, tx)
}

func cleanPrune(err error, tx database.Tx) error { return errors.Join(err, tx.Close()) }

// prune decides anew under the locks and drops.
func prune(ctx context.Context, tx database.Tx, keep PruneOptions) ([]string, error) {
	if err := tx.Lock(ctx, append(changelog.Tables(), changelog.ImageTable()), keep.Wait); err != nil {
		return nil, err
	}
	ids, err := prunable(ctx, tx, keep)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := changelog.DropImages(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// prunable are the applies whose images may go.
func prunable(ctx context.Context, view database.Snapshot, keep PruneOptions) ([]string, error) {
	logged, err := changelog.Exists(ctx, view)
	if err != nil || !logged {
		return nil, err
	}
	var applies []*changelog.Apply
	for a, err := range changelog.Applies(ctx, view) {
		if err != nil {
			return nil, err
		}
		applies = append(applies, a)
	}
	imaged, err := changelog.Imaged(ctx, view)
	if err != nil {
		return nil, err
	}
	applies = slices.DeleteFunc(applies, func(a *changelog.Apply) bool { return !imaged[a.ID] })
	var ids []string
	for _, a := range applies[:max(len(applies)-keep.KeepLast, 0)] {
		if keep.Before.IsZero() || a.At.Before(keep.Before) {
			ids = append(ids, a.ID)
		}
	}
	return ids, nil
}
