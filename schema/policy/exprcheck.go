package policy

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// usage is what an expression uses.
type usage struct {
	fields []Name
	locals []string
	// passwords are the calls of functions that need a record.
	passwords []*hclsyntax.FunctionCallExpr
	taint     taint
	sound     bool
}

// usage looks up every name that the expression uses and reports the unknown
// ones. roots are the names that it may use beside var and local.
func (r *reader) usage(expr hclsyntax.Expression, roots ...string) usage {
	u := r.seedUsage(expr, roots...)
	for _, call := range u.passwords {
		u.sound = false
		r.fail(call.NameRange, diag.Diagnostic{
			Code: "policy.expression", Summary: fmt.Sprintf("%s cannot be called here", call.Name),
			Detail: "What it gives depends on the record of a seed that it stands in.", Remedy: "Call it in the records of a seed block.",
		})
	}
	return u
}

// seedUsage is usage where the functions that need a record may be called.
func (r *reader) seedUsage(expr hclsyntax.Expression, roots ...string) usage {
	u := usage{sound: true}
	for _, t := range hclsyntax.Variables(expr) {
		r.useName(&u, t, roots)
	}
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			if call.Name == "env" || call.Name == "file" {
				u.taint = max(u.taint, outside)
			}
			if slices.Contains(recordFunctionNames(), call.Name) {
				u.passwords = append(u.passwords, call)
			}
			if _, ok := r.env.Functions[call.Name]; !ok {
				u.sound = false
				r.fail(call.NameRange, diag.Diagnostic{
					Code: "policy.function.unknown", Summary: fmt.Sprintf("There is no function %q", call.Name),
					Detail: "The policy reference lists the functions.", Remedy: didYouMean(call.Name, sortedKeys(r.env.Functions), "Use one of the functions that there are."),
				})
			}
		}
		return nil
	})
	return u
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// useName notes one name that an expression uses.
func (r *reader) useName(u *usage, t hcl.Traversal, roots []string) {
	switch root := t.RootName(); {
	case root == "self" && slices.Contains(roots, root):
		name, ok := step(t)
		if !ok {
			u.sound = false
			r.fail(t.SourceRange(), diag.Diagnostic{
				Code: "policy.expression", Summary: "self stands alone",
				Detail: "An expression uses single fields of the record.", Remedy: "Write self.FIELD.",
			})
			return
		}
		if !slices.ContainsFunc(u.fields, func(f Name) bool { return f.Text == name }) {
			u.fields = append(u.fields, Name{Text: name, Range: place(t.SourceRange())})
		}
	case root == "var":
		useMember(r, u, t, "variable", r.variables, func(name string) taint {
			if r.variables[name].sensitive {
				return secret
			}
			return open
		})
	case root == "local":
		useMember(r, u, t, "local value", r.locals, func(name string) taint {
			if !slices.Contains(u.locals, name) {
				u.locals = append(u.locals, name)
			}
			return r.locals[name].taint
		})
	case !slices.Contains(roots, root):
		u.sound = false
		r.fail(t.SourceRange(), unknownRoot(root, roots))
	}
}

// useMember notes var.NAME or local.NAME. Without a name the expression uses
// all there are.
func useMember[V any](r *reader, u *usage, t hcl.Traversal, kind string, known map[string]V, use func(name string) taint) {
	name, ok := step(t)
	if !ok {
		for _, n := range sortedKeys(known) {
			u.taint = max(u.taint, use(n))
		}
		return
	}
	if _, ok := known[name]; ok {
		u.taint = max(u.taint, use(name))
		return
	}
	u.sound = false
	otherwise := fmt.Sprintf("Declare it: variable %q { … }.", name)
	if kind != "variable" {
		otherwise = fmt.Sprintf("Declare it: locals { %s = … }.", name)
	}
	r.fail(t.SourceRange(), diag.Diagnostic{
		Code: "policy.name.unknown", Summary: fmt.Sprintf("There is no %s %q", kind, name),
		Detail: "The policy does not declare it.", Remedy: didYouMean(name, sortedKeys(known), otherwise),
	})
}

func unknownRoot(root string, roots []string) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: "policy.name.unknown", Summary: fmt.Sprintf("There is no name %q here", root),
		Detail: fmt.Sprintf("An expression may use %s here.", oneOf(append(slices.Clone(roots), "var", "local"))),
		Remedy: fmt.Sprintf("Put it in quotes if it is a text: %q.", root),
	}
	if slices.Contains(roots, "self") {
		d.Remedy = fmt.Sprintf("Put it in quotes if it is a text: %q; write self.%s if it is a field.", root, root)
	}
	if root == "self" {
		d.Summary, d.Remedy = "There is no self here", "Only expressions about one record have self."
	}
	return d
}

// step is the name after the root: the second of self.name or self["name"].
func step(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	switch s := t[1].(type) {
	case hcl.TraverseAttr:
		return s.Name, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull() {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

// expr reads an attribute that is an expression over a record or another
// root. It is evaluated once with values that are not known yet, so that what
// is wrong whatever they are is reported now.
func (r *reader) expr(expr hclsyntax.Expression, roots ...string) *Expr {
	e, _ := r.exprOver(expr, unknown(roots))
	return e
}

// unknown are names whose values are not known yet.
func unknown(roots []string) map[string]cty.Value {
	scope := make(map[string]cty.Value, len(roots))
	for _, root := range roots {
		scope[root] = cty.DynamicVal
	}
	return scope
}

// exprOver is expr where something is known of the roots. It also returns what
// the expression gives for them.
func (r *reader) exprOver(expr hclsyntax.Expression, scope map[string]cty.Value) (*Expr, cty.Value) {
	u := r.usage(expr, sortedKeys(scope)...)
	e := &Expr{expr: expr, env: r.env, sources: r.sources, taint: u.taint, fields: u.fields, direct: direct(expr)}
	if !u.sound {
		return e, cty.DynamicVal
	}
	env := r.env.NewChild()
	env.Variables = scope
	v, problems := expr.Value(env)
	if !r.evaluated(problems, expr, u.taint) {
		return e, cty.DynamicVal
	}
	return e, v
}

// direct is FIELD when the expression is self.FIELD.
func direct(expr hclsyntax.Expression) string {
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(t.Traversal) != 2 || t.Traversal.RootName() != "self" {
		return ""
	}
	name, _ := step(t.Traversal)
	return name
}

// evaluated reports the errors of an evaluation, and whether there were any.
func (r *reader) evaluated(problems hcl.Diagnostics, expr hclsyntax.Expression, t taint) bool {
	ok := true
	for _, p := range problems {
		if p.Severity == hcl.DiagError {
			ok = false
			r.diags = append(r.diags, r.sources.evaluation(p, expr, t))
		}
	}
	return ok
}

// condition reads an expression that is to be true or false.
func (r *reader) condition(expr hclsyntax.Expression, roots ...string) *Expr {
	return r.conditionOver(expr, unknown(roots), `self.FIELD == "…"`)
}

// conditionOver is condition where something is known of the roots.
// comparison is what a condition may look like.
func (r *reader) conditionOver(expr hclsyntax.Expression, scope map[string]cty.Value, comparison string) *Expr {
	e, v := r.exprOver(expr, scope)
	if t := v.Type(); t != cty.Bool && t != cty.DynamicPseudoType || v.IsNull() {
		r.fail(expr.Range(), diag.Diagnostic{
			Code: "policy.expression", Summary: "The condition is not true or false",
			Detail: "It gives another type of value.", Remedy: fmt.Sprintf("Compare the value with something: %s.", comparison),
		})
	}
	return e
}
