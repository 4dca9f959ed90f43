package policy

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// variable is a variable block with its value.
type variable struct {
	name      string
	block     *hclsyntax.Block
	kind      cty.Type
	defaults  *typeexpr.Defaults
	sensitive bool
	// fallback is the default, NilVal when there is none.
	fallback cty.Value
	// value is the value in force; unknown when something is wrong with it.
	value cty.Value
}

// declareVariables reads the variable blocks.
func (r *reader) declareVariables() {
	r.variables = map[string]*variable{}
	for _, b := range r.of("variable") {
		v := &variable{name: label(b), block: b, kind: cty.DynamicPseudoType, fallback: cty.NilVal, value: cty.DynamicVal}
		r.variables[v.name] = v
		if !hclsyntax.ValidIdentifier(v.name) {
			r.fail(b.LabelRanges[0], diag.Diagnostic{
				Code: "policy.label", Summary: fmt.Sprintf("%q cannot be the name of a variable", v.name),
				Detail: "It is used as var.NAME.", Remedy: "Use letters, digits, _ and -, and start with a letter.",
			})
		}
		r.declare(v, b.Body.Attributes)
	}
}

func (r *reader) declare(v *variable, attrs hclsyntax.Attributes) {
	for _, name := range []string{"default", "sensitive", "description"} {
		if a := attrs[name]; a != nil && len(hclsyntax.Variables(a.Expr)) > 0 {
			r.fail(hclsyntax.Variables(a.Expr)[0].SourceRange(), diag.Diagnostic{
				Code: "policy.variable", Summary: fmt.Sprintf("The %s of a variable uses another name", name),
				Detail: "A variable is declared before anything else has a value.", Remedy: "Write a constant, or use locals.",
			})
			delete(attrs, name)
			v.fallback = cty.DynamicVal
			v.sensitive = true
		}
	}
	// A wrong value of sensitive counts as yes: the default is not shown
	// before it is known that it may be.
	if a := attrs["sensitive"]; a != nil {
		before := len(r.diags)
		v.sensitive = r.constantBool(a) || len(r.diags) > before || v.sensitive
	}
	fallback := attrs["default"]
	if fallback != nil && v.sensitive {
		r.sources.secrets = append(r.sources.secrets, fallback.SrcRange)
	}
	if a := attrs["type"]; a != nil {
		kind, defaults, problems := typeexpr.TypeConstraintWithDefaults(a.Expr)
		for _, p := range problems {
			r.fail(subject(p, a.SrcRange.Filename), diag.Diagnostic{
				Code: "policy.value", Summary: "This is not a type", Detail: p.Detail,
				Remedy: didYouMean(r.text(a.Expr.Range()), []string{"string", "number", "bool", "any"},
					"Write string, number, bool, list(TYPE), map(TYPE) or object({ NAME = TYPE })."),
			})
		}
		if !problems.HasErrors() {
			v.kind, v.defaults = kind, defaults
		}
	}
	if a := attrs["description"]; a != nil {
		r.constantText(a, false)
	}
	if fallback != nil {
		r.declareDefault(v, fallback)
	}
}

func (r *reader) declareDefault(v *variable, a *hclsyntax.Attribute) {
	// NilVal means no default, so a wrong one is an unknown value.
	v.fallback = cty.DynamicVal
	u := r.usage(a.Expr)
	if !u.sound {
		return
	}
	t := u.taint
	if v.sensitive {
		t = secret
	}
	value, problems := a.Expr.Value(r.env)
	if !r.evaluated(problems, a.Expr, t) || !value.IsWhollyKnown() {
		return
	}
	value, err := v.convert(value)
	if err != nil {
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.variable", Summary: fmt.Sprintf("The default of variable %q does not fit its type", v.name),
			Detail: v.misfit(err), Remedy: "Correct the default or the type.",
		})
		return
	}
	v.fallback = value
}

// convert makes the value one of the variable's type.
func (v *variable) convert(value cty.Value) (cty.Value, error) {
	if v.defaults != nil && !value.IsNull() {
		value = v.defaults.Apply(value)
	}
	value, err := convert.Convert(value, v.kind)
	if err != nil {
		return cty.NilVal, err
	}
	return value, boundedValue(value)
}

// misfit says why a value does not fit, in the words of the type only.
func (v *variable) misfit(err error) string {
	want := fmt.Sprintf("The type is %s.", typeexpr.TypeString(v.kind))
	if v.sensitive {
		return want + " The variable is sensitive, so its value is not shown."
	}
	return want + " " + sentence(err.Error())
}

// readVariables declares the variables and gives them their values.
func (r *reader) readVariables() []Variable {
	r.declareVariables()
	given := r.givenValues()
	values := make(map[string]cty.Value, len(r.variables))
	for _, name := range sortedKeys(r.variables) {
		v := r.variables[name]
		if g, ok := given[name]; ok {
			r.assign(v, g)
		} else if v.fallback != cty.NilVal {
			v.value = v.fallback
		} else {
			r.fail(v.block.DefRange(), diag.Diagnostic{
				Code: "policy.variable", Summary: fmt.Sprintf("The variable %q has no value", name),
				Detail: "It has no default and none was given.",
				Remedy: fmt.Sprintf("Give one with -var '%s=…', a -var-file or EDMSPLAN_VAR_%s, or write a default.", name, name),
			})
		}
		values[name] = v.value
	}
	r.env.Variables["var"] = cty.ObjectVal(values)
	return r.recorded()
}

// assign gives a variable the value that came from outside.
func (r *reader) assign(v *variable, g given) {
	value, ok := g.value, true
	if g.value == cty.NilVal {
		value, ok = r.parseGiven(v, g)
	}
	if !ok {
		return
	}
	value, err := v.convert(value)
	if err != nil {
		r.fail(v.block.DefRange(), diag.Diagnostic{
			Code: "policy.variable", Summary: fmt.Sprintf("The value of variable %q does not fit its type", v.name),
			Detail: fmt.Sprintf("It was given by %s. %s", g.origin, v.misfit(err)), Remedy: "Give another value.",
		})
		return
	}
	v.value = value
}

// parseGiven reads a value that was given as text: as it is for a simple
// type, as an expression for a list, map or object.
func (r *reader) parseGiven(v *variable, g given) (cty.Value, bool) {
	if v.kind.IsPrimitiveType() || v.kind == cty.DynamicPseudoType {
		if v.kind == cty.Number && !boundedNumber(g.text) {
			g.text = "not a number"
		}
		return cty.StringVal(g.text), true
	}
	const file = "value"
	var problems hcl.Diagnostics
	if _, d := checkBounds([]byte(g.text), file); d == nil {
		var expr hclsyntax.Expression
		expr, problems = hclsyntax.ParseExpression([]byte(g.text), file, hcl.InitialPos)
		if !problems.HasErrors() {
			var value cty.Value
			if value, problems = expr.Value(nil); !problems.HasErrors() {
				return value, true
			}
		}
	}
	r.fail(v.block.DefRange(), diag.Diagnostic{
		Code: "policy.variable", Summary: fmt.Sprintf("The value of variable %q cannot be read", v.name),
		Detail: fmt.Sprintf("It was given by %s. The type is %s.", g.origin, typeexpr.TypeString(v.kind)),
		Remedy: fmt.Sprintf(`Write it as the policy would: -var '%s=["a", "b"]'.`, v.name),
	})
	return cty.NilVal, false
}

// recorded are the variables as the policy keeps them.
func (r *reader) recorded() []Variable {
	var list []Variable
	for _, name := range sortedKeys(r.variables) {
		v := r.variables[name]
		rec := Variable{Name: name, Sensitive: v.sensitive}
		if !v.sensitive && v.value.IsWhollyKnown() {
			text, err := ctyjson.Marshal(v.value, v.value.Type())
			if err != nil {
				r.fail(v.block.DefRange(), diag.Diagnostic{
					Code: "policy.variable", Summary: fmt.Sprintf("The value of variable %q cannot be recorded", name),
					Detail: "It has no form in JSON.", Remedy: "Give a simpler value.",
				})
			}
			rec.Value = string(text)
		}
		list = append(list, rec)
	}
	return slices.Clip(list)
}
