package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type policyName = policy.Name

// readPackage reads the package's records of a model once: each is decoded,
// keyed and spooled. What stays in memory is its key and where it is spooled.
func (p *planning) readPackage(m *model) error {
	count := 0
	for rec, err := range p.in.Package.Scan(p.ctx, schema.Selection{Model: m.label}) {
		if err != nil {
			return fmt.Errorf("read %s: %w", p.in.Package.Name(), err)
		}
		count++
		m.account.Package++
		p.observe(m, SidePackage, count, false)
		r, ok := p.decode(m, rec)
		if !ok {
			m.account.Refused++
			continue
		}
		if err := p.keep(m, r); err != nil {
			return err
		}
	}
	p.observe(m, SidePackage, count, true)
	for name, n := range m.discarded {
		if m.account.Discarded == nil {
			m.account.Discarded = map[string]int{}
		}
		m.account.Discarded[name] = n
	}
	return nil
}

// keep makes the entry of a package's row.
func (p *planning) keep(m *model, r *row) error {
	key, why, at := p.keyOf(m, m.key, r, false, false)
	if why != "" {
		p.unkeyed(m, r, why, at)
		return nil
	}
	n, isNew := m.put(key)
	e := &m.entries[n]
	if isNew {
		offset, err := m.spool.put(r)
		if err != nil {
			return err
		}
		e.pkg = offset
	} else if err := p.duplicate(m, r, e); err != nil {
		return err
	}
	for _, t := range m.targets {
		c := r.cells[t.field]
		if text, ok := identifier(m, t.field, c); ok {
			t.pkg[text] = n
			if t.field != m.pk {
				t.pkgText[n] = text
			}
		}
	}
	if m.pk >= 0 && r.cells[m.pk].kind != absent {
		m.pkCarried = true
		m.pkOwner[r.cells[m.pk].value.Text] = n
	}
	if m.ownSpelling {
		if spelling, why, _ := p.keyOf(m, m.packageKey, r, false, true); why == "" {
			if first, taken := m.bySpelling[spelling]; taken && first != n {
				p.diags.Add(diag.Diagnostic{
					Severity: diag.Error, Code: "package_key.duplicate", Range: m.rule("package_key"), Record: p.place(m, r.number, key),
					Summary: "Two records have the same package_key",
					Detail:  fmt.Sprintf("References could mean this one or %s.", p.keyText(m, m.entries[first].key)),
				})
			}
			m.bySpelling[spelling] = n
		}
	}
	return nil
}

// identifier is the text by which references name a record through a field:
// its value, or the whole key where the field is a reference itself.
func identifier(m *model, field int, c cell) (string, bool) {
	switch {
	case c.kind == plain && c.value.Valid, c.kind == byID:
		return c.value.Text, true
	case c.kind == resolved || c.kind == byKey:
		parts := c.key.Parts()
		return parts[0], len(parts) == 1
	}
	return "", false
}

// unkeyed is a record of the package whose natural key cannot be told.
func (p *planning) unkeyed(m *model, r *row, why string, at int) {
	f := &m.fields[at]
	if why == "missing" && m.onMissing(at) == policy.OnMissingSkip {
		p.skip(m, nil, r.number, fmt.Sprintf("its reference %s leads to no record, and on_missing = skip", f.name), f.ref.rule.RuleRange)
		return
	}
	m.account.Refused++
	if why == "missing" {
		p.missingReference(m, r, missing{at, r.cells[at]}, "The reference is part of the natural key.")
		return
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "key.incomplete." + f.name, Range: m.rule("natural_key"), Source: p.sourceLine(m.rule("natural_key")),
		Record:  p.place(m, r.number, ""),
		Summary: fmt.Sprintf("The record has no natural key: its %s is null", f.name),
		Remedy:  "Take fields that are never null as the natural key.",
	}
	if why == "lacks" {
		d.Summary = fmt.Sprintf("The record has no natural key: it lacks the field %s", f.name)
		d.Remedy = fmt.Sprintf("Rebuild it: derive %q { value = … }, or take another natural key.", f.name)
	}
	p.diags.Add(d)
}

// duplicate handles a record whose natural key an earlier one has.
func (p *planning) duplicate(m *model, r *row, e *entry) error {
	first, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return err
	}
	same := p.sameRecord(m, first, r)
	if same && m.policy.OnDuplicate == policy.OnDuplicateFirst {
		p.skip(m, nil, r.number, fmt.Sprintf("it equals record %d in every field, and on_duplicate = first", first.number), m.rule("on_duplicate"))
		m.skips[len(m.skips)-1].Key = plansValue(p.keyText(m, e.key))
		return nil
	}
	m.account.Refused++
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "key.duplicate_package", Range: m.rule("natural_key"), Source: p.sourceLine(m.rule("natural_key")),
		Record:  p.place(m, r.number, e.key),
		Summary: fmt.Sprintf("The package has two records with this natural key, the other is record %d", first.number),
		Detail:  "They differ, so neither may be dropped.",
		Remedy:  "Take more fields into the natural key.",
	}
	if same {
		d.Detail = "They are equal in every field."
		d.Remedy = "To take the first and skip the others, write on_duplicate = first."
	}
	p.diags.Add(d)
	return nil
}

// sameRecord reports whether two rows of a package are equal in every field
// that either has, the primary key left out.
func (p *planning) sameRecord(m *model, a, b *row) bool {
	for n := range m.fields {
		if n == m.pk && !slices.Contains(m.key, n) {
			continue
		}
		x, y := a.cells[n], b.cells[n]
		if x.kind != y.kind || x.key != y.key || len(x.list) != len(y.list) {
			return false
		}
		if m.fields[n].column != nil && !m.fields[n].column.Type.Equal(x.value, y.value) {
			return false
		}
		for i := range x.list {
			if x.list[i].kind != y.list[i].kind || x.list[i].key != y.list[i].key || x.list[i].value != y.list[i].value {
				return false
			}
		}
	}
	return true
}
