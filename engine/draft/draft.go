// Package draft writes a first policy: it looks at a live database's catalogue
// and rows and at a package's records, and says in HCL what it takes them for,
// why, and what it could not tell. It decides nothing at a plan: what it wrote
// is a policy like any other, to be read and corrected by people.
//
// The language of policies is in schema/policy, what a policy means to a
// database in planner.
package draft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// Input is what a first policy is made of.
type Input struct {
	// Name is the policy's name.
	Name string
	// Catalogue and Live are the database as of one instant.
	Catalogue *schema.Catalogue
	Live      schema.Source
	// Package is nil without one.
	Package schema.Source
}

// Draft is a first policy before it is text.
type Draft struct {
	name   string
	models []*table // sorted by label
	// unnamed are the tables without a model, joins those of many-to-many
	// fields, both by name.
	unnamed, joins []*table
	// discarded are the labels of the package that have no table.
	discarded []*surveyed
	// sessions says that the label of Django's sessions is left out.
	sessions *table
	// placeless are content types that no table was found for.
	placeless []string
	packaged  bool
}

// Models is how many models the draft has.
func (d *Draft) Models() int { return len(d.models) }

// Make looks at the database and the package. It reads the package twice and
// of each table, once, the columns that something is to be learnt from; it
// keeps hashes and a bounded number of examples, never rows.
func Make(ctx context.Context, in Input) (*Draft, error) {
	w := newWorld(in.Catalogue)
	packaged := map[string]*surveyed{}
	if in.Package != nil {
		var err error
		if packaged, err = survey(ctx, in.Package); err != nil {
			return nil, err
		}
	}
	types, err := contentTypes(ctx, w, in.Live)
	if err != nil {
		return nil, err
	}
	w.described = describedBy(in.Package)
	placeless := w.label(packaged, types)
	d := &Draft{name: in.Name, placeless: placeless, packaged: in.Package != nil}
	d.sort(w, packaged)
	w.gatherSpellings()
	w.candidates()
	if in.Package != nil {
		if err := w.measurePackage(ctx, in.Package); err != nil {
			return nil, err
		}
	}
	if err := w.measureLive(ctx, in.Live); err != nil {
		return nil, err
	}
	for _, t := range d.models {
		w.choose(t)
	}
	for _, t := range d.models {
		w.describe(t)
		if err := w.derivations(ctx, t, in.Live); err != nil {
			return nil, err
		}
	}
	return d, w.count(ctx, in.Live, d.unnamed)
}

// sort puts each table where the text has it.
func (d *Draft) sort(w *world, packaged map[string]*surveyed) {
	placed := map[string]bool{}
	for _, t := range w.tables {
		if t.pkg != nil {
			placed[t.pkg.label] = true
		}
		switch {
		case t.label == sessionLabel:
			d.sessions, t.label = t, ""
		case t.label != "":
			d.models = append(d.models, t)
		case t.join:
			d.joins = append(d.joins, t)
		default:
			d.unnamed = append(d.unnamed, t)
		}
	}
	for _, label := range sortedKeys(packaged) {
		if s := packaged[label]; !placed[label] && label != sessionLabel {
			d.discarded = append(d.discarded, s)
		}
	}
	slices.SortFunc(d.models, func(a, b *table) int { return strings.Compare(a.label, b.label) })
}

// counter is a live source that can count the rows of a table.
type counter interface {
	Count(ctx context.Context, t *schema.Table) (int64, error)
}

// count says how many rows the tables without a model hold, where the database
// can tell.
func (w *world) count(ctx context.Context, live schema.Source, tables []*table) error {
	c, ok := live.(counter)
	if !ok {
		return nil
	}
	for _, t := range tables {
		n, err := c.Count(ctx, t.Table)
		if err != nil {
			return fmt.Errorf("count the rows of %s: %w", t.Name, err)
		}
		t.rows = n
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
