package planner

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// finish closes a model: its changes in order, the primary keys of added
// records, the violations to be expected, the accounting.
func (p *planning) finish(m *model) error {
	m.changes, m.destroys = nil, nil
	for n := range m.entries {
		switch m.entries[n].status {
		case added, changed:
			m.changes = append(m.changes, int32(n))
		case destroyed:
			m.destroys = append(m.destroys, int32(n))
		}
	}
	byKey := func(a, b int32) int { return compareKeys(m.entries[a].key, m.entries[b].key) }
	slices.SortFunc(m.changes, byKey)
	slices.SortFunc(m.destroys, byKey)
	if err := p.allotAll(m); err != nil {
		return err
	}
	for _, n := range m.changes {
		e := &m.entries[n]
		before, after, err := p.beforeAfter(m, e)
		if err != nil {
			return err
		}
		p.checkRow(m, e, before, after)
		if before == nil {
			p.newLinks(m, e, after)
			for g := range m.generics {
				p.wrongTarget(m, e, &m.generics[g], after)
			}
		}
	}
	if err := p.predictUniques(m); err != nil {
		return err
	}
	p.tally(m)
	return nil
}

// newLinks are the many-to-many members of an added record.
func (p *planning) newLinks(m *model, e *entry, after *row) {
	for n := range m.fields {
		c := after.cells[n]
		if c.kind != members || m.fields[n].ref.model == nil {
			continue
		}
		m.linkCount[n].Package += len(c.list)
		if len(c.list) == 0 {
			continue
		}
		if e.links == nil {
			e.links = newLinks()
		}
		e.links.added[n] = nil
		for i := range c.list {
			e.links.added[n] = append(e.links.added[n], c.list[i].key)
		}
	}
}

// allotAll settles the primary keys of the model's added records: those that
// keep the package's first, then new ones after the highest.
func (p *planning) allotAll(m *model) error {
	if m.pk < 0 {
		return nil
	}
	column := m.fields[m.pk].column
	m.nextPK = m.maxPK
	if column.Sequence != nil {
		m.nextPK = max(m.nextPK, column.Sequence.Last)
	}
	var fresh []int32
	for _, n := range m.changes {
		e := &m.entries[n]
		if e.status != added {
			continue
		}
		_, after, err := p.beforeAfter(m, e)
		if err != nil {
			return err
		}
		if p.keepsKey(m, e, after) {
			p.use(m, e.pk)
			continue
		}
		fresh = append(fresh, n)
	}
	m.nextPK = max(m.nextPK, m.usedPK)
	for _, n := range fresh {
		p.allot(m, &m.entries[n], nil)
	}
	return nil
}

// keepsKey reports whether an added record has its primary key already: the
// package's where it is free, or one that the natural key or a parent gives.
func (p *planning) keepsKey(m *model, e *entry, after *row) bool {
	c := after.cells[m.pk]
	f := &m.fields[m.pk]
	switch {
	case c.kind == resolved: // the key of the parent's row
		e.pk, e.kept = p.finalText(f.ref.model, f.ref.field, c.key), true
		return true
	case c.kind != plain || !c.value.Valid:
		return false
	case slices.Contains(m.key, m.pk) || f.column.Type.Kind == schema.UUID:
		e.pk, e.kept = c.value.Text, true
		return true
	case e.taken || m.policy.PrimaryKey == policy.PrimaryKeyNew:
		return false
	}
	e.pk, e.kept = c.value.Text, true
	return true
}

func (p *planning) use(m *model, pk string) {
	if id, err := strconv.ParseInt(pk, 10, 64); err == nil {
		m.usedPK = max(m.usedPK, id)
	}
}

// allot gives an added record a new primary key. after is given for a stub,
// whose own fields may hold one.
func (p *planning) allot(m *model, e *entry, after *row) {
	if m.pk < 0 {
		return
	}
	if after != nil {
		p.applyStub(m, e, after)
		if p.keepsKey(m, e, after) {
			p.use(m, e.pk)
			return
		}
	}
	f := &m.fields[m.pk]
	if f.column.Type.Kind == schema.Integer && (f.column.Sequence != nil || !f.column.HasDefault) {
		if f.column.Sequence == nil {
			p.noKey(m, e)
			return
		}
		m.nextPK++
		e.pk = strconv.FormatInt(m.nextPK, 10)
		m.usedPK = max(m.usedPK, m.nextPK)
		return
	}
	p.noKey(m, e)
}

func (p *planning) noKey(m *model, e *entry) {
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "key.primary", Range: m.policy.Range, Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("The record has no primary key, and the column %s has no sequence", m.fields[m.pk].column.Name),
		Detail:  "The package's record carries none, or one that another live row has.",
		Remedy:  fmt.Sprintf("Rebuild it: derive %q { value = … }.", m.fields[m.pk].name),
	})
	e.status = broken
}

// checkRow judges what is written of a record: nulls, lengths, ranges, labels.
func (p *planning) checkRow(m *model, e *entry, before, after *row) {
	for n := range m.fields {
		f := &m.fields[n]
		c := after.cells[n]
		if f.column == nil || (n == m.pk && e.pk != "" && !e.kept) {
			continue
		}
		if before != nil && c.kind == before.cells[n].kind && c.key == before.cells[n].key && c.value == before.cells[n].value {
			continue
		}
		var detail string
		switch {
		case c.kind == absent && f.column.NotNull && !f.column.HasDefault:
			detail = "The package's record lacks the field, and the column has no default."
		case c.isNull() && f.column.NotNull:
			detail = "The column takes no null."
		case c.kind == plain && c.value.Valid:
			if err := f.column.Type.Check(c.value, p.catalogue.Dialect); err != nil {
				detail = sentence(err.Error())
			}
		}
		if detail == "" {
			continue
		}
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "predicted.value." + f.name, Range: m.policy.Range, Record: p.recordOf(m, e),
			Summary: fmt.Sprintf("The value of %s would be refused by the database", f.name),
			Detail:  detail,
			Remedy:  fmt.Sprintf("Correct it at its source, or give the field a value: derive %q { value = … } where the record lacks it.", f.name),
		})
	}
}

// tally counts what became of the model's records.
func (p *planning) tally(m *model) {
	a := &m.account
	a.Added, a.Changed, a.Unchanged, a.Remapped = a.Stubs, 0, 0, 0
	for n := range m.entries {
		e := &m.entries[n]
		if e.remapped {
			a.Remapped++
		}
		if !e.inPackage() {
			continue
		}
		switch e.status {
		case added:
			a.Added++
		case changed:
			a.Changed++
		case unchanged:
			a.Unchanged++
		case broken, pending, destroyed:
			a.Refused++
		}
	}
	for n, l := range m.linkCount {
		for i := range m.entries {
			if k := m.entries[i].links; k != nil && m.entries[i].status != broken {
				l.Added += len(k.added[n])
				l.Removed += len(k.gone[n])
			}
		}
	}
}
