package native

import (
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
)

type tableMember struct {
	Name        string             `json:"name"`
	Schema      string             `json:"schema"`
	Relation    string             `json:"relation"`
	Columns     []columnMember     `json:"columns"`
	PrimaryKey  []string           `json:"primary_key"`
	Uniques     []uniqueMember     `json:"uniques"`
	ForeignKeys []foreignKeyMember `json:"foreign_keys"`
	Checks      []checkMember      `json:"checks"`
	Triggers    []string           `json:"triggers"`
}

type columnMember struct {
	Name       string          `json:"name"`
	Type       typeMember      `json:"type"`
	NotNull    bool            `json:"not_null,omitzero"`
	HasDefault bool            `json:"has_default,omitzero"`
	Default    string          `json:"default,omitempty"`
	Generated  bool            `json:"generated,omitzero"`
	Sequence   *sequenceMember `json:"sequence,omitempty"`
}

type typeMember struct {
	Kind      string      `json:"kind"`
	Bits      int         `json:"bits,omitzero"`
	Length    int         `json:"length,omitzero"`
	Precision int         `json:"precision,omitzero"`
	Scale     int         `json:"scale,omitzero"`
	Elem      *typeMember `json:"elem,omitempty"`
	Labels    []string    `json:"labels,omitempty"`
	Native    string      `json:"native"`
}

type sequenceMember struct {
	Name string `json:"name"`
	Last int64  `json:"last"`
	Max  int64  `json:"max"`
}

type uniqueMember struct {
	Name             string   `json:"name"`
	Columns          []string `json:"columns"`
	Predicate        string   `json:"predicate,omitempty"`
	Expression       bool     `json:"expression,omitzero"`
	Definition       string   `json:"definition,omitempty"`
	Deferrable       bool     `json:"deferrable,omitzero"`
	NullsNotDistinct bool     `json:"nulls_not_distinct,omitzero"`
}

type foreignKeyMember struct {
	Name       string   `json:"name"`
	Columns    []string `json:"columns"`
	RefTable   string   `json:"ref_table"`
	RefColumns []string `json:"ref_columns"`
	Deferrable bool     `json:"deferrable,omitzero"`
	OnDelete   string   `json:"on_delete"`
	OnUpdate   string   `json:"on_update"`
}

type checkMember struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

func tableMemberOf(t *schema.Table) tableMember {
	out := tableMember{
		Name: t.Name, Schema: t.Schema, Relation: t.Relation, PrimaryKey: t.PrimaryKey, Triggers: t.Triggers,
	}
	for _, c := range t.Columns {
		column := columnMember{
			Name: c.Name, Type: typeMemberOf(c.Type), NotNull: c.NotNull,
			HasDefault: c.HasDefault, Default: c.Default, Generated: c.Generated,
		}
		if c.Sequence != nil {
			s := sequenceMember(*c.Sequence)
			column.Sequence = &s
		}
		out.Columns = append(out.Columns, column)
	}
	for _, u := range t.Uniques {
		out.Uniques = append(out.Uniques, uniqueMember(u))
	}
	for _, k := range t.ForeignKeys {
		out.ForeignKeys = append(out.ForeignKeys, foreignKeyMember(k))
	}
	for _, c := range t.Checks {
		out.Checks = append(out.Checks, checkMember(c))
	}
	return out
}

func typeMemberOf(t schema.Type) typeMember {
	out := typeMember{
		Kind: t.Kind.String(), Bits: t.Bits, Length: t.Length, Precision: t.Precision, Scale: t.Scale,
		Labels: filled(t.Labels), Native: t.Native,
	}
	if t.Elem != nil {
		e := typeMemberOf(*t.Elem)
		out.Elem = &e
	}
	return out
}

// table is the Table that is described, or why it cannot be one.
func (m *tableMember) table() (*schema.Table, error) {
	if m.Name == "" {
		return nil, fmt.Errorf("a table has no name")
	}
	t := &schema.Table{
		Name: m.Name, Schema: m.Schema, Relation: m.Relation,
		PrimaryKey: filled(m.PrimaryKey), Triggers: filled(m.Triggers),
	}
	seen := map[string]bool{}
	for i := range m.Columns {
		c, err := m.Columns[i].column()
		if err != nil || c.Name == "" || seen[c.Name] {
			return nil, fmt.Errorf("the columns of table %.60q are not sound", m.Name)
		}
		seen[c.Name] = true
		t.Columns = append(t.Columns, c)
	}
	named := m.PrimaryKey
	for _, u := range m.Uniques {
		u.Columns = filled(u.Columns)
		named = append(named[:len(named):len(named)], u.Columns...)
		t.Uniques = append(t.Uniques, schema.Unique(u))
	}
	for _, k := range m.ForeignKeys {
		if len(k.Columns) != len(k.RefColumns) || len(k.Columns) == 0 {
			return nil, fmt.Errorf("the foreign keys of table %.60q are not sound", m.Name)
		}
		named = append(named[:len(named):len(named)], k.Columns...)
		t.ForeignKeys = append(t.ForeignKeys, schema.ForeignKey(k))
	}
	for _, c := range m.Checks {
		t.Checks = append(t.Checks, schema.Check(c))
	}
	for _, name := range named {
		if !seen[name] {
			return nil, fmt.Errorf("the table %.60q has no column %.60q", m.Name, name)
		}
	}
	return t, nil
}

func (m *columnMember) column() (schema.Column, error) {
	typ, err := m.Type.typ(0)
	c := schema.Column{
		Name: m.Name, Type: typ, NotNull: m.NotNull,
		HasDefault: m.HasDefault, Default: m.Default, Generated: m.Generated,
	}
	if m.Sequence != nil {
		s := schema.Sequence(*m.Sequence)
		c.Sequence = &s
	}
	return c, err
}

// maxNesting is how deep array types may stand in each other.
const maxNesting = 8

func (m *typeMember) typ(depth int) (schema.Type, error) {
	kind, ok := kindOf(m.Kind)
	if !ok || depth > maxNesting || min(m.Bits, m.Length, m.Precision) < 0 || m.Bits > 64 {
		return schema.Type{}, fmt.Errorf("a column's type is not sound")
	}
	t := schema.Type{
		Kind: kind, Bits: m.Bits, Length: m.Length, Precision: m.Precision, Scale: m.Scale,
		Labels: m.Labels, Native: m.Native,
	}
	if m.Elem == nil {
		return t, nil
	}
	elem, err := m.Elem.typ(depth + 1)
	t.Elem = &elem
	return t, err
}

// kindOf finds a kind by its name.
func kindOf(name string) (schema.Kind, bool) {
	for k := schema.Other; k <= schema.Enum; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return schema.Other, false
}
