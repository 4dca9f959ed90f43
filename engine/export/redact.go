package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// redact is the record as it leaves. Problems name the field and quote no
// value.
func (w *work) redact(m *model, r *row) (*schema.Record, diag.List) {
	if !w.in.Redact {
		return r.rec, nil
	}
	out := *r.rec
	out.Fields = slices.Clone(r.rec.Fields)
	var problems diag.List
	for i := range m.treatments {
		t, value := &m.treatments[i], &out.Fields[i].Value
		switch t.how {
		case Unset:
			*value = t.empty
		case Hash:
			*value = w.hash(m, r, i, t.length)
		case Replace:
			l, list := w.replace(m, r, i)
			*value = l
			problems = append(problems, list...)
		case refused:
			problems = append(problems, *t.refusal)
		}
	}
	problems = append(problems, w.hashGenerics(m, r, &out)...)
	if problems != nil {
		return nil, problems
	}
	return &out, nil
}

func canonical(text string) schema.Literal {
	return schema.Literal{Kind: schema.CanonicalLiteral, Text: text}
}

// hash is a field's pseudonym, or the members with theirs.
func (w *work) hash(m *model, r *row, i, length int) schema.Literal {
	if m.Fields[i].Link != nil {
		to, _ := w.target(m.Fields[i].References)
		members := slices.Clone(r.members[i])
		for n := range members {
			members[n].ID = pseudonym(w.in.Key, to.at(members[n].ID), length)
		}
		return schema.Members(members)
	}
	if !r.values[i].Valid {
		return schema.Literal{}
	}
	return canonical(pseudonym(w.in.Key, spot{m, i}.at(r.values[i].Text), length))
}

// hashGenerics hashes ids that are hashed where they lead.
func (w *work) hashGenerics(m *model, r *row, out *schema.Record) (problems diag.List) {
	for _, g := range m.generics {
		to, ok := w.genericTarget(g, r)
		if !ok {
			continue
		}
		t := &to.model.treatments[to.field]
		if how := m.treatments[g.id].how; t.how != Hash || how != asIs && how != Keep {
			continue
		}
		v := schema.NewValue(pseudonym(w.in.Key, to.at(r.values[g.id].Text), t.length))
		if err := m.Fields[g.id].Type.Check(v, w.in.Dialect); err != nil || m.Fields[g.id].Type.Kind != schema.Text {
			problems = append(problems, w.misfit(t.at, fmt.Sprintf("The pseudonym of %s does not fit into %s of %s",
				to.model.Label, m.Fields[g.id].Name, m.Label), "It refers to the record by content type and id.",
				"Leave the primary key as it is, or unset the reference."))
			continue
		}
		out.Fields[g.id].Value = canonical(v.Text)
	}
	return problems
}

// replace is the value of a replacement in the form of the column's type.
func (w *work) replace(m *model, r *row, i int) (schema.Literal, diag.List) {
	t, f := &m.treatments[i], &m.Fields[i]
	l, problems := t.value.Eval(w.self(m, r))
	if problems != nil {
		return schema.Literal{}, problems
	}
	summary := fmt.Sprintf("The replacement of %s of %s does not fit", f.Name, m.Label)
	v, err := f.Type.Parse(l)
	if err == nil && v.Valid {
		err = f.Type.Check(v, w.in.Dialect)
	}
	switch {
	case err != nil:
		return schema.Literal{}, diag.List{w.misfit(t.value.Range(), summary, sentence(err.Error()), "Write another value.")}
	case !v.Valid && m.table.Column(f.Column).NotNull:
		return schema.Literal{}, diag.List{w.misfit(t.value.Range(), summary, "It is null, and the column takes no null.",
			"Say what null means: coalesce(self.FIELD, DEFAULT).")}
	case !v.Valid:
		return schema.Literal{}, nil
	}
	return canonical(v.Text), nil
}

func (w *work) misfit(at diag.Range, summary, detail, remedy string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "export.value", Range: at, Source: w.sourceLine(at),
		Summary: summary, Detail: detail, Remedy: remedy,
	}
}

// sentence makes a sentence of an error's text.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
