package policytest

import (
	"context"
	"errors"
	"slices"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// bare is the policy as far as it says what identifies a record: no rule of it
// has a say in what is live when a test begins.
func bare(p *policy.Policy) *policy.Policy {
	out := &policy.Policy{Name: p.Name, Files: p.Files}
	for _, m := range p.Models {
		b := &policy.Model{Label: m.Label, Range: m.Range, Rules: m.Rules, Table: m.Table, NaturalKey: m.NaturalKey, PackageKey: m.PackageKey}
		for _, r := range m.References {
			b.References = append(b.References, &policy.Reference{Field: r.Field, Range: r.Range, RuleRange: r.RuleRange, Through: r.Through, Model: r.Model})
		}
		for _, g := range m.GenericReferences {
			kept := *g
			kept.OnMissing = policy.OnMissingKeep
			b.GenericReferences = append(b.GenericReferences, &kept)
		}
		out.Models = append(out.Models, b)
	}
	return out
}

// catalogue reads what the tables are and how the policy's models lie in them.
func (c *testCase) catalogue(ctx context.Context) (_ *schema.Catalogue, err error) {
	view, err := c.scratch.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	catalogue, err := view.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	models, _, list := planner.Models(c.policy, catalogue)
	if list.HasErrors() {
		return nil, list.Err()
	}
	c.models, c.tables = map[string]*schema.Model{}, map[string]*schema.Table{}
	for _, m := range models {
		c.models[m.Label] = m
		c.tables[m.Label] = catalogue.Table(m.Table)
	}
	return catalogue, nil
}

// fillLive writes the test's live rows: they are a package that is planned
// against the empty tables, so that what is written in a test means the same
// on both sides.
func (c *testCase) fillLive(ctx context.Context) error {
	for _, path := range c.livePackages {
		if err := c.livePackage(ctx, path); err != nil {
			return err
		}
	}
	catalogue, err := c.catalogue(ctx)
	if err != nil {
		return err
	}
	if err := c.knownColumns(); err != nil {
		return err
	}
	rows := c.records("live", slices.Concat(c.file.Live, c.test.Live))
	if rows.info.Records == 0 {
		return nil
	}
	for label, list := range rows.byModel {
		for _, rec := range list {
			c.fill(c.models[label], rec)
		}
	}
	return c.write(ctx, planner.Input{Policy: c.bare, Catalogue: catalogue, Package: rows}, rows.placed)
}

// livePackage makes a package's records live. The policy's rules for reading
// packages hold for it.
func (c *testCase) livePackage(ctx context.Context, path string) (err error) {
	catalogue, err := c.catalogue(ctx)
	if err != nil {
		return err
	}
	pkg, err := c.open(ctx, path, c.test.LiveFrom.Range)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	reading := *c.bare
	reading.Discard, reading.Models = c.policy.Discard, nil
	for i, m := range c.bare.Models {
		own, rules := *m, c.policy.Models[i]
		own.Discard, own.Derives, own.OnDuplicate, own.JSONReferences = rules.Discard, rules.Derives, rules.OnDuplicate, rules.JSONReferences
		reading.Models = append(reading.Models, &own)
	}
	return c.write(ctx, planner.Input{Policy: &reading, Catalogue: catalogue, Package: pkg}, func(l diag.List) diag.List { return l })
}

// write carries out what is planned of rows that are to be live.
func (c *testCase) write(ctx context.Context, in planner.Input, placed func(diag.List) diag.List) (err error) {
	result, err := c.planIn(ctx, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	if result.Diagnostics.HasErrors() {
		return placed(result.Diagnostics).Err()
	}
	tx, err := c.scratch.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	for b, err := range result.Batches() {
		if err != nil {
			return err
		}
		if _, err := tx.Write(ctx, b); err != nil {
			return at(c.test.Range, "The live rows cannot be written", err.Error(), "Give the fields that the database asks for.")
		}
	}
	for _, s := range result.Sequences {
		if err := tx.Advance(ctx, s.Table, s.Column, s.Last); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// planIn plans in a snapshot of the scratch database.
func (c *testCase) planIn(ctx context.Context, in planner.Input) (_ *planner.Result, err error) {
	view, err := c.scratch.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	in.Live, in.TempDir = view, c.TempDir
	return planner.Plan(ctx, in)
}

// readLive learns the natural keys of the live rows: those that a plan would
// destroy for an empty package.
func (c *testCase) readLive(ctx context.Context) (err error) {
	catalogue, err := c.catalogue(ctx)
	if err != nil {
		return err
	}
	all := *c.bare
	all.Models = nil
	empty := &records{name: "nothing"}
	shared := map[string]int{}
	for _, m := range c.bare.Models {
		shared[m.Table.Text]++
	}
	for _, m := range c.bare.Models {
		own := *m
		if shared[m.Table.Text] == 1 {
			own.Absent = policy.AbsentDestroy
		}
		all.Models = append(all.Models, &own)
		empty.contents = append(empty.contents, schema.Content{Model: m.Label})
	}
	result, err := c.planIn(ctx, planner.Input{Policy: &all, Catalogue: catalogue, Package: empty})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	c.stays = map[string]map[string]bool{}
	for rec, err := range result.Changes() {
		if err != nil {
			return err
		}
		if c.stays[rec.Model] == nil {
			c.stays[rec.Model] = map[string]bool{}
		}
		c.stays[rec.Model][keyID(flat(rec.Key))] = true
	}
	return nil
}
