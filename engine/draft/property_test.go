package draft_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A draft for a project that nobody has seen plans without an edit: the policy
// reads, nothing in the plan is an error, and where the database keeps
// something unique, exactly the rows that are not there are added.
func TestARandomProjectNeedsNoEdit(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		s := drawSite(r)
		live := onSQLite(r, dir, s.sql(), s.fixture(r))
		defer live.close(r)
		needsNoEdit(r, s, live)
	})
}

// The same on PostgreSQL, for fewer projects: making one takes longer there.
func TestARandomProjectNeedsNoEditOnPostgres(t *testing.T) {
	url, dir := server.Database(t), t.TempDir()
	type drawn struct {
		site    *randomSite
		fixture string
	}
	projects := rapid.Custom(func(r *rapid.T) drawn {
		s := drawSite(r)
		return drawn{s, s.fixture(r)}
	})
	for seed := range 25 {
		d := projects.Example(seed)
		live := onPostgres(t, t, url, dir, d.site.sql(), d.fixture)
		needsNoEdit(t, d.site, live)
		live.close(t)
	}
}

func needsNoEdit(t fataler, s *randomSite, live *site) {
	text := live.draft(t)
	if strings.Contains(text, "hush-") {
		t.Fatalf("the draft shows a secret:\n%s", text)
	}
	planned := live.plan(t, text)
	defer func() { must(t, planned.Close()) }()
	if found := errorsOf(planned.Diagnostics); found != "" {
		t.Fatalf("the plan has errors:\n%s\nunder\n%s\n%s", found, text, s.sql())
	}
	for _, a := range planned.Accounting {
		m := s.model(a.Model)
		if m == nil || !m.keyed() {
			continue
		}
		if a.Added != m.added() {
			t.Fatalf("%s: %d of %d records are added, not %d\n%s\n%s", a.Model, a.Added, a.Package, m.added(), text, s.sql())
		}
	}
}

// keyed reports whether the database keeps something of the model unique that
// is the same in each environment.
func (m *randomModel) keyed() bool {
	for _, c := range m.columns {
		if c.unique && !c.nullable {
			return true
		}
	}
	return len(m.key) > 0
}
