package planstest

import (
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Reinit is a plan of a re-initialisation without a package and with part of
// the models: records kept and destroyed by rules and as consequences, seeds,
// and destroys that are refused.
func Reinit() *plans.Plan {
	h := Header()
	h.Package, h.Format = "", ""
	h.Options = map[string]string{
		plans.OptionReinit: "true", plans.OptionScope: "people", plans.OptionExclude: "users.mfadevice auth.*",
	}
	p := New(h, []plans.Accounting{
		{Model: "audit.audittrail", Table: "audit_trail", Live: 3, Destroyed: 1, Kept: 2, KeptBy: []plans.KeptBy{
			{Reason: "the condition of reinit.clear does not hold for it", Rule: At(12, 12, 17), Count: 2},
		}},
		{
			Model: "users.user", Table: "users", Added: 1, Changed: 2, SeedsAdded: 1, SeedsChanged: 1, Altered: 1, Live: 9, Destroyed: 2, Kept: 7,
			KeptBy: []plans.KeptBy{
				{Reason: "the condition of reinit.clear does not hold for it", Rule: At(31, 3, 20), Count: 5},
				{Reason: "audit.audittrail refers to it by user, and on_destroy = keep", Rule: At(14, 3, 20), Count: 2},
			},
		},
		{Model: "users.userrole", Table: "user_roles", Package: 4, Skipped: 4, Outside: 4},
	}, nil, []*plans.Record{
		{
			Model: "audit.audittrail", Key: `["7b"]`, Action: plans.Destroy, Rule: At(13, 3, 20),
			Reason: `because it refers to a destroyed record by user, and on_destroy = destroy; users.user["temp01"]: the policy clears users.user on reinit`,
		},
		{Model: "users.user", Key: `["temp01"]`, Action: plans.Destroy, Reason: "because the policy clears users.user on reinit", Rule: At(31, 3, 20)},
		{Model: "users.user", Key: `["temp02"]`, Action: plans.Destroy, Reason: "because the policy clears users.user on reinit", Rule: At(31, 3, 20)},
		{
			Model: "users.user", Key: `["admin"]`, Action: plans.Change, Hidden: 20, Reason: "because the policy declares it", Rule: At(60, 1, 17),
			Fields: []plans.Field{{Name: "password", Before: plans.Masked, After: plans.Masked, Sensitive: true}},
		},
		{
			Model: "users.user", Key: `["auditor"]`, Action: plans.Change, Hidden: 20, Rule: At(32, 3, 20),
			Reason: "because on_keep sets it; audit.audittrail refers to it by user, and on_destroy = keep",
			Fields: []plans.Field{{Name: "is_active", Before: "true", After: "false"}},
		},
		{Model: "users.user", Key: `["steward"]`, Action: plans.Add, Content: "ab", Reason: "because the policy declares it", Rule: At(60, 1, 17)},
	})
	p.Diagnostics = diag.List{{
		Severity: diag.Error, Code: "destroy.prevented", Summary: "The record would be destroyed, and prevent_destroy forbids it",
		Range: At(11, 3, 24), Record: &diag.Record{Model: "audit.audittrail", Key: `["7b"]`},
	}}
	return p
}
