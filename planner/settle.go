package planner

import (
	"fmt"

	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// settle resolves the references of the package's records and applies the
// rules for those that lead nowhere. A record that is skipped may leave others
// of the group without their target, which are then judged again.
func (p *planning) settle(models []*model) error {
	if err := p.makeStubs(models); err != nil {
		return err
	}
	var left []member
	for _, m := range models {
		for n := range m.entries.len() {
			e := m.entries.at(n)
			if !e.inPackage() || e.status != pending {
				continue
			}
			if err := p.settleRecord(m, e, true); err != nil {
				return err
			}
			if m.cyclic && e.status == skipped {
				left = append(left, member{m, n})
			}
		}
	}
	if err := p.cascade(models, left); err != nil {
		return err
	}
	return nil
}

// member is an entry of a model.
type member struct {
	model *model
	entry int32
}

// cascade judges the records again that refer to skipped ones, and those that
// refer to them, each once for each skipped record that it refers to.
func (p *planning) cascade(models []*model, left []member) error {
	if len(left) == 0 {
		return nil
	}
	holders, err := p.holders(models)
	if err != nil {
		return err
	}
	for len(left) > 0 {
		gone := left[len(left)-1]
		left = left[:len(left)-1]
		for _, h := range holders[gone] {
			e := h.model.entries.at(h.entry)
			if e.status != pending {
				continue
			}
			if err := p.settleRecord(h.model, e, false); err != nil {
				return err
			}
			if e.status == skipped {
				left = append(left, h)
			}
		}
	}
	return nil
}

// holders are, for each record of the group, the package's records that refer
// to it.
func (p *planning) holders(models []*model) (map[member][]member, error) {
	out := map[member][]member{}
	for _, m := range models {
		for n := range m.entries.len() {
			e := m.entries.at(n)
			if !e.inPackage() || e.status != pending {
				continue
			}
			r, err := m.spool.get(e.pkg, len(m.fields))
			if err != nil {
				return nil, err
			}
			for i := range m.jsonRefs {
				p.eachID(&m.jsonRefs[i], r, func(t *model, id string) {
					if to, ok := t.owner(id); ok && t.group == m.group {
						out[member{t, to}] = append(out[member{t, to}], member{m, n})
					}
				})
			}
			for f := range r.cells {
				ref := m.fields[f].ref
				if ref == nil || ref.model == nil || ref.model.group != m.group {
					continue
				}
				for _, c := range append(r.cells[f].list, r.cells[f]) {
					if to, ok := find(ref.model, ref.field, c); ok {
						at := member{ref.model, to}
						out[at] = append(out[at], member{m, n})
					}
				}
			}
		}
	}
	return out, nil
}

func (p *planning) settleRecord(m *model, e *entry, first bool) error {
	r, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return err
	}
	p.noting, p.jsonLost = first, p.jsonLost[:0]
	lost := p.resolve(m, r)
	p.noting = false
	p.complain(m, e, r, lost)
	if len(p.jsonLost) > 0 && e.status == pending {
		x := p.jsonLost[0]
		p.skip(m, e, r.number, fmt.Sprintf("an id in its %s leads to no %s, and on_missing = skip", m.fields[x.ref.field].name, x.target.label), x.ref.policy.RuleRange)
	}
	for g := range m.generics {
		if first && e.status == pending {
			p.noteGeneric(m, e, &m.generics[g], r)
		}
	}
	return nil
}

// complain applies the rules of the references that lead nowhere. A rule that
// skips the record comes before all others.
func (p *planning) complain(m *model, e *entry, r *row, lost []missing) {
	for _, x := range lost {
		if f := &m.fields[x.field]; m.onMissing(x.field) == policy.OnMissingSkip {
			p.skip(m, e, r.number, fmt.Sprintf("its reference %s leads to no record, and on_missing = skip", f.name), f.ref.rule.RuleRange)
			return
		}
	}
	for _, x := range lost {
		f := &m.fields[x.field]
		switch m.onMissing(x.field) {
		case policy.OnMissingUnset:
			if f.many != nil || !f.column.NotNull {
				continue
			}
			p.missingReference(m, r, x, "The column takes no null, so on_missing = unset cannot apply.")
		case policy.OnMissingCreate:
			p.missingReference(m, r, x, "A record can only be created where the reference is spelt as its natural key.")
		default:
			p.missingReference(m, r, x, "")
		}
		e.status = broken
	}
}

func (p *planning) missingReference(m *model, r *row, x missing, why string) {
	f := &m.fields[x.field]
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "reference.missing." + f.name, Range: m.policy.Range, Record: p.placeRow(m, r),
		Summary: fmt.Sprintf("The reference %s leads to no record", f.name),
		Detail:  p.whyMissing(f, x.cell),
		Remedy:  fmt.Sprintf("Say what to do: reference %q { on_missing = unset | skip | create }.", f.name),
	}
	if f.ref.model == nil {
		d.Summary = fmt.Sprintf("The reference %s leads to the table %s, which has no model block", f.name, f.ref.table)
		d.Remedy = fmt.Sprintf("Add a model block for the table %s.", f.ref.table)
	}
	if why != "" {
		d.Detail += " " + why
	}
	p.diags.Add(d)
}

// whyMissing says what was looked for and not found.
func (p *planning) whyMissing(f *field, c cell) string {
	t := f.ref.model
	switch {
	case t == nil:
		return "An identifier of the package means nothing in this database."
	case f.sensitive || t.fields[f.ref.field].sensitive:
		return "The field is sensitive, so its value is not shown."
	case c.kind == byID && !t.pkCarried && f.ref.field == t.pk:
		return fmt.Sprintf("It is spelt %s, a primary key of %s in the package, but the package's records of that model carry no primary key.", c.value.Text, t.label)
	}
	what := fmt.Sprintf("with the identifier %s", c.value.Text)
	if c.kind != byID {
		what = keyJSON(c.key, t.keyTypes(t.packageKey))
	}
	if n, mapped := t.ruling.formerly(c.key); mapped && c.kind == byKey && n < 0 {
		return fmt.Sprintf("Several records of the package are %s %s, and one of them was decided to be another.", t.label, what)
	}
	if n, known := find(t, f.ref.field, c); known {
		switch t.entries.at(n).status {
		case destroyed:
			return fmt.Sprintf("The live %s %s is destroyed by this plan.", t.label, what)
		case skipped:
			if !t.entries.at(n).inPackage() {
				return fmt.Sprintf("The live %s %s is renamed by this plan.", t.label, what)
			}
			if !p.inScope(t) {
				return fmt.Sprintf("The package's %s %s lies outside the plan, and the live database has no such record.", t.label, what)
			}
			by := "by a rule"
			if t.ruling.skips(n) {
				by = "by a decision"
			}
			return fmt.Sprintf("The package's %s %s is skipped %s.", t.label, what, by)
		}
	}
	if c.kind == byID {
		return fmt.Sprintf("The package has no %s %s.", t.label, what)
	}
	return fmt.Sprintf("Neither the package nor the live database has %s %s.", t.label, what)
}
