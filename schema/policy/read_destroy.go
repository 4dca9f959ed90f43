package policy

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// readOnDestroy reads on_destroy and what belongs to it.
func (r *reader) readOnDestroy(ref *Reference, b *hclsyntax.Block) {
	at := b.Body.Attributes
	ref.DestroyRange = place(b.DefRange())
	before := len(r.diags)
	if a := at["on_destroy"]; a != nil {
		ref.OnDestroy, ref.DestroyRange = OnDestroy(r.choice(a, 0, onDestroyWords()...)), place(a.SrcRange)
	}
	known, a := len(r.diags) == before, at["repoint"]
	switch {
	case a == nil && ref.OnDestroy == OnDestroyRepoint:
		r.fail(at["on_destroy"].SrcRange, diag.Diagnostic{
			Code: "policy.attribute.missing", Summary: "on_destroy = repoint needs repoint",
			Detail: "It names the record to refer to instead, by its natural key.", Remedy: "Write repoint = { FIELD = VALUE }.",
		})
	case a != nil && ref.OnDestroy != OnDestroyRepoint && known:
		r.fail(a.NameRange, diag.Diagnostic{
			Code: "policy.value", Summary: "repoint has no effect here",
			Detail: "It names the record to refer to instead with on_destroy = repoint.",
			Remedy: "Write on_destroy = repoint, or remove it.",
		})
	}
	ref.Repoint = r.constantFields(a)
}

// constantFields reads an attribute of the form { FIELD = CONSTANT } that
// names a record.
func (r *reader) constantFields(a *hclsyntax.Attribute) []SeedField {
	if a == nil {
		return nil
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok || len(object.Items) == 0 {
		r.notOfType(a, cty.NilVal, "an object of fields", fmt.Sprintf("Write %s = { FIELD = VALUE }.", a.Name))
		return nil
	}
	var fields []SeedField
	r.fieldItems(object, a.Name, func(n Name, expr hclsyntax.Expression) {
		v, t, ok := r.constant(expr)
		if !ok {
			return
		}
		literal, err := toLiteral(v)
		switch {
		case t == secret:
			r.fail(expr.Range(), diag.Diagnostic{
				Code: "policy.sensitive", Summary: fmt.Sprintf("%s uses a sensitive variable", a.Name),
				Detail: "The natural key of a record is printed in every plan.", Remedy: "Use a variable that is not sensitive, or a text.",
			})
		case err != nil || literal.Kind == schema.NullLiteral:
			r.fail(expr.Range(), diag.Diagnostic{
				Code: "policy.value", Summary: fmt.Sprintf("%s needs a value for %q", a.Name, n.Text),
				Detail: "A null identifies no record.", Remedy: `Write a text, a number, or a list for a reference.`,
			})
		default:
			fields = append(fields, SeedField{Name: n, Range: place(expr.Range()), value: &seedValue{literal: literal}})
		}
	})
	return fields
}
