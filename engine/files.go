package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/go-json-experiment/json"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
)

// stageFiles puts the contents of changed files under names that nothing
// refers to, and records in the transaction what is to be done with them.
func (a *application) stageFiles(record *changelog.Apply, result *planner.Result) error {
	var list []changelog.TreeChange
	for _, t := range a.trees.list {
		var ops []planner.FileOp
		for _, op := range result.Files {
			if op.Tree == t.policy {
				ops = append(ops, op)
			}
		}
		if len(ops) == 0 {
			continue
		}
		a.trees.id, a.trees.staged = record.ID, append(a.trees.staged, t)
		m, err := stage.Prepare(a.ctx, t.store, record.ID, t.operations(a.ctx, ops, a.copying(t, ops)))
		if err != nil {
			return fmt.Errorf("stage the files of %s: %w", t.path, err)
		}
		text, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("stage the files of %s: %w", t.path, err)
		}
		list = append(list, changelog.TreeChange{ApplyID: record.ID, Tree: t.policy.Name, Path: t.path, Manifest: string(text)})
	}
	if len(list) == 0 {
		return nil
	}
	return changelog.AppendFiles(a.ctx, a.tx, list)
}

// copying counts the bytes of the files to be written.
func (a *application) copying(t *tree, ops []planner.FileOp) *bytesOf {
	b := &bytesOf{Engine: a.Engine, tree: t.policy.Name}
	for _, op := range ops {
		b.total += op.Size
	}
	a.stage("copy-files")
	return b
}

// operations are the changes of a tree's files with their contents, which are
// open only while they are read.
func (t *tree) operations(ctx context.Context, ops []planner.FileOp, copied *bytesOf) iter.Seq2[stage.Operation, error] {
	return func(yield func(stage.Operation, error) bool) {
		for _, op := range ops {
			o := stage.Operation{Name: op.Name, Digest: op.Digest, Old: op.Old}
			switch op.Action {
			case plans.Destroy:
				o.Action = stage.Destroy
			case plans.Add:
				o.Action = stage.Add
			default:
				o.Action = stage.Change
			}
			if more, err := t.withContent(ctx, o, copied, yield); err != nil || !more {
				if err != nil {
					yield(o, err)
				}
				return
			}
		}
	}
}

// withContent yields an operation with its content opened. The error is what
// has not been yielded.
func (t *tree) withContent(ctx context.Context, o stage.Operation, copied *bytesOf, yield func(stage.Operation, error) bool) (more bool, err error) {
	if o.Action == stage.Destroy {
		return yield(o, nil), nil
	}
	content, err := t.files.OpenFile(ctx, t.policy.Package+"/"+o.Name)
	if err != nil {
		return false, fmt.Errorf("read the package's file %q: %w", o.Name, err)
	}
	o.Content = copied.reader(content)
	more = yield(o, nil)
	if err := content.Close(); err != nil && more {
		return false, err
	}
	return more, nil
}

// abandonFiles removes what was staged by an apply that was not committed.
// While it is not known whether it was, everything stays for recover.
func (a *application) abandonFiles(cause error) error {
	if errors.Is(cause, ErrUnknown) {
		return nil
	}
	var all []error
	for _, t := range a.trees.staged {
		// Whoever cancelled the apply wants it undone all the more.
		all = append(all, stage.Abandon(context.WithoutCancel(a.ctx), t.store, a.trees.id))
	}
	return errors.Join(all...)
}

// abandonRehearsed is abandonFiles after a rehearsal that went well.
func (a *application) abandonRehearsed() []string {
	if err := a.abandonFiles(nil); err != nil {
		return []string{fmt.Sprintf("Staged files of the rehearsal are left behind: %v. Run edmsplan recover.", err)}
	}
	return nil
}

// finishFiles moves staged files into place after the commit. The apply is
// done whatever happens here, so what goes wrong is only told; recover ends it.
func (a *application) finishFiles() []string {
	if len(a.trees.staged) == 0 {
		return nil
	}
	// The commit has decided; there is no way back that an interruption could
	// take.
	ctx := context.WithoutCancel(a.ctx)
	if err := a.finishPending(ctx); err != nil {
		return []string{fmt.Sprintf("The files of apply %s are not all in place: %v. Run edmsplan recover.", a.trees.id, err)}
	}
	return nil
}

// finishPending finishes what is still pending of this apply. It takes the
// log's locks again: meanwhile someone else may recover.
func (a *application) finishPending(ctx context.Context) (err error) {
	tx, err := a.Live.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	if err := tx.Lock(ctx, changelog.Tables(), answerWait); err != nil {
		return err
	}
	pending, err := changelog.PendingFiles(ctx, tx)
	if err != nil {
		return err
	}
	var finished []changelog.TreeChange
	var problems []error
	for _, c := range pending {
		for _, t := range a.trees.staged {
			if c.ApplyID != a.trees.id || c.Tree != t.policy.Name {
				continue
			}
			m, err := manifest(c)
			if err == nil {
				err = stage.Finish(ctx, t.store, m)
			}
			if err != nil {
				problems = append(problems, err)
				continue
			}
			finished = append(finished, c)
		}
	}
	return errors.Join(append(problems, markFinished(ctx, tx, finished))...)
}

// markFinished ends the transaction.
func markFinished(ctx context.Context, tx database.Tx, finished []changelog.TreeChange) error {
	if len(finished) == 0 {
		return nil
	}
	if err := changelog.FinishFiles(ctx, tx, finished); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// manifest reads what an apply left to be done.
func manifest(c changelog.TreeChange) (stage.Manifest, error) {
	var m stage.Manifest
	if err := json.Unmarshal([]byte(c.Manifest), &m); err != nil {
		return m, fmt.Errorf("%w: apply %s, files %s: %w", stage.ErrManifest, c.ApplyID, c.Tree, err)
	}
	if m.Apply != c.ApplyID {
		return m, fmt.Errorf("%w: it is of apply %s and stands with apply %s", stage.ErrManifest, m.Apply, c.ApplyID)
	}
	return m, nil
}
