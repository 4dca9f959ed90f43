package changelog

import (
	"context"
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// TreeChange is what an apply does with the files of one tree: it is kept with
// the rows, so that it can be finished after a crash.
type TreeChange struct {
	ApplyID string
	// Tree is the label of the policy's files block, Path where the tree was.
	Tree, Path string
	// Manifest is the stage.Manifest as JSON.
	Manifest string
}

// The states of a tree's change.
const (
	filesPending  = "pending"
	filesFinished = "finished"
)

// fileTable holds a TreeChange a row. It is not part of the hash chain.
func fileTable() *schema.Table {
	return &schema.Table{
		Name: "edmsplan_files", Relation: "edmsplan_files", PrimaryKey: []string{"apply_id", "tree"},
		Columns: []schema.Column{text("apply_id"), text("tree"), text("path"), text("manifest"), text("state")},
	}
}

// AppendFiles keeps the changes in the transaction of their apply, as pending.
func AppendFiles(ctx context.Context, tx database.Tx, list []TreeChange) error {
	t := fileTable()
	if err := tx.Create(ctx, t); err != nil {
		return fmt.Errorf("make the table of files: %w", err)
	}
	n, err := tx.Write(ctx, schema.Batch{
		Op: schema.Insert, Table: t, Columns: columns(t), Count: int64(len(list)),
		Rows: func(yield func([]schema.Value, error) bool) {
			for _, c := range list {
				if !yield(values([]string{c.ApplyID, c.Tree, c.Path, c.Manifest, filesPending}), nil) {
					return
				}
			}
		},
	})
	if err == nil && n != int64(len(list)) {
		err = fmt.Errorf("%d written, %d expected", n, len(list))
	}
	if err != nil {
		return fmt.Errorf("keep what is to be done with files: %w", err)
	}
	return nil
}

// PendingFiles returns the changes that are not known to be finished, oldest
// first. A database without the table has none; the snapshot is then of no
// further use.
func PendingFiles(ctx context.Context, s database.Snapshot) ([]TreeChange, error) {
	t := fileTable()
	var list []TreeChange
	// Apply ids begin with their time.
	for rec, err := range s.Scan(ctx, schema.Selection{Table: t, Columns: columns(t), OrderBy: []string{"apply_id", "tree"}}) {
		if errors.Is(err, database.ErrNoTable) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read what is to be done with files: %w", err)
		}
		r := &reader{fields: rec.Fields}
		c := TreeChange{ApplyID: r.text(), Tree: r.text(), Path: r.text(), Manifest: r.text()}
		if r.text() != filesFinished {
			list = append(list, c)
		}
	}
	return list, nil
}

// FinishFiles marks changes as finished. The manifests are no longer needed
// and go: they would grow with every apply.
func FinishFiles(ctx context.Context, tx database.Tx, list []TreeChange) error {
	t := fileTable()
	n, err := tx.Write(ctx, schema.Batch{
		Op: schema.Update, Table: t, Key: []string{"apply_id", "tree"}, Columns: []string{"manifest", "state"}, Count: int64(len(list)),
		Rows: func(yield func([]schema.Value, error) bool) {
			for _, c := range list {
				if !yield(values([]string{c.ApplyID, c.Tree, "", filesFinished}), nil) {
					return
				}
			}
		},
	})
	if err == nil && n != int64(len(list)) {
		err = fmt.Errorf("%d written, %d expected", n, len(list))
	}
	if err != nil {
		return fmt.Errorf("mark files as finished: %w", err)
	}
	return nil
}
