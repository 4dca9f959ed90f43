package export

import (
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// shown is how many complaints of one kind are kept; diag.Collector shows as
// many.
const shown = 5

// complaints are problems of records. They are named by their natural keys,
// which are read when the records have been.
type complaints struct {
	list  []complaint
	count map[kind]int
	kinds []kind // in the order of their first
}

type kind struct {
	code  string
	model *model
}

type complaint struct {
	d      diag.Diagnostic
	model  *model
	values []schema.Value
	// needed is what the record refers to and does not leave.
	needed *need
}

// need is a record that is referred to.
type need struct {
	to spot
	id string
}

// complain keeps problems of a row.
func (w *work) complain(m *model, r *row, problems diag.List) {
	for _, d := range problems {
		w.complaints.add(complaint{d: d, model: m, values: r.values})
	}
}

func (c *complaints) add(x complaint) {
	k := kind{x.d.Code, x.model}
	if c.count == nil {
		c.count = map[kind]int{}
	}
	if c.count[k]++; c.count[k] == 1 {
		c.kinds = append(c.kinds, k)
	}
	if c.count[k] <= shown {
		c.list = append(c.list, x)
	}
}

// needsExcluded complains of a row that refers to one which include leaves
// out.
func (w *work) needsExcluded(m *model, r *row, field int, to spot, id string) {
	f, t := &m.Fields[field], to.model
	at := t.include.Range()
	remedy := fmt.Sprintf("Widen include of %s, or leave the record that refers to it out by include of %s", t.Label, m.Label)
	if f.Link != nil || !m.table.Column(f.Column).NotNull {
		remedy += fmt.Sprintf(", or write unset = [%s] in its export block", f.Name)
	}
	w.complaints.add(complaint{model: m, values: r.values, needed: &need{to, id}, d: diag.Diagnostic{
		Severity: diag.Error, Code: "export.excluded", Range: at, Source: w.sourceLine(at),
		Detail: fmt.Sprintf("It is referred to by %s, and include of %s leaves it out.", f.Name, t.Label),
		Remedy: remedy + ".",
	}})
}

// resolve names the records and reports them.
func (c *complaints) resolve(w *work) error {
	for _, x := range c.list {
		key, err := w.nameOf(x.model, x.values)
		if err != nil {
			return err
		}
		x.d.Record = &diag.Record{Model: x.model.Label, Key: key}
		if x.needed != nil {
			name, err := w.nameOfNeeded(x.needed)
			if err != nil {
				return err
			}
			x.d.Summary = name + " is needed and does not leave"
		}
		w.diags.Add(x.d)
	}
	for _, k := range c.kinds {
		for range max(0, c.count[k]-shown) {
			w.diags.Add(diag.Diagnostic{Severity: diag.Error, Code: k.code, Record: &diag.Record{Model: k.model.Label}})
		}
	}
	return nil
}

// nameOf is the natural key of a row as JSON, empty if it has none.
func (w *work) nameOf(m *model, values []schema.Value) (string, error) {
	for _, i := range m.key {
		if err := w.loadTarget(m, i); err != nil {
			return "", err
		}
	}
	key, ok := w.keyOf(m, values)
	if !ok {
		return "", nil
	}
	return keyJSON(key, w.keyTypes(m)), nil
}

func (w *work) nameOfNeeded(n *need) (string, error) {
	if err := w.loadKeys(n.to); err != nil {
		return "", err
	}
	m, x := n.to.model, w.keys[n.to]
	if key, ok := x.find(n.id); ok {
		return m.Label + " " + x.json(key), nil
	}
	f := &m.Fields[n.to.field]
	if f.Sensitive {
		return "A record of " + m.Label, nil
	}
	return fmt.Sprintf("%s with %s = %s", m.Label, f.Name, f.Type.JSON(schema.NewValue(n.id))), nil
}
