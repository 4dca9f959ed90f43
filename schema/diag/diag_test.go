package diag_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema/diag"
)

func TestRangeString(t *testing.T) {
	cases := map[string]struct {
		in   diag.Range
		want string
	}{
		"on one line": {
			diag.Range{File: "policy.hcl", Start: diag.Pos{Line: 12, Column: 3}, End: diag.Pos{Line: 12, Column: 18}},
			"policy.hcl:12,3-18",
		},
		"over several lines": {
			diag.Range{File: "policy.hcl", Start: diag.Pos{Line: 12, Column: 3}, End: diag.Pos{Line: 14, Column: 2}},
			"policy.hcl:12,3-14,2",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.in.String()); diff != "" {
				t.Error(diff)
			}
			if c.in.IsZero() {
				t.Error("the range names no place")
			}
		})
	}
	if !(diag.Range{}).IsZero() {
		t.Error("the zero Range names a place")
	}
}

func TestRecordString(t *testing.T) {
	const key = `["viewer01","Document Author"]`
	cases := map[string]struct {
		in   diag.Record
		want string
	}{
		"a package's record": {
			diag.Record{Member: "database/database_backup.json", Number: 387, Model: "users.userrole", Key: key},
			`database/database_backup.json record 387 (users.userrole ["viewer01","Document Author"])`,
		},
		"a package's record without a key": {
			diag.Record{Member: "database/database_backup.json", Number: 387, Model: "users.userrole"},
			`database/database_backup.json record 387 (users.userrole)`,
		},
		"a file as a whole": {
			diag.Record{Member: "metadata.json", Model: "users.user"},
			`metadata.json (users.user)`,
		},
		"a live row": {
			diag.Record{Model: "users.userrole", Key: key},
			`live users.userrole ["viewer01","Document Author"]`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.in.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiagnosticAsAnError(t *testing.T) {
	place := diag.Range{File: "edms.hcl", Start: diag.Pos{Line: 3, Column: 5}, End: diag.Pos{Line: 3, Column: 9}}
	cases := map[string]struct {
		in   diag.Diagnostic
		want string
	}{
		"a summary alone": {diag.Diagnostic{Summary: "Unknown column"}, "Unknown column"},
		"everything": {
			diag.Diagnostic{
				Summary: "Missing reference", Detail: "No role is named so.", Remedy: "Set on_missing.",
				Range: place, Record: &diag.Record{Member: "a.json", Number: 2, Model: "m"},
			},
			"edms.hcl:3,5-9: a.json record 2 (m): Missing reference: No role is named so. Set on_missing.",
		},
		"a remedy without a detail": {diag.Diagnostic{Summary: "Empty package", Remedy: "Export again."}, "Empty package. Export again."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.in.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSeverityString(t *testing.T) {
	if diag.Error.String() != "error" || diag.Warning.String() != "warning" {
		t.Errorf("%s and %s", diag.Error, diag.Warning)
	}
}
