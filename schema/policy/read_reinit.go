package policy

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

func (r *reader) readReinit(b *hclsyntax.Block) *Reinit {
	out := &Reinit{Range: place(b.DefRange())}
	if a := b.Body.Attributes["clear"]; a != nil {
		out.Clear, out.ClearRange = r.condition(a.Expr, "self"), place(a.SrcRange)
	}
	for _, c := range b.Body.Blocks {
		out.KeepSet, out.KeepRange = r.fieldValues(c.Body.Attributes["set"], "self"), place(c.DefRange())
	}
	return out
}

// checkKept checks that the fields which are set in kept rows may be set, and
// that a plan may show them.
func (r *reader) checkKept(m *Model) {
	if m.Reinit == nil {
		return
	}
	for _, field := range sortedKeys(m.Reinit.KeepSet) {
		e := m.Reinit.KeepSet[field]
		switch {
		case hasField(m.NaturalKey, field):
			r.failAt(e.Range(), diag.Diagnostic{
				Code: "policy.conflict", Summary: fmt.Sprintf("on_keep sets %q, which is part of the natural key", field),
				Detail: "A row that is kept stays the same record.", Remedy: "Remove it from set.",
			})
		case e.taint == secret && !hasField(m.Sensitive, field):
			r.failAt(e.Range(), showsSecret(m.Label, field))
		}
	}
}

// hasField reports whether a list of names has the field, as a package spells
// it or as its column does.
func hasField(list []Name, field string) bool {
	return slices.ContainsFunc(list, func(n Name) bool { return sameField(n.Text, field) })
}

// sameField reports whether two names may be of one field: a column has the
// suffix _id that the field of a package lacks.
func sameField(a, b string) bool { return a == b || a+"_id" == b || a == b+"_id" }

// showsSecret is the diagnostic of a field with a secret value that a plan
// would show.
func showsSecret(model, field string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "policy.sensitive", Summary: fmt.Sprintf("A plan would show the secret in %q", field),
		Detail: fmt.Sprintf("The value uses a sensitive variable or django_password, and the field is not sensitive in model %q.", model),
		Remedy: fmt.Sprintf("Write sensitive = [%s] in the model, or use another value.", field),
	}
}

// wholeNumber evaluates an attribute that counts something; nil when it is
// absent or wrong.
func (r *reader) wholeNumber(a *hclsyntax.Attribute) *int {
	if a == nil {
		return nil
	}
	v, _, ok := r.constant(a.Expr)
	if !ok {
		return nil
	}
	if !v.IsNull() && v.Type() == cty.Number {
		if n, exact := v.AsBigFloat().Int64(); exact == big.Exact && n >= 0 && int64(int(n)) == n {
			count := int(n)
			return &count
		}
	}
	r.notOfType(a, v, "a whole number that is not negative", fmt.Sprintf("Write %s = 10.", a.Name))
	return nil
}
