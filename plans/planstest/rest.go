package planstest

import (
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func exampleAccounting() []plans.Accounting {
	return []plans.Accounting{
		{
			Model: "audit.audittrail", Table: "audit_trail", Package: 40, Added: 40, Live: 1200, Kept: 1200,
			Discarded: map[string]int{"legacy_flag": 40, "checksum": 2},
		},
		{
			Model: "documents.document", Table: "documents", Package: 7, Added: 1, Changed: 3, Unchanged: 3, Remapped: 2,
			Live: 6, Kept: 6,
			References: []plans.Reference{{Field: "author", Model: "users.user"}, {Field: "supersedes", Model: "documents.document"}, {Field: "reviewers", Model: "users.user"}},
			Links:      []plans.Links{{Field: "reviewers", Table: "documents_reviewers", Package: 20, Live: 20, Added: 1, Removed: 1}},
		},
		{
			Model: "users.user", Table: "users", Package: 3, Added: 2, Changed: 1, Unchanged: 0, Skipped: 1, Remapped: 0, Stubs: 1,
			Live: 2, Destroyed: 1, Kept: 1,
		},
		{
			Model: "users.userrole", Table: "user_roles", Package: 4825, Changed: 4812, Refused: 13, Live: 4824, Destroyed: 12, Kept: 4812,
			References: []plans.Reference{{Field: "user", Model: "users.user"}, {Field: "assigned_by", Model: "users.user"}},
		},
	}
}

func exampleRemaps() []plans.Remapping {
	return []plans.Remapping{
		{
			Model: "documents.document", Key: `["SOP-0042"]`, Field: "uuid",
			Package: `"6f1c0000-0000-4000-8000-000000000042"`, Live: `"9b2e0000-0000-4000-8000-000000000042"`, Rewritten: 1311,
		},
		{
			Model: "documents.document", Key: `["SOP-0050"]`, Field: "uuid",
			Package: `"6f1c0000-0000-4000-8000-000000000050"`, Live: `"9b2e0000-0000-4000-8000-000000000050"`,
		},
	}
}

func exampleDecisions() []plans.Decision {
	at := func(line int) diag.Range {
		return diag.Range{File: "conflicts.csv", Start: diag.Pos{Line: line, Column: 40}, End: diag.Pos{Line: line, Column: 43}}
	}
	return []plans.Decision{
		{
			Model: "users.user", Package: `["j.smith"]`, Key: `["j.smith"]`, Codes: []string{"collision.uuid"}, Do: plans.ToMap,
			Live: "17", LiveKey: `["john.smith"]`, Place: at(2),
		},
		{
			Model: "users.user", Package: `["author03"]`, Key: `["author03"]`, Number: 13, Codes: []string{"key.duplicate_package"},
			Do: plans.ToSkip, Place: at(3),
		},
	}
}

func exampleSkips() []plans.Skip {
	return []plans.Skip{{
		Model: "users.user", Key: `["author03"]`, Number: 12,
		Reason: "it equals record 11 in every field and on_duplicate is first", Rule: At(52, 3, 23),
	}}
}

func exampleDiagnostics() diag.List {
	return diag.List{
		{
			Severity: diag.Error, Code: "reference.missing", Summary: "Reference leads to no record",
			Detail: `The field assigned_by refers to users.user ["nobody"], which neither the package nor the live database holds.`,
			Remedy: "Write on_missing = unset, skip or create in the reference block, or add the record to the package.",
			Range:  At(61, 29, 46), Source: `  reference "assigned_by" { on_missing = fail }`,
			Record: &diag.Record{
				Member: "database/database_backup.json", Number: 387, Model: "users.userrole",
				Key: `["viewer01","Document Author"]`,
			},
			More: 12,
		},
		{
			Severity: diag.Warning, Code: "generic.unresolved", Summary: "Generic references were left as they are",
			Detail: "116 references name targets that the package does not identify.",
		},
	}
}
