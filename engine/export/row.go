package export

import (
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
)

// row is a record with its values, valid as long as the record.
type row struct {
	rec *schema.Record
	// values of columns in canonical form; that of a many-to-many field is the
	// zero Value, and its members stand in members.
	values  []schema.Value
	members map[int][]schema.Member
}

var errShape = errors.New("a record has not the fields of its model: the source is broken")

// read takes a record apart. The error does not quote it.
func (m *model) read(rec *schema.Record) (*row, error) {
	if len(rec.Fields) != len(m.Fields) {
		return nil, errShape
	}
	r := &row{rec: rec, values: make([]schema.Value, len(m.Fields))}
	for i := range m.Fields {
		f, l := &m.Fields[i], rec.Fields[i].Value
		if rec.Fields[i].Name != f.Name && rec.Fields[i].Name != f.Column {
			return nil, errShape
		}
		if f.Link != nil {
			list, err := schema.ParseMembers(l)
			if err != nil {
				return nil, fmt.Errorf("field %s: %w", f.Name, err)
			}
			if r.members == nil {
				r.members = map[int][]schema.Member{}
			}
			r.members[i] = list
			continue
		}
		v, err := f.Type.Parse(l)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		r.values[i] = v
	}
	return r, nil
}

// at is the text of a value as an identifier in the field: equal ones have
// equal texts.
func (s spot) at(text string) string {
	return s.model.Fields[s.field].Type.KeyText(schema.NewValue(text))
}

// references calls each for what the row refers to: the field, where it leads
// and the identifier there.
func (w *work) references(m *model, r *row, each func(field int, to spot, id string)) {
	for _, ref := range m.refs {
		if ref.many {
			for _, x := range r.members[ref.field] {
				each(ref.field, ref.to, ref.to.at(x.ID))
			}
		} else if v := r.values[ref.field]; v.Valid {
			each(ref.field, ref.to, ref.to.at(v.Text))
		}
	}
	for _, g := range m.generics {
		if to, ok := w.genericTarget(g, r); ok {
			each(g.id, to, to.at(r.values[g.id].Text))
		}
	}
}

// genericTarget is the primary key that a generic reference names. A content
// type that is of no model of the source leads nowhere.
func (w *work) genericTarget(g generic, r *row) (spot, bool) {
	typ, id := r.values[g.typ], r.values[g.id]
	if !typ.Valid || !id.Valid {
		return spot{}, false
	}
	parts := w.keys[g.types].key(g.types.at(typ.Text)).Parts()
	if len(parts) != 2 {
		return spot{}, false
	}
	t := w.model(parts[0] + "." + parts[1])
	if t == nil || t.pk < 0 {
		return spot{}, false
	}
	return spot{t, t.pk}, true
}

// literal is a field as the policy's expressions see it: a reference is its
// natural key, a list where that has several parts; a many-to-many field is
// null, as everywhere in the policy.
func (w *work) literal(m *model, r *row, field string) schema.Literal {
	i, ok := m.names[field]
	if !ok || m.Fields[i].Link != nil {
		return schema.Literal{}
	}
	v := r.values[i]
	if to, ok := w.target(m.Fields[i].References); ok && v.Valid {
		index := w.keys[to]
		if key, found := index.find(to.at(v.Text)); found {
			if parts := key.Parts(); len(parts) == 1 {
				return schema.Literal{Kind: schema.StringLiteral, Text: parts[0]}
			}
			return schema.Literal{Kind: schema.ListLiteral, Text: index.json(key)}
		}
	}
	return m.Fields[i].Type.Literal(v)
}

// self is the row for an expression.
func (w *work) self(m *model, r *row) func(string) schema.Literal {
	return func(field string) schema.Literal { return w.literal(m, r, field) }
}
