package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// changes are a change set for comparison: by "mark model key" the names of the
// fields that a change is about, none for other marks.
type changes map[string][]string

// wroteAsPlanned checks that between two states exactly the plan's records
// changed, each in exactly the fields that the plan shows, and that tables the
// plan does not list are identical.
func wroteAsPlanned(t *testing.T, pol *policy.Policy, p *plans.Plan, before, after *state) {
	t.Helper()
	if diff := cmp.Diff(plannedChanges(t, p), observed(t, pol, p, before, after)); diff != "" {
		t.Errorf("changes (-planned +observed):\n%s", diff)
	}
}

// identical checks that nothing changed at all.
func identical(t *testing.T, before, after *state) {
	t.Helper()
	if diff := cmp.Diff(before.rows, after.rows); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
}

func plannedChanges(t *testing.T, p *plans.Plan) changes {
	t.Helper()
	out := changes{}
	for r, err := range p.Changes() {
		must(t, err)
		if r.Action == plans.Remap {
			continue
		}
		var fields []string
		for _, f := range r.Fields {
			if r.Action == plans.Change {
				fields = append(fields, f.Name)
			}
		}
		slices.Sort(fields)
		var key []string
		for _, part := range r.Key.Parts() {
			text, ok := part.Text()
			if !ok {
				text = string(part)
			}
			key = append(key, text)
		}
		out[name(r.Action, r.Model, key)] = fields
	}
	return out
}

func name(a plans.Action, model string, key []string) string {
	return fmt.Sprintf("%s %s %q", a, model, key)
}

// observed works out of the rows what was done.
func observed(t *testing.T, pol *policy.Policy, p *plans.Plan, before, after *state) changes {
	t.Helper()
	joins := map[string]*policy.Model{}
	for _, a := range p.Accounting {
		for _, l := range a.Links {
			joins[l.Table] = pol.Model(a.Model)
		}
	}
	out := changes{}
	for _, table := range before.catalogue.Tables {
		switch m := modelOf(pol, table); {
		case m != nil:
			observeTable(pol, m, table, before, after, out)
		case joins[table.Name] == nil:
			if diff := cmp.Diff(before.rows[table.Name], after.rows[table.Name]); diff != "" {
				t.Errorf("table %s is not in the plan (-before +after):\n%s", table.Name, diff)
			}
		}
	}
	for table, owner := range joins {
		observeLinks(pol, owner, before.catalogue.Table(table), before, after, out)
	}
	return out
}

func observeTable(pol *policy.Policy, m *policy.Model, table *schema.Table, before, after *state, out changes) {
	was, is := before.rows[table.Name], after.rows[table.Name]
	for pk, r := range is {
		old, ok := was[pk]
		switch {
		case !ok:
			out[name(plans.Add, m.Label, after.key(pol, table, r))] = nil
		case !cmp.Equal(old, r):
			var fields []string
			for c, v := range r {
				if v != old[c] {
					fields = append(fields, fieldName(table, c))
				}
			}
			slices.Sort(fields)
			out[name(plans.Change, m.Label, after.key(pol, table, r))] = fields
		}
	}
	for pk, r := range was {
		if _, ok := is[pk]; !ok {
			out[name(plans.Destroy, m.Label, before.key(pol, table, r))] = nil
		}
	}
}

// fieldName is the column as a plan names it.
func fieldName(table *schema.Table, column string) string {
	if table.ForeignKeyOf(column) != nil {
		return strings.TrimSuffix(column, "_id")
	}
	return column
}

// observeLinks makes changes of their owners of the links that came and went.
func observeLinks(pol *policy.Policy, m *policy.Model, join *schema.Table, before, after *state, out changes) {
	field := strings.TrimPrefix(join.Name, m.Table.Text+"_")
	owner := join.Columns[slices.IndexFunc(join.Columns, func(c schema.Column) bool {
		fk := join.ForeignKeyOf(c.Name)
		return fk != nil && fk.RefTable == m.Table.Text
	})].Name
	differ := maps.Clone(before.rows[join.Name])
	for pk, r := range after.rows[join.Name] {
		if old, ok := differ[pk]; ok && cmp.Equal(old, r) {
			delete(differ, pk)
			continue
		}
		differ[pk] = r
	}
	for pk, r := range differ {
		s := after
		if _, ok := after.rows[join.Name][pk]; !ok {
			s = before
		}
		table, ownerRow := s.target(join, r, owner)
		key := s.key(pol, table, ownerRow)
		if _, added := out[name(plans.Add, m.Label, key)]; added {
			continue
		}
		if _, gone := out[name(plans.Destroy, m.Label, key)]; gone {
			continue
		}
		n := name(plans.Change, m.Label, key)
		if !slices.Contains(out[n], field) {
			out[n] = append(out[n], field)
			slices.Sort(out[n])
		}
	}
}
