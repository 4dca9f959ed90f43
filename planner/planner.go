// Package planner compares a package with a live database under a policy and
// makes the plan: match, diff, predict, order. It is pure: the same policy,
// package and live state give the same change set, byte for byte. It imports
// no adapter; both sides are a schema.Source.
//
// engine runs it, plans holds what it makes.
package planner

import (
	"context"
	"errors"
	"iter"

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
	Package   schema.Source
	// TempDir is where resolved records are spooled beyond a few megabytes;
	// empty means the system's.
	TempDir string
	// Observer is told how far planning is; nil is silent.
	Observer Observer
}

// Observer is told how far planning is. It is called from the goroutine that
// plans, at most once every few thousand records.
type Observer interface {
	// Planning reports that so many records of the package or rows of the live
	// table have been read for a model.
	Planning(model string, side Side, records int)
}

// Side is one of the two sources.
type Side string

// The sides.
const (
	SidePackage Side = "package"
	SideLive    Side = "live"
)

// Result is a plan and what it takes to carry it out. It holds a temporary
// file until it is closed.
type Result struct {
	Summary     plans.Summary
	Accounting  []plans.Accounting
	Remaps      []plans.Remapping
	Skips       []plans.Skip
	Diagnostics diag.List
	// Untouched are the live tables without a model block.
	Untouched []string
	// ChangeSet is the digest of the change set.
	ChangeSet string
	// Sequences are to be left past the keys that the plan uses.
	Sequences []Sequence
}

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
	return nil, errors.ErrUnsupported
}

// Tables are the live tables that a plan under this policy reads: those of the
// models and of their many-to-many fields. Apply locks them first. Names that
// do not resolve are left to Plan's diagnostics.
func Tables(p *policy.Policy, c *schema.Catalogue) []*schema.Table { return nil }

// Validate checks the policy against the catalogue of the live database and
// the natural keys against its rows: duplicates and nulls are errors with the
// rows, a natural key that no unique constraint backs is a warning.
func Validate(ctx context.Context, p *policy.Policy, c *schema.Catalogue, live schema.Source) (diag.List, error) {
	return nil, errors.ErrUnsupported
}

// Changes yields the plan's records in order, with all fields. It may be
// called more than once. The Record is valid until the next one is asked for.
func (r *Result) Changes() iter.Seq2[*plans.Record, error] { return nil }

// Batches yields the writes in the order in which they are to be done. It may
// be called more than once; the rows of a batch are read before the next batch
// is asked for.
func (r *Result) Batches() iter.Seq2[schema.Batch, error] { return nil }

// Close removes temporary files.
func (r *Result) Close() error { return nil }
