package policy

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// forEach is for_each evaluated. Without the attribute there is one element.
type forEach struct {
	roots    []string
	elements []element
	taint    taint
}

// element is what each stands for.
type element struct{ key, value cty.Value }

// readForEach evaluates for_each. HCL goes through maps and objects in the
// order of their keys.
func (r *reader) readForEach(a *hclsyntax.Attribute) *forEach {
	if a == nil {
		return &forEach{elements: []element{{}}}
	}
	f := &forEach{roots: []string{"each"}}
	v, t, ok := r.constant(a.Expr)
	f.taint = t
	if !ok {
		return f
	}
	if v.IsNull() || !v.CanIterateElements() {
		r.notOfType(a, v, "a list or a map", "Write for_each = [ … ].")
		return f
	}
	for i := v.ElementIterator(); i.Next(); {
		key, value := i.Element()
		f.elements = append(f.elements, element{key, value})
	}
	return f
}

// taintOf is the taint that an expression has from each.
func (f *forEach) taintOf(expr hclsyntax.Expression) taint {
	for _, t := range hclsyntax.Variables(expr) {
		if t.RootName() == "each" {
			return f.taint
		}
	}
	return open
}

// name is each.key as text where it may be shown.
func (f *forEach) name(e element) string {
	if len(f.roots) == 0 || f.taint == secret || !e.key.IsKnown() {
		return ""
	}
	text, err := convert.Convert(e.key, cty.String)
	if err != nil || text.IsNull() {
		return ""
	}
	return text.AsString()
}
