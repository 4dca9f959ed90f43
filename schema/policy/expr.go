package policy

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Expr is an expression over one record, such as self.status == "EFFECTIVE".
// It may be used from several goroutines.
type Expr struct {
	expr    hclsyntax.Expression
	env     *hcl.EvalContext
	sources *sources
	taint   taint
	fields  []Name
	// direct is the field's name when the expression is self.FIELD and
	// nothing else: the field's value is then passed through as it is spelt.
	direct string
}

// Range is the expression's place.
func (e *Expr) Range() diag.Range { return place(e.expr.Range()) }

// Fields are the fields of self that the expression uses, each once, with the
// place of its first use.
func (e *Expr) Fields() []Name { return e.fields }

// Direct is the field's name where the expression is self.FIELD and nothing
// else, and otherwise empty.
func (e *Expr) Direct() string { return e.direct }

// Eval evaluates the expression. self gives the fields named by Fields; a
// list literal is given and returned as JSON text. The diagnostics have the
// expression's place and do not quote values.
func (e *Expr) Eval(self func(field string) schema.Literal) (schema.Literal, diag.List) {
	if e.direct != "" {
		if l := self(e.direct); l.Kind != schema.CanonicalLiteral {
			return l, nil
		}
	}
	v, diags := e.value(self)
	if diags != nil {
		return schema.Literal{}, diags
	}
	l, err := toLiteral(v)
	if err != nil {
		return schema.Literal{}, diag.List{e.problem("The expression gives no value", sentence(err.Error()),
			"It must give null, a text, a number, true or false, a list or an object.")}
	}
	return l, nil
}

// True evaluates a condition. Null and anything but a bool is a diagnostic.
func (e *Expr) True(self func(field string) schema.Literal) (bool, diag.List) {
	v, diags := e.value(self)
	if diags != nil {
		return false, diags
	}
	return e.truth(v, `self.FIELD == "…"`)
}

// truth is the value of a condition. comparison is what one may look like.
func (e *Expr) truth(v cty.Value, comparison string) (bool, diag.List) {
	switch {
	case v.IsNull():
		return false, diag.List{e.problem("The condition is null", "A condition is true or false.",
			"Say what null means: coalesce(…, false), or compare with null.")}
	case v.Type() != cty.Bool || !v.IsKnown():
		return false, diag.List{e.problem("The condition is not true or false", "It gives another type of value.",
			fmt.Sprintf("Compare the value with something: %s.", comparison))}
	}
	return v.True(), nil
}

func (e *Expr) problem(summary, detail, remedy string) diag.Diagnostic {
	return e.sources.at(e.expr.Range(), diag.Diagnostic{Code: "policy.expression", Summary: summary, Detail: detail, Remedy: remedy})
}

func (e *Expr) value(self func(field string) schema.Literal) (cty.Value, diag.List) {
	if len(e.fields) == 0 {
		return e.evaluate(e.env, record)
	}
	object := make(map[string]cty.Value, len(e.fields))
	for _, f := range e.fields {
		v, err := fromLiteral(self(f.Text))
		if err != nil {
			return cty.NilVal, diag.List{e.problem(fmt.Sprintf("The field %q cannot be used in an expression", f.Text),
				sentence(err.Error()), "Leave the field out of the expression.")}
		}
		object[f.Text] = v
	}
	return e.with(map[string]cty.Value{"self": cty.ObjectVal(object)}, record)
}

// with evaluates the expression with values for the names that it may use;
// known says what those are.
func (e *Expr) with(values map[string]cty.Value, known taint) (cty.Value, diag.List) {
	env := e.env.NewChild()
	env.Variables = values
	return e.evaluate(env, known)
}

func (e *Expr) evaluate(env *hcl.EvalContext, known taint) (cty.Value, diag.List) {
	v, problems := e.expr.Value(env)
	if !problems.HasErrors() {
		return v, nil
	}
	var diags diag.List
	for _, p := range problems {
		if p.Severity == hcl.DiagError {
			diags = append(diags, e.sources.evaluation(p, e.expr, max(e.taint, known)))
		}
	}
	return cty.NilVal, diags
}
