// Package planner compares a package with a live database under a policy and
// makes the plan: match, diff, predict, order. It is pure: the same policy,
// package and live state give the same change set, byte for byte. It imports
// no adapter; both sides are a schema.Source.
//
// engine runs it, plans holds what it makes.
package planner

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Input is what a plan is a function of. TempDir and Observer do not change it.
type Input struct {
	Policy    *policy.Policy
	Live      schema.Source
	Catalogue *schema.Catalogue
	// Package may be nil: a reinit alone has none.
	Package schema.Source
	// Partial is why the package may lack records that its source has, empty
	// when it lacks none: then a live row is not destroyed for being absent.
	Partial string
	// Reinit clears what the models' reinit blocks say.
	Reinit bool
	// Scope narrows the plan to a scope of the policy, Target to models whose
	// labels match one of the patterns; Exclude takes models out. Empty is all.
	Scope           string
	Target, Exclude []string
	// Decisions settle single records, see plans.Decision. Conflicts has those
	// listed that are left.
	Decisions []plans.Decision
	Conflicts bool
	// Trees are the policy's files blocks with what lies in them.
	Trees []Tree
	// Protected are labels of models whose rows the live database itself
	// protects from being destroyed, whatever the policy says.
	Protected []string
	// Sealed keeps of the changes no more than a saved plan does, for who is not
	// going to carry them out.
	Sealed bool
	// TempDir is where resolved records are spooled beyond a few megabytes;
	// empty means the system's.
	TempDir string
	// Observer is told how far planning is; nil is silent. If it is an Expecter,
	// Estimate is asked for the rows of the live tables; nil knows of none.
	Observer Observer
	Estimate Estimate

	limits spoolLimits // zero: the usual ones
	aside  asideLimits // zero: the usual ones
}

// Observer is told how far planning is. It is called from the goroutine that
// plans, at most once every few thousand records.
type Observer interface {
	// Planning reports that so many records of the package or rows of the live
	// table have been read for a model, or that so many records of the change
	// set, of all models, have been made.
	Planning(model string, side Side, records int)
}

// Side is one of the two sources, or what comes of them.
type Side string

// The sides.
const (
	SidePackage Side = "package"
	SideLive    Side = "live"
	// SideChanges is what comes of the two: the change set.
	SideChanges Side = "changes"
)

// Result is a plan and what it takes to carry it out. It holds a temporary
// file until it is closed.
type Result struct {
	Summary    plans.Summary
	Accounting []plans.Accounting
	// Decisions are the Input's, in the order of their records, and what they
	// turned out to mean.
	Decisions   []plans.Decision
	Remaps      []plans.Remapping
	Skips       []plans.Skip
	Diagnostics diag.List
	// Conflicts are what a person must decide, where the Input asks for that.
	// MoreConflicts are left out because they are too many, FollowingConflicts
	// because they hang on one that is listed.
	Conflicts          []plans.Conflict
	MoreConflicts      int
	FollowingConflicts int
	// Untouched are the live tables without a model block.
	Untouched []string
	// ChangeSet is the digest of the change set.
	ChangeSet string
	// Secrets is a digest of the sensitive values before and after, empty when
	// the plan writes none. It could be guessed from: it must not leave memory
	// as it is.
	Secrets string
	// Files are the files to be written and destroyed, in the plan's order.
	Files []FileOp
	// Sequences are to be left past the keys that the plan uses.
	Sequences []Sequence

	work work
}

// work is what a Result is made of: the planner's run, or an undo's.
type work interface {
	changes() iter.Seq2[*plans.Record, error]
	batches() iter.Seq2[schema.Batch, error]
	images() iter.Seq2[*Image, error]
	close() error
}

// Changes yields the plan's records in order: destroys, children first; then
// adds, changes and remaps, parents first; within a model by natural key. They
// have all fields, unless the Input asks for sealed ones. It may be called more
// than once. The Record is valid until the next one is asked for.
func (r *Result) Changes() iter.Seq2[*plans.Record, error] { return r.work.changes() }

// Batches yields the writes in the order in which they are to be done: links
// removed, rows destroyed (children first), then for each model, parents
// first, changes and adds, then references that had to wait, then links
// added. It may be called more than once; the rows of a batch are read before
// the next batch is asked for.
func (r *Result) Batches() iter.Seq2[schema.Batch, error] { return r.work.batches() }

// Images yields what each written row was and will be, for undo. It may be
// called more than once. The Image is valid until the next one is asked for.
func (r *Result) Images() iter.Seq2[*Image, error] { return r.work.images() }

// Close removes temporary files.
func (r *Result) Close() error { return r.work.close() }

// Sequence says how far a column's sequence must be.
type Sequence struct {
	Table  *schema.Table
	Column string
	Last   int64
}

// Plan compares. Whatever is wrong with policy, package or live data is in
// the Result's Diagnostics, and an Error there refuses only the apply; the
// error is for reading that failed.
func Plan(ctx context.Context, in Input) (*Result, error) {
	if in.Package == nil {
		in.Package = nothing{}
	}
	diags := &diag.Collector{}
	p := &planning{
		binding: bind(in.Policy, in.Catalogue, diags), ctx: ctx, in: in, diags: diags,
		genericNotes: map[genericNote]int{}, kept: map[who]bool{}, causes: map[who]cause{}, complained: map[complaint]bool{}, verdicts: map[who]verdict{}, taken: map[who]who{}, destroying: in.Reinit,
	}
	for _, m := range p.models {
		p.destroying = p.destroying || p.lackingGoes(m)
	}
	p.typed = p.readTypes(in.Package)
	r := &Result{work: p}
	p.narrow()
	p.demandWhole()
	p.partlyApart()
	if diags.List().HasErrors() {
		// A policy that does not fit the database plans nothing: every record
		// would only repeat the same complaint.
		r.Diagnostics, r.ChangeSet = diags.List(), plans.NewSeal().Sum()
		return r, nil
	}
	p.share()
	p.expect()
	if err := p.run(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	untouched, err := p.untouchedTables()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.Untouched = untouched
	p.report(r)
	p.guards(r)
	r.Decisions, r.Conflicts, r.MoreConflicts, r.FollowingConflicts = p.decisions(), p.listed, p.unlisted, p.following
	seal := plans.NewSeal()
	for i := range r.Decisions {
		seal.Decide(&r.Decisions[i])
	}
	p.secrets = sha256.New()
	p.sealed = newKept(in.TempDir, in.limits)
	expectChanges(p.in.Observer, r.Summary)
	made := 0
	for rec, err := range p.makeChanges() {
		if err == nil {
			made++
			observeChange(p.in.Observer, rec.Model, made)
			seal.Add(rec)
			if in.Sealed {
				sealed := rec.Sealed()
				rec = &sealed
			}
			err = p.sealed.add(rec)
		}
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	if err := p.spoiled(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.ChangeSet = seal.Sum()
	if p.anySecret {
		r.Secrets = hex.EncodeToString(p.secrets.Sum(nil))
	}
	p.secrets = nil
	p.unbalanced(r)
	r.Diagnostics = diags.List()
	return r, nil
}

// report gathers what the models know.
func (p *planning) report(r *Result) {
	for _, m := range p.models {
		a := m.account
		for n := range m.fields {
			if l := m.linkCount[n]; l != nil {
				a.Links = append(a.Links, *l)
			}
		}
		a.References = m.references()
		a.KeyInFields = m.pk < 0 || m.fields[m.pk].sensitive || slices.Contains(m.key, m.pk)
		r.Accounting = append(r.Accounting, a)
		r.Summary.Add += a.Added
		r.Summary.Change += a.Changed
		r.Summary.Destroy += a.Destroyed
		r.Summary.Remap += a.Remapped
		r.Summary.Unchanged += a.Unchanged
		r.Summary.Skip += a.Skipped
		r.Summary.Keep += a.Kept
		slices.SortFunc(m.remaps, func(a, b remapping) int {
			return cmp.Or(compareKeys(m.entries.at(a.entry).key, m.entries.at(b.entry).key), strings.Compare(a.Field, b.Field))
		})
		for _, x := range m.remaps {
			if m.pk >= 0 && x.Field == m.fields[m.pk].name {
				x.Rewritten = int(m.entries.at(x.entry).refs)
			}
			r.Remaps = append(r.Remaps, x.Remapping)
		}
		slices.SortStableFunc(m.skips, func(a, b plans.Skip) int { return strings.Compare(string(a.Key), string(b.Key)) })
		r.Skips = append(r.Skips, m.skips...)
		if m.pk >= 0 && m.keys.used > 0 && m.fields[m.pk].column.Sequence != nil {
			r.Sequences = append(r.Sequences, Sequence{Table: m.table, Column: m.fields[m.pk].column.Name, Last: m.keys.used})
		}
	}
	for _, m := range p.models {
		for n := range m.fields {
			if j := m.fields[n].many; j != nil && j.sequence() != nil && m.linkCount[n] != nil && m.linkCount[n].Added > 0 {
				r.Sequences = append(r.Sequences, Sequence{Table: j.table, Column: j.key[0], Last: j.last})
			}
		}
	}
	for _, t := range p.trees {
		r.Files = append(r.Files, t.ops...)
		r.Accounting = append(r.Accounting, t.account)
		r.Summary.Add += t.account.Added
		r.Summary.Change += t.account.Changed
		r.Summary.Destroy += t.account.Destroyed
		r.Summary.Unchanged += t.account.Unchanged
		r.Summary.Keep += t.account.Kept
	}
	for _, c := range p.in.Package.Contents() {
		if p.discardsModel(c.Model) {
			r.Accounting = append(r.Accounting, plans.Accounting{Model: c.Model, Package: c.Records, Skipped: c.Records})
			r.Summary.Skip += c.Records
			r.Skips = append(r.Skips, plans.Skip{
				Model: c.Model, Reason: fmt.Sprintf(plural(c.Records, "the policy discards the model: %d record{|s}"), c.Records),
			})
		}
	}
}

// unbalanced is the last word on guarantee 1: counts that do not add up refuse
// the plan, whatever the cause.
func (p *planning) unbalanced(r *Result) {
	for _, a := range r.Accounting {
		if a.Balanced() && (a.Refused == 0 || p.diags.List().HasErrors()) {
			continue
		}
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "accounting", Record: &diag.Record{Model: a.Model},
			Summary: fmt.Sprintf("The records of %s do not add up", a.Model),
			Detail: fmt.Sprintf("In the package %d; added %d (of them stubs %d), changed %d, unchanged %d, skipped %d, refused %d. Live %d; destroyed %d, kept %d.",
				a.Package, a.Added, a.Stubs, a.Changed, a.Unchanged, a.Skipped, a.Refused, a.Live, a.Destroyed, a.Kept),
			Remedy: "This is a defect of edmsplan; please report it.",
		})
	}
}

// Tables are the live tables that a plan under this policy reads: those of the
// models and of their many-to-many fields. Apply locks them first. Names that
// do not resolve are left to Plan's diagnostics.
func Tables(p *policy.Policy, c *schema.Catalogue) []*schema.Table {
	return bind(p, c, &diag.Collector{}).tables()
}

// close implements work.
func (p *planning) close() error {
	var errs []error
	if p.sealed != nil {
		errs = append(errs, p.sealed.spool.close())
	}
	for _, m := range p.models {
		if m.spool != nil {
			errs = append(errs, m.spool.close(), m.written.close())
		}
		if m.rest != nil {
			errs = append(errs, m.rest.spool.close(), m.settled.close())
		}
	}
	return errors.Join(errs...)
}

// spoiled is why what the planner kept could not be read again where nothing
// could be said of it, nil when it could.
func (p *planning) spoiled() error {
	var errs []error
	for _, m := range p.models {
		errs = append(errs, m.settled.failure())
	}
	return errors.Join(errs...)
}
