package export

import (
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// keyIndex finds the natural keys of a model's records by the value of one
// field.
type keyIndex struct {
	keys  map[string]schema.Key
	types []schema.Type // of the keys' parts
}

// find looks an identifier up. A nil index is empty.
func (x *keyIndex) find(id string) (schema.Key, bool) {
	if x == nil {
		return "", false
	}
	k, ok := x.keys[id]
	return k, ok
}

func (x *keyIndex) key(id string) schema.Key {
	k, _ := x.find(id)
	return k
}

// json is a key as people read it: a JSON list.
func (x *keyIndex) json(k schema.Key) string { return keyJSON(k, x.types) }

func keyJSON(k schema.Key, types []schema.Type) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, p := range k.Parts() {
		if i > 0 {
			b.WriteByte(',')
		}
		t := schema.Type{Kind: schema.Text}
		if i < len(types) {
			t = types[i]
		}
		b.WriteString(t.JSON(schema.NewValue(p)))
	}
	b.WriteByte(']')
	return b.String()
}

// prepare reads the natural keys that expressions and content types need.
func (w *work) prepare() error {
	for _, m := range w.models {
		for _, e := range m.expressions() {
			for _, n := range e.Fields() {
				if err := w.loadTarget(m, m.names[n.Text]); err != nil {
					return err
				}
			}
		}
		for _, g := range m.generics {
			if err := w.loadKeys(g.types); err != nil {
				return err
			}
		}
	}
	return nil
}

// expressions are those that a selection evaluates.
func (m *model) expressions() []*policy.Expr {
	var list []*policy.Expr
	for _, e := range []*policy.Expr{m.where, m.include} {
		if e != nil {
			list = append(list, e)
		}
	}
	for i := range m.treatments {
		if e := m.treatments[i].value; e != nil {
			list = append(list, e)
		}
	}
	return list
}

// loadTarget reads the natural keys of what a field refers to.
func (w *work) loadTarget(m *model, field int) error {
	if m.Fields[field].Link != nil {
		return nil
	}
	if to, ok := w.target(m.Fields[field].References); ok {
		return w.loadKeys(to)
	}
	return nil
}

// loadKeys reads the natural keys of a model once. References in them are read
// before; a circle of natural keys ends at the reference that closes it, whose
// records have no key then.
func (w *work) loadKeys(s spot) error {
	if _, done := w.keys[s]; done {
		return nil
	}
	x := &keyIndex{keys: map[string]schema.Key{}}
	w.keys[s] = x
	for _, i := range s.model.key {
		if err := w.loadTarget(s.model, i); err != nil {
			return err
		}
	}
	x.types = w.keyTypes(s.model)
	for rec, err := range w.in.Scan(w.ctx, s.model.Model) {
		if err != nil {
			return err
		}
		r, err := s.model.read(rec)
		if err != nil {
			return err
		}
		if key, ok := w.keyOf(s.model, r.values); ok && r.values[s.field].Valid {
			x.keys[s.at(r.values[s.field].Text)] = key
		}
	}
	return nil
}

// keyTypes are the types of the natural key's parts, references replaced by
// those of what they refer to.
func (w *work) keyTypes(m *model) []schema.Type {
	var types []schema.Type
	for _, i := range m.key {
		if to, ok := w.target(m.Fields[i].References); ok {
			if x := w.keys[to]; x != nil {
				types = append(types, x.types...)
			}
			continue
		}
		types = append(types, m.Fields[i].Type)
	}
	return types
}

// keyOf is the natural key of a row with these values. The keys that its
// references need are loaded.
func (w *work) keyOf(m *model, values []schema.Value) (schema.Key, bool) {
	var key []byte
	for _, i := range m.key {
		v := values[i]
		if !v.Valid {
			return "", false
		}
		if to, ok := w.target(m.Fields[i].References); ok {
			part, found := w.keys[to].find(to.at(v.Text))
			if !found {
				return "", false
			}
			key = append(key, part...)
			continue
		}
		key = schema.AppendKey(key, m.Fields[i].Type.KeyText(v))
	}
	return schema.Key(key), true
}
