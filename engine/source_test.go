package engine_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// sourceOf opens a database as a package.
func sourceOf(t *testing.T, s *site, pol *policy.Policy) backup.Package {
	t.Helper()
	p, err := engine.OpenSource(t.Context(), s.db, s.url, pol)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

// What a re-initialisation cleared comes back from another database: each row
// of the policy's models, keys and microseconds and join rows included. The
// other database may be of another kind.
func TestADatabaseIsAPackage(t *testing.T) {
	t.Parallel()
	for _, from := range targets() {
		source := from.template(t, example("schema."+from.dialect+".sql"), example("live."+from.dialect+".sql"))(t)
		for _, to := range targets() {
			t.Run(from.dialect+" to "+to.dialect, func(t *testing.T) {
				live := to.template(t, example("schema."+to.dialect+".sql"), example("live."+to.dialect+".sql"))(t)
				e, pol := live.engine(t), reviewed(t, []string{"reinit_at=2026-04-01T08:00:00Z"})
				original := look(t, live.db)
				reinit, err := e.Plan(t.Context(), engine.Request{Policy: pol, Reinit: true})
				must(t, err)
				cleared := saved(t, &reinit.Plan)
				must(t, reinit.Close())
				apply(t, e, cleared, pol, nil)
				pkg := sourceOf(t, source, pol)
				apply(t, e, planned(t, e, pol, pkg), pol, pkg)
				noChanges(t, e, pol, pkg)
				for _, table := range planner.Tables(pol, original.catalogue) {
					holdsRows(t, table, original.rows[table.Name], look(t, live.db).rows[table.Name])
				}
			})
		}
	}
}

// holdsRows compares the rows of a table by their primary keys. Rows that the
// application's own seeds added may stand beside them.
func holdsRows(t *testing.T, table *schema.Table, want, got map[string]row) {
	t.Helper()
	for key, r := range want {
		other, ok := got[key]
		if !ok {
			t.Errorf("%s: the row %s is gone", table.Name, key)
			continue
		}
		for _, c := range table.Columns {
			if r[c.Name] != other[c.Name] && !c.Type.Equal(schema.Value{Text: r[c.Name].Text, Valid: r[c.Name].Kind != schema.NullLiteral}, schema.Value{Text: other[c.Name].Text, Valid: other[c.Name].Kind != schema.NullLiteral}) {
				t.Errorf("%s %s: %s was %v and is %v", table.Name, key, c.Name, r[c.Name], other[c.Name])
			}
		}
	}
}
