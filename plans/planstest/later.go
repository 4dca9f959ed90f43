package planstest

import (
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Reviewed is a plan as it was reviewed, and the one that is made after
// the package, the policy and the live database have moved on: every way in
// which two plans can differ occurs once.
func Reviewed() (reviewed, later *plans.Plan) {
	h := Header()
	accounting := []plans.Accounting{
		{Model: "documents.document", Table: "documents", Package: 5, Added: 1, Changed: 3, Unchanged: 1, Live: 4, Kept: 4},
		{Model: "users.user", Table: "users", Package: 1, Unchanged: 1, Live: 2, Destroyed: 1, Kept: 1},
	}
	reviewed = New(h, accounting, exampleRemaps()[:1], []*plans.Record{
		{Model: "users.user", Key: `["temp01"]`, Action: plans.Destroy, Reason: "the policy clears users.user on reinit", Rule: At(31, 3, 20)},
		{Model: "documents.document", Key: `["SOP-0041"]`, Action: plans.Change, Hidden: 4, Fields: []plans.Field{{Name: "title", Before: `"A"`, After: `"B"`}}},
		{Model: "documents.document", Key: `["SOP-0042"]`, Action: plans.Change, Hidden: 27, Fields: []plans.Field{
			{Name: "title", Before: `"Old"`, After: `"New"`},
			{Name: "description", Before: "null", After: quote(longBefore)},
			{Name: "password", Before: plans.Masked, After: plans.Masked, Sensitive: true},
		}},
		{Model: "documents.document", Key: `["SOP-0043"]`, Action: plans.Add, PrimaryKey: "7", Content: strings.Repeat("e5", 32)},
		{Model: "documents.document", Key: `["SOP-0044"]`, Action: plans.Change, Fields: []plans.Field{{Name: "title", Before: `"C"`, After: `"D"`}}},
	})
	reviewed.Diagnostics = exampleDiagnostics()

	h.ID, h.CreatedAt = "0190b2c4-0000-7000-8000-000000000002", h.CreatedAt.Add(26*3600e9)
	h.Package = "packages/backup-2.tar.gz"
	h.PolicyFiles = []plans.PolicyFile{{Name: "edms.hcl", Content: "policy { name = \"edms\" }\n\n"}, {Name: "more.hcl"}}
	counts := []plans.Accounting{
		{Model: "documents.document", Table: "documents", Package: 5, Added: 2, Changed: 3, Live: 4, Kept: 4},
		{Model: "users.user", Table: "users", Package: 1, Unchanged: 1, Live: 1, Kept: 1},
	}
	later = New(h, counts, nil, []*plans.Record{
		// The line of a rule and the number of unchanged fields are no difference.
		{Model: "documents.document", Key: `["SOP-0041"]`, Action: plans.Change, Hidden: 5, Rule: At(1, 1, 2), Fields: []plans.Field{{Name: "title", Before: `"A"`, After: `"B"`}}},
		{Model: "documents.document", Key: `["SOP-0042"]`, Action: plans.Change, Hidden: 26, Fields: []plans.Field{
			{Name: "title", Before: `"Old"`, After: `"Newer"`},
			{Name: "description", Before: "null", After: quote(longAfter)},
			{Name: "password", Before: plans.Masked, After: plans.Masked, Sensitive: true},
			{Name: "due_date", Before: `"2026-01-11"`, After: "null"},
		}},
		{Model: "documents.document", Key: `["SOP-0043"]`, Action: plans.Add, Content: strings.Repeat("e6", 32)},
		{Model: "documents.document", Key: `["SOP-0044"]`, Action: plans.Add, Content: strings.Repeat("e7", 32)},
		{Model: "documents.document", Key: `["SOP-0045"]`, Action: plans.Change, Hidden: 3, Fields: []plans.Field{{Name: "status", Before: `"DRAFT"`, After: `"EFFECTIVE"`}}},
	})
	later.Digests.Policy, later.Digests.Package, later.Digests.Secrets = strings.Repeat("a2", 32), strings.Repeat("b3", 32), strings.Repeat("d4", 32)
	later.Diagnostics = diag.List{exampleDiagnostics()[1], {
		Severity: diag.Error, Code: "match.ambiguous", Summary: "Several live rows have the natural key",
		Detail: "Two rows of documents have the code SOP-0046.", Record: &diag.Record{Model: "documents.document", Key: `["SOP-0046"]`},
	}}
	return reviewed, later
}
