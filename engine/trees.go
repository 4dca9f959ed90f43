package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// trees are a policy's trees of files, opened for a plan. What is odd about
// them is found while the planner reads them; report adds it to the plan.
type trees struct {
	list  []*tree
	diags diag.List
	// staged are those in which the apply of this id has staged files.
	staged []*tree
	id     string
}

// tree is a files block with what holds its files on both sides.
type tree struct {
	policy *policy.FileTree
	path   string
	store  storage.Store
	// files is nil when the package says nothing about the tree.
	files backup.Files
	// concerned says that the plan may do something with the tree's files.
	concerned bool
	// odd is what stands in the tree and is no file: the first, and how many.
	odd      error
	oddCount int
}

// planFiles plans with the policy's trees of files. The caller closes them,
// and the result.
func (e *Engine) planFiles(ctx context.Context, r *Request, in planner.Input) (*planner.Result, *trees, error) {
	t, err := e.openTrees(ctx, r, &in)
	if err != nil {
		return nil, t, err
	}
	result, err := planner.Plan(ctx, in)
	if err != nil {
		return nil, t, err
	}
	t.report(r.Policy, result)
	return result, t, nil
}

// openTrees opens the policy's trees and makes them part of the input. Without
// OpenTree no plan is about files.
func (e *Engine) openTrees(ctx context.Context, r *Request, in *planner.Input) (*trees, error) {
	t := &trees{}
	if e.OpenTree == nil || len(r.Policy.FileTrees) == 0 {
		return t, nil
	}
	pending, err := e.pendingFiles(ctx)
	if err != nil {
		return t, err
	}
	for _, p := range r.Policy.FileTrees {
		if err := t.open(e, r, p, pending); err != nil {
			return t, err
		}
	}
	for _, o := range t.list {
		entry := planner.Tree{Policy: o.policy, Live: o.live(ctx, e)}
		if o.files != nil {
			entry.Package = o.brought(ctx)
		}
		in.Trees = append(in.Trees, entry)
	}
	return t, nil
}

// pendingFiles reads, in a snapshot of its own, which applies have files that
// are not known to be in place.
func (e *Engine) pendingFiles(ctx context.Context) ([]changelog.TreeChange, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	list, err := changelog.PendingFiles(ctx, view)
	return list, errors.Join(err, view.Close())
}

// treePath is the place of a tree: manifests are finished from other folders
// than the one in which they were made.
func treePath(p *policy.FileTree) (string, error) {
	if strings.Contains(p.Path, "://") {
		return p.Path, nil
	}
	return filepath.Abs(p.Path)
}

func (t *trees) open(e *Engine, r *Request, p *policy.FileTree, pending []changelog.TreeChange) error {
	path, err := treePath(p)
	if err != nil {
		return err
	}
	o := &tree{policy: p, path: path, concerned: r.Reinit && p.Clear}
	if f, ok := r.Package.(backup.Files); ok && f.HasFiles(p.Package) {
		o.files, o.concerned = f, true
	}
	for _, c := range pending {
		if c.Path == path || c.Tree == p.Name {
			t.diags = append(t.diags, unfinished(p, c.ApplyID))
			break
		}
	}
	if o.store, err = e.OpenTree(path); err != nil {
		t.diags = append(t.diags, o.missing(err))
		return nil
	}
	t.list = append(t.list, o)
	return nil
}

func unfinished(p *policy.FileTree, id string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "files.unfinished", Range: p.Range,
		Summary: fmt.Sprintf("The files %q of an earlier apply are not all in place", p.Name),
		Detail:  fmt.Sprintf("Apply %s was committed, and is still putting its files in place or was interrupted.", id),
		Remedy:  "Run edmsplan recover, then plan again.",
	}
}

// missing says that a tree cannot be opened. That matters when the plan would
// do something with its files; else they are only left out.
func (o *tree) missing(err error) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Warning, Code: "files.folder", Range: o.policy.PathRange,
		Summary: fmt.Sprintf("The folder of the files %q cannot be opened, they are left out of the plan", o.policy.Name),
		Detail:  fmt.Sprintf("%s: %v.", o.path, err),
		Remedy:  "Write in path where it is, or make the folder if there are no files yet.",
	}
	if errors.Is(err, fs.ErrNotExist) {
		d.Summary = fmt.Sprintf("The folder of the files %q does not exist, they are left out of the plan", o.policy.Name)
		d.Detail = o.path + " is not there."
	}
	if o.concerned {
		d.Severity = diag.Error
		d.Summary = strings.TrimSuffix(d.Summary, ", they are left out of the plan")
	}
	return d
}

// live yields the files that are there.
func (o *tree) live(ctx context.Context, e *Engine) iter.Seq2[planner.FileInfo, error] {
	return func(yield func(planner.FileInfo, error) bool) {
		for info, err := range storage.Scan(ctx, e.comparing(ctx, o), "") {
			if errors.Is(err, storage.ErrIrregular) || errors.Is(err, storage.ErrName) {
				if o.oddCount++; o.odd == nil {
					o.odd = err
				}
				continue
			}
			if !yield(planner.FileInfo{Name: info.Name, Size: info.Size, Digest: info.Digest}, err) || err != nil {
				return
			}
		}
	}
}

// brought yields the files of the package. A name that no store may hold
// refuses the package.
func (o *tree) brought(ctx context.Context) iter.Seq2[planner.FileInfo, error] {
	return func(yield func(planner.FileInfo, error) bool) {
		for info, err := range o.files.Files(ctx, o.policy.Package) {
			if err == nil {
				err = goodName(info.Name)
			}
			if !yield(planner.FileInfo(info), err) || err != nil {
				return
			}
		}
	}
}

func goodName(name string) error {
	err := storage.CheckName(name)
	if err == nil && storage.Hidden(name) {
		err = storage.ErrName
	}
	if err == nil {
		return nil
	}
	return &backup.Refusal{
		Code: "package.file_name", Summary: fmt.Sprintf("the file %.100q has a name that cannot be stored", name), Cause: err,
		Detail: "Names are valid UTF-8 without control characters and backslashes, and do not begin with " + storage.HiddenPrefix + ".",
		Remedy: "Rename the file in the source, together with the record that names it, and export again.",
	}
}

// report adds what is odd about the trees to the plan's diagnostics.
func (t *trees) report(pol *policy.Policy, r *planner.Result) {
	for _, o := range t.list {
		if o.odd == nil {
			continue
		}
		d := diag.Diagnostic{
			Severity: diag.Warning, Code: "files.irregular", Range: o.policy.PathRange, More: o.oddCount - 1,
			Summary: fmt.Sprintf("Among the files %q is something else", o.policy.Name),
			Detail:  fmt.Sprintf("%s: %v. Links, devices and names that cannot be stored are never followed, changed or removed.", o.path, o.odd),
			Remedy:  "Move it elsewhere, or replace a link by the file that it leads to.",
		}
		if o.concerned {
			d.Severity = diag.Error
		}
		t.diags = append(t.diags, d)
	}
	for _, d := range t.diags {
		d.Source = sourceLine(pol, d.Range)
		r.Diagnostics = append(r.Diagnostics, d)
	}
}

// sourceLine is the line of the policy where the range begins.
func sourceLine(pol *policy.Policy, r diag.Range) string {
	for _, f := range pol.Files {
		if f.Name != r.File {
			continue
		}
		for n, line := range strings.Split(string(f.Content), "\n") {
			if n+1 == r.Start.Line {
				return strings.TrimRight(line, "\r")
			}
		}
	}
	return ""
}

// Close closes the stores.
func (t *trees) Close() error {
	var all []error
	for _, o := range t.list {
		all = append(all, o.store.Close())
	}
	return errors.Join(all...)
}
