package policy

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// seedItem looks at one field of a record.
func (r *reader) seedItem(n Name, expr hclsyntax.Expression, loop *forEach) *seedItem {
	i := &seedItem{name: n, expr: expr, usage: r.seedUsage(expr, loop.roots...)}
	i.failed = !i.usage.sound
	i.usage.taint = max(i.usage.taint, loop.taintOf(expr))
	for _, call := range i.usage.passwords {
		if call.Name != passwordName || len(call.Args) != 1 || i.failed {
			continue
		}
		if u := r.seedUsage(call.Args[0], loop.roots...); max(u.taint, loop.taintOf(call.Args[0])) == open {
			i.failed = true
			r.fail(call.Args[0].Range(), diag.Diagnostic{
				Code: "policy.sensitive", Summary: "The password stands in the policy or in a variable that is not sensitive",
				Detail: "Every saved plan holds the policy's text and such variables.",
				Remedy: "Declare a variable with sensitive = true and give its value when a plan is made.",
			})
		}
	}
	return i
}

// seedKey checks that a record has its natural key, and that it is nothing
// that is made of the natural key or secret.
func (r *reader) seedKey(o *seedObject, m *Model) {
	for _, n := range m.NaturalKey {
		i := o.item(n.Text)
		switch {
		case i == nil:
			o.broken = true
			r.failAt(o.rng, diag.Diagnostic{
				Code: "policy.seed.key", Summary: fmt.Sprintf("The record lacks %q, which is part of the natural key", n.Text),
				Detail: fmt.Sprintf("Model %q identifies a record by %s.", m.Label, allOf(texts(m.NaturalKey))), Remedy: fmt.Sprintf("Write %s = ….", n.Text),
			})
		case len(i.usage.passwords) > 0:
			i.failed = true
			r.fail(i.usage.passwords[0].NameRange, diag.Diagnostic{
				Code: "policy.expression", Summary: fmt.Sprintf("%s cannot be called in the natural key", i.usage.passwords[0].Name),
				Detail: "What it gives depends on the natural key of the record.", Remedy: "Identify the record by something else.",
			})
		case i.usage.taint == secret:
			i.failed = true
			r.fail(i.expr.Range(), diag.Diagnostic{
				Code: "policy.sensitive", Summary: fmt.Sprintf("The natural key %q uses a sensitive variable", n.Text),
				Detail: "The natural key of a record is printed in every plan.", Remedy: "Use a variable that is not sensitive, or a text.",
			})
		}
	}
}

// seedRecord makes the record that an object gives for an element, with its
// natural key; nil when there is a problem, which is reported once for each
// field.
func (r *reader) seedRecord(m *Model, o *seedObject, loop *forEach, e element) (*SeedRecord, []schema.Literal) {
	env := r.env.NewChild()
	if len(loop.roots) > 0 {
		env.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": e.key, "value": e.value})}
	}
	rec, id := &SeedRecord{Range: o.rng, Each: loop.name(e)}, identity{model: m.Label}
	broken := o.broken
	for _, n := range m.NaturalKey {
		if i := o.item(n.Text); i != nil {
			value := r.seedValue(i, env, identity{})
			broken = broken || value == nil
			if value != nil {
				id.key = append(id.key, value.literal)
			}
		}
	}
	for _, i := range o.items {
		value := r.seedValue(i, env, id)
		broken = broken || value == nil
		f := SeedField{Name: i.name, Range: place(i.expr.Range()), value: value}
		f.Sensitive = i.usage.taint == secret || i.hashes()
		if f.Sensitive && !hasField(m.Sensitive, i.name.Text) && !i.failed {
			i.failed = true
			r.fail(i.expr.Range(), showsSecret(m.Label, i.name.Text))
		}
		rec.Fields = append(rec.Fields, f)
	}
	if broken {
		return nil, nil
	}
	return rec, id.key
}

// hashes reports whether the field may be the hash of a password.
func (i *seedItem) hashes() bool {
	for _, call := range i.usage.passwords {
		if call.Name == passwordName {
			return true
		}
	}
	return false
}
