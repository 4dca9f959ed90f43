package planstest

import (
	"fmt"
	"iter"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// Large is a plan of n records in a dozen models, made as it is read: most of
// them unlike each other, with long texts and JSON, and some groups alike.
func Large(n int) *plans.Plan {
	models := []string{
		"users.user", "users.role", "users.userrole", "documents.documenttype", "documents.document", "documents.version",
		"workflows.workflow", "workflows.task", "workflows.transition", "audit.audittrail", "audit.loginaudit", "scheduler.run",
	}
	leads := map[string][]plans.Reference{
		"users.userrole":       {{Field: "user", Model: "users.user"}, {Field: "role", Model: "users.role"}},
		"documents.document":   {{Field: "author", Model: "users.user"}, {Field: "document_type", Model: "documents.documenttype"}},
		"documents.version":    {{Field: "document", Model: "documents.document"}, {Field: "created_by", Model: "users.user"}},
		"workflows.workflow":   {{Field: "document", Model: "documents.document"}},
		"workflows.task":       {{Field: "workflow", Model: "workflows.workflow"}, {Field: "assignee", Model: "users.user"}},
		"workflows.transition": {{Field: "workflow", Model: "workflows.workflow"}},
		"audit.audittrail":     {{Field: "user", Model: "users.user"}},
		"audit.loginaudit":     {{Field: "user", Model: "users.user"}},
	}
	var accounting []plans.Accounting
	for _, m := range models {
		accounting = append(accounting, plans.Accounting{Model: m, Table: strings.ReplaceAll(m, ".", "_"), References: leads[m]})
	}
	// A twentieth is destroyed, children first; the rest is changed and added.
	destroys := n / 20
	at := func(i int) (model int, r *plans.Record) {
		if i < destroys {
			model = len(models) - 1 - i*len(models)/destroys
			return model, largeDestroy(models[model], i)
		}
		model = (i - destroys) * len(models) / (n - destroys)
		return model, largeRecord(models[model], i)
	}
	changes := func() iter.Seq2[*plans.Record, error] {
		return func(yield func(*plans.Record, error) bool) {
			for i := range n {
				if _, r := at(i); !yield(r, nil) {
					return
				}
			}
		}
	}
	p := New(Header(), nil, nil, nil)
	seal := plans.NewSeal()
	for i := range n {
		m, r := at(i)
		seal.Add(r)
		a := &accounting[m]
		switch r.Action {
		case plans.Add:
			p.Summary.Add++
			a.Added++
			a.Package++
		case plans.Change:
			p.Summary.Change++
			a.Changed++
			a.Package++
			a.Live++
			a.Kept++
		case plans.Destroy:
			p.Summary.Destroy++
			a.Destroyed++
			a.Live++
		}
	}
	for i := range accounting {
		same := 50 * (i + 3) * (i + 1)
		accounting[i].Unchanged, accounting[i].Kept = same, accounting[i].Kept+same+7*same/5
		accounting[i].Package += same
		accounting[i].Live = accounting[i].Destroyed + accounting[i].Kept
		p.Summary.Unchanged += same
		p.Summary.Keep += accounting[i].Kept
	}
	p.Accounting, p.Changes, p.Digests.ChangeSet = accounting, changes, seal.Sum()
	return p
}

func largeDestroy(model string, i int) *plans.Record {
	return &plans.Record{
		Model: model, Key: quoteKey(fmt.Sprintf("old-%06d", i)), Action: plans.Destroy,
		Reason: "because the policy clears " + model + " on reinit", Rule: At(20+len(model), 3, 20),
	}
}

func largeRecord(model string, i int) *plans.Record {
	r := &plans.Record{Model: model, Key: quoteKey(fmt.Sprintf("SOP-%06d", i)), Action: plans.Change, Hidden: 7 + i%9}
	switch {
	case i%9 == 0:
		r.Action, r.Hidden, r.Content = plans.Add, 0, fmt.Sprintf("%064x", i)
	case i%7 == 0:
		r.Fields = []plans.Field{{Name: "status", Before: `"DRAFT"`, After: `"EFFECTIVE"`}}
	case i%50 == 1:
		before := strings.Repeat("The operator checks the label against the batch record. ", 12)
		r.Fields = []plans.Field{{
			Name: "description", Before: quote(before + fmt.Sprintf("Deviations are reported within %d days.", i)),
			After: quote(before + fmt.Sprintf("Deviations are reported within %d working days.", i+1)),
		}}
	case i%50 == 2:
		r.Fields = []plans.Field{{
			Name: "settings", Before: plans.Value(fmt.Sprintf(`{"review":{"days":%d,"by":["qa"]},"public":false}`, i)),
			After: plans.Value(fmt.Sprintf(`{"review":{"days":%d,"by":["qa","head"]},"public":false}`, i+30)),
		}}
	default:
		r.Fields = []plans.Field{
			{Name: "title", Before: quote(fmt.Sprintf("Procedure %d", i)), After: quote(fmt.Sprintf("Procedure %d, revised", i))},
			{Name: "revision", Before: plans.Value(fmt.Sprint(i % 17)), After: plans.Value(fmt.Sprint(i%17 + 1))},
		}
	}
	return r
}

func quoteKey(s string) plans.Value { return "[" + quote(s) + "]" }
