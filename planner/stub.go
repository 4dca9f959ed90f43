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
	holder *model
	field  int // of holder
	by     *policy.Reference
	cells  map[int]cell
}

// makeStubs makes the records that references of these models lead to, before
// any reference is judged: it does not matter which record comes first.
func (p *planning) makeStubs(models []*model) error {
	for _, m := range models {
		if !slices.ContainsFunc(m.fields, func(f field) bool {
			return f.ref != nil && f.ref.rule != nil && f.ref.rule.OnMissing == policy.OnMissingCreate
		}) {
			continue
		}
		for n := range m.entries.len() {
			if e := m.entries.at(n); !e.inPackage() || e.status != pending {
				continue
			}
			r, err := m.spool.get(m.entries.at(n).pkg, len(m.fields))
			if err != nil {
				return err
			}
			p.stubsOf(m, r)
		}
	}
	return nil
}

// stubsOf makes the records that a row's references lead to, unless the row
// is going to be skipped.
func (p *planning) stubsOf(m *model, r *row) {
	refs := &row{number: r.number, cells: slices.Clone(r.cells)}
	for i := range refs.cells {
		refs.cells[i].list = slices.Clone(refs.cells[i].list)
	}
	lost := p.resolve(m, refs)
	if slices.ContainsFunc(lost, func(x missing) bool { return m.onMissing(x.field) == policy.OnMissingSkip }) {
		return
	}
	for n := range m.fields {
		if m.onMissing(n) != policy.OnMissingCreate {
			continue
		}
		if k := r.cells[n].kind; k == byKey || k == byName {
			p.stub(m, r, n, r.cells[n].key)
		}
		for _, c := range r.cells[n].list {
			if c.kind == byKey || c.kind == byName {
				p.stub(m, r, n, c.key)
			}
		}
	}
}

// stub makes the record that a reference leads to, where there is none. Of
// several rules of one model that make the same record, that of the first
// field counts.
func (p *planning) stub(m *model, r *row, field int, key schema.Key) {
	t := m.fields[field].ref.model
	if t.ownSpelling {
		return // a package_key does not say what the natural key is
	}
	if _, mapped := t.ruling.formerly(key); mapped {
		return // the record is here
	}
	n, known := t.byNaturalKey(key)
	if old := t.stubs[n]; known && (!t.entries.at(n).stub || old.holder != m || old.field <= field) {
		return
	}
	s := stub{holder: m, field: field, by: m.fields[field].ref.rule, cells: map[int]cell{}}
	if !p.stubKey(t, key, s.cells) || !p.stubFields(m, r, t, s) {
		return
	}
	if !known {
		n, _ = t.entries.put(key)
		t.entries.at(n).stub, t.entries.at(n).status = true, added
		t.account.Stubs++
	}
	t.stubs[n] = s
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
func (p *planning) stubFields(m *model, r *row, t *model, s stub) bool {
	names := make([]string, 0, len(s.by.Create))
	for name := range s.by.Create {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n, known := t.names[name]
		if !known || slices.Contains(t.key, n) {
			p.badStub(m, r, s, fmt.Sprintf("%q cannot be set in a created %s", name, t.label),
				"It is no column of the table "+t.table.Name+", or part of the natural key.")
			return false
		}
		l, diags := s.by.Create[name].Eval(func(field string) schema.Literal {
			if k, ok := t.names[field]; ok {
				return p.literalOf(t, k, s.cells[k])
			}
			return schema.Literal{}
		})
		if diags.HasErrors() {
			for _, x := range diags {
				x.Record = p.placeRow(m, r)
				p.diags.Add(x)
			}
			return false
		}
		c, err := p.decodeOwn(t, n, l)
		if err != nil {
			p.badStub(m, r, s, fmt.Sprintf("The value of %q does not fit", name), sentence(err.Error()))
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

func (p *planning) badStub(m *model, r *row, s stub, summary, detail string) {
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "policy.create", Range: s.by.Range, Source: p.sourceLine(s.by.Range), Record: p.placeRow(m, r),
		Summary: summary, Detail: detail,
	})
}

// applyStub fills the row of a created record.
func (p *planning) applyStub(m *model, e *entry, after *row) {
	s := m.stubs[m.entries.number(e)]
	for n, c := range s.cells {
		after.cells[n] = c
	}
	p.resolve(m, after)
	p.mint(m, e, after)
}

// noteStubs warns of created records.
func (p *planning) noteStubs() {
	for _, m := range p.models {
		if len(m.stubs) == 0 {
			continue
		}
		labels := make([]string, 0, len(m.stubs))
		for _, n := range m.changes {
			e := m.entries.at(n)
			if !e.stub {
				continue
			}
			labels = append(labels, p.keyText(m, e.key))
		}
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Warning, Code: "stub", Range: m.policy.Range,
			Summary: fmt.Sprintf(plural(len(labels), "%d record{|s} of %s {is|are} created only because others refer to {it|them}"), len(labels), m.label),
			Detail:  "They are: " + shorten(labels) + ".",
		})
	}
}

// shorten lists the first few.
func shorten(list []string) string {
	if len(list) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:5], ", "), len(list)-5)
	}
	return strings.Join(list, ", ")
}
