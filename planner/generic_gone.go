package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// genericEdge is a live row that refers, by content type and id, to a row that
// may be destroyed. No constraint keeps such a reference whole.
type genericEdge struct {
	child, parent who // child.n is negative for a row without an entry
	by            *generic
}

// noteGenericEdges remembers the generic references of a live row that lead to
// rows which may be destroyed.
func (p *planning) noteGenericEdges(m *model, n int32, r *row) {
	if len(m.generics) == 0 {
		return
	}
	seen := &row{cells: slices.Clone(r.cells)}
	p.resolveLive(m, seen)
	for i := range m.generics {
		g := &m.generics[i]
		c := seen.cells[g.id]
		if c.kind != resolved {
			continue
		}
		t := m.referred(g.id, seen.cells, p)
		at, _ := t.entries.find(c.key)
		parent := who{t, at}
		if e := parent.entry(); e.status == destroyed || e.perhaps {
			p.genericEdges = append(p.genericEdges, genericEdge{who{m, n}, parent, g})
		}
	}
}

// noteGenericsGone warns of rows that stay and go on naming destroyed ones:
// their ids are evidence, and are not rewritten.
func (p *planning) noteGenericsGone() {
	counts := map[string]map[string]int{} // target, holder
	for _, x := range p.genericEdges {
		if x.parent.entry().status != destroyed || !p.stillNames(x) {
			continue
		}
		if counts[x.parent.m.label] == nil {
			counts[x.parent.m.label] = map[string]int{}
		}
		counts[x.parent.m.label][x.child.m.label+"."+x.by.policy.Label]++
	}
	for _, target := range slices.Sorted(maps.Keys(counts)) {
		total := 0
		var where []string
		for _, holder := range slices.Sorted(maps.Keys(counts[target])) {
			n := counts[target][holder]
			total += n
			where = append(where, fmt.Sprintf("%s %d", holder, n))
		}
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Warning, Code: "generic.destroyed",
			Summary: fmt.Sprintf("%d generic references will lead to destroyed records of %s", total, target),
			Detail:  fmt.Sprintf("Found in %s. Their ids stay as they are.", strings.Join(where, ", ")),
		})
	}
}

// stillNames reports whether the row stays and goes on naming the destroyed one
// after the changes that the package makes.
func (p *planning) stillNames(x genericEdge) bool {
	if x.child.n < 0 {
		return true
	}
	child := x.child.entry()
	if child.status != changed {
		return child.status != destroyed
	}
	_, after, err := p.beforeAfter(x.child.m, child)
	if err != nil {
		return true
	}
	id := after.cells[x.by.id]
	return id.kind == resolved && id.key == x.parent.entry().key && x.child.m.referred(x.by.id, after.cells, p) == x.parent.m
}
