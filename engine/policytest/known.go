package policytest

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// known checks that the policy has all that the test names: an expectation of a
// model or a guard that does not exist would hold for ever.
func (c *testCase) known() error {
	var list diag.List
	names := func(kind string, known []string) func(policy.Name) {
		return func(n policy.Name) {
			if n.Text != "" && !slices.Contains(known, n.Text) {
				list = append(list, unknown(kind, n, known))
			}
		}
	}
	model := names("model", each(c.policy.Models, func(m *policy.Model) string { return m.Label }))
	for _, b := range slices.Concat(c.file.Live, c.file.Package, c.test.Live, c.test.Package) {
		model(b.Model)
	}
	tree := names("files block", each(c.policy.FileTrees, func(t *policy.FileTree) string { return t.Name }))
	for _, b := range slices.Concat(c.file.Files, c.test.Files) {
		tree(b.Name)
	}
	e := c.test.Expect
	expected := func(n policy.Name) {
		found, isFiles := c.knownFiles(n)
		if list = append(list, found...); !isFiles {
			model(n)
		}
	}
	for _, r := range e.Records {
		expected(r.Model)
	}
	for _, n := range e.Counts {
		expected(n.Model)
	}
	for _, d := range e.Diagnostics {
		model(d.Model)
	}
	guard := names("guard", each(c.policy.Guards, func(g *policy.Guard) string { return g.Name }))
	for _, g := range e.Guards {
		guard(g.Name)
	}
	check := names("check", each(c.policy.Checks, func(k *policy.Check) string { return k.Name }))
	for _, k := range e.Checks {
		check(k.Name)
	}
	if len(e.Checks) > 0 && !c.test.Apply {
		list = append(list, diag.Diagnostic{
			Severity: diag.Error, Code: "test", Summary: "The test expects something of a check and does not apply the plan",
			Detail: "Checks judge the database after the changes.", Remedy: "Write apply = true in the test.", Range: e.Checks[0].Range,
		})
	}
	return list.Err()
}

func each[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = name(e)
	}
	return out
}

func unknown(kind string, n policy.Name, known []string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "test.unknown", Summary: fmt.Sprintf("The policy has no %s %q", kind, n.Text),
		Detail: "The test names it.", Remedy: policy.Suggest(n.Text, known, "Correct the name, or add it to the policy."), Range: n.Range,
	}
}

// knownColumns checks the fields of the live rows. A package may hold what the
// database does not know: that is for the policy to discard.
func (c *testCase) knownColumns() error {
	var list diag.List
	for _, b := range slices.Concat(c.file.Live, c.test.Live) {
		for _, r := range b.Records {
			for _, f := range r.Fields {
				if f.Name.Text != "pk" && c.field(b.Model.Text, f.Name.Text) == nil {
					list = append(list, c.noField(b.Model.Text, f.Name))
				}
			}
		}
	}
	return list.Err()
}

func (c *testCase) noField(model string, n policy.Name) diag.Diagnostic {
	var known []string
	if m := c.models[model]; m != nil {
		known = each(m.Fields, func(f schema.ModelField) string { return f.Name })
	}
	d := unknown("field", n, known)
	d.Summary = fmt.Sprintf("%s has no field %q", model, n.Text)
	return d
}

// knownFields checks the fields that an expectation names, when the models are
// known.
func (c *testCase) knownFields() error {
	var list diag.List
	for _, r := range c.test.Expect.Records {
		names := slices.Clone(r.Changed)
		for _, f := range slices.Concat(r.Before, r.After) {
			names = append(names, f.Name)
		}
		for _, n := range names {
			switch f := c.field(r.Model.Text, n.Text); {
			case f == nil:
				list = append(list, c.noField(r.Model.Text, n))
			case f.Sensitive && !slices.ContainsFunc(r.Changed, func(c policy.Name) bool { return c.Text == n.Text }):
				list = append(list, diag.Diagnostic{
					Severity: diag.Error, Code: "test.sensitive", Summary: fmt.Sprintf("The values of %q are sensitive", n.Text),
					Detail: "No plan shows them.", Remedy: fmt.Sprintf("Test only whether it differs: changed = [%s].", n.Text), Range: n.Range,
				})
			}
		}
	}
	return list.Err()
}
