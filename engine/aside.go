package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Rebuilding an index takes less time than adding rows to it from about so many
// new rows on, if they are at least one in so many of all that there are then.
const (
	rebuildFrom  = 20_000
	rebuildShare = 4
)

// asideCode begins the code of the warning that says what of a table is set
// aside; the table's name ends it. A saved plan holds it, so that nothing is
// set aside that was not announced.
const asideCode = "apply.set_aside."

// rebuildFrom is where it begins to pay; tests begin earlier.
func (e *Engine) rebuildFrom() int {
	if e.RebuildFrom > 0 {
		return e.RebuildFrom
	}
	return rebuildFrom
}

// loaded are the tables that get so many rows that their indexes and foreign
// keys had better be rebuilt.
func (e *Engine) loaded(accounting []plans.Accounting, c *schema.Catalogue) []*schema.Table {
	added, rows := map[string]int{}, map[string]int{}
	for _, a := range accounting {
		added[a.Table] += a.Added
		rows[a.Table] += a.Kept + a.Added
		for _, l := range a.Links {
			added[l.Table] += l.Added
			rows[l.Table] += l.Live - l.Removed + l.Added
		}
	}
	var out []*schema.Table
	for _, t := range c.Tables {
		if n := added[t.Name]; n >= e.rebuildFrom() && n*rebuildShare >= rows[t.Name] {
			out = append(out, t)
		}
	}
	return out
}

// announce warns of what apply will set aside. It is no part of the change
// set: with or without it the same rows are written.
func (e *Engine) announce(ctx context.Context, view database.Snapshot, c *schema.Catalogue, result *planner.Result) (diag.List, error) {
	s, ok := view.(database.Surveyor)
	tables := e.loaded(result.Accounting, c)
	if !ok || len(tables) == 0 || result.Diagnostics.HasErrors() {
		return nil, nil
	}
	asides, err := s.Rebuildable(ctx, tables)
	if err != nil {
		return nil, err
	}
	var out diag.List
	for _, a := range asides {
		out = append(out, diag.Diagnostic{
			Severity: diag.Warning, Code: asideCode + a.Table,
			Summary: fmt.Sprintf("Indexes and foreign keys of %s are rebuilt", a.Table),
			Detail: fmt.Sprintf("So many rows are added that apply drops them and makes them again from all rows, in its transaction: %s. "+
				"Until it ends, nobody can read the table or one that the foreign keys lead to.", strings.Join(slices.Concat(a.Indexes, a.ForeignKeys), ", ")),
			Remedy: "To keep them in place, which takes longer: edmsplan apply -keep-indexes.",
		})
	}
	return out, nil
}

// setAside sets aside what was announced and is still worth it.
func (a *application) setAside(result *planner.Result) error {
	r, ok := a.tx.(database.Rebuilder)
	if !ok || a.KeepIndexes {
		return nil
	}
	tables := slices.DeleteFunc(a.loaded(result.Accounting, a.catalogue), func(t *schema.Table) bool {
		return !slices.ContainsFunc(a.saved.Diagnostics, func(d diag.Diagnostic) bool { return d.Code == asideCode+t.Name })
	})
	if len(tables) == 0 {
		return nil
	}
	asides, err := r.SetAside(a.ctx, tables, a.wait)
	if err != nil {
		return fmt.Errorf("%w (edmsplan apply -keep-indexes leaves them in place)", err)
	}
	a.rebuilder = r
	if len(asides) == 0 {
		a.rebuilder = nil
	}
	return nil
}
