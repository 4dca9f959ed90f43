package planfile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// The files of testdata are never written anew once a release made such ones:
// -update is for a version that is still being made.
const (
	version1 = "testdata/version-1.edmsplan"
	version2 = "testdata/version-2.edmsplan"
)

// frozen is the plan in version-1.edmsplan. It stays as it is, too.
func frozen() *plans.Plan {
	rule := diag.Range{File: "edms.hcl", Start: diag.Pos{Line: 31, Column: 3}, End: diag.Pos{Line: 31, Column: 20}}
	p := planstest.New(
		plans.Header{
			ID: "plan-1", CreatedAt: time.Date(2026, 1, 12, 9, 30, 0, 0, time.UTC), Version: "0.1.0",
			Target: "edms", LiveURL: "postgres://edms@db/edms", Package: "backup.json.gz", Format: "django-json",
			Policy: "edms", PolicyFiles: []plans.PolicyFile{{Name: "edms.hcl", Content: "policy {}\n"}},
			Variables: []plans.Variable{{Name: "email", Value: `"a@b"`}, {Name: "key", Sensitive: true}},
			Options:   map[string]string{"exclude": "audit.*", "target": "users.*"},
		},
		[]plans.Accounting{{
			Model: "users.user", Table: "users", Package: 3, Added: 2, Changed: 1, Skipped: 1, Remapped: 1, Stubs: 1,
			Live: 2, Destroyed: 1, Kept: 1, Discarded: map[string]int{"legacy_flag": 3},
			Links: []plans.Links{{Field: "groups", Table: "users_groups", Package: 4, Live: 3, Added: 2, Removed: 1}},
		}},
		[]plans.Remapping{{Model: "users.user", Key: `["b"]`, Field: "uuid", Package: `"6f"`, Live: `"9b"`, Rewritten: 5}},
		[]*plans.Record{
			{Model: "users.user", Key: `["a"]`, Action: plans.Destroy, Reason: "absent is destroy", Rule: rule},
			{
				Model: "users.user", Key: `["b"]`, OldKey: `["bee"]`, Action: plans.Change, Hidden: 4,
				Fields: []plans.Field{
					{Name: "age", Before: "12.30", After: "null"},
					{Name: "password", Before: plans.Masked, After: plans.Masked, Sensitive: true},
				},
			},
			{Model: "users.user", Key: `["c"]`, Action: plans.Add, PrimaryKey: "17", Content: "ab"},
			{
				Model: "users.user", Key: `["d"]`, Action: plans.Add, Stub: true, Reason: "referred to", Rule: rule,
				Fields: []plans.Field{{Name: "is_active", After: "false"}},
			},
		},
	)
	p.Skips = []plans.Skip{{Model: "users.user", Key: `["c"]`, Number: 2, Reason: "equal", Rule: rule}}
	p.Diagnostics = diag.List{{
		Severity: diag.Warning, Code: "made.up", Summary: "s", Detail: "d", Remedy: "r", Range: rule, Source: "src",
		Record: &diag.Record{Member: "m.json", Number: 7, Model: "users.user", Key: `["c"]`}, More: 2,
	}}
	p.Untouched = []string{"django_session", ""}
	return p
}

func TestUpdate(t *testing.T) {
	if !*update {
		t.Skip("without -update")
	}
	now := encode(t, frozen())
	future := bytes.Replace(decompress(t, now), []byte(`"version":1`), []byte(`"version":2`), 1)
	for name, b := range map[string][]byte{version1: now, version2: compress(t, future)} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFileOfVersion1StaysReadable(t *testing.T) {
	f, err := Open(version1)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	comparePlans(t, frozen(), f.Plan())
}

func TestAFileOfVersion2AsksForAnUpgrade(t *testing.T) {
	_, err := Open(version2)
	if !errors.Is(err, ErrVersion) {
		t.Fatalf("Open() = %v, want ErrVersion", err)
	}
	for _, want := range []string{"version 2", `"0.1.0"`, "upgrade edmsplan"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}
