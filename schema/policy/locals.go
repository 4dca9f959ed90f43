package policy

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// local is a local value. Values may use each other in any order.
type local struct {
	attr  *hclsyntax.Attribute
	state visit
	value cty.Value
	taint taint
}

// maxLocalChain bounds how far values lead to each other, longestCycle how much
// of a cycle is named.
const (
	maxLocalChain = 2000
	longestCycle  = 10
)

// visit says how far a value is while others are computed.
type visit uint8

const (
	unseen visit = iota
	underway
	done
)

// collectLocals gathers the values of all locals blocks.
func (r *reader) collectLocals() []*local {
	r.locals = map[string]*local{}
	var order []*local
	for _, b := range r.of("locals") {
		for _, a := range sortedAttributes(b.Body.Attributes) {
			if before := r.locals[a.Name]; before != nil {
				r.fail(a.NameRange, diag.Diagnostic{
					Code: "policy.duplicate", Summary: fmt.Sprintf("The local value %q stands twice", a.Name),
					Detail: fmt.Sprintf("The first is at %s.", place(before.attr.NameRange)), Remedy: "Remove or rename one of them.",
				})
				continue
			}
			l := &local{attr: a, value: cty.DynamicVal}
			r.locals[a.Name] = l
			order = append(order, l)
		}
	}
	return order
}

// readLocals evaluates the local values, each after those that it uses.
func (r *reader) readLocals() {
	for _, l := range r.collectLocals() {
		r.evaluateLocal(l, nil)
	}
	values := make(map[string]cty.Value, len(r.locals))
	for name, l := range r.locals {
		values[name] = l.value
	}
	r.env.Variables["local"] = cty.ObjectVal(values)
}

// evaluateLocal evaluates one value; path are the values that led to it.
func (r *reader) evaluateLocal(l *local, path []string) {
	path = append(path, l.attr.Name)
	switch {
	case l.state == done:
		return
	case l.state == underway:
		r.localCycle(l, path)
		return
	case len(path) > maxLocalChain:
		r.fail(l.attr.NameRange, *tooMuch("Local values use each other in too long a chain",
			fmt.Sprintf("More than %d values lead here.", maxLocalChain), "Write some of them without the others."))
		return
	}
	l.state = underway
	defer func() { l.state = done }()

	u := r.usage(l.attr.Expr)
	values := map[string]cty.Value{}
	for _, name := range u.locals {
		used := r.locals[name]
		r.evaluateLocal(used, path)
		values[name] = used.value
		u.taint = max(u.taint, used.taint)
	}
	l.taint = u.taint
	if !u.sound {
		return
	}
	env := r.env.NewChild()
	env.Variables = map[string]cty.Value{"local": cty.ObjectVal(values)}
	v, problems := l.attr.Expr.Value(env)
	if r.evaluated(problems, l.attr.Expr, l.taint) {
		l.value = v
	}
}

func (r *reader) localCycle(l *local, path []string) {
	for path[0] != l.attr.Name {
		path = path[1:]
	}
	if len(path) > longestCycle {
		path = path[len(path)-longestCycle:]
	}
	r.fail(l.attr.NameRange, diag.Diagnostic{
		Code: "policy.cycle", Summary: fmt.Sprintf("The local value %q depends on itself", l.attr.Name),
		Detail: fmt.Sprintf("local.%s.", strings.Join(path, " uses local.")),
		Remedy: "Write one of them without the others.",
	})
}

// constant evaluates an attribute that needs no record, database or plan. ok
// is false when it has an error, which is reported, or uses a name that has
// one.
func (r *reader) constant(expr hclsyntax.Expression) (v cty.Value, t taint, ok bool) {
	u := r.usage(expr)
	if !u.sound {
		return cty.DynamicVal, u.taint, false
	}
	v, problems := expr.Value(r.env)
	if !r.evaluated(problems, expr, u.taint) || !v.IsWhollyKnown() {
		return cty.DynamicVal, u.taint, false
	}
	return v, u.taint, true
}

// filledText is what constantText asks for.
const filledText = "a text that is not empty"

// constantText evaluates an attribute that must be a text. secrets says
// whether a sensitive variable may be part of it.
func (r *reader) constantText(a *hclsyntax.Attribute, secrets bool) string {
	text := r.constantTextOrNone(a, secrets)
	if text != nil && *text == "" {
		r.notOfType(a, cty.StringVal(""), filledText, fmt.Sprintf(`Write %s = "…".`, a.Name))
	}
	if text == nil {
		return ""
	}
	return *text
}

// constantTextOrNone is constantText where a text may be empty; nil after an
// error and for an attribute that is not there.
func (r *reader) constantTextOrNone(a *hclsyntax.Attribute, secrets bool) *string {
	if a == nil {
		return nil
	}
	v, t, ok := r.constant(a.Expr)
	switch {
	case !ok:
		return nil
	case t == secret && !secrets:
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.sensitive", Summary: fmt.Sprintf("%s uses a sensitive variable", a.Name),
			Detail: "It is printed in plans.", Remedy: "Use a variable that is not sensitive, or a text.",
		})
		return nil
	case v.IsNull() || v.Type() != cty.String:
		r.notOfType(a, v, filledText, fmt.Sprintf(`Write %s = "…".`, a.Name))
		return nil
	}
	text := v.AsString()
	return &text
}

// constantBool evaluates an attribute that must be true or false.
func (r *reader) constantBool(a *hclsyntax.Attribute) bool {
	if a == nil {
		return false
	}
	v, _, ok := r.constant(a.Expr)
	if !ok {
		return false
	}
	if v.IsNull() || v.Type() != cty.Bool {
		r.notOfType(a, v, "true or false", fmt.Sprintf("Write %s = true or %s = false.", a.Name, a.Name))
		return false
	}
	return v.True()
}

// notOfType reports a value of the wrong type. found is NilVal when the
// attribute is not evaluated at all.
func (r *reader) notOfType(a *hclsyntax.Attribute, found cty.Value, want, remedy string) {
	detail := "It is another expression."
	switch {
	case found == cty.NilVal:
	case found.IsNull():
		detail = "It is null."
	case found.Type() == cty.String && want == filledText:
		detail = "It is empty."
	default:
		detail = fmt.Sprintf("Its type is %s.", found.Type().FriendlyName())
	}
	r.fail(a.Expr.Range(), diag.Diagnostic{
		Code: "policy.value", Summary: fmt.Sprintf("%s must be %s", a.Name, want),
		Detail: detail, Remedy: remedy,
	})
}

// newEnvironment is what expressions are evaluated in before any name is
// known.
func newEnvironment(o Options) *hcl.EvalContext {
	return &hcl.EvalContext{
		Variables: map[string]cty.Value{"var": cty.EmptyObjectVal, "local": cty.EmptyObjectVal},
		Functions: functions(o),
	}
}
