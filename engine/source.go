package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// OpenSource makes a package of a database: the records of the policy's models
// as they are now. url is how it was named. The database's tables and columns
// may have other names, which the models' source blocks map; models whose
// table it lacks have no records. The caller closes the package, and after it
// the database.
func OpenSource(ctx context.Context, db database.Database, url string, pol *policy.Policy) (backup.Package, error) {
	view, err := db.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the source: %w", err)
	}
	s, err := newSource(ctx, view, url, pol)
	if err != nil {
		return nil, errors.Join(err, view.Close())
	}
	return s, nil
}

// sourcePackage is a database as a package. A plan that was made of it is
// carried out with what it holds then: the change set tells whether that is the
// same.
type sourcePackage struct {
	tables
	models   []*schema.Model
	contents []schema.Content
	info     backup.Info
}

var _ schema.Typed = (*sourcePackage)(nil)

func newSource(ctx context.Context, view database.Snapshot, url string, pol *policy.Policy) (*sourcePackage, error) {
	c, err := view.Catalogue(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the source's catalogue: %w", err)
	}
	s := &sourcePackage{info: backup.Info{Format: c.Dialect, Path: plans.WithoutPassword(url)}}
	identity := sha256.Sum256([]byte("edmsplan source\x00" + c.Identity))
	s.info.Digest = hex.EncodeToString(identity[:])
	s.info.Facts = []backup.Fact{{Name: "database", Value: c.Name}, {Name: "server", Value: c.Server}}
	named, names := rename(pol, c)
	s.tables = tables{view: view, catalogue: named, names: names}
	fitting, lacking := fit(pol, named)
	var list diag.List
	if s.models, _, list = planner.Models(fitting, named); list.Err() != nil {
		return nil, fmt.Errorf("the source %s does not fit the policy: %w", s.info.Path, list.Err())
	}
	for _, m := range lacking {
		s.info.Warnings = append(s.info.Warnings, fmt.Sprintf("%s has no table %s: no records of %s are read from it.", s.info.Path, m.Table.Text, m.Label))
	}
	for _, m := range s.models {
		n, err := s.count(ctx, named.Table(m.Table))
		if err != nil {
			return nil, err
		}
		s.contents = append(s.contents, schema.Content{Model: m.Label, Records: int(n)})
		s.info.Records += int(n)
	}
	return s, nil
}

// fit is the policy as far as it describes what a source holds: models whose
// table is there, with the fields that are there.
func fit(pol *policy.Policy, c *schema.Catalogue) (fitting *policy.Policy, lacking []*policy.Model) {
	out := *pol
	out.Models = nil
	for _, m := range pol.Models {
		t := c.Table(m.Table.Text)
		if t == nil {
			lacking = append(lacking, m)
			continue
		}
		out.Models = append(out.Models, &policy.Model{
			Label: m.Label, Range: m.Range, Rules: m.Rules, Table: m.Table, NaturalKey: m.NaturalKey,
			Sensitive: present(t, m.Sensitive), References: m.References, GenericReferences: m.GenericReferences,
		})
	}
	return &out, lacking
}

// present are the names that are columns of the table, a reference's short
// name included.
func present(t *schema.Table, names []policy.Name) []policy.Name {
	return slices.DeleteFunc(slices.Clone(names), func(n policy.Name) bool {
		return t.Column(n.Text) == nil && t.Column(n.Text+"_id") == nil
	})
}

// Name implements schema.Source.
func (s *sourcePackage) Name() string { return s.info.Path }

// Contents implements schema.Source.
func (s *sourcePackage) Contents() []schema.Content { return s.contents }

// Models implements schema.Typed.
func (s *sourcePackage) Models() []*schema.Model { return s.models }

// Info implements backup.Package.
func (s *sourcePackage) Info() backup.Info { return s.info }

// Scan implements schema.Source.
func (s *sourcePackage) Scan(ctx context.Context, sel schema.Selection) iter.Seq2[*schema.Record, error] {
	for _, m := range s.models {
		if m.Label == sel.Model {
			return s.records(ctx, m)
		}
	}
	return func(func(*schema.Record, error) bool) {}
}

// Close ends the snapshot.
func (s *sourcePackage) Close() error { return s.view.Close() }
