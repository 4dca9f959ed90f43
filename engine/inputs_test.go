package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// lockWait is how long tests wait for locks that nobody holds.
const lockWait = 10 * time.Second

// examplePolicy is the example's policy, with replacements of its text in
// pairs.
func examplePolicy(t *testing.T, replace ...string) *policy.Policy {
	t.Helper()
	dir := t.TempDir()
	names, err := filepath.Glob(example("policy", "*.hcl"))
	must(t, err)
	replaced := 0
	for _, name := range names {
		text := string(read(t, name))
		for i := 0; i < len(replace); i += 2 {
			replaced += strings.Count(text, replace[i])
			text = strings.ReplaceAll(text, replace[i], replace[i+1])
		}
		must(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(text), 0o600))
	}
	if replaced != len(replace)/2 {
		t.Fatalf("%d replacements in the policy, want %d", replaced, len(replace)/2)
	}
	p, list := policy.Load(dir, policy.Options{LiveURL: "sqlite:given-otherwise"})
	must(t, list.Err())
	return p
}

// destroying is a replacement that makes the policy destroy the backup
// configurations which the package lacks: one in the example.
func destroying() []string {
	return []string{`table = "backup_configurations"`, "table = \"backup_configurations\"\nabsent = destroy"}
}

func openPackage(t *testing.T, path string) backup.Package {
	t.Helper()
	p, err := backup.Open(t.Context(), path, slices.Concat(edms.Formats(django.Open), django.Formats()), backup.DefaultLimits())
	must(t, err)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// record is a record of a package as its JSON has it.
type record struct {
	Model  string                     `json:"model"`
	PK     json.RawMessage            `json:"pk,omitempty"`
	Fields map[string]json.RawMessage `json:"fields"`
}

func records(t *testing.T, pkg string) []record {
	t.Helper()
	var out []record
	must(t, json.Unmarshal(read(t, filepath.Join(pkg, "database", "database_backup.json")), &out))
	return out
}

// fixture writes records as a package of their own.
func fixture(t *testing.T, rs []record) backup.Package {
	t.Helper()
	text, err := json.Marshal(rs)
	must(t, err)
	path := filepath.Join(t.TempDir(), "package.json")
	must(t, os.WriteFile(path, text, 0o600))
	return openPackage(t, path)
}

// planned plans and saves.
func planned(t *testing.T, e *engine.Engine, pol *policy.Policy, pkg backup.Package) *plans.Plan {
	t.Helper()
	p, err := e.Plan(t.Context(), engine.Request{Policy: pol, Package: pkg})
	must(t, err)
	defer func() { must(t, p.Close()) }()
	return saved(t, &p.Plan)
}

// saved is a plan as its reader gets it: from a file.
func saved(t *testing.T, p *plans.Plan) *plans.Plan {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan")
	must(t, planfile.Save(path, p))
	f, err := planfile.Open(path)
	must(t, err)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f.Plan()
}

// apply applies and must succeed.
func apply(t *testing.T, e *engine.Engine, p *plans.Plan, pol *policy.Policy, pkg backup.Package) *engine.Applied {
	t.Helper()
	done, err := e.Apply(t.Context(), p, pol, pkg, lockWait)
	must(t, err)
	return done
}

// noChanges plans once more and must find nothing to do.
func noChanges(t *testing.T, e *engine.Engine, pol *policy.Policy, pkg backup.Package) {
	t.Helper()
	again := planned(t, e, pol, pkg)
	must(t, again.CanApply())
	if again.Summary.Any() {
		for c, err := range again.Changes() {
			must(t, err)
			t.Logf("%s %s%s %v", c.Action, c.Model, c.Key, c.Fields)
		}
		t.Errorf("planned again after the apply: %+v, want no changes", again.Summary)
	}
}
