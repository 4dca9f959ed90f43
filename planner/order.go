package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// order sorts the models so that each comes after those it refers to. Models
// that refer to each other in a circle form one group. Where nothing decides,
// the label does, so that the order is the same every time.
func (b *binding) order() {
	slices.SortFunc(b.models, func(x, y *model) int { return strings.Compare(x.label, y.label) })
	edges := map[*model][]*model{}
	for _, m := range b.models {
		for i := range m.fields {
			if r := m.fields[i].ref; r != nil && r.model != nil {
				edges[m] = append(edges[m], r.model)
			}
		}
		for _, j := range m.jsonRefs {
			for _, p := range j.paths {
				edges[m] = append(edges[m], p.model)
			}
		}
		for _, fk := range m.table.ForeignKeys {
			if len(fk.Columns) > 1 && fk.RefTable != m.table.Name {
				edges[m] = append(edges[m], b.byTable[fk.RefTable]...)
			}
		}
	}
	b.soften(edges)
	groups := components(b.models, edges)
	b.models = b.models[:0]
	for n, group := range groups {
		group = b.keyOrder(group)
		for _, m := range group {
			m.group = n
			m.cyclic = len(group) > 1 || slices.Contains(edges[m], m)
			b.models = append(b.models, m)
		}
	}
	for _, m := range b.models {
		b.late(m)
	}
}

// soften adds an edge from each holder of generic references to every other
// model, as any of them may be meant, where that makes no circle.
func (b *binding) soften(edges map[*model][]*model) {
	for _, m := range b.models {
		if len(m.generics) == 0 {
			continue
		}
		for _, t := range b.models {
			if t != m && !reaches(edges, t, m, map[*model]bool{}) {
				edges[m] = append(edges[m], t)
			}
		}
	}
}

func reaches(edges map[*model][]*model, from, to *model, seen map[*model]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, next := range edges[from] {
		if reaches(edges, next, to, seen) {
			return true
		}
	}
	return false
}

// components are the strongly connected components of the graph, each after
// those it leads to (Tarjan). Self-edges are allowed.
func components(nodes []*model, edges map[*model][]*model) [][]*model {
	var (
		index  = map[*model]int{}
		low    = map[*model]int{}
		on     = map[*model]bool{}
		stack  []*model
		groups [][]*model
		visit  func(m *model)
	)
	visit = func(m *model) {
		index[m] = len(index) + 1
		low[m] = index[m]
		stack = append(stack, m)
		on[m] = true
		for _, next := range edges[m] {
			if index[next] == 0 {
				visit(next)
				low[m] = min(low[m], low[next])
			} else if on[next] {
				low[m] = min(low[m], index[next])
			}
		}
		if low[m] != index[m] {
			return
		}
		var group []*model
		for {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			on[top] = false
			group = append(group, top)
			if top == m {
				break
			}
		}
		groups = append(groups, group)
	}
	for _, m := range nodes {
		if index[m] == 0 {
			visit(m)
		}
	}
	return groups
}

// keyOrder sorts a group so that models come after those that their natural
// keys refer to and, where that leaves a choice, after those whose rows must be
// there first. A natural key that leads back to itself is refused.
func (b *binding) keyOrder(group []*model) []*model {
	slices.SortFunc(group, func(x, y *model) int { return strings.Compare(x.label, y.label) })
	edges, hard := map[*model][]*model{}, map[*model][]*model{}
	for _, m := range group {
		for f := range m.fields {
			r := m.fields[f].ref
			if r == nil || r.model == nil || r.model == m || !slices.Contains(group, r.model) {
				continue
			}
			if b.immediate(m, f) && m.fields[f].column.NotNull {
				hard[m] = append(hard[m], r.model)
			}
		}
		for _, f := range slices.Concat(m.key, m.packageKey) {
			if r := m.fields[f].ref; r != nil && r.model != nil && slices.Contains(group, r.model) {
				edges[m] = append(edges[m], r.model)
				hard[m] = append(hard[m], r.model)
			}
		}
	}
	group = slices.Concat(components(group, hard)...)
	var out []*model
	for _, c := range components(group, edges) {
		if len(c) > 1 || slices.Contains(edges[c[0]], c[0]) {
			labels := make([]string, len(c))
			for i, m := range c {
				labels[i] = m.label
			}
			slices.Sort(labels)
			b.add(c[0].policy.Range, "policy.circular_key", "The natural key leads back to itself",
				fmt.Sprintf("The natural keys of %s refer to each other.", quoteList(labels)),
				"Take another natural key, such as a uuid, for one of them.")
			for _, m := range c {
				m.key, m.packageKey, m.ownSpelling = nil, nil, false
			}
		}
		out = append(out, c...)
	}
	return out
}

// late marks references within the group that the database checks at once:
// they are written when all rows are there. SQLite can defer every one.
func (b *binding) late(m *model) {
	for i := range m.fields {
		f := &m.fields[i]
		if f.column == nil || f.column.NotNull || !b.leadsWithin(m, f) {
			continue
		}
		f.late = b.immediate(m, i)
		f.loosen = f.late || slices.ContainsFunc(m.foreignKeys(f.column.Name), func(fk *schema.ForeignKey) bool { return !waits(fk) })
	}
}

// leadsWithin reports whether the field is a reference to a model of the same
// group, or a plain part of a foreign key to one.
func (b *binding) leadsWithin(m *model, f *field) bool {
	if f.ref != nil {
		return f.ref.model != nil && f.ref.model.group == m.group
	}
	return slices.ContainsFunc(m.foreignKeys(f.column.Name), func(fk *schema.ForeignKey) bool {
		return slices.ContainsFunc(b.byTable[fk.RefTable], func(t *model) bool { return t.group == m.group })
	})
}

// waits reports whether the destroying of a row leaves the rows alone that
// refer to it until the commit.
func waits(fk *schema.ForeignKey) bool {
	return fk == nil || fk.OnDelete == "" || fk.OnDelete == "no action"
}

// immediate reports whether the database checks the field's foreign key at
// once. SQLite can defer every one.
func (b *binding) immediate(m *model, f int) bool {
	c := m.fields[f].column
	if b.catalogue.Dialect == "sqlite" || c == nil {
		return false
	}
	return slices.ContainsFunc(m.foreignKeys(c.Name), func(fk *schema.ForeignKey) bool { return !fk.Deferrable })
}

// foreignKeys are those that the column is a part of.
func (m *model) foreignKeys(column string) []*schema.ForeignKey {
	var out []*schema.ForeignKey
	for i := range m.table.ForeignKeys {
		if fk := &m.table.ForeignKeys[i]; slices.Contains(fk.Columns, column) {
			out = append(out, fk)
		}
	}
	return out
}

// targets finds the fields of the model that references name. Where generic
// references exist any model may be meant, by its primary key.
func (b *binding) targets(m *model) {
	fields := map[int]bool{}
	for _, other := range b.models {
		for i := range other.fields {
			if r := other.fields[i].ref; r != nil && r.model == m {
				fields[r.field] = true
			}
		}
		for _, j := range other.jsonRefs {
			for _, p := range j.paths {
				fields[p.model.pk] = fields[p.model.pk] || p.model == m
			}
		}
		if len(other.generics) > 0 && other != m && m.group < other.group && m.pk >= 0 {
			fields[m.pk] = true
		}
	}
	for f := range m.fields {
		if fields[f] && m.fields[f].column != nil {
			m.targets = append(m.targets, newTarget(f))
		}
	}
}

// tables are the tables that the plan reads and may write.
func (b *binding) tables() []*schema.Table {
	seen := map[string]bool{}
	var out []*schema.Table
	for _, m := range b.models {
		if !seen[m.table.Name] {
			seen[m.table.Name] = true
			out = append(out, m.table)
		}
	}
	for _, t := range b.catalogue.Tables {
		if b.joins[t.Name] && !seen[t.Name] {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(x, y *schema.Table) int { return strings.Compare(x.Name, y.Name) })
	return out
}
