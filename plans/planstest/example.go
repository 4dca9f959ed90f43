// Package planstest holds made-up plans for the tests of what saves and shows
// plans: Example has every case once, Random is any plan at all.
package planstest

import (
	"iter"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Secret stands in sensitive fields of these plans and must never be seen.
const Secret = "hunter2"

// New makes a plan of its changes, with summary and digest as a planner would.
func New(h plans.Header, accounting []plans.Accounting, remaps []plans.Remapping, changes []*plans.Record) *plans.Plan {
	p := &plans.Plan{Header: h, Accounting: accounting, Remaps: remaps}
	seal := plans.NewSeal()
	for _, r := range changes {
		seal.Add(r)
		switch r.Action {
		case plans.Add:
			p.Summary.Add++
		case plans.Change:
			p.Summary.Change++
		case plans.Destroy:
			p.Summary.Destroy++
		}
	}
	for _, a := range accounting {
		p.Summary.Unchanged += a.Unchanged
		p.Summary.Skip += a.Skipped
		p.Summary.Keep += a.Kept
		p.Summary.Remap += a.Remapped
	}
	p.Digests = plans.Digests{
		Policy:    strings.Repeat("a1", 32),
		Package:   strings.Repeat("b2", 32),
		Live:      strings.Repeat("c3", 32),
		ChangeSet: seal.Sum(),
	}
	p.Changes = func() iter.Seq2[*plans.Record, error] {
		return func(yield func(*plans.Record, error) bool) {
			for _, r := range changes {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	return p
}

// Header is the header of Example.
func Header() plans.Header {
	return plans.Header{
		ID:        "0190b2c4-0000-7000-8000-000000000001",
		CreatedAt: time.Date(2026, 1, 12, 9, 30, 0, 0, time.UTC),
		Version:   "0.1.0",
		Target:    "edms",
		LiveURL:   "postgres://edms@db.internal:5432/edms",
		Package:   "packages/backup.tar.gz",
		Format:    "edms-tar",
		Policy:    "edms",
		PolicyFiles: []plans.PolicyFile{
			{Name: "edms.hcl", Content: "policy { name = \"edms\" }\n"},
		},
		Variables: []plans.Variable{
			{Name: "admin_email", Value: `"admin@edms.local"`},
			{Name: "api_key", Sensitive: true},
		},
		Options: map[string]string{"target": "users.*"},
	}
}

// At is a place in a policy.
func At(line, from, to int) diag.Range {
	return diag.Range{File: "edms.hcl", Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}}
}

// Decide gives a plan decisions and seals it anew.
func Decide(p *plans.Plan, list []plans.Decision) {
	p.Decisions = list
	seal := plans.NewSeal()
	for i := range list {
		seal.Decide(&list[i])
	}
	for r, err := range p.Changes() {
		if err != nil {
			panic(err) // they are in memory
		}
		seal.Add(r)
	}
	p.Digests.ChangeSet = seal.Sum()
}

// Example is a plan with every case that a reader can meet.
func Example() *plans.Plan {
	p := New(Header(), exampleAccounting(), exampleRemaps(), exampleChanges())
	Decide(p, exampleDecisions())
	p.Skips = exampleSkips()
	p.Diagnostics = exampleDiagnostics()
	p.Untouched = []string{"django_session", "scheduler_task", "hr.people"}
	return p
}
