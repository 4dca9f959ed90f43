package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// stub is a record that the package refers to but does not hold, and that a
// reference with on_missing = create makes.
type stub struct {
	field string
	by    *policy.Reference
	cells map[int]cell
}

// stub makes the record that a reference leads to. It returns false after a
// diagnostic.
func (p *planning) stub(m *model, r *row, x missing) bool {
	f := &m.fields[x.field]
	t := f.ref.model
	if x.cell.kind != byKey || t.ownSpelling {
		p.missingReference(m, r, x, "A record can only be created where the reference is spelt as its natural key.")
		return false
	}
	s := stub{field: m.label + "." + f.name, by: f.ref.rule, cells: map[int]cell{}}
	n, _ := t.put(x.cell.key)
	e := &t.entries[n]
	e.stub, e.status = true, added
	if !p.stubKey(t, x.cell.key, s.cells) || !p.stubFields(t, s) {
		return false
	}
	t.stubs[n] = s
	t.account.Stubs++
	t.account.Added++
	t.changes = append(t.changes, n)
	slices.SortFunc(t.changes, func(a, b int32) int { return compareKeys(t.entries[a].key, t.entries[b].key) })
	if t.group != m.group {
		p.allot(t, e, &row{cells: make([]cell, len(t.fields))})
	}
	return true
}

// stubKey takes the natural key apart into the fields it is made of.
func (p *planning) stubKey(t *model, key schema.Key, cells map[int]cell) bool {
	parts := key.Parts()
	for _, n := range t.key {
		f := &t.fields[n]
		if f.ref == nil || f.ref.model == nil {
			if len(parts) == 0 {
				return false
			}
			cells[n] = cell{kind: plain, value: schema.NewValue(parts[0])}
			parts = parts[1:]
			continue
		}
		width := len(f.ref.model.keyTypes(f.ref.model.key))
		if len(parts) < width {
			return false
		}
		cells[n] = cell{kind: byKey, key: schema.MakeKey(parts[:width]...)}
		parts = parts[width:]
	}
	return len(parts) == 0
}

// stubFields evaluates the fields of the reference block. Where a sensitive
// text must not be null it is "!", which is no usable credential: Django's
// unusable passwords begin so, and nothing hashes to it.
func (p *planning) stubFields(t *model, s stub) bool {
	names := make([]string, 0, len(s.by.Create))
	for name := range s.by.Create {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n, known := t.names[name]
		if !known || slices.Contains(t.key, n) {
			p.add(s.by.Range, "policy.create", fmt.Sprintf("%q cannot be set in a created %s", name, t.label),
				"It is no column of the table "+t.table.Name+", or part of the natural key.", "")
			return false
		}
		l, diags := s.by.Create[name].Eval(func(field string) schema.Literal {
			if k, ok := t.names[field]; ok {
				return p.literalOf(t, k, s.cells[k])
			}
			return schema.Literal{}
		})
		p.diags.AddAll(diags)
		if diags.HasErrors() {
			return false
		}
		c, err := p.decodeCell(t, n, l)
		if err != nil {
			p.add(s.by.Range, "policy.create", fmt.Sprintf("The value of %q does not fit", name), sentence(err.Error()), "")
			return false
		}
		s.cells[n] = c
	}
	for n := range t.fields {
		f := &t.fields[n]
		if _, given := s.cells[n]; !given && f.sensitive && f.column != nil && f.column.NotNull && !f.column.HasDefault && f.column.Type.Kind == schema.Text {
			s.cells[n] = cell{kind: plain, value: schema.NewValue("!")}
		}
	}
	return true
}

// applyStub fills the row of a created record.
func (p *planning) applyStub(m *model, e *entry, after *row) {
	s := m.stubs[m.byKey[e.key]]
	for n, c := range s.cells {
		after.cells[n] = c
	}
	p.resolve(m, after, false)
	p.mint(m, e, after)
}

// checkStubs judges created records when everything else is planned.
func (p *planning) checkStubs() error {
	for _, m := range p.models {
		if len(m.stubs) == 0 {
			continue
		}
		for n := range m.stubs {
			e := &m.entries[n]
			_, after, err := p.beforeAfter(m, e)
			if err != nil {
				return err
			}
			p.checkRow(m, e, nil, after)
		}
		if err := p.predictUniques(m); err != nil {
			return err
		}
		labels := make([]string, 0, len(m.stubs))
		for _, n := range m.changes {
			if m.entries[n].stub {
				labels = append(labels, p.keyText(m, m.entries[n].key))
			}
		}
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Warning, Code: "stub", Range: m.policy.Range,
			Summary: fmt.Sprintf("%d records of %s are created only because others refer to them", len(labels), m.label),
			Detail:  "They are: " + shorten(labels) + ".",
		})
	}
	return nil
}

// shorten lists the first few.
func shorten(list []string) string {
	if len(list) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:5], ", "), len(list)-5)
	}
	return strings.Join(list, ", ")
}
