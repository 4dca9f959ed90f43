package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Abandon removes what is staged under the apply id. It is called when the
// transaction was rolled back, and may be called again. After a commit it would
// destroy the new contents.
func Abandon(ctx context.Context, s storage.Store, id string) error {
	in, err := folder(id)
	if err != nil {
		return err
	}
	for info, err := range s.List(ctx, in) {
		if err != nil {
			return fmt.Errorf("abandon %s: %w", id, err)
		}
		if err := s.Remove(ctx, info.Name); err != nil {
			return fmt.Errorf("abandon %s: %w", id, err)
		}
	}
	return nil
}

// Pending returns the ids of the applies that have staged files, each
// once. An apply that only destroys has none at any time: what the database
// says is unfinished counts too.
func Pending(ctx context.Context, s storage.Store) ([]string, error) {
	var ids []string
	for info, err := range s.List(ctx, storage.StageFolder) {
		if err != nil {
			return nil, err
		}
		rest := strings.TrimPrefix(info.Name, storage.StageFolder+"/")
		id, _, below := strings.Cut(rest, "/")
		if _, err := folder(id); err != nil || !below {
			return nil, fmt.Errorf("%q was not staged: %w", info.Name, err)
		}
		if len(ids) == 0 || ids[len(ids)-1] != id {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Recovery says what Recover did.
type Recovery struct {
	// Finished and Abandoned are apply ids. Finished ones may have been
	// complete before.
	Finished, Abandoned []string
	// Swept is the number of unnamed leftovers that were removed.
	Swept int
}

// Recover repairs what crashes left: it finishes the manifests that the
// database has and does not know to be finished, oldest first, abandons every
// other apply that has staged files, and sweeps. The caller makes sure that no
// apply is under way on this tree, from whatever database. The error names what
// could not be finished and wraps what Finish's does; the rest is done all the
// same.
func Recover(ctx context.Context, s storage.Store, unfinished []Manifest) (Recovery, error) {
	var done Recovery
	var all []error
	if w, ok := s.(storage.Sweeper); ok {
		// Nothing is being written, so whatever looks unfinished is.
		var err error
		if done.Swept, err = w.Sweep(ctx, time.Now().Add(24*time.Hour)); err != nil {
			return done, err
		}
	}
	committed := map[string]bool{}
	for _, m := range unfinished {
		committed[m.Apply] = true
		if err := Finish(ctx, s, m); err != nil {
			all = append(all, fmt.Errorf("apply %s: %w", m.Apply, err))
			continue
		}
		done.Finished = append(done.Finished, m.Apply)
	}
	pending, err := Pending(ctx, s)
	if err != nil {
		return done, errors.Join(append(all, err)...)
	}
	for _, id := range pending {
		if committed[id] {
			continue
		}
		if err := Abandon(ctx, s, id); err != nil {
			return done, errors.Join(append(all, err)...)
		}
		done.Abandoned = append(done.Abandoned, id)
	}
	return done, errors.Join(all...)
}
