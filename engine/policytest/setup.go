package policytest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
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

// makeTables makes the tables and runs the test's own SQL.
func (c *testCase) makeTables(ctx context.Context) error {
	sources, ok := c.file.Schema.For(c.Dialect)
	if !ok {
		return c.noDialect("schema", c.file.Schema)
	}
	for _, s := range sources {
		if strings.HasSuffix(s, ".sql") {
			if err := c.script(ctx, s, c.file.Schema.Range); err != nil {
				return err
			}
			continue
		}
		if !strings.Contains(s, "://") && !strings.HasPrefix(s, "sqlite:") {
			s = c.path(s)
		}
		tables, err := c.Tables(ctx, s)
		if err == nil {
			err = engine.CreateTables(ctx, c.scratch, tables)
		}
		if err != nil {
			return at(c.file.Schema.Range, "The tables cannot be made", err.Error(), "Name an SQL file, a database or an .edmspkg.")
		}
	}
	if c.test.LiveFrom.Range.IsZero() {
		return nil
	}
	files, ok := c.test.LiveFrom.For(c.Dialect)
	if !ok {
		return c.noDialect("live_from", c.test.LiveFrom)
	}
	for _, f := range files {
		if err := c.script(ctx, f, c.test.LiveFrom.Range); err != nil {
			return err
		}
	}
	return nil
}

func (c *testCase) noDialect(attribute string, p policy.Paths) error {
	return at(p.Range, fmt.Sprintf("%s names nothing for %s", attribute, c.Dialect), "The tests run on this kind of database.",
		fmt.Sprintf("Write %s = { %s = \"FILE\", … }.", attribute, c.Dialect))
}

func (c *testCase) script(ctx context.Context, path string, rng diag.Range) error {
	sql, err := os.ReadFile(c.path(path))
	if err == nil {
		err = c.scratch.Script(ctx, string(sql))
	}
	if err != nil {
		return at(rng, "The SQL file "+path+" cannot be run", err.Error(), "Paths start in the folder of the test file; the SQL is that of "+c.Dialect+".")
	}
	return nil
}

func (c *testCase) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, filepath.FromSlash(p))
}

// at is an error with a place.
func at(rng diag.Range, summary, detail, remedy string) error {
	return diag.List{{Severity: diag.Error, Code: "test", Summary: summary, Detail: sentence(detail), Remedy: remedy, Range: rng}}.Err()
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
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
	result, err := c.planIn(ctx, planner.Input{Policy: c.bare, Catalogue: catalogue, Package: rows})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	if result.Diagnostics.HasErrors() {
		return rows.placed(result.Diagnostics).Err()
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

// openPackage is the test's package, nil for a re-initialisation alone.
func (c *testCase) openPackage(ctx context.Context) (backup.Package, error) {
	if p := c.test.PackageFrom; !p.Range.IsZero() {
		paths, ok := p.For(c.Dialect)
		if !ok {
			return nil, c.noDialect("package_from", p)
		}
		if len(paths) != 1 {
			return nil, at(p.Range, "A test has one package", fmt.Sprintf("%d are named.", len(paths)), "Name one of them.")
		}
		pkg, err := c.Package(ctx, c.path(paths[0]), c.policy)
		if err != nil {
			return nil, at(p.Range, "The package "+paths[0]+" cannot be opened", err.Error(), "Paths start in the folder of the test file.")
		}
		return pkg, nil
	}
	written := slices.Concat(c.file.Package, c.test.Package)
	if len(written) == 0 {
		return nil, nil
	}
	pkg := c.records("package", written)
	for label, list := range pkg.byModel {
		m := c.models[label]
		for _, rec := range list {
			if key, ok := keyOf(m, rec); !ok || !c.stays[label][keyID(key)] {
				c.fill(m, rec)
			}
		}
	}
	return pkg, nil
}
