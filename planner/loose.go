package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// loose warns of columns in which the database takes different texts for equal
// and on which it matters: those of the natural key, of what is kept unique, and
// of what others refer to. Here two records are one only by the same characters.
func (b *binding) loose(m *model) {
	var names []string
	for n := range m.fields {
		f := &m.fields[n]
		if f.column == nil || !f.column.Loose {
			continue
		}
		unique := slices.ContainsFunc(m.uniques, func(u unique) bool { return slices.Contains(u.fields, n) })
		if unique || slices.Contains(m.key, n) || m.target(n) != nil {
			names = append(names, f.name)
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	b.diags.Add(diag.Diagnostic{
		Severity: diag.Warning, Code: "policy.loose", Range: m.policy.Range,
		Summary: fmt.Sprintf("The database does not tell all texts apart in %s of %s", strings.Join(names, ", "), m.label),
		Detail: "It takes texts for equal that differ in case, for instance. A plan compares them exactly: one that differs so is another record, " +
			"which the database may refuse when the plan is applied, and a reference that is spelt so is missing.",
		Remedy: "Spell the values alike at their source. A rehearsal shows what the database refuses: -rehearse.",
	})
}
