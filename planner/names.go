package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// name finds a field by its own or its column's name.
func (b *binding) name(m *model, n policy.Name) (int, bool) {
	if f, ok := m.names[n.Text]; ok {
		return f, true
	}
	names := make([]string, 0, len(m.names))
	for name := range m.names {
		names = append(names, name)
	}
	b.unknown("column", n, names, fmt.Sprintf("The table %s of %s has no such column.", m.table.Name, m.label))
	return 0, false
}

func (b *binding) unknown(what string, n policy.Name, known []string, detail string) {
	remedy := ""
	if near := nearest(n.Text, known); near != "" {
		remedy = fmt.Sprintf("Did you mean %q?", near)
	}
	b.add(n.Range, "policy.unknown_"+what, fmt.Sprintf("There is no %s %q", what, n.Text), detail, remedy)
}

func (b *binding) add(r diag.Range, code, summary, detail, remedy string) {
	b.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: code, Range: r, Source: b.sourceLine(r),
		Summary: summary, Detail: detail, Remedy: remedy,
	})
}

// sourceLine is the line of the policy where a range starts.
func (b *binding) sourceLine(r diag.Range) string {
	for _, f := range b.policy.Files {
		if f.Name != r.File {
			continue
		}
		lines := strings.Split(string(f.Content), "\n")
		if r.Start.Line >= 1 && r.Start.Line <= len(lines) {
			return strings.TrimRight(lines[r.Start.Line-1], "\r")
		}
	}
	return ""
}

// nearest is the known name that a misspelt one is closest to, if it is close.
func nearest(name string, known []string) string {
	slices.Sort(known)
	best, bestDistance := "", 3
	for _, k := range known {
		if d := levenshtein.Distance(name, k, nil); d < bestDistance && d < len(name) {
			best, bestDistance = k, d
		}
	}
	return best
}

func tableNames(c *schema.Catalogue) []string {
	names := make([]string, len(c.Tables))
	for i, t := range c.Tables {
		names[i] = t.Name
	}
	return names
}
