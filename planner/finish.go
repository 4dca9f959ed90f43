package planner

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// finishAll closes all models: first the primary keys of all added records,
// which references and ids in JSON lead to, then each model's changes.
func (p *planning) finishAll() error {
	for _, m := range p.models {
		p.list(m)
		if err := p.allotAll(m); err != nil {
			return err
		}
	}
	for _, m := range p.models {
		if err := p.finish(m); err != nil {
			return err
		}
	}
	for _, m := range p.models {
		if err := p.predictUniques(m); err != nil {
			return err
		}
	}
	return nil
}

// list sorts the model's changes and destroys by key.
func (p *planning) list(m *model) {
	m.changes, m.destroys = nil, nil
	for n := range m.entries.len() {
		switch e := m.entries.at(n); e.status {
		case added, changed:
			if !m.isFresh(e) {
				m.changes = append(m.changes, n)
			}
		case destroyed:
			m.destroys = append(m.destroys, n)
		}
	}
	byKey := func(a, b int32) int { return compareKeys(m.entries.at(a).key, m.entries.at(b).key) }
	slices.SortFunc(m.changes, byKey)
	slices.SortFunc(m.destroys, byKey)
}

// finish closes a model: the violations to be expected, the members of added
// records, the accounting.
func (p *planning) finish(m *model) error {
	for _, n := range m.changes {
		if err := p.finishRecord(m, m.entries.at(n)); err != nil {
			return err
		}
	}
	m.changes = slices.DeleteFunc(m.changes, func(n int32) bool {
		s := m.entries.at(n).status
		return s != added && s != changed
	})
	p.allotLinks(m)
	p.judgeDestroys(m)
	p.tally(m)
	return nil
}

// finishRecord judges what is written of a record.
func (p *planning) finishRecord(m *model, e *entry) error {
	if e.status == broken {
		return nil // it has no primary key
	}
	before, after, err := p.beforeAfter(m, e)
	if err != nil {
		return err
	}
	if e.status == changed && e.moved.oldName() == "" && e.links == nil && len(p.written(m, before, after)) == 0 {
		// It differed while another record of the group was not settled yet.
		e.status = unchanged
		return nil
	}
	lost, err := p.checkReferences(m, e)
	if err != nil {
		return err
	}
	if !lost {
		p.checkRow(m, e, before, after)
	}
	if before == nil {
		p.notCarried(m, e, after)
		p.newLinks(m, e, after)
	}
	for g := range m.generics {
		p.wrongTarget(m, e, &m.generics[g], after)
	}
	for i := range m.jsonRefs {
		if err := p.wrongIDs(m, e, &m.jsonRefs[i], before, after); err != nil {
			return err
		}
	}
	return m.keepDone(e, before, after)
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
			e.links.added[n] = append(e.links.added[n], joining{c.list[i].key, strings.Clone(c.list[i].row)})
		}
	}
}

// allotAll settles the primary keys of the model's added records: those that
// keep the package's first, then new ones after the highest.
func (p *planning) allotAll(m *model) error {
	if m.pk < 0 {
		return nil
	}
	m.keys.next = max(m.keys.next, m.keys.max)
	if s := m.fields[m.pk].column.Sequence; s != nil {
		m.keys.next = max(m.keys.next, s.Last)
	}
	var fresh []int32
	// Most primary keys are what the package says, which is known already.
	plainKey := m.fields[m.pk].ref == nil && m.fields[m.pk].column.Type.Kind == schema.Integer
	var carried []string
	several := map[int32]bool{} // of equal records, one of which is taken
	if plainKey {
		carried = make([]string, m.entries.len())
		for pk, n := range m.pkOwner.all() {
			if carried[n] != "" {
				several[n] = true
			}
			carried[n] = pk
		}
	}
	for _, n := range m.changes {
		e := m.entries.at(n)
		if e.status != added {
			continue
		}
		c, known := cell{kind: plain}, plainKey && !several[n] && e.inPackage() && !e.stub && e.seed == nil && e.patch == nil
		if known {
			if carried[n] != "" {
				c.value = schema.NewValue(carried[n])
			}
		} else if _, after, err := p.beforeAfter(m, e); err != nil {
			return err
		} else {
			c = after.cells[m.pk]
		}
		if !p.keepsKey(m, e, c) {
			fresh = append(fresh, n)
		}
	}
	m.keys.next = max(m.keys.next, m.keys.used)
	for _, n := range fresh {
		p.allot(m, m.entries.at(n))
	}
	return nil
}

// keepsKey gives an added record the primary key that it has already: the
// package's where it is free, or one that the natural key or a parent gives.
func (p *planning) keepsKey(m *model, e *entry, c cell) bool {
	f := &m.fields[m.pk]
	pk := c.value.Text
	switch {
	case c.kind == resolved: // the key of the parent's row
		pk = p.finalText(f.ref.model, f.ref.field, c.key)
	case c.kind != plain || !c.value.Valid:
		return false
	case slices.Contains(m.key, m.pk) || f.column.Type.Kind == schema.UUID:
	case e.taken || m.policy.PrimaryKey == policy.PrimaryKeyNew || m.keys.given[pk]:
		return false
	}
	e.kept = true
	p.give(m, e, pk)
	return true
}

// give settles an added record's primary key.
func (p *planning) give(m *model, e *entry, pk string) {
	pk = strings.Clone(pk) // not the whole row with it
	e.pk = pk
	if m.keys.given != nil {
		m.keys.given[pk] = true
	}
	id, err := strconv.ParseInt(pk, 10, 64)
	if err != nil {
		return
	}
	m.keys.used = max(m.keys.used, id)
	if s := m.fields[m.pk].column.Sequence; s != nil && s.Max > 0 && id > s.Max {
		p.noKey(m, e, "The sequence of the column ends before it.")
	}
}

// allot gives an added record a new primary key.
func (p *planning) allot(m *model, e *entry) {
	f := &m.fields[m.pk]
	switch {
	case f.column.Type.Kind != schema.Integer || f.column.Sequence == nil:
		p.noKey(m, e, "The package's record carries none, or one that another live row has, and the column has no sequence.")
	case m.keys.next == math.MaxInt64, f.column.Type.Check(schema.NewValue(strconv.FormatInt(m.keys.next+1, 10)), p.catalogue.Dialect) != nil:
		p.noKey(m, e, "It would come after the greatest number that the column holds.")
	default:
		m.keys.next++
		p.give(m, e, strconv.FormatInt(m.keys.next, 10))
	}
}

func (p *planning) noKey(m *model, e *entry, why string) {
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "key.primary", Range: m.policy.Range, Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("The record can have no primary key in the column %s", m.fields[m.pk].column.Name),
		Detail:  why,
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
		if before != nil && c.same(before.cells[n]) {
			continue
		}
		var detail string
		switch {
		case (c.kind == byKey || c.kind == byName || c.kind == byID) && f.ref != nil:
			detail = "The record that it refers to does not exist after the plan."
		case c.kind == absent && f.column.NotNull && !f.column.HasDefault:
			detail = "The record lacks the field, and the column has no default."
		case c.isNull() && f.column.NotNull:
			detail = "The column takes no null."
		case c.kind == plain && c.value.Valid:
			if err := f.column.Type.Check(c.value, p.catalogue.Dialect); err != nil && !m.irregular(n, c.value, p.catalogue.Dialect) {
				detail = sentence(err.Error())
				if f.sensitive {
					detail = "It does not fit the column." // how long a secret is, is part of it
				}
			}
		}
		if detail == "" {
			continue
		}
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "predicted.value." + f.name, Range: m.policy.Range, Record: p.recordOf(m, e),
			Summary: fmt.Sprintf("The value of %s would be refused by the database", f.name),
			Detail:  detail,
			Remedy:  fmt.Sprintf("Correct it at its source, or give the field a value: derive %q { value = … } where the record lacks it.", f.name),
		}
		switch {
		case e.stub:
			d.Range = m.stubs[m.entries.number(e)].by.Range
			d.Remedy = fmt.Sprintf("Give the created record a value: create = { %s = … }.", f.name)
		case e.seed != nil:
			d.Range = p.seedPlace(m, e)
			d.Remedy = "Correct it in the seed."
		}
		p.diags.Add(d)
	}
}

// tally counts what became of the model's records.
func (p *planning) tally(m *model) {
	a := &m.account
	fresh, same := m.settled.tally()
	a.Added, a.Changed, a.Unchanged, a.Remapped = a.Stubs+fresh, 0, same, 0
	a.SeedsAdded, a.SeedsChanged, a.Altered = 0, 0, 0
	for n := range m.entries.len() {
		e := m.entries.at(n)
		if e.remapped {
			a.Remapped++
		}
		if e.altered && e.status == changed {
			a.Changed++
			a.Altered++
			continue
		}
		if e.seed != nil {
			countSeed(a, e.status)
			continue
		}
		if !e.inPackage() || m.isFresh(e) {
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
		for i := range m.entries.len() {
			if k := m.entries.at(i).links; k != nil && m.entries.at(i).status != broken {
				l.Added += len(k.added[n])
				l.Removed += len(k.gone[n])
			}
		}
	}
}

// countSeed counts a record that the policy declares.
func countSeed(a *plans.Accounting, s status) {
	switch s {
	case added:
		a.Added++
		a.SeedsAdded++
	case changed:
		a.Changed++
		a.SeedsChanged++
	}
}
