package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// attempts is how often an apply starts again because the tables changed
// between the look at them and the locks.
const attempts = 3

// movedError says that what was surveyed before the locks was no longer so
// under them. Nothing was written; to begin anew may help.
type movedError struct{ cause error }

func (e *movedError) Error() string { return e.cause.Error() }
func (e *movedError) Unwrap() error { return e.cause }

// survey is what an apply has to know before it can take its locks. As locks
// come before the transaction's first read, it is read in a snapshot of its
// own and looked at again under the locks.
type survey struct {
	tables []*schema.Table
	locked map[string]bool
	// logged says that the change log's tables exist and are among the locked
	// ones, so that no two applies continue the chain from the same entry.
	logged bool
}

func (e *Engine) look(ctx context.Context, saved *plans.Plan, pol *policy.Policy) (*survey, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	s, err := newSurvey(ctx, view, saved, pol)
	return s, errors.Join(err, view.Close())
}

func newSurvey(ctx context.Context, view database.Snapshot, saved *plans.Plan, pol *policy.Policy) (*survey, error) {
	c, err := view.Catalogue(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	if err := sameDatabase(saved, c); err != nil {
		return nil, err
	}
	s := &survey{tables: toLock(saved, pol, c), locked: map[string]bool{}}
	for _, t := range s.tables {
		s.locked[t.Name] = true
	}
	if s.logged, err = changelog.Exists(ctx, view); err != nil {
		return nil, err
	}
	if s.logged {
		s.tables = append(s.tables, changelog.Tables()...)
		imaged, err := changelog.HasImages(ctx, view)
		if err != nil {
			return nil, err
		}
		if imaged {
			s.tables = append(s.tables, changelog.ImageTable())
		}
	}
	return s, nil
}

func sameDatabase(saved *plans.Plan, c *schema.Catalogue) error {
	if c.Identity != saved.Digests.Live {
		return &StaleError{Reason: fmt.Sprintf("the plan was made for another database (%s), not for this one (%s)", saved.Header.Target, c.Name)}
	}
	return nil
}

// stillHolds looks at the tables again, under the locks.
func (s *survey) stillHolds(c *schema.Catalogue, saved *plans.Plan, pol *policy.Policy) error {
	if err := sameDatabase(saved, c); err != nil {
		return err
	}
	for _, t := range toLock(saved, pol, c) {
		if !s.locked[t.Name] {
			return &movedError{fmt.Errorf("the table %s appeared while the tables were being locked: try again", t.Name)}
		}
	}
	return nil
}

// toLock are the tables that the plan reads and, where rows are destroyed, every
// table that could refer to them; where rows are changed, every one whose rows the
// database would change with them.
func toLock(saved *plans.Plan, pol *policy.Policy, c *schema.Catalogue) []*schema.Table {
	var tables []*schema.Table
	if saved.Header.Undoes() != "" {
		tables = written(saved, c)
	} else {
		tables = planner.Tables(pol, c)
	}
	destroyed, changed := map[string]bool{}, map[string]bool{}
	for _, a := range saved.Accounting {
		destroyed[a.Table] = destroyed[a.Table] || a.Destroyed > 0
		changed[a.Table] = changed[a.Table] || a.Changed > 0
	}
	seen := map[string]bool{}
	for _, t := range tables {
		seen[t.Name] = true
	}
	for _, t := range c.Tables {
		for _, fk := range t.ForeignKeys {
			follows := fk.OnUpdate != "" && fk.OnUpdate != "no action" && fk.OnUpdate != "restrict"
			if (destroyed[fk.RefTable] || changed[fk.RefTable] && follows) && !seen[t.Name] {
				seen[t.Name] = true
				tables = append(tables, t)
			}
		}
	}
	return tables
}
