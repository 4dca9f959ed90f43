package django

import (
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// modelSpelling is how the records of one model are written.
type modelSpelling struct {
	model  *schema.Model
	head   []byte // {"model":"app.model","pk":
	pk     int    // index in fields
	fields []fieldSpelling
	system *systemModel // nil for the application's own models
	// generics are pairs of indexes in fields: content type and id.
	generics [][2]int
}

// fieldSpelling is how one field is written.
type fieldSpelling struct {
	name string
	head []byte // "name":
	typ  schema.Type
	// target is the system model whose natural keys the field holds, "" for all
	// others.
	target string
	many   bool
	// silent fields are none of the fixture's: the primary key, and what is
	// there in another form.
	silent bool
}

// spellings prepares the models in their order.
func spellings(h backup.Header) ([]*modelSpelling, error) {
	tables := map[string]*schema.Table{}
	for _, t := range h.Tables {
		tables[t.Name] = t
	}
	modelled := map[string]bool{}
	for _, m := range h.Models {
		modelled[m.Table] = true
	}
	var out []*modelSpelling
	for _, m := range h.Models {
		s, err := newSpelling(m, tables, modelled)
		if err != nil {
			return nil, fmt.Errorf("a fixture cannot hold %s: %w", m.Label, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func newSpelling(m *schema.Model, tables map[string]*schema.Table, modelled map[string]bool) (*modelSpelling, error) {
	t := tables[m.Table]
	if t == nil {
		return nil, fmt.Errorf("its table %s is not described", m.Table)
	}
	if len(t.PrimaryKey) != 1 {
		return nil, fmt.Errorf("its table %s has no primary key of one column", t.Name)
	}
	s := &modelSpelling{model: m, pk: -1}
	label := strings.ToLower(m.Label)
	for i := range m.Fields {
		f, err := newField(m, &m.Fields[i], t, tables, modelled)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", m.Fields[i].Name, err)
		}
		if m.Fields[i].Column == t.PrimaryKey[0] {
			s.pk, f.silent = i, true
			if f.target != "" {
				return nil, fmt.Errorf("its primary key is one of %s, which goes by its natural key", f.target)
			}
		}
		if !f.silent && s.spells(f.name) {
			return nil, errors.New("two of its fields have one name")
		}
		s.fields = append(s.fields, f)
	}
	if s.pk < 0 {
		return nil, errors.New("its primary key is not among its fields")
	}
	for _, g := range m.Generics {
		if kind, id := s.index(g.Type), s.index(g.ID); kind >= 0 && id >= 0 {
			s.generics = append(s.generics, [2]int{kind, id})
		}
	}
	var err error
	if s.system, err = newSystemModel(label, s); err != nil {
		return nil, err
	}
	if s.head, err = spellText([]byte(`{"model":`), label); err != nil {
		return nil, err
	}
	return s, nil
}

func newField(m *schema.Model, f *schema.ModelField, t *schema.Table, tables map[string]*schema.Table, modelled map[string]bool) (fieldSpelling, error) {
	s := fieldSpelling{name: f.Name, typ: f.Type, many: f.Link != nil}
	var err error
	if s.head, err = spellText(nil, f.Name); err != nil {
		return s, err
	}
	s.head = append(s.head, ':')
	if !s.many {
		c := t.Column(f.Column)
		s.silent = c != nil && c.Generated
		s.target = systemTarget(f.References, t.ForeignKeyOf(f.Column))
		for _, g := range m.Generics {
			if g.Type == f.Name && s.target == "" && f.Type.Kind == schema.Integer {
				s.target = contentTypes
			}
		}
		return s, nil
	}
	join := tables[f.Link.Table]
	if join == nil || join.Column(f.Link.Member) == nil {
		return s, fmt.Errorf("its join table %s is not described", f.Link.Table)
	}
	// Django writes no members of a field through a model of its own: the
	// records of that model are the members.
	s.silent = modelled[join.Name]
	s.typ = join.Column(f.Link.Member).Type
	s.target = systemTarget(f.References, join.ForeignKeyOf(f.Link.Member))
	return s, nil
}

// spells reports whether there is a field of that name in the fixture.
func (s *modelSpelling) spells(name string) bool {
	i := s.index(name)
	return i >= 0 && !s.fields[i].silent
}

// index finds a field by its name, -1 if there is none.
func (s *modelSpelling) index(name string) int {
	for i := range s.fields {
		if s.fields[i].name == name {
			return i
		}
	}
	return -1
}

// record appends a record as a JSON object.
func (s *modelSpelling) record(b []byte, r *schema.Record, keys systemKeys) ([]byte, error) {
	if len(r.Fields) != len(s.fields) {
		return b, fmt.Errorf("it has %d fields, the model has %d", len(r.Fields), len(s.fields))
	}
	b = append(b, s.head...)
	if s.system == nil {
		var err error
		if b, err = s.field(append(b, `,"pk":`...), s.pk, r, keys); err != nil {
			return b, err
		}
		if r.Fields[s.pk].Value.Kind == schema.NullLiteral {
			return b, errors.New("its primary key is NULL")
		}
	}
	b = append(b, `,"fields":{`...)
	first := true
	for i := range s.fields {
		if s.fields[i].silent {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		var err error
		if b, err = s.field(append(b, s.fields[i].head...), i, r, keys); err != nil {
			return b, err
		}
	}
	b = append(b, "}}"...)
	if err := s.checkGenerics(r, keys); err != nil {
		return b, err
	}
	if s.system != nil {
		return b, s.system.remember(s, r, keys)
	}
	return b, nil
}

// field appends the value of the field at that index.
func (s *modelSpelling) field(b []byte, i int, r *schema.Record, keys systemKeys) ([]byte, error) {
	f, in := &s.fields[i], &r.Fields[i]
	if in.Name != f.name {
		return b, fmt.Errorf("its field %d is %q, the model's is %s", i+1, in.Name, f.name)
	}
	b, err := f.spell(b, in.Value, keys)
	if err != nil {
		return b, fmt.Errorf("field %s: %w", f.name, err)
	}
	return b, nil
}

func (f *fieldSpelling) spell(b []byte, l schema.Literal, keys systemKeys) ([]byte, error) {
	if !f.many {
		v, err := f.typ.Parse(l)
		if err != nil {
			return b, err
		}
		return f.one(b, v, keys)
	}
	members, err := schema.ParseMembers(l)
	if err != nil {
		return b, err
	}
	b = append(b, '[')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = f.one(b, schema.NewValue(m.ID), keys); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// one appends a value, or the natural key that it stands for.
func (f *fieldSpelling) one(b []byte, v schema.Value, keys systemKeys) ([]byte, error) {
	if f.target == "" || !v.Valid {
		return spell(b, f.typ, v)
	}
	key, err := keys.of(f.target, v.Text)
	return append(b, key...), err
}
