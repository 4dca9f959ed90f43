// Package engine carries plans out: it opens snapshots and transactions, lets
// the planner plan in them, writes what the plan says and logs it. It never
// prints; an Observer is told how far it is.
//
// What is to be done is decided in planner, how it looks in plans/render.
package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/edmsplan/edmsplan/engine/export"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Engine works on one live database.
type Engine struct {
	Live database.Database
	// LiveURL is how the live database was named; a plan records it without
	// its password.
	LiveURL string
	// Now is the one clock; nil is time.Now.
	Now func() time.Time
	// Actor is who applies, Program the version of edmsplan.
	Actor, Program string
	// Overrides are the guards that whoever applies overrides, by name, with
	// the reason for each.
	Overrides map[string]string
	// KeepIndexes has apply leave indexes and foreign keys in place that it would
	// rebuild, see plan warnings of the code apply.set_aside.TABLE. RebuildFrom is
	// the number of rows added to a table from which on it would; 0 is where that
	// is faster.
	KeepIndexes bool
	RebuildFrom int
	// TempDir is where the planner spools; empty is the system's.
	TempDir string
	// OpenTree opens the folder of a files block, which exists; nil leaves the
	// files blocks without effect.
	OpenTree func(path string) (storage.Store, error)
	// Observer is told how far the work is; nil is silent.
	Observer Observer
	// rounds, of which tests have few, are secretRounds where it is 0.
	rounds int
}

// Observer is told how far the work is. It is called from the goroutines that
// work, at most once every few thousand rows of each. One that is a
// planner.Expecter is told beforehand how much there is to plan or to back up,
// the latter as rows of planner.SideLive.
type Observer interface {
	planner.Observer
	// Writing reports the rows handed over so far of those to be written: of all
	// tables of an apply, at the named one; by its label, of a model to a
	// package; without a name, to the change log, or, of an undo, read from it.
	// While files are compared or copied it reports bytes of the named block of
	// the policy, while records are chosen how many have been looked at. A
	// negative total is not known.
	Writing(table string, rows, total int64)
	// Stage reports what begins: "plan", "lock", "compare", "write", "judge",
	// "log", "check" or "commit"; of a backup "read", "select", "pack" or "files"; of
	// an undo "entries" or "images"; of files "compare-files" or "copy-files".
	Stage(name string)
}

func (e *Engine) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

func (e *Engine) stage(name string) {
	if e.Observer != nil {
		e.Observer.Stage(name)
	}
}

// observer is the Observer as the planner knows it, nil if there is none.
func (e *Engine) observer() planner.Observer {
	if e.Observer == nil {
		return nil
	}
	return e.Observer
}

// Planned is a plan with the planner's spools, which its Changes read from.
type Planned struct {
	plans.Plan
	// Conflicts are what a person must decide, where the Request asks for that;
	// MoreConflicts are left out because they are too many, FollowingConflicts
	// because they hang on one that is listed.
	Conflicts                         []plans.Conflict
	MoreConflicts, FollowingConflicts int
	result                            *planner.Result
}

// Close removes the planner's temporary files; Changes cannot be read after.
func (p *Planned) Close() error { return p.result.Close() }

// Plan compares the package with a snapshot of the live database. The caller
// closes what it returns.
func (e *Engine) Plan(ctx context.Context, r Request) (*Planned, error) {
	e.stage("plan")
	protected, err := e.protectedHere(ctx)
	if err != nil {
		return nil, err
	}
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	catalogue, err := view.Catalogue(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the live catalogue: %w", err), view.Close())
	}
	in, err := e.input(ctx, r, view, catalogue)
	if err != nil {
		return nil, errors.Join(err, view.Close())
	}
	in.Protected, in.Sealed = protectedModels(protected, r.Policy), true
	result, files, err := e.planFiles(ctx, &r, in)
	var asides diag.List
	if err == nil {
		asides, err = e.announce(ctx, view, catalogue, result)
	}
	if err := errors.Join(err, files.Close(), view.Close()); err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, errors.Join(err, result.Close())
	}
	sealed, err := e.digests(id.String(), &r, catalogue, result)
	if err != nil {
		return nil, errors.Join(err, result.Close())
	}
	return &Planned{result: result, Conflicts: result.Conflicts, MoreConflicts: result.MoreConflicts, FollowingConflicts: result.FollowingConflicts, Plan: plans.Plan{
		Header: plans.Header{
			ID: id.String(), CreatedAt: e.now().UTC(), Version: e.Program, Target: catalogue.Name,
			LiveURL: e.LiveURL, Package: r.packageInfo().Path, Format: r.packageInfo().Format,
			Policy: r.Policy.Name, PolicyFiles: policyFiles(r.Policy), Variables: variables(r.Policy),
			Options: r.options(),
		},
		Summary: result.Summary, Accounting: result.Accounting, Decisions: result.Decisions, Remaps: result.Remaps, Skips: result.Skips,
		Diagnostics: slices.Concat(packageWarnings(r.packageInfo()), result.Diagnostics, asides), Untouched: result.Untouched,
		Digests: sealed,
		Changes: result.Changes,
	}}, nil
}

func (e *Engine) digests(id string, req *Request, c *schema.Catalogue, r *planner.Result) (plans.Digests, error) {
	secrets, err := e.sealSecrets(r.Secrets, id)
	return plans.Digests{
		Policy: req.Policy.Digest, Package: req.packageInfo().Digest, Live: c.Identity, ChangeSet: r.ChangeSet, Secrets: secrets,
	}, err
}

func policyFiles(p *policy.Policy) []plans.PolicyFile {
	out := make([]plans.PolicyFile, len(p.Files))
	for i, f := range p.Files {
		out[i] = plans.PolicyFile{Name: f.Name, Content: string(f.Content)}
	}
	return out
}

func variables(p *policy.Policy) []plans.Variable {
	out := make([]plans.Variable, len(p.Variables))
	for i, v := range p.Variables {
		out[i] = plans.Variable{Name: v.Name, Sensitive: v.Sensitive}
		if !v.Sensitive {
			out[i].Value = v.Value
		}
	}
	return out
}

// Validate checks the policy against the live database.
func (e *Engine) Validate(ctx context.Context, pol *policy.Policy) (diag.List, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	catalogue, err := view.Catalogue(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the live catalogue: %w", err), view.Close())
	}
	list, err := planner.Validate(ctx, pol, catalogue, view)
	if err == nil && !list.HasErrors() {
		models, tables, _ := planner.Models(pol, catalogue)
		var exports diag.List
		exports, err = export.Check(export.Input{Policy: pol, Models: models, Tables: tables, Dialect: catalogue.Dialect, Redact: true})
		list = append(list, exports...)
	}
	return list, errors.Join(err, view.Close())
}
