package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// who names an entry of a model.
type who struct {
	m *model
	n int32
}

func (w who) entry() *entry { return w.m.entries.at(w.n) }

// onDestroy is the rule of a reference for when its target is destroyed.
func (m *model) onDestroy(n int) policy.OnDestroy {
	if r := m.fields[n].ref; r != nil && r.rule != nil {
		return r.rule.OnDestroy
	}
	return policy.OnDestroyFail
}

// consequences settles what becomes of rows that refer to destroyed ones. It
// looks for the least set of rows that are kept although a rule clears them,
// then applies each reference's rule to what is left.
func (p *planning) consequences() error {
	p.passOn()
	// The order in which rows were read says nothing: sorted, the same rows
	// give the same reasons.
	slices.SortFunc(p.edges, func(a, b edge) int {
		return cmp.Or(
			strings.Compare(a.child.m.label, b.child.m.label), compareKeys(a.child.entry().key, b.child.entry().key),
			a.field-b.field, compareKeys(a.parent.entry().key, b.parent.entry().key),
		)
	})
	for {
		p.destroyClosure()
		if !p.keepClosure() {
			break
		}
	}
	for _, x := range p.edges {
		if x.parent.entry().status != destroyed || !p.stillRefers(x) {
			continue
		}
		if err := p.consequence(x); err != nil {
			return err
		}
	}
	if err := p.applyKeeps(); err != nil {
		return err
	}
	for _, m := range p.models {
		for n := range m.entries.len() {
			if e := m.entries.at(n); e.status == destroyed {
				e.links = e.own
			}
		}
	}
	return nil
}

// passOn makes the references of renamed rows those of the records that took
// the rows: nothing becomes of a row under the name that it loses.
func (p *planning) passOn() {
	for i := range p.edges {
		if by, ok := p.taken[p.edges[i].child]; ok {
			p.edges[i].child = by
		}
	}
}

// destroyClosure destroys rows that refer to destroyed ones by a reference
// with on_destroy = destroy, and takes back those that no longer have to be.
func (p *planning) destroyClosure() {
	for _, x := range p.edges {
		if e := x.child.entry(); e.status == destroyed && e.consequence {
			e.status, e.consequence = pending, false
			delete(p.causes, x.child)
		}
	}
	for again := true; again; {
		again = false
		for _, x := range p.edges {
			child := x.child.entry()
			if x.parent.entry().status != destroyed || x.child.m.onDestroy(x.field) != policy.OnDestroyDestroy {
				continue
			}
			if _, kept := p.kept[x.child]; kept || child.status == destroyed || child.inPackage() {
				continue
			}
			child.status, child.consequence = destroyed, true
			p.causes[x.child] = cause{
				text: fmt.Sprintf("its %s is destroyed, and on_destroy = destroy", x.child.m.fields[x.field].name),
				rule: x.child.m.fields[x.field].ref.rule.DestroyRange, after: &x.parent,
			}
			again = true
		}
	}
}

// keepClosure keeps rows that a row which stays refers to by a reference with
// on_destroy = keep. It reports whether it kept any.
func (p *planning) keepClosure() bool {
	found := false
	for _, x := range p.edges {
		parent := x.parent.entry()
		if parent.status != destroyed || x.child.entry().status == destroyed || x.child.m.onDestroy(x.field) != policy.OnDestroyKeep || !p.stillRefers(x) {
			continue
		}
		p.kept[x.parent] = !parent.consequence
		parent.status, parent.consequence = pending, false
		p.causes[x.parent] = cause{
			text: fmt.Sprintf("%s refers to it by %s, and on_destroy = keep", x.child.m.label, x.child.m.fields[x.field].name),
			rule: x.child.m.fields[x.field].ref.rule.DestroyRange, after: &x.child,
		}
		found = true
	}
	return found
}

// stillRefers reports whether the child stays and goes on referring to the
// parent after the changes that the package makes.
func (p *planning) stillRefers(x edge) bool {
	child := x.child.entry()
	if child.status == destroyed {
		return false
	}
	if x.child.m.fields[x.field].many != nil {
		return child.links == nil || !slices.Contains(child.links.removed[x.field], x.parent.entry().key)
	}
	if child.status != changed {
		return true
	}
	_, after, err := p.beforeAfter(x.child.m, child)
	return err != nil || after.cells[x.field].key == x.parent.entry().key
}

// consequence applies the reference's rule to a row that stays.
func (p *planning) consequence(x edge) error {
	m, f := x.child.m, &x.child.m.fields[x.field]
	switch m.onDestroy(x.field) {
	case policy.OnDestroyUnset:
		if f.many != nil {
			p.unlink(x)
			return nil
		}
		if !f.column.NotNull {
			p.patch(x.child, x.field, cell{kind: plain}, cause{
				text: fmt.Sprintf("%s is destroyed, and on_destroy = unset", p.name1(x.parent)), rule: f.ref.rule.DestroyRange, after: &x.parent,
			})
			return nil
		}
	case policy.OnDestroyRepoint:
		key, ok := p.repointKey(x)
		if !ok {
			p.complained[complaint{m.table.Name, f.name, x.child.entry().row, x.held.member}] = true
		} else {
			p.patch(x.child, x.field, cell{kind: resolved, key: key}, cause{
				text: fmt.Sprintf("%s is destroyed, and on_destroy = repoint", p.name1(x.parent)), rule: f.ref.rule.DestroyRange, after: &x.parent,
			})
		}
		return nil
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "destroy.referred." + f.name, Range: m.policy.Range, Record: &diag.Record{Model: m.label, Key: p.keyText(m, x.child.entry().key)},
		Summary: fmt.Sprintf("The record refers by %s to %s, which would be destroyed", f.name, p.name1(x.parent)),
		Detail:  sentence(p.chain(x.parent)),
		Remedy:  fmt.Sprintf("Say what becomes of it: reference %q { on_destroy = destroy | unset | repoint | keep }.", f.name),
	}
	if f.column != nil && f.column.NotNull {
		d.Remedy = fmt.Sprintf("Say what becomes of it: reference %q { on_destroy = destroy | repoint | keep }.", f.name)
	}
	if m.onDestroy(x.field) == policy.OnDestroyUnset {
		d.Detail += " The column takes no null, so on_destroy = unset cannot apply."
	}
	p.diags.Add(d)
	p.complained[complaint{m.table.Name, f.name, x.child.entry().row, x.held.member}] = true
	return nil
}

// complaint names a reference of a live row that refuses the plan, so that it
// is not reported again as a foreign key that would break.
type complaint struct {
	table, field string
	row          schema.Key
	member       string
}

// unlink drops a member that is destroyed.
func (p *planning) unlink(x edge) {
	if _, known := p.causes[x.child]; !known {
		p.causes[x.child] = cause{
			text:  fmt.Sprintf("%s is destroyed, and on_destroy = unset", p.name1(x.parent)),
			rule:  x.child.m.fields[x.field].ref.rule.DestroyRange,
			after: &x.parent,
		}
	}
	child := x.child.entry()
	if child.links == nil {
		child.links = newLinks()
	}
	parent := x.parent.entry()
	child.links.removed[x.field] = append(child.links.removed[x.field], parent.key)
	child.links.gone[x.field] = append(child.links.gone[x.field], x.held)
	p.alter(x.child)
}

// patch sets a field of a live row as a consequence.
func (p *planning) patch(w who, field int, c cell, why cause) {
	e := w.entry()
	if e.patch == nil {
		e.patch = map[int]cell{}
	}
	e.patch[field] = c
	p.alter(w)
	if _, known := p.causes[w]; !known {
		p.causes[w] = why
	}
}

// alter makes a row that would have stayed as it is a changed one.
func (p *planning) alter(w who) {
	if e := w.entry(); e.status == pending || e.status == unchanged || e.status == skipped {
		// A skipped record is counted as that, and a seed that finds its row there
		// says nothing of it; what changes is the live row.
		e.altered = !e.inPackage() || e.status == skipped || e.seed != nil && w.m.matchRule(e) == policy.MatchKeep
		e.status = changed
	}
}

// repointKey is the natural key of the record that a reference is pointed to.
func (p *planning) repointKey(x edge) (schema.Key, bool) {
	m, f := x.child.m, &x.child.m.fields[x.field]
	t := f.ref.model
	r := &row{cells: make([]cell, len(t.fields))}
	for _, s := range f.ref.rule.Repoint {
		n, ok := p.name(t, s.Name)
		if !ok {
			return "", false
		}
		value, diags := s.Value()
		p.diags.AddAll(diags)
		if diags.HasErrors() {
			return "", false
		}
		c, err := p.decodeOwn(t, n, value)
		if err != nil {
			p.add(s.Name.Range, "policy.repoint", fmt.Sprintf("The value of %s does not fit", s.Name.Text), sentence(err.Error()), "")
			return "", false
		}
		r.cells[n] = c
	}
	key, why, _ := p.keyOf(t, t.key, r, false, false)
	if why == "" {
		if n, ok := t.byNaturalKey(key); ok && t.entries.at(n).stays() {
			return key, true
		}
	}
	at := f.ref.rule.DestroyRange
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "policy.repoint", Range: at, Source: p.sourceLine(at), Record: p.place(m, 0, x.child.entry().key),
		Summary: fmt.Sprintf("The record of %s to point %s to does not exist after the plan", t.label, f.name),
		Detail:  fmt.Sprintf("The row refers to %s, which would be destroyed. repoint names a record by its natural key; the package, a seed or the live database has to hold it.", p.name1(x.parent)),
	})
	return "", false
}

// checkReferences finds references of the package's record that led to a live
// row when they were settled and that is destroyed as a consequence since. It
// reports whether there are any.
func (p *planning) checkReferences(m *model, e *entry) (lost bool, err error) {
	if !p.destroying || !e.inPackage() || e.altered {
		return false, nil
	}
	r, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return false, err
	}
	for _, x := range p.resolve(m, r) {
		if m.onMissing(x.field) != policy.OnMissingUnset {
			p.missingReference(m, r, x, "")
			lost = true
		}
	}
	return lost, nil
}
