package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edmsplan/edmsplan/engine/export"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// BackupRequest is what a backup is asked for.
type BackupRequest struct {
	Policy *policy.Policy
	Kind   backup.Kind
	// Scope narrows the backup to a scope of the policy and what its records
	// refer to; empty is all.
	Scope string
	// ExportKey makes the pseudonyms of an export.
	ExportKey []byte
	// Readers is how many models are read at the same time, from one snapshot;
	// less than 2, and where the database cannot, it is one after the other.
	Readers int
	// NoFiles leaves the folders of files out, for a format that holds none.
	NoFiles bool
	// Create begins the package. The engine closes the Writer.
	Create func(h backup.Header) (backup.Writer, error)
}

// BackedUp is what a backup wrote.
type BackedUp struct {
	Header backup.Header
	Models []BackedUpModel
	Files  int
	// Bytes are those of the files.
	Bytes int64
	// FilesLeftOut counts the files that no selected record names, and
	// FoldersLeftOut are the folders of which no record names the files: a
	// selection holds neither.
	FilesLeftOut   int
	FoldersLeftOut []string
	// Diagnostics are warnings.
	Diagnostics diag.List
	// Dangling and Treated are those of the selection, see export.Selection.
	Dangling []export.Dangling
	Treated  []export.Treated
}

// BackedUpModel counts one model's records. Table is what the table held:
// the records written and those left out.
type BackedUpModel struct {
	Label          string
	Table, Written int64
	// Followed are those of the written ones that stand outside the scope and
	// are referred to from within.
	Followed int64
}

// Records is the number of records written.
func (b *BackedUp) Records() int64 {
	var n int64
	for _, m := range b.Models {
		n += m.Written
	}
	return n
}

// Backup writes a package of the live database as it is at one instant, and of
// the policy's folders of files. It writes what was asked for or fails: each
// table's rows are counted in the snapshot and compared with what was written.
func (e *Engine) Backup(ctx context.Context, r BackupRequest) (done *BackedUp, err error) {
	e.stage("read")
	began := e.now().UTC()
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	b := &backingUp{Engine: e, ctx: ctx, request: r, done: &BackedUp{}}
	if err := b.begin(view, began); err != nil {
		return nil, err
	}
	if b.writer, err = r.Create(b.done.Header); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.writer.Close()) }()
	for _, step := range []func() error{b.writeModels, b.writeFiles} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := b.writer.Finish(ctx); err != nil {
		return nil, err
	}
	return b.done, nil
}

// backingUp is one backup.
type backingUp struct {
	*Engine
	ctx     context.Context
	request BackupRequest
	tables  tables
	writer  backup.Writer
	done    *BackedUp
	// chosen says what leaves; nil is all, as it is.
	chosen *export.Selection
	// named are the files that records name, by folder; true once they are in
	// the package.
	named map[*policy.FileTree]map[string]bool
}

// begin looks at what there is to be written.
func (b *backingUp) begin(view database.Snapshot, began time.Time) error {
	c, err := view.Catalogue(b.ctx)
	if err != nil {
		return fmt.Errorf("read the live catalogue: %w", err)
	}
	b.tables = tables{view: view, catalogue: c, ordered: true}
	pol := b.request.Policy
	models, list, diags := planner.Models(pol, c)
	if diags.HasErrors() {
		return diags.Err()
	}
	b.done.Diagnostics = diags
	b.done.Header = backup.Header{
		Kind: b.request.Kind, Created: began, Snapshot: began, Program: b.Program,
		Source: backup.Origin{Dialect: c.Dialect, Server: c.Server, Identity: c.Identity, Name: c.Name},
		Policy: pol.Name, PolicyDigest: pol.Digest, Scope: b.request.Scope,
	}
	if b.request.Kind == backup.FilesOf {
		return nil
	}
	b.done.Header.Models, b.done.Header.Tables = models, list
	if err := b.leaveOut(planner.Unlisted(pol, c)); err != nil {
		return err
	}
	return b.choose()
}

// choose decides what leaves where not everything does.
func (b *backingUp) choose() error {
	redact := b.request.Kind == backup.Export
	if !redact && b.request.Scope == "" {
		return nil
	}
	b.stage("select")
	h := &b.done.Header
	chosen, err := export.Select(b.ctx, export.Input{
		Policy: b.request.Policy, Models: h.Models, Tables: h.Tables, Dialect: h.Source.Dialect, Scan: b.looked(b.tables.records),
		Scope: b.request.Scope, Redact: redact, Key: b.request.ExportKey,
	})
	if err != nil {
		return err
	}
	b.done.Diagnostics = append(b.done.Diagnostics, chosen.Diagnostics...)
	b.chosen, b.done.Dangling, b.done.Treated = chosen, chosen.Dangling, chosen.Treated
	return b.done.Diagnostics.Err()
}

// leaveOut counts what has no model block: it is not in the package, and the
// package says so.
func (b *backingUp) leaveOut(unlisted []*schema.Table) error {
	for _, t := range unlisted {
		n, err := b.tables.count(b.ctx, t)
		if err != nil {
			return err
		}
		if n > 0 && b.request.Policy.Unlisted == policy.UnlistedRefuse {
			b.done.Diagnostics = append(b.done.Diagnostics, diag.Diagnostic{
				Severity: diag.Error, Code: "unlisted",
				Summary: fmt.Sprintf("The table %s has %d rows and no model block, and unlisted = refuse", t.Name, n),
				Remedy:  "Add a model block for it, or write unlisted = preserve.",
			})
		}
		b.done.Header.LeftOut = append(b.done.Header.LeftOut, backup.LeftOut{Table: t.Name, Rows: n})
	}
	for _, x := range b.tables.catalogue.Beside {
		b.done.Header.LeftOut = append(b.done.Header.LeftOut, backup.LeftOut{Table: x.Name, Rows: x.Rows})
	}
	b.done.Diagnostics = append(b.done.Diagnostics, planner.BesideTables(b.request.Policy, b.tables.catalogue)...)
	return b.done.Diagnostics.Err()
}

// writeModels writes the records of all models, from several snapshots of the
// same instant where that was asked for and can be had.
func (b *backingUp) writeModels() error {
	models := b.done.Header.Models
	b.done.Models = make([]BackedUpModel, len(models))
	b.named = map[*policy.FileTree]map[string]bool{}
	for _, t := range b.request.Policy.FileTrees {
		b.named[t] = map[string]bool{}
	}
	b.stage("pack")
	if err := b.expect(); err != nil {
		return err
	}
	n := min(b.request.Readers, len(models))
	if b.chosen != nil {
		n = 1 // a selection reads the snapshot that it was made on
	}
	readers, err := b.fork(n)
	if err != nil {
		return err
	}
	work := make(chan int)
	errs := make(chan error, len(readers))
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	for _, r := range readers {
		go func() {
			var err error
			for i := range work {
				if err == nil {
					if err = b.writeModel(ctx, &r, i); err != nil {
						cancel()
					}
				}
			}
			errs <- err
		}()
	}
	for i := range models {
		work <- i
	}
	close(work)
	var all []error
	for range readers {
		all = append(all, <-errs)
	}
	for _, r := range readers[1:] {
		all = append(all, r.view.Close())
	}
	return firstCause(all)
}

// firstCause is what went wrong, not the cancellations that followed from it.
func firstCause(all []error) error {
	for _, err := range all {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(all...)
}

// fork makes readers of the snapshot: itself, and copies as far as possible.
func (b *backingUp) fork(n int) ([]tables, error) {
	readers := []tables{b.tables}
	forker, ok := b.tables.view.(database.Forker)
	for ok && len(readers) < n {
		view, err := forker.Fork(b.ctx)
		if err != nil {
			for _, r := range readers[1:] {
				err = errors.Join(err, r.view.Close())
			}
			return nil, fmt.Errorf("open the live database again: %w", err)
		}
		another := b.tables
		another.view = view
		readers = append(readers, another)
	}
	return readers, nil
}

// writeModel writes one model's records and compares the numbers.
func (b *backingUp) writeModel(ctx context.Context, t *tables, i int) error {
	m := b.done.Header.Models[i]
	held, err := t.count(ctx, t.catalogue.Table(m.Table))
	if err != nil {
		return err
	}
	records, want := t.records(ctx, m), held
	done := BackedUpModel{Label: m.Label, Table: held}
	if b.chosen != nil {
		account := b.chosen.Accounting[i]
		if account.Records != held {
			return fmt.Errorf("write %s: the snapshot has %d rows of it, and %d were looked at", m.Label, held, account.Records)
		}
		records, want, done.Followed = b.chosen.Records(ctx, m.Label), account.Selected(), account.Closure
	}
	records = b.noteFiles(m, records)
	n, err := b.writer.WriteModel(ctx, m, watched(b.Engine, m.Label, 0, want, records))
	if err != nil {
		return fmt.Errorf("write %s: %w", m.Label, err)
	}
	if n != want {
		return fmt.Errorf("write %s: the snapshot has %d records of it, and %d were written", m.Label, want, n)
	}
	done.Written = n
	b.done.Models[i] = done
	return nil
}
