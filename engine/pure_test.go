package engine_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
)

// lines are a plan's changes as the saved plan has them.
func lines(t *testing.T, p *plans.Plan) []string {
	t.Helper()
	var out []string
	for r, err := range p.Changes() {
		must(t, err)
		out = append(out, string(r.AppendJSON(nil)))
	}
	return out
}

// A plan is a function of policy, package and live state, and of nothing else.
func TestPlanIsPure(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t, destroying()...), openPackage(t, example("package"))
		first := planned(t, e, pol, pkg)
		want := lines(t, first)
		same := func(name string, p *plans.Plan) {
			t.Helper()
			if diff := cmp.Diff(want, lines(t, p)); diff != "" {
				t.Errorf("%s: changes (-first +this):\n%s", name, diff)
			}
			if p.Digests.ChangeSet != first.Digests.ChangeSet {
				t.Errorf("%s: another digest of the same changes", name)
			}
			if diff := cmp.Diff(first.Accounting, p.Accounting); diff != "" {
				t.Errorf("%s: accounting (-first +this):\n%s", name, diff)
			}
		}
		before := look(t, s.db)
		e.Now = func() time.Time { return time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) }
		again := planned(t, e, pol, openPackage(t, example("package")))
		same("planned again at another time", again)
		if again.Header.ID == first.Header.ID {
			t.Error("two plans have one ID, so that only one of them could be applied")
		}
		for seed := range uint64(3) {
			rs := records(t, example("package"))
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
			same("the package's records shuffled", planned(t, e, pol, fixture(t, rs)))
		}
		identical(t, before, look(t, s.db))
		logged(t, s, 0)

		// A copy of the same content is another database with the same changes.
		other := fresh(t)
		copied := planned(t, other.engine(t), pol, pkg)
		same("on a copy", copied)
		if copied.Digests.Live == first.Digests.Live {
			t.Error("a copy has the identity of the original")
		}
	})
}

// What moves rows around without changing them does not change the plan.
func TestPlanDoesNotDependOnTheOrderOfRows(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		want := lines(t, planned(t, e, pol, pkg))
		s.run(t, s.only("VACUUM; ANALYZE", "UPDATE users SET is_staff = is_staff WHERE id < 4; UPDATE audit_trail SET module = module WHERE id IN (1, 3)"))
		s.run(t, s.only("REINDEX", "CLUSTER users USING users_username_key"))
		if diff := cmp.Diff(want, lines(t, planned(t, e, pol, pkg))); diff != "" {
			t.Errorf("changes (-before +after):\n%s", diff)
		}
	})
}

// The digest of the changes is over what the file has.
func TestSavedPlanIsSealed(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		p := planned(t, s.engine(t), examplePolicy(t), openPackage(t, example("package")))
		seal := plans.NewSeal()
		var count int
		for r, err := range p.Changes() {
			must(t, err)
			seal.Add(r)
			count += bytes.Count(r.AppendJSON(nil), []byte(`"action"`))
		}
		if seal.Sum() != p.Digests.ChangeSet {
			t.Error("the saved changes do not match the plan's digest")
		}
		if want := p.Summary.Add + p.Summary.Change + p.Summary.Destroy; count < want {
			t.Errorf("%d changes are saved, want at least %d", count, want)
		}
	})
}
