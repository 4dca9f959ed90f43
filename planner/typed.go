package planner

import (
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// foreign is a field's type in a package that was a database: such a package
// has values in the canonical form of its own columns' types.
type foreign struct {
	known bool
	// same says that the live column's type is the same: values are taken over
	// as they are.
	same bool
	typ  schema.Type
}

// readTypes finds the package's types for the live fields; false for a package
// that is no schema.Typed.
func (b *binding) readTypes(pkg schema.Source) bool {
	source, ok := pkg.(schema.Typed)
	if !ok {
		return false
	}
	for _, sm := range source.Models() {
		m := b.byLabel[strings.ToLower(sm.Label)]
		if m == nil {
			continue
		}
		m.foreign = make([]foreign, len(m.fields))
		for _, sf := range sm.Fields {
			n, known := m.names[sf.Name]
			if !known || m.fields[n].column == nil || sf.Column == "" {
				continue
			}
			m.foreign[n] = foreign{known: true, same: m.fields[n].column.Type.Same(sf.Type), typ: sf.Type}
		}
	}
	return true
}

// typedMembers reads a many-to-many field as schema.Members spells it.
func (p *planning) typedMembers(f *field, l schema.Literal) (cell, error) {
	c := cell{kind: members}
	if l.Kind == schema.NullLiteral {
		return c, nil
	}
	list, err := schema.ParseMembers(l)
	if err != nil {
		return c, err
	}
	id := f.many.table.Column(f.many.member).Type
	for _, m := range list {
		if f.ref.model == nil {
			c.list = append(c.list, cell{kind: dangling, value: schema.NewValue(m.ID)})
			continue
		}
		member, err := decodeReference(f, schema.Literal{Kind: schema.StringLiteral, Text: m.ID}, id)
		if err != nil {
			return c, err
		}
		if len(f.many.key) == 1 && m.Row != "" {
			row, err := f.many.table.Column(f.many.key[0]).Type.Parse(schema.Literal{Kind: schema.StringLiteral, Text: m.Row})
			if err != nil {
				return c, err
			}
			member.row = row.Text
		}
		c.list = append(c.list, member)
	}
	return c, nil
}

// irregular reports whether the value was not of its own column's type where
// it comes from either. SQLite holds such values, and takes them back.
func (m *model) irregular(n int, v schema.Value, dialect string) bool {
	return dialect == "sqlite" && m.foreign != nil && m.foreign[n].same && m.foreign[n].typ.Check(v, dialect) != nil
}

// sameType reports whether the package has canonical values of the field's own
// type.
func (m *model) sameType(n int) bool {
	return m.foreign == nil || !m.foreign[n].known || m.foreign[n].same
}

// translate turns a canonical literal of the package into one of the live
// column's type.
func (m *model) translate(n int, l schema.Literal) (schema.Literal, error) {
	if l.Kind != schema.CanonicalLiteral || m.sameType(n) {
		return l, nil
	}
	v, err := m.fields[n].column.Type.Convert(m.foreign[n].typ, schema.NewValue(l.Text))
	return schema.Literal{Kind: schema.CanonicalLiteral, Text: v.Text}, err
}
