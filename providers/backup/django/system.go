package django

import (
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
)

// The models that every migrated database has records of, under primary keys
// that depend on the order of its migrations.
const (
	contentTypes = "contenttypes.contenttype"
	permissions  = "auth.permission"
	groups       = "auth.group"
)

// systemModel is one of them: the fields of its natural key, of which a
// reference to another one contributes that one's.
type systemModel struct {
	label string
	key   []int // indexes of fields
}

// newSystemModel returns nil for all other models.
func newSystemModel(label string, s *modelSpelling) (*systemModel, error) {
	names := map[string][]string{
		contentTypes: {"app_label", "model"},
		permissions:  {"codename", "content_type"},
		groups:       {"name"},
	}[label]
	if names == nil {
		return nil, nil
	}
	m := &systemModel{label: label}
	for _, name := range names {
		i := s.index(name)
		if i < 0 {
			return nil, fmt.Errorf("its field %s, by which Django finds its records, is left out", name)
		}
		m.key = append(m.key, i)
	}
	return m, nil
}

// systemTarget is the system model whose primary keys the column holds, "" if
// it is none: as the policy says or, for a table without a model, as the
// foreign key does.
func systemTarget(r *schema.ModelReference, k *schema.ForeignKey) string {
	if k != nil && (len(k.RefColumns) != 1 || k.RefColumns[0] != "id") {
		return "" // a group's name, say, which is the same everywhere
	}
	if r != nil {
		switch r.Model {
		case contentTypes, permissions, groups:
			if r.Field == "id" {
				return r.Model
			}
		}
		return ""
	}
	if k == nil {
		return ""
	}
	return map[string]string{"django_content_type": contentTypes, "auth_permission": permissions, "auth_group": groups}[k.RefTable]
}

// systemKeys are the natural keys of the records of the system models, as JSON
// lists, by model and primary key. There are as many as the application has
// models, permissions and groups.
type systemKeys map[string]map[string]string

func newSystemKeys(models []*modelSpelling) systemKeys {
	keys := systemKeys{}
	for _, s := range models {
		if s.system != nil {
			keys[s.system.label] = map[string]string{}
		}
	}
	return keys
}

// of returns the natural key of the record with that primary key.
func (k systemKeys) of(label, pk string) (string, error) {
	held, ok := k[label]
	if !ok {
		return "", fmt.Errorf("it refers to %s, whose records go by natural keys, and the package holds none: "+
			"give the policy a model block for it and leave it in the scope", label)
	}
	key, ok := held[pk]
	if !ok {
		return "", fmt.Errorf("it refers to a record of %s that the package does not hold: include it, or leave this one out", label)
	}
	return key, nil
}

// remember keeps the natural key of a record that was written.
func (m *systemModel) remember(s *modelSpelling, r *schema.Record, keys systemKeys) error {
	b := []byte{'['}
	for n, i := range m.key {
		if n > 0 {
			b = append(b, ',')
		}
		f, err := s.field(nil, i, r, keys)
		if err != nil {
			return err
		}
		switch {
		case string(f) == "null":
			return fmt.Errorf("field %s: it is NULL, and Django finds the record by it", s.fields[i].name)
		case f[0] == '[': // a content type: its app_label and model
			f = f[1 : len(f)-1]
		}
		b = append(b, f...)
	}
	keys[m.label][r.Fields[s.pk].Value.Text] = string(append(b, ']'))
	return nil
}

// checkGenerics refuses a generic reference to a record that will have another
// primary key when it is loaded.
func (s *modelSpelling) checkGenerics(r *schema.Record, keys systemKeys) error {
	for _, g := range s.generics {
		kind, id := r.Fields[g[0]].Value, r.Fields[g[1]].Value
		if s.fields[g[0]].target != contentTypes || kind.Kind == schema.NullLiteral || id.Kind == schema.NullLiteral {
			continue
		}
		key, err := keys.of(contentTypes, kind.Text)
		if err != nil {
			return err
		}
		switch key {
		case `["contenttypes","contenttype"]`, `["auth","permission"]`, `["auth","group"]`:
			return fmt.Errorf("field %s: it refers to a record of %s by its primary key, which is another one wherever the fixture is loaded: "+
				"leave the record out", s.fields[g[1]].name, key)
		}
	}
	return nil
}
