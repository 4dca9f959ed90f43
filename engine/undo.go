package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// PlanUndo plans the reverse of an apply from the row images that it kept, see
// planner.Undo. The plan is applied as any other, without policy and package.
// applyID may be cut short where that is unambiguous.
//
// changelog.ErrNoImages is wrapped when the images were pruned. Files are not
// undone; a warning says so where the apply changed any. The caller closes what
// PlanUndo returns.
func (e *Engine) PlanUndo(ctx context.Context, applyID string) (*Planned, error) {
	e.stage("plan")
	protected, err := e.protectedHere(ctx)
	if err != nil {
		return nil, err
	}
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	planned, err := e.planUndo(ctx, view, applyID)
	if closed := view.Close(); closed != nil && planned != nil {
		return nil, errors.Join(closed, planned.Close())
	}
	if planned != nil {
		planned.Diagnostics = append(planned.Diagnostics, unprotected(planned.Accounting, protected)...)
	}
	return planned, err
}

func (e *Engine) planUndo(ctx context.Context, view database.Snapshot, applyID string) (*Planned, error) {
	catalogue, err := view.Catalogue(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	apply, err := findApply(ctx, view, applyID)
	if err != nil {
		return nil, err
	}
	result, err := e.undo(ctx, view, catalogue, apply.ID, int64(apply.Added+apply.Changed+apply.Destroyed))
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, errors.Join(err, result.Close())
	}
	secrets, err := e.sealSecrets(result.Secrets, id.String())
	if err != nil {
		return nil, errors.Join(err, result.Close())
	}
	return &Planned{result: result, Plan: plans.Plan{
		Header: plans.Header{
			ID: id.String(), CreatedAt: e.now().UTC(), Version: e.Program, Target: catalogue.Name, LiveURL: e.LiveURL,
			Options: map[string]string{plans.OptionUndo: apply.ID},
		},
		Summary: result.Summary, Accounting: result.Accounting, Diagnostics: result.Diagnostics, Untouched: result.Untouched,
		Digests: plans.Digests{Live: catalogue.Identity, ChangeSet: result.ChangeSet, Secrets: secrets},
		Changes: result.Changes,
	}}, nil
}

// findApply finds the apply whose id is, or alone begins with, id.
func findApply(ctx context.Context, view database.Snapshot, id string) (*changelog.Apply, error) {
	logged, err := changelog.Exists(ctx, view)
	if err != nil {
		return nil, err
	}
	if !logged {
		return nil, errors.New("no plan was ever applied to this database, so there is nothing to undo")
	}
	var found []*changelog.Apply
	for a, err := range changelog.Applies(ctx, view) {
		if err != nil {
			return nil, err
		}
		if a.ID == id {
			found = []*changelog.Apply{a}
			break
		}
		if id != "" && strings.HasPrefix(a.ID, id) {
			found = append(found, a)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("the change log has no apply %q: edmsplan log lists them", id)
	case len(found) > 1:
		return nil, fmt.Errorf("the ids of %d applies begin with %q: give more of it", len(found), id)
	case found[0].Added+found[0].Changed+found[0].Destroyed == 0:
		return nil, fmt.Errorf("apply %s changed nothing, so there is nothing to undo", found[0].ID)
	}
	return found[0], nil
}

// undo plans the reverse of the apply with this id, from what the log and the
// images say of it; about so many records were changed.
func (e *Engine) undo(ctx context.Context, live database.Snapshot, c *schema.Catalogue, id string, about int64) (*planner.Result, error) {
	files, rows, err := e.loggedFiles(ctx, live, id, about)
	if err != nil {
		return nil, err
	}
	result, err := planner.Undo(ctx, planner.UndoInput{
		Images: func() iter.Seq2[*planner.Image, error] {
			return files.without(e.readingImages(int64(rows), changelog.Images(ctx, live, id, c)))
		},
		Live: live, Catalogue: c, TempDir: e.TempDir, Label: "apply " + id, Observer: e.observer(),
	})
	switch {
	case errors.Is(err, changelog.ErrNoImages) && rows == 0:
		return nil, fmt.Errorf("apply %s changed only files, which are not undone", id)
	case errors.Is(err, changelog.ErrNoImages):
		return nil, fmt.Errorf("%w: they were pruned, so it cannot be undone", err)
	case err == nil && files.count() > 0:
		result.Diagnostics = append(result.Diagnostics, filesStay(id, files.count()))
	}
	return result, err
}

// fileEntries counts log entries of models that look like trees of files.
type fileEntries map[string]int

// loggedFiles counts what an apply changed: files, and other records.
func (e *Engine) loggedFiles(ctx context.Context, live database.Snapshot, id string, about int64) (files fileEntries, rows int, err error) {
	files = fileEntries{}
	e.stage("entries")
	for entry, err := range watched(e, "", 0, about, changelog.Entries(ctx, live, id)) {
		if err != nil {
			return nil, 0, err
		}
		if strings.HasPrefix(entry.Model, planner.FileModels) {
			files[entry.Model]++
		} else {
			rows++
		}
	}
	return files, rows, nil
}

// without passes images on. A model that has any is no tree of files, whatever
// it is called; the image of a join row has a model one name longer.
func (f fileEntries) without(images iter.Seq2[*planner.Image, error]) iter.Seq2[*planner.Image, error] {
	return func(yield func(*planner.Image, error) bool) {
		for img, err := range images {
			if err == nil && len(f) > 0 {
				delete(f, img.Model)
				delete(f, img.Model[:max(strings.LastIndexByte(img.Model, '.'), 0)])
			}
			if !yield(img, err) {
				return
			}
		}
	}
}

func (f fileEntries) count() int {
	n := 0
	for _, c := range f {
		n += c
	}
	return n
}

func filesStay(id string, files int) diag.Diagnostic {
	what := "1 file that apply " + id + " changed stays as it is"
	if files > 1 {
		what = fmt.Sprintf("%d files that apply %s changed stay as they are", files, id)
	}
	return diag.Diagnostic{
		Severity: diag.Warning, Code: "undo.files", Summary: what,
		Detail: "The change log keeps what rows were, not what files held: undo reverses the rows alone.",
		Remedy: "Restore the files from the package or a backup of the file store.",
	}
}

// unprotected warns of protected models that lose rows: the apply itself added
// them, so that they may go with it.
func unprotected(accounting []plans.Accounting, protected []protection) diag.List {
	var out diag.List
	for _, a := range accounting {
		if a.Destroyed == 0 || !slices.ContainsFunc(protected, func(p protection) bool { return p.table == a.Table }) {
			continue
		}
		out = append(out, diag.Diagnostic{
			Severity: diag.Warning, Code: "undo.protected", Record: &diag.Record{Model: a.Model},
			Summary: fmt.Sprintf("Rows of %s are destroyed although it is protected: %d", a.Model, a.Destroyed),
			Detail:  "The apply added them, and undo takes away what it added. Rows that were there before are not concerned.",
		})
	}
	return out
}

// plan plans again under the locks, as the saved plan was made.
func (a *application) plan(c *schema.Catalogue, pol *policy.Policy, pkg backup.Package) (*planner.Result, error) {
	if id := a.saved.Header.Undoes(); id != "" {
		s := a.saved.Summary
		return a.undo(a.ctx, a.tx, c, id, int64(s.Add+s.Change+s.Destroy))
	}
	r := requestOf(a.saved, pol, pkg)
	in, err := a.input(r, c)
	if err != nil {
		return nil, err
	}
	result, files, err := a.planFiles(a.ctx, &r, in)
	a.trees = files
	return result, err
}

// written are the tables of the plan's accounting.
func written(saved *plans.Plan, c *schema.Catalogue) []*schema.Table {
	var out []*schema.Table
	for _, a := range saved.Accounting {
		if t := c.Table(a.Table); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// source is what the change log says that the plan was made of.
func source(saved *plans.Plan) string {
	if id := saved.Header.Undoes(); id != "" {
		return "undo of apply " + id
	}
	return saved.Header.Package
}
