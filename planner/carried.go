package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// notCarried counts what the package cannot give back of an added record: its
// primary key, where the records have none, and the microseconds of its times.
func (p *planning) notCarried(m *model, e *entry, after *row) {
	if !e.inPackage() || e.seed != nil {
		return
	}
	if m.pk >= 0 && !m.pkCarried && !slices.Contains(m.key, m.pk) {
		m.lostKeys++
	}
	for n := range after.cells {
		if c := &after.cells[n]; c.kind == plain && c.value.Digits > 0 && c.value.Digits != unidentified {
			m.cutTimes++
			return
		}
	}
}

// noteNotCarried lists it: whoever restores a package should know what does
// not come back.
func (p *planning) noteNotCarried() {
	var keys, times []string
	allKeys, allTimes := 0, 0
	for _, m := range p.models {
		if m.lostKeys > 0 {
			keys = append(keys, fmt.Sprintf("%s %d", m.label, m.lostKeys))
			allKeys += m.lostKeys
		}
		if m.cutTimes > 0 {
			times = append(times, fmt.Sprintf("%s %d", m.label, m.cutTimes))
			allTimes += m.cutTimes
		}
	}
	if allKeys > 0 {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Warning, Code: "package.no_keys",
			Summary: fmt.Sprintf(plural(allKeys, "%d added record{ gets a new primary key: the package does not carry its own|s get new primary keys: the package does not carry theirs}"), allKeys),
			Detail:  fmt.Sprintf("They are %s. References by natural key follow; ids that are kept elsewhere, in other systems or inside texts, do not.", strings.Join(keys, ", ")),
		})
	}
	if allTimes > 0 {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Warning, Code: "package.cut_times",
			Summary: fmt.Sprintf(plural(allTimes, "The times of %d added record{|s} are cut to milliseconds: the package carries no more"), allTimes),
			Detail:  fmt.Sprintf("They are %s. A checksum over the microseconds does not verify any more.", strings.Join(times, ", ")),
		})
	}
}
