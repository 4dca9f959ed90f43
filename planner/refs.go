package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// missing is a reference that leads to no record.
type missing struct {
	field int
	cell  cell
}

// find returns the entry that a package's reference means.
func find(t *model, field int, c cell) (int32, bool) {
	switch c.kind {
	case byID:
		if tg := t.target(field); tg != nil {
			n, ok := tg.pkg[c.value.Text]
			return n, ok
		}
	case byKey:
		if !t.ownSpelling {
			n, ok := t.byKey[c.key]
			return n, ok
		}
		if n, ok := t.bySpelling[c.key]; ok {
			return n, ok
		}
		n, ok := t.liveBySpelling[c.key]
		return n, ok
	}
	return 0, false
}

// resolve replaces the row's references by the natural keys of the records
// they mean, as the policy's rules have it, and returns those that lead
// nowhere although the policy does not let them. With note the references
// are counted on the records they lead to.
func (p *planning) resolve(m *model, r *row, note bool) []missing {
	var out []missing
	p.noting = note
	for n := range r.cells {
		c := &r.cells[n]
		switch c.kind {
		case byID, byKey:
			if !p.resolveCell(m, n, c, note) {
				out = append(out, missing{n, *c})
				if m.onMissing(n) == policy.OnMissingUnset {
					*c = cell{kind: plain}
				}
			}
		case members:
			kept := c.list[:0]
			for i := range c.list {
				if !p.resolveCell(m, n, &c.list[i], note) {
					out = append(out, missing{n, c.list[i]})
					continue
				}
				kept = append(kept, c.list[i])
			}
			c.list = uniqueCells(kept)
		case dangling:
			if m.fields[n].ref != nil && m.fields[n].ref.model == nil {
				out = append(out, missing{n, *c})
			}
		}
	}
	for i := range m.generics {
		p.resolveGeneric(m, &m.generics[i], r)
	}
	for i := range m.jsonRefs {
		p.resolveJSON(m, &m.jsonRefs[i], r)
	}
	return out
}

func (p *planning) resolveCell(m *model, n int, c *cell, note bool) bool {
	ref := m.fields[n].ref
	if ref.model == nil || c.kind == resolved {
		return c.kind == resolved
	}
	id, ok := find(ref.model, ref.field, *c)
	if !ok {
		return false
	}
	e := &ref.model.entries[id]
	if !e.stays() && e.status != broken {
		return false
	}
	if note && c.kind == byID {
		e.refs++
	}
	*c = cell{kind: resolved, key: e.key}
	return true
}

// uniqueCells sorts resolved members and drops those named twice.
func uniqueCells(list []cell) []cell {
	slices.SortFunc(list, func(a, b cell) int { return compareKeys(a.key, b.key) })
	return slices.CompactFunc(list, func(a, b cell) bool { return a.key == b.key })
}

// keyOf is the natural key (or the key that references spell, by another list
// of fields) of a row whose references in it can be resolved. why says what is
// wrong when there is none.
func (p *planning) keyOf(m *model, fields []int, r *row, live, cut bool) (key schema.Key, why string, at int) {
	var b []byte
	for _, n := range fields {
		c := r.cells[n]
		f := &m.fields[n]
		switch {
		case c.kind == absent:
			return "", "lacks", n
		case c.isNull():
			return "", "null", n
		case c.kind == plain:
			b = schema.AppendKey(b, keyText(f.column.Type, c.value, cut))
			continue
		case c.kind == resolved:
			b = append(b, c.key...)
			continue
		case f.ref == nil || f.ref.model == nil:
			return "", "missing", n
		}
		part, ok := refKey(f.ref, c, live)
		if !ok {
			return "", "missing", n
		}
		b = append(b, part...)
	}
	return schema.Key(b), "", -1
}

// refKey is the natural key that a reference contributes to a key. The record
// referred to need not exist: that is judged later.
func refKey(ref *reference, c cell, live bool) (schema.Key, bool) {
	t := ref.model
	if c.kind == byKey && !t.ownSpelling {
		return c.key, true
	}
	var (
		n  int32
		ok bool
	)
	if live {
		tg := t.target(ref.field)
		if tg == nil {
			return "", false
		}
		n, ok = tg.live[c.value.Text]
	} else {
		n, ok = find(t, ref.field, c)
	}
	if !ok {
		return "", false
	}
	return t.entries[n].key, true
}

// complain notes references that lead nowhere. It returns the rule that skips
// the record, if there is one.
func (p *planning) complain(m *model, r *row, e *entry, lost []missing) {
	for _, x := range lost {
		f := &m.fields[x.field]
		switch m.onMissing(x.field) {
		case policy.OnMissingSkip:
			if e.status != skipped {
				p.skip(m, e, r.number, fmt.Sprintf("its reference %s leads to no record, and on_missing = skip", f.name), f.ref.rule.RuleRange)
			}
			return
		case policy.OnMissingUnset:
			if f.many == nil && f.column.NotNull {
				p.missingReference(m, r, x, "The column takes no null, so on_missing = unset cannot apply.")
				e.status = broken
			}
		case policy.OnMissingCreate:
			if !p.stub(m, r, x) {
				e.status = broken
			}
		default:
			p.missingReference(m, r, x, "")
			e.status = broken
		}
	}
}

func (p *planning) missingReference(m *model, r *row, x missing, why string) {
	f := &m.fields[x.field]
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "reference.missing." + f.name, Range: m.policy.Range, Record: p.placeRow(m, r),
		Summary: fmt.Sprintf("The reference %s leads to no record", f.name),
		Remedy:  fmt.Sprintf("Say what to do: reference %q { on_missing = unset | skip | create }.", f.name),
	}
	switch {
	case f.ref.model == nil:
		d.Summary = fmt.Sprintf("The reference %s leads to the table %s, which has no model block", f.name, f.ref.table)
		d.Detail = "An identifier of the package means nothing in this database."
		d.Remedy = fmt.Sprintf("Add a model block for the table %s.", f.ref.table)
	case f.sensitive:
		d.Detail = "The field is sensitive, so its value is not shown."
	case x.cell.kind == byID && !f.ref.model.pkCarried:
		d.Detail = fmt.Sprintf("It is spelt %s, a primary key of %s in the package, but the package's records of that model carry no primary key.", x.cell.value.Text, f.ref.model.label)
	case x.cell.kind == byID:
		d.Detail = fmt.Sprintf("The package has no %s with the identifier %s.", f.ref.model.label, x.cell.value.Text)
	default:
		t := f.ref.model
		d.Detail = fmt.Sprintf("Neither the package nor the live database has %s %s.", t.label, keyJSON(x.cell.key, t.keyTypes(t.packageKey)))
	}
	if why != "" {
		d.Detail += " " + why
	}
	p.diags.Add(d)
}
