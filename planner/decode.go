package planner

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// decode makes a row of a package's record: values in canonical form,
// references as they are spelt. It returns false when a value cannot be read;
// the diagnostic is noted.
func (p *planning) decode(m *model, rec *schema.Record) (*row, bool) {
	r := &row{number: rec.Number, cells: make([]cell, len(m.fields))}
	ok := true
	for i := range rec.Fields {
		f := &rec.Fields[i]
		n, known := m.names[f.Name]
		if !known {
			ok = p.unknownField(m, rec, f.Name) && ok
			continue
		}
		c, err := p.decodeCell(m, n, f.Value)
		if err == nil && r.cells[n].kind != absent {
			err = errTwice
		}
		if err != nil {
			p.badValue(m, rec, n, err)
			ok = false
		}
		r.cells[n] = c
	}
	if rec.PK.Kind != schema.NullLiteral && m.pk >= 0 && r.cells[m.pk].kind == absent {
		c, err := p.decodeCell(m, m.pk, rec.PK)
		if err != nil {
			p.badValue(m, rec, m.pk, err)
			ok = false
		}
		r.cells[m.pk] = c
	}
	return r, p.derive(m, r) && ok
}

func (p *planning) decodeCell(m *model, n int, l schema.Literal) (cell, error) {
	f := &m.fields[n]
	if f.many != nil {
		if m.foreign != nil {
			return p.typedMembers(f, l)
		}
		return p.decodeMembers(f, l)
	}
	l, err := m.translate(n, l)
	if err != nil {
		return cell{}, err
	}
	return p.decodeValue(f, l)
}

func (p *planning) decodeValue(f *field, l schema.Literal) (cell, error) {
	switch {
	case f.ref == nil || l.Kind == schema.NullLiteral:
		v, err := f.column.Type.Parse(l)
		if err == nil && l.Kind == schema.NullLiteral && f.column.NotNull && f.column.Type.Kind == schema.JSON {
			v = schema.NewValue("null")
		}
		return cell{kind: plain, value: v}, err
	case f.ref.model == nil && l.Kind == schema.ListLiteral:
		return cell{kind: dangling, value: schema.NewValue("")}, nil // a natural key of nothing we know
	case f.ref.model == nil:
		v, err := f.column.Type.Parse(l)
		return cell{kind: dangling, value: v}, err
	}
	return decodeReference(f, l, f.column.Type)
}

var errTwice = errors.New("the record has it twice, by its own name and its column's")

// decodeReference reads a reference: a list is a natural key, anything else
// the identifier that the package's record has. An identifier that is the
// whole natural key, such as a code, means the same everywhere.
func decodeReference(f *field, l schema.Literal, id schema.Type) (cell, error) {
	t := f.ref.model
	if l.Kind == schema.ListLiteral {
		key, err := keySpelling(l, t.keyTypes(t.packageKey), t.ownSpelling)
		if err != nil {
			err = fmt.Errorf("not a natural key of %s: %w", t.label, err)
		}
		return cell{kind: byKey, key: key}, err
	}
	v, err := id.Parse(l)
	switch {
	case err != nil || !v.Valid:
		return cell{kind: plain}, err
	case !t.ownSpelling && slices.Equal(t.key, []int{f.ref.field}) && t.fields[f.ref.field].ref == nil:
		return cell{kind: byKey, key: schema.MakeKey(keyText(id, v, false))}, nil
	}
	return cell{kind: byID, value: v}, nil
}

func (p *planning) decodeMembers(f *field, l schema.Literal) (cell, error) {
	c := cell{kind: members}
	if l.Kind == schema.NullLiteral {
		return c, nil
	}
	list, err := items(l)
	if err != nil {
		return c, fmt.Errorf("a many-to-many field is a list: %w", err)
	}
	id := f.many.table.Column(f.many.member).Type
	for _, item := range list {
		if item.Kind == schema.NullLiteral {
			return c, errors.New("a member is null")
		}
		if f.ref.model == nil {
			c.list = append(c.list, cell{kind: dangling, value: schema.NewValue(item.Text)})
			continue
		}
		member, err := decodeReference(f, item, id)
		if err != nil {
			return c, err
		}
		c.list = append(c.list, member)
	}
	return c, nil
}

// derive fills in the fields that the record lacks and the policy derives.
func (p *planning) derive(m *model, r *row) bool {
	ok := true
	for _, d := range m.derives {
		if r.cells[d.field].kind != absent {
			continue
		}
		l, diags := d.policy.Value.Eval(func(name string) schema.Literal {
			n, known := m.names[name]
			if !known {
				return schema.Literal{}
			}
			return p.literalOf(m, n, r.cells[n])
		})
		if diags.HasErrors() {
			for _, x := range diags {
				x.Record = p.place(m, r.number, "")
				p.diags.Add(x)
			}
			ok = false
			continue
		}
		c, err := p.decodeDerived(m, &d, r, l)
		if err != nil {
			p.diags.Add(diag.Diagnostic{
				Severity: diag.Error, Code: "derive.value", Range: d.policy.Range, Record: p.place(m, r.number, ""),
				Summary: fmt.Sprintf("The derived value of %s does not fit", m.fields[d.field].name), Detail: sentence(err.Error()),
			})
			ok = false
		}
		r.cells[d.field] = c
	}
	return ok
}

// decodeDerived reads a derived value. self.FIELD alone passes a reference on
// as the record spells it; otherwise a natural key of one part is a text to an
// expression, and one where identifiers are numbers can be nothing else.
func (p *planning) decodeDerived(m *model, d *derive, r *row, l schema.Literal) (cell, error) {
	f := &m.fields[d.field]
	if n, ok := m.names[d.policy.Value.Direct()]; ok && r.cells[n].kind != absent && f.refersAs(&m.fields[n]) {
		return r.cells[n], nil
	}
	return p.decodeSaid(m, d.field, l, func(f *field, l schema.Literal) schema.Literal {
		if l.Kind != schema.StringLiteral || f.ref == nil || f.ref.model == nil {
			return l
		}
		switch f.ref.model.fields[f.ref.field].column.Type.Kind {
		case schema.Text, schema.UUID:
			return l
		}
		return keyList(f, l)
	})
}

// refersAs reports whether two foreign keys lead to the same column.
func (f *field) refersAs(other *field) bool {
	return f.many == nil && other.many == nil && f.ref != nil && other.ref != nil &&
		f.ref.model != nil && f.ref.model == other.ref.model && f.ref.field == other.ref.field
}

// literalOf is a cell as the policy's expressions see it: a reference is its
// natural key, a list where that has several parts.
func (p *planning) literalOf(m *model, n int, c cell) schema.Literal {
	f := &m.fields[n]
	switch c.kind {
	case plain:
		return f.column.Type.Literal(c.value)
	case byID, dangling:
		if f.column != nil {
			return f.column.Type.Literal(c.value)
		}
	case byKey, byName, resolved:
		parts := c.key.Parts()
		if len(parts) == 1 {
			return schema.Literal{Kind: schema.StringLiteral, Text: parts[0]}
		}
		t := f.ref.model
		return schema.Literal{Kind: schema.ListLiteral, Text: keyJSON(c.key, t.keyTypes(t.key))}
	}
	return schema.Literal{}
}

// discards reports whether the policy leaves the package's field out.
func (m *model) discards(name string) bool {
	return slices.ContainsFunc(m.policy.Discard, func(d policyName) bool { return d.Text == name })
}

func (p *planning) unknownField(m *model, rec *schema.Record, name string) bool {
	if m.discards(name) {
		m.discarded[name]++
		return true
	}
	known := make([]string, 0, len(m.names))
	for k := range m.names {
		known = append(known, k)
	}
	remedy := fmt.Sprintf("To leave it out, write discard = [%s] in the block of %s.", name, m.label)
	if near := nearest(name, known); near != "" {
		remedy = fmt.Sprintf("The table has %q, which is close. %s", near, remedy)
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "package.unknown_field." + name, Range: m.policy.Range, Record: p.place(m, rec.Number, ""),
		Summary: fmt.Sprintf("The package has a field %q that the table %s has not", name, m.table.Name),
		Detail:  "Its values would be lost.", Remedy: remedy,
	})
	return false
}

func (p *planning) badValue(m *model, rec *schema.Record, n int, err error) {
	f := &m.fields[n]
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "package.value." + f.name, Range: m.policy.Range, Record: p.place(m, rec.Number, ""),
		Summary: fmt.Sprintf("The value of %q cannot be read", f.name), Detail: sentence(err.Error()),
	})
}
