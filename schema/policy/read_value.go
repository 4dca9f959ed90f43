package policy

import (
	"bytes"
	"crypto/sha256"

	"github.com/hashicorp/hcl/v2"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// seedValue evaluates a field. A hash that is part of the value is made when it
// is asked for. The result is nil when the field has a problem or its value is
// not known.
func (r *reader) seedValue(i *seedItem, env *hcl.EvalContext, id identity) *seedValue {
	if i.failed {
		return nil
	}
	literal, hashed := r.seedLiteral(i, env, id, 0)
	if literal == nil {
		return nil
	}
	if hashed {
		// HCL evaluates both sides of a condition. The value depends on the
		// hash only if another hash makes it another one.
		other, _ := r.seedLiteral(i, env, id, 1)
		hashed = other == nil || *other != *literal
	}
	if !hashed {
		return &seedValue{literal: *literal}
	}
	slow := env.NewChild()
	slow.Functions = recordFunctions(id, slowHash)
	e := &Expr{expr: i.expr, env: slow, sources: r.sources, taint: secret}
	return &seedValue{compute: func() (schema.Literal, diag.List) { return e.Eval(nil) }}
}

// seedLiteral evaluates a field with a hash of that byte standing in for the
// slow one, and reports whether one was called for.
func (r *reader) seedLiteral(i *seedItem, env *hcl.EvalContext, id identity, fill byte) (l *schema.Literal, hashed bool) {
	quick := env.NewChild()
	quick.Functions = recordFunctions(id, func(string, string) ([]byte, error) {
		hashed = true
		return bytes.Repeat([]byte{fill}, sha256.Size), nil
	})
	v, problems := i.expr.Value(quick)
	if !r.evaluated(problems, i.expr, i.usage.taint) {
		i.failed = true
		return nil, hashed
	}
	if !v.IsWhollyKnown() {
		return nil, hashed
	}
	literal, err := toLiteral(v)
	if err != nil {
		i.failed = true
		r.fail(i.expr.Range(), diag.Diagnostic{
			Code: "policy.expression", Summary: "The expression gives no value", Detail: sentence(err.Error()),
			Remedy: "It must give null, a text, a number, true or false, a list or an object.",
		})
		return nil, hashed
	}
	return &literal, hashed
}
