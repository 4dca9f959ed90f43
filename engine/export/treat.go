package export

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// How says how a field leaves.
type How string

// Replace, Hash and Unset write another value, Keep leaves a sensitive field as
// it is. A field that is not sensitive and not named leaves as it is too.
const (
	Replace How = "replace"
	Hash    How = "hash"
	Unset   How = "unset"
	Keep    How = "keep"

	asIs How = ""
	// refused fields let no record of the model leave.
	refused How = "refused"
)

// treatment is what becomes of one field.
type treatment struct {
	how How
	at  diag.Range
	// value is the expression of Replace, empty what Unset writes, length the
	// characters of a pseudonym, 0 where it is a uuid.
	value  *policy.Expr
	empty  schema.Literal
	length int
	// refusal is what is wrong, once a record would leave.
	refusal *diag.Diagnostic
}

// treat finds the treatment of each field.
func (w *work) treat(m *model) {
	m.treatments = make([]treatment, len(m.Fields))
	if !w.in.Redact {
		return
	}
	named := map[int]bool{}
	each := func(how How, n policy.Name, value *policy.Expr) {
		if i, ok := m.names[n.Text]; !ok {
			w.unknownField(m, n)
		} else if !named[i] {
			named[i] = true
			m.treatments[i] = w.treatment(m, i, treatment{how: how, at: n.Range, value: value})
		}
	}
	if e := m.export(true); e != nil {
		for _, d := range e.Replace {
			each(Replace, d.Field, d.Value)
			w.checkFields(m, d.Value)
			w.checkSecrets(m, e, d)
		}
		for _, n := range e.Hash {
			each(Hash, n, nil)
		}
		for _, n := range e.Unset {
			each(Unset, n, nil)
		}
		for _, n := range e.Keep {
			each(Keep, n, nil)
		}
	}
	for i := range m.Fields {
		if m.Fields[i].Sensitive && !named[i] {
			m.treatments[i] = w.unnamed(m, i)
		}
	}
}

// treatment checks that a field may be treated so.
func (w *work) treatment(m *model, i int, t treatment) treatment {
	f := &m.Fields[i]
	switch {
	case t.how == Keep:
	case t.how == Unset:
		t.empty = w.empty(m, i, t.at)
	case w.isReference(m, i):
		remedy := fmt.Sprintf("Unset it, or take it off. A reference whose record has a hashed %s follows by itself.", identifier(f))
		w.add(t.at, "export.reference", fmt.Sprintf("%s of %s is a reference", f.Name, m.Label),
			fmt.Sprintf("With another value it would refer to another record, or to none: it cannot stand in %s.", t.how), remedy)
	case t.how == Replace && w.identifies(m, i):
		w.add(t.at, "export.reference", fmt.Sprintf("References to %s hold its %s", m.Label, f.Name),
			"With another value they would lead nowhere.", "Write it in hash, which changes the references alike, or leave it as it is.")
	case t.how == Hash:
		t = w.hashed(m, i, t)
	}
	return t
}

// identifier is what a reference holds.
func identifier(f *schema.ModelField) string {
	if f.References == nil {
		return "identifier"
	}
	return f.References.Field
}

// isReference reports whether the field's value means another record.
func (w *work) isReference(m *model, i int) bool {
	f := &m.Fields[i]
	if f.References != nil || f.Link != nil || m.table.ForeignKeyOf(f.Column) != nil {
		return true
	}
	return slices.ContainsFunc(m.Generics, func(g schema.GenericField) bool {
		return m.names[g.Type] == i || m.names[g.ID] == i
	})
}

// identifies reports whether references hold the field's value, or may.
func (w *work) identifies(m *model, i int) bool {
	if slices.Contains(m.table.PrimaryKey, m.Fields[i].Column) {
		return true
	}
	return slices.ContainsFunc(w.models, func(o *model) bool {
		return slices.ContainsFunc(o.refs, func(r reference) bool { return r.to == spot{m, i} })
	})
}

// hashed checks that a pseudonym fits into the field.
func (w *work) hashed(m *model, i int, t treatment) treatment {
	f := &m.Fields[i]
	ok := false
	if t.length, ok = pseudonymLength(f.Type); !ok {
		detail := "Only texts and uuids have pseudonyms."
		if f.Type.Kind == schema.Text {
			detail = fmt.Sprintf("The column takes %d characters; fewer than %d would make two values one.", f.Type.Length, minPseudonym)
		}
		w.add(t.at, "export.hash", fmt.Sprintf("%s of %s cannot be hashed", f.Name, m.Label), detail,
			fmt.Sprintf("Write replace %q { value = … }, or unset it.", f.Name))
	}
	if len(w.in.Key) == 0 {
		t.how, t.refusal = refused, &diag.Diagnostic{
			Severity: diag.Error, Code: "export.key", Range: t.at, Source: w.sourceLine(t.at),
			Summary: fmt.Sprintf("There is no export key to hash %s of %s with", f.Name, m.Label),
			Detail:  "Without a secret, whoever has the export finds the values by trying them.",
			Remedy:  keyRemedy(),
		}
	}
	return t
}

// keyRemedy says where an export key comes from.
func keyRemedy() string {
	return fmt.Sprintf("Give a secret of %d bytes or more in the environment variable EDMSPLAN_EXPORT_KEY, or in a file with -export-key-file; openssl rand -hex %d makes one. Keep it: the same key makes the same pseudonyms.", MinKey, MinKey)
}

// checkKey refuses a key that can be guessed.
func (w *work) checkKey() {
	if n := len(w.in.Key); w.in.Redact && n > 0 && n < MinKey {
		w.add(diag.Range{}, "export.key", "The export key is too short", fmt.Sprintf("It has %d bytes.", n), keyRemedy())
	}
}

// empty is what unset writes into the field. Null is the rule; where the
// column takes none, the empty text, which is nobody's value.
func (w *work) empty(m *model, i int, at diag.Range) schema.Literal {
	f := &m.Fields[i]
	refuse := func(detail string) {
		w.add(at, "export.unset", fmt.Sprintf("%s of %s cannot be unset", f.Name, m.Label), detail,
			fmt.Sprintf("Write replace %q { value = … }, or hash it where it is a text or a uuid.", f.Name))
	}
	if f.Link != nil {
		return schema.Members(nil)
	}
	c := m.table.Column(f.Column)
	switch {
	case slices.Contains(m.key, i) || w.identifies(m, i):
		refuse("It identifies the record.")
	case !c.NotNull:
	case f.References != nil || m.table.ForeignKeyOf(f.Column) != nil:
		refuse("It is a reference, and the column takes no null.")
	case f.Type.Kind == schema.Text && m.table.UniqueOn(f.Column) == nil:
		return schema.Literal{Kind: schema.CanonicalLiteral}
	case f.Type.Kind == schema.Text:
		refuse("The column takes no null, and no value twice.")
	default:
		refuse("The column takes no null, and its type has no value that says so.")
	}
	return schema.Literal{}
}

// unnamed is the treatment of a sensitive field that the policy says nothing
// of: it never leaves.
func (w *work) unnamed(m *model, i int) treatment {
	f := &m.Fields[i]
	if f.Link != nil {
		return treatment{how: Unset, empty: schema.Members(nil)}
	}
	if !m.table.Column(f.Column).NotNull && !w.identifies(m, i) {
		return treatment{how: Unset}
	}
	var at diag.Range
	if m.policy != nil {
		at = m.policy.Range
		for _, n := range m.policy.Sensitive {
			if m.names[n.Text] == i {
				at = n.Range
			}
		}
	}
	return treatment{how: refused, at: at, refusal: &diag.Diagnostic{
		Severity: diag.Error, Code: "export.sensitive", Range: at, Source: w.sourceLine(at),
		Summary: fmt.Sprintf("The policy does not say how the sensitive field %s of %s leaves", f.Name, m.Label),
		Detail:  "It never leaves unless it is named, and it cannot be left empty.",
		Remedy:  fmt.Sprintf("In the export block write replace %q { value = … }, hash = [%s], unset = [%s], or keep = [%s] to let it leave.", f.Name, f.Name, f.Name, f.Name),
	}}
}

// checkSecrets refuses a replacement that is made of what must not leave.
func (w *work) checkSecrets(m *model, e *policy.Export, d *policy.Derive) {
	if d.Value == nil {
		return
	}
	for _, n := range d.Value.Fields() {
		i, ok := m.names[n.Text]
		kept := slices.ContainsFunc(e.Keep, func(k policy.Name) bool { return m.names[k.Text] == i })
		if ok && m.Fields[i].Sensitive && !kept {
			w.add(n.Range, "export.sensitive", fmt.Sprintf("The replacement of %s uses the sensitive field %s", d.Field.Text, m.Fields[i].Name),
				"Its value could leave with it.", fmt.Sprintf("Write another value, or let the field leave: keep = [%s].", m.Fields[i].Name))
		}
	}
}

// joinPseudonyms hashes references to hashed fields alike.
func (w *work) joinPseudonyms() {
	for again := true; again; {
		again = false
		for _, m := range w.models {
			for _, r := range m.refs {
				to, own := r.to.model.treatments[r.to.field], &m.treatments[r.field]
				if to.how != Hash || own.how != asIs && own.how != Keep {
					continue
				}
				f := &m.Fields[r.field]
				own.how, own.at, own.length = Hash, to.at, to.length
				again = true
				if n, ok := pseudonymLength(f.Type); !r.many && (!ok || n < to.length) {
					w.add(to.at, "export.hash", fmt.Sprintf("%s of %s cannot be hashed", r.to.model.Fields[r.to.field].Name, r.to.model.Label),
						fmt.Sprintf("%s of %s refers to it, and its column has no room for the pseudonym.", f.Name, m.Label),
						"Leave it as it is, or unset the reference.")
				}
			}
		}
	}
}

// dropUnset takes off the references that do not leave.
func (m *model) dropUnset() {
	gone := func(i int) bool { return m.treatments[i].how == Unset }
	m.refs = slices.DeleteFunc(m.refs, func(r reference) bool { return gone(r.field) })
	m.generics = slices.DeleteFunc(m.generics, func(g generic) bool { return gone(g.typ) || gone(g.id) })
}

// treated lists the treatments for people.
func (m *model) treated() []Treated {
	var list []Treated
	for i := range m.treatments {
		if how := m.treatments[i].how; how != asIs && how != refused {
			list = append(list, Treated{Model: m.Label, Field: m.Fields[i].Name, How: how})
		}
	}
	return list
}
