package native

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// catalogueDocument is catalogue.json.
type catalogueDocument struct {
	Models  []modelMember   `json:"models"`
	Tables  []tableMember   `json:"tables"`
	LeftOut []leftOutMember `json:"left_out"`
}

type modelMember struct {
	Label      string          `json:"label"`
	Table      string          `json:"table"`
	Fields     []fieldMember   `json:"fields"`
	NaturalKey []string        `json:"natural_key"`
	Generics   []genericMember `json:"generics"`
}

// fieldMember is a column or a many-to-many field. A column's type stands in
// its table.
type fieldMember struct {
	Name       string           `json:"name"`
	Column     string           `json:"column,omitempty"`
	References *referenceMember `json:"references,omitempty"`
	Link       *linkMember      `json:"link,omitempty"`
	Sensitive  bool             `json:"sensitive,omitzero"`
}

type referenceMember struct {
	Model string `json:"model"`
	Field string `json:"field"`
}

type linkMember struct {
	Table  string `json:"table"`
	Owner  string `json:"owner"`
	Member string `json:"member"`
	Key    string `json:"key"`
}

type genericMember struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type leftOutMember struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// catalogueOf describes the header's models and tables, or says why they do not
// go together.
func catalogueOf(h backup.Header) (catalogueDocument, error) {
	d := catalogueDocument{Models: []modelMember{}, Tables: []tableMember{}, LeftOut: []leftOutMember{}}
	for _, t := range h.Tables {
		d.Tables = append(d.Tables, tableMemberOf(t))
	}
	for _, m := range h.Models {
		d.Models = append(d.Models, modelMemberOf(m))
	}
	for _, l := range h.LeftOut {
		d.LeftOut = append(d.LeftOut, leftOutMember(l))
	}
	read := backup.Header{}
	if err := d.fill(&read); err != nil {
		return d, err
	}
	for i, m := range h.Models {
		if !sameTypes(m, read.Models[i]) {
			return d, fmt.Errorf("the types of model %s are not those of its table %s", m.Label, m.Table)
		}
	}
	return d, nil
}

// sameTypes reports whether a model's types are those that a reader will find
// in its table.
func sameTypes(a, b *schema.Model) bool {
	for i := range a.Fields {
		if !reflect.DeepEqual(typeMemberOf(a.Fields[i].Type), typeMemberOf(b.Fields[i].Type)) {
			return false
		}
	}
	return true
}

func modelMemberOf(m *schema.Model) modelMember {
	out := modelMember{Label: m.Label, Table: m.Table, NaturalKey: m.NaturalKey}
	for _, f := range m.Fields {
		field := fieldMember{Name: f.Name, Column: f.Column, Sensitive: f.Sensitive}
		if f.References != nil {
			r := referenceMember(*f.References)
			field.References = &r
		}
		if f.Link != nil {
			l := linkMember(*f.Link)
			field.Link = &l
		}
		out.Fields = append(out.Fields, field)
	}
	for _, g := range m.Generics {
		out.Generics = append(out.Generics, genericMember(g))
	}
	return out
}

// fill puts the models, tables and what was left out into the header, or says
// why they cannot be a package's. The error quotes names only.
func (d *catalogueDocument) fill(h *backup.Header) error {
	tables := map[string]*schema.Table{}
	for i := range d.Tables {
		t, err := d.Tables[i].table()
		if err != nil {
			return err
		}
		if tables[t.Name] != nil {
			return fmt.Errorf("the table %.60q is described twice", t.Name)
		}
		tables[t.Name] = t
		h.Tables = append(h.Tables, t)
	}
	labels := map[string]*schema.Model{}
	for i := range d.Models {
		m, err := d.Models[i].model(tables)
		if err != nil {
			return err
		}
		if labels[m.Label] != nil {
			return fmt.Errorf("the model %.60q is described twice", m.Label)
		}
		labels[m.Label] = m
		h.Models = append(h.Models, m)
	}
	for _, m := range h.Models {
		for _, f := range m.Fields {
			if f.References == nil {
				continue
			}
			if to := labels[f.References.Model]; to != nil && to.Field(f.References.Field) == nil {
				return fmt.Errorf("%.60q.%.60q refers to a field that %.60q lacks", m.Label, f.Name, to.Label)
			}
		}
	}
	for _, l := range d.LeftOut {
		if l.Table == "" || l.Rows < 0 {
			return errors.New("what was left out is not a table with its rows")
		}
		h.LeftOut = append(h.LeftOut, backup.LeftOut(l))
	}
	return nil
}

// model is the Model that is described.
func (m *modelMember) model(tables map[string]*schema.Table) (*schema.Model, error) {
	if err := checkLabel(m.Label); err != nil {
		return nil, err
	}
	t := tables[m.Table]
	if t == nil {
		return nil, fmt.Errorf("the table of model %.60q is not described", m.Label)
	}
	if len(m.Fields) == 0 {
		return nil, fmt.Errorf("model %.60q has no fields", m.Label)
	}
	out := &schema.Model{Label: m.Label, Table: m.Table, NaturalKey: filled(m.NaturalKey)}
	seen := map[string]bool{}
	for i := range m.Fields {
		f, err := m.Fields[i].field(t, tables)
		if err != nil {
			return nil, fmt.Errorf("model %.60q: %w", m.Label, err)
		}
		if seen[f.Name] {
			return nil, fmt.Errorf("model %.60q has the field %.60q twice", m.Label, f.Name)
		}
		seen[f.Name] = true
		out.Fields = append(out.Fields, f)
	}
	named := m.NaturalKey
	for _, g := range m.Generics {
		named = append(named[:len(named):len(named)], g.Type, g.ID)
		out.Generics = append(out.Generics, schema.GenericField(g))
	}
	for _, name := range named {
		if !seen[name] {
			return nil, fmt.Errorf("model %.60q has no field %.60q", m.Label, name)
		}
	}
	return out, nil
}

// field is the ModelField that is described.
func (f *fieldMember) field(t *schema.Table, tables map[string]*schema.Table) (out schema.ModelField, err error) {
	out = schema.ModelField{Name: f.Name, Column: f.Column, Sensitive: f.Sensitive}
	if f.Name == "" || (f.Column == "") == (f.Link == nil) {
		return out, fmt.Errorf("the field %.60q is neither a column nor a many-to-many field", f.Name)
	}
	if f.References != nil {
		r := schema.ModelReference(*f.References)
		out.References = &r
	}
	if f.Link == nil {
		c := t.Column(f.Column)
		if c == nil {
			return out, fmt.Errorf("the table has no column %.60q", f.Column)
		}
		out.Type = c.Type
		return out, nil
	}
	l := schema.Link(*f.Link)
	join := tables[l.Table]
	if join == nil || join.Column(l.Owner) == nil || join.Column(l.Member) == nil || l.Key != "" && join.Column(l.Key) == nil {
		return out, fmt.Errorf("the join table of %.60q is not described", f.Name)
	}
	out.Link = &l
	return out, nil
}

// filled is the list, nil when it is empty.
func filled[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
