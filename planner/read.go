package planner

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type policyName = policy.Name

// readPackage reads the package's records of a model once: each is decoded,
// keyed and spooled. What stays in memory is its key and where it is spooled.
func (p *planning) readPackage(m *model) error {
	outside := !p.inScope(m)
	_, promised := p.labelsOf(m)
	for rec, err := range p.packageRecords(m) {
		if err != nil {
			return err
		}
		m.account.Package++
		p.observe(m, SidePackage, m.account.Package, false)
		if err := p.readRecord(m, rec, outside); err != nil {
			return err
		}
	}
	p.observe(m, SidePackage, m.account.Package, true)
	if m.account.Package != promised {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "package.count", Range: m.policy.Range, Record: &diag.Record{Model: m.label},
			Summary: fmt.Sprintf(plural(promised, "The package says that it holds %d record{|s} of %s and gave %d"), promised, m.label, m.account.Package),
			Detail:  "It was changed while it was read, or cannot be read in full.",
		})
	}
	p.nameDecided(m)
	for name, n := range m.discarded {
		if m.account.Discarded == nil {
			m.account.Discarded = map[string]int{}
		}
		m.account.Discarded[name] = n
	}
	return nil
}

// packageRecords yields the package's records of the model that were not set
// aside.
func (p *planning) packageRecords(m *model) iter.Seq2[*schema.Record, error] {
	if m.rest != nil {
		return m.rest.records()
	}
	return func(yield func(*schema.Record, error) bool) {
		labels, _ := p.labelsOf(m)
		for _, label := range labels {
			for rec, err := range p.in.Package.Scan(p.ctx, schema.Selection{Model: label}) {
				if err != nil {
					err = fmt.Errorf("read %s: %w", p.in.Package.Name(), err)
				}
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}

// labelsOf are the spellings of the model's label in the package, which
// Django writes in small letters and people do not, and how many records the
// package lists under them.
func (p *planning) labelsOf(m *model) (labels []string, records int) {
	for _, c := range p.in.Package.Contents() {
		if strings.EqualFold(c.Model, m.label) {
			labels = append(labels, c.Model)
			records += c.Records
		}
	}
	return labels, records
}

// readRecord decodes, keys and spools one record of the package.
func (p *planning) readRecord(m *model, rec *schema.Record, outside bool) error {
	r, ok := p.decode(m, rec)
	if !ok {
		m.account.Refused++
		return nil
	}
	n, err := p.keep(m, r)
	if err != nil {
		return err
	}
	if outside || !p.rowInScope(m, r) {
		return p.leaveOut(m, n, r)
	}
	return nil
}

// keep makes the entry of a package's row, or finds it. It returns -1 for a
// row that has none.
func (p *planning) keep(m *model, r *row) (int32, error) {
	key, why, at := p.keyOf(m, m.key, r, false, false)
	d, err := p.ruled(m, r, key)
	switch {
	case err != nil:
		return -1, err
	case d != nil && d.Do == plans.ToSkip:
		return p.skipDecided(m, d, r), nil
	case d != nil && d.Do == plans.ToMap:
		key, why = d.liveKey, ""
	}
	if why != "" {
		return -1, p.unkeyed(m, r, why, at)
	}
	n, isNew := m.entries.put(key)
	e := m.entries.at(n)
	switch {
	case isNew || m.ruling.takes(n):
		if e.pkg, err = m.spool.put(r); err != nil {
			return n, err
		}
		e.status = pending
	case p.mappedTwice(m, d, n):
		return n, nil
	default:
		if err := p.duplicate(m, r, e); err != nil {
			return n, err
		}
	}
	m.ruling.settle(d, n)
	for _, t := range m.targets {
		if text, ok := identifier(r.cells[t.field]); ok {
			t.pkg.set(text, n)
		}
	}
	p.own(m, n, r)
	if m.ownSpelling {
		if spelling, why, _ := p.keyOf(m, m.packageKey, r, false, true); why == "" {
			if first, taken := m.bySpelling[spelling]; taken && first != n {
				p.conflict(m, "package_key.duplicate", m.entries.at(first), e)
				p.diags.Add(diag.Diagnostic{
					Severity: diag.Error, Code: "package_key.duplicate", Range: m.rule("package_key"), Record: p.place(m, r.number, key),
					Summary: "Two records have the same package_key",
					Detail:  fmt.Sprintf("References could mean this one or %s.", p.keyText(m, m.entries.at(first).key)),
				})
			}
			m.bySpelling[spelling] = n
		}
	}
	return n, nil
}

// own notes whose primary key the row's is. Two records cannot have the same:
// references spelt with it could mean either.
func (p *planning) own(m *model, n int32, r *row) {
	if m.pk < 0 {
		return
	}
	id, ok := identifier(r.cells[m.pk])
	if !ok {
		return
	}
	m.pkCarried = true
	if other, taken := m.pkOwner.get(id); taken && other != n {
		first := m.entries.at(other)
		first.status, m.entries.at(n).status = broken, broken
		p.conflict(m, "key.duplicate_primary", first, m.entries.at(n))
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "key.duplicate_primary", Range: m.policy.Range, Record: p.place(m, r.number, m.entries.at(n).key),
			Summary: "Two records of the package have the same primary key",
			Detail:  fmt.Sprintf("The other one is %s. References could mean either.", p.keyText(m, first.key)),
			Remedy:  "Correct the package at its source.",
		})
	}
	m.pkOwner.set(id, n)
}

// identifier is the text by which a package's references name a record through
// a field. A field that is itself spelt as a natural key has none: its text
// could be taken for another record's.
func identifier(c cell) (string, bool) {
	if c.kind == plain && c.value.Valid || c.kind == byID {
		return c.value.Text, true
	}
	return "", false
}

// unkeyed is a record of the package whose natural key cannot be told.
func (p *planning) unkeyed(m *model, r *row, why string, at int) error {
	f := &m.fields[at]
	if why == "missing" && m.onMissing(at) == policy.OnMissingSkip {
		p.skip(m, nil, r.number, fmt.Sprintf("its reference %s leads to no record, and on_missing = skip", f.name), f.ref.rule.RuleRange)
		return nil
	}
	m.account.Refused++
	if why == "missing" {
		p.missingReference(m, r, missing{at, r.cells[at]}, "The reference is part of the natural key.")
		return nil
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
	return p.conflictOf(m, d.Code, r)
}

// duplicate handles a record whose natural key an earlier one has.
func (p *planning) duplicate(m *model, r *row, e *entry) error {
	first, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return err
	}
	same := p.sameRecord(m, first, r)
	if same && m.policy.OnDuplicate == policy.OnDuplicateFirst {
		return p.takeFirst(m, first, r, e)
	}
	m.account.Refused++
	e.status = broken
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
	p.conflict(m, d.Code, e)
	return p.conflictOf(m, d.Code, r)
}

// takeFirst keeps one of two equal records and skips the other. Which comes
// first, their primary keys say and then their bytes, not the package's order:
// a package in another order makes the same plan.
func (p *planning) takeFirst(m *model, kept, left *row, e *entry) error {
	if rowBefore(m, left, kept) {
		kept, left = left, kept
		offset, err := m.spool.put(kept)
		if err != nil {
			return err
		}
		e.pkg = offset
	}
	p.skip(m, nil, left.number, fmt.Sprintf("it equals record %d in every field, and on_duplicate = first", kept.number), m.rule("on_duplicate"))
	m.skips[len(m.skips)-1].Key = plansValue(p.keyText(m, e.key))
	return nil
}

func rowBefore(m *model, a, b *row) bool {
	if m.pk >= 0 {
		x, xok := identifier(a.cells[m.pk])
		y, yok := identifier(b.cells[m.pk])
		if xok != yok {
			return xok
		}
		if x != y {
			return cmp.Or(len(x)-len(y), strings.Compare(x, y)) < 0
		}
	}
	return bytes.Compare((&row{cells: a.cells}).append(nil), (&row{cells: b.cells}).append(nil)) < 0
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
