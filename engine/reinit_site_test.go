package engine_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// shared is the real package with its schema and states.
func shared(path ...string) string {
	return filepath.Join(append([]string{"..", "..", "shared", "edms"}, path...)...)
}

// populated is a site with the real schema and the state that the real package
// was made of. Tests on it are parallel.
func populated(t *testing.T) func(t *testing.T) *site {
	t.Helper()
	t.Parallel()
	folder := shared()
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the real package is not here: %v", err)
	}
	return postgresTemplate(t, shared("schema.sql"), shared("state-populated.sql"))
}

func realPackage(t *testing.T) backup.Package {
	t.Helper()
	p, err := backup.Open(t.Context(), shared("real-package"), slices.Concat(edms.Formats(django.Open), django.Formats()), backup.DefaultLimits())
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

// change is a replacement in one of the policy's files. An empty old text adds
// a file.
type change struct{ file, old, new string }

// clearing makes the shipped policy clear the audit trail: it takes the
// protection away and says so for each model.
func clearing() []change {
	return []change{
		{"audit.hcl", "  package_key     = [uuid, timestamp]\n  prevent_destroy = true\n", "  package_key = [uuid, timestamp]\n"},
		{"audit.hcl", "reinit { clear = false }", "reinit { clear = true }"},
	}
}

// reviewed is the example's policy with changes.
func reviewed(t *testing.T, vars []string, changes ...change) *policy.Policy {
	t.Helper()
	dir := t.TempDir()
	names, err := filepath.Glob(example("policy", "*.hcl"))
	must(t, err)
	for _, name := range names {
		text := string(read(t, name))
		for _, c := range changes {
			if c.file != filepath.Base(name) || c.old == "" {
				continue
			}
			if !strings.Contains(text, c.old) {
				t.Fatalf("%s does not say %q", c.file, c.old)
			}
			text = strings.ReplaceAll(text, c.old, c.new)
		}
		must(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(text), 0o600))
	}
	for _, c := range changes {
		if c.old == "" {
			must(t, os.WriteFile(filepath.Join(dir, c.file), []byte(c.new), 0o600))
		}
	}
	p, list := policy.Load(dir, policy.Options{Vars: vars, LiveURL: "sqlite:given-otherwise"})
	must(t, list.Err())
	return p
}

// result is a plan as these tests read it.
type result struct {
	*planner.Result
	records []plans.Record
}

// planIn plans in a snapshot.
func planIn(t *testing.T, s *site, in planner.Input) *result {
	t.Helper()
	view, err := s.db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	in.Live, in.TempDir = view, t.TempDir()
	in.Catalogue, err = view.Catalogue(t.Context())
	must(t, err)
	return collect(t, in)
}

func collect(t *testing.T, in planner.Input) *result {
	t.Helper()
	r, err := planner.Plan(t.Context(), in)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	out := &result{Result: r}
	for rec, err := range r.Changes() {
		must(t, err)
		out.records = append(out.records, *rec)
	}
	for _, a := range r.Accounting {
		if !a.Balanced() {
			t.Errorf("%+v does not add up", a)
		}
	}
	return out
}

// carryOut plans and writes in one transaction, as an apply does, and compares
// the numbers that the database gives with the plan's.
func carryOut(t *testing.T, s *site, in planner.Input) *result {
	t.Helper()
	tx, err := s.db.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	in.Live, in.TempDir = tx, t.TempDir()
	in.Catalogue, err = tx.Catalogue(t.Context())
	must(t, err)
	r := collect(t, in)
	must(t, r.Diagnostics.Err())
	for b, err := range r.Batches() {
		must(t, err)
		n, err := tx.Write(t.Context(), b)
		must(t, err)
		if n != b.Count {
			t.Fatalf("%s: the database wrote %d rows, the plan says %d", b.Table.Name, n, b.Count)
		}
	}
	for _, q := range r.Sequences {
		must(t, tx.Advance(t.Context(), q.Table, q.Column, q.Last))
	}
	must(t, tx.Commit(t.Context()))
	return r
}

// counts are the rows of the tables whose number is not 0.
func counts(s *state) map[string]int {
	out := map[string]int{}
	for name, rows := range s.rows {
		if len(rows) > 0 {
			out[name] = len(rows)
		}
	}
	return out
}

// with is a copy of counts with other numbers; 0 takes a table out.
func with(counts, other map[string]int) map[string]int {
	out := maps.Clone(counts)
	maps.Copy(out, other)
	maps.DeleteFunc(out, func(_ string, n int) bool { return n == 0 })
	return out
}

// cleared is what a re-initialisation leaves of the populated state.
func cleared() map[string]int {
	return map[string]int{
		"documents": 0, "document_versions": 0, "document_dependencies": 0, "document_access_logs": 0,
		"document_workflows": 0, "document_transitions": 0, "database_change_log": 0, "user_roles": 0, "users": 5,
	}
}

// reasons are the reasons that the plan gives for changes of a kind, with the
// model and the file that the rule is in.
func (r *result) reasons(action plans.Action) map[string]int {
	line := regexp.MustCompile(`:\d+\)`)
	out := map[string]int{}
	for i := range r.records {
		if rec := &r.records[i]; rec.Action == action {
			reason := line.ReplaceAllString(rec.Reason, ":LINE)")
			out[fmt.Sprintf("%s %s: %s (%s)", rec.Model, rec.Action, reason, rec.Rule.File)]++
		}
	}
	return out
}

func (r *result) account(model string) plans.Accounting {
	for _, a := range r.Accounting {
		if a.Model == model {
			return a
		}
	}
	return plans.Accounting{}
}

// refused checks that the plan has errors, all of this code.
func refusedPlan(t *testing.T, r *result, code string) {
	t.Helper()
	if !r.Diagnostics.HasErrors() {
		t.Errorf("the plan is not refused, want %s", code)
	}
	for _, d := range r.Diagnostics {
		if d.Severity == diag.Error && d.Code != code {
			t.Errorf("%s: %s %s, want %s alone", d.Code, d.Summary, d.Detail, code)
		}
	}
}
