package engine_test

import (
	"errors"
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
)

// The example's plan, applied, changes the rows that it names and no others,
// and leaves nothing to do.
func TestExampleIsAppliedAsPlanned(t *testing.T) {
	cases := map[string]struct {
		replace []string
		want    plans.Summary
	}{
		"as it is": {nil, plans.Summary{Add: 36, Change: 18, Remap: 13, Unchanged: 67, Skip: 1, Keep: 99}},
		"with a model whose absent rows are destroyed": {
			destroying(), plans.Summary{Add: 36, Change: 18, Destroy: 1, Remap: 13, Unchanged: 67, Skip: 1, Keep: 98},
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e, pol, pkg := s.engine(t), examplePolicy(t, test.replace...), openPackage(t, example("package"))
				p := planned(t, e, pol, pkg)
				if p.Summary != test.want {
					t.Errorf("summary %+v, want %+v", p.Summary, test.want)
				}
				before := look(t, s.db)
				done := apply(t, e, p, pol, pkg)
				if done.Summary != test.want || done.ID == "" {
					t.Errorf("applied %+v, want %+v", done, test.want)
				}
				wroteAsPlanned(t, pol, p, before, look(t, s.db))
				noChanges(t, e, pol, pkg)
			})
		}
	})
}

func TestPlanIsAppliedOnce(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		first := apply(t, e, p, pol, pkg)
		after := look(t, s.db)
		_, err := e.Apply(t.Context(), p, pol, pkg, lockWait)
		var used *engine.UsedError
		if !errors.As(err, &used) || used.ApplyID != first.ID || used.Actor != "tester" || used.At.IsZero() {
			t.Errorf("applied twice: %v, want that apply %s did it", err, first.ID)
		}
		identical(t, after, look(t, s.db))
	})
}

// The application goes on inserting rows with its sequences after an apply that
// used primary keys of the package.
func TestSequencesAreLeftPastTheKeys(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		apply(t, e, planned(t, e, pol, pkg), pol, pkg)
		nextKeysAreFree(t, s)
		s.run(t, "INSERT INTO document_sources (uuid, name, source_type, description, requires_verification, requires_signature, is_active, created_at) "+
			"SELECT '00000000-0000-4000-8000-000000000001', 'by the application', source_type, description, requires_verification, requires_signature, is_active, created_at FROM document_sources WHERE id = 1")
	})
}

// nextKeysAreFree checks that each sequence stands at or past the greatest key
// of its table.
func nextKeysAreFree(t *testing.T, s *site) {
	t.Helper()
	st := look(t, s.db)
	checked := 0
	for _, table := range st.catalogue.Tables {
		for _, c := range table.Columns {
			if c.Sequence == nil {
				continue
			}
			for _, r := range st.rows[table.Name] {
				checked++
				if n := number(t, r[c.Name].Text); n > c.Sequence.Last {
					t.Errorf("%s.%s: there is a row %d, the sequence stands at %d", table.Name, c.Name, n, c.Sequence.Last)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no sequence was looked at")
	}
}
