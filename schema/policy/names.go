package policy

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// bareName is what may stand without quotes: names joined by dots, * for any
// characters.
var bareName = regexp.MustCompile(`^[\p{L}_*][\p{L}\p{N}_*-]*(\.[\p{L}\p{N}_*-]+)*$`)

// bare reads a bare name, dots included, or a quoted one. The name is not
// looked up anywhere: that is what sets it apart from an expression.
func (r *reader) bare(expr hclsyntax.Expression) (Name, bool) {
	rng := expr.Range()
	switch e := expr.(type) {
	case *hclsyntax.TemplateExpr:
		text, ok := quoted(e)
		return Name{Text: text, Range: place(rng)}, ok && text != ""
	case *hclsyntax.ObjectConsKeyExpr:
		if e.ForceNonLiteral {
			return Name{}, false
		}
		return r.bare(e.Wrapped)
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.SplatExpr:
		text := r.text(rng)
		return Name{Text: text, Range: place(rng)}, bareName.MatchString(text)
	}
	return Name{}, false
}

// quoted is the text of a string without interpolations.
func quoted(e *hclsyntax.TemplateExpr) (string, bool) {
	if !e.IsStringLiteral() {
		return "", len(e.Parts) == 0
	}
	v := e.Parts[0].(*hclsyntax.LiteralValueExpr).Val
	if v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// text is the policy's text in a range.
func (r *reader) text(rng hcl.Range) string {
	text := r.sources.text[rng.Filename]
	if rng.Start.Byte < 0 || rng.End.Byte < rng.Start.Byte || rng.End.Byte > len(text) {
		return ""
	}
	return text[rng.Start.Byte:rng.End.Byte]
}

// name reads an attribute that is one name. dotted allows dots in it. A nil
// attribute gives the zero Name.
func (r *reader) name(a *hclsyntax.Attribute, dotted bool) Name {
	if a == nil {
		return Name{}
	}
	n, ok := r.bare(a.Expr)
	if !ok || !dotted && isDotted(a.Expr) {
		r.notAName(a.Expr.Range(), a.Name, fmt.Sprintf("Write %s = NAME.", a.Name))
		return Name{}
	}
	return n
}

// isDotted reports whether a bare name has dots; a quoted one may, as some
// columns are called that.
func isDotted(expr hclsyntax.Expression) bool {
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	return !ok && !isQuoted(expr) || ok && len(t.Traversal) > 1
}

func isQuoted(expr hclsyntax.Expression) bool {
	_, ok := expr.(*hclsyntax.TemplateExpr)
	return ok
}

func (r *reader) notAName(rng hcl.Range, attribute, remedy string) {
	r.fail(rng, diag.Diagnostic{
		Code:    "policy.value",
		Summary: fmt.Sprintf("A name is expected in %s", attribute),
		Detail:  "A name is written bare, or in quotes when it is not an identifier. It is not an expression.",
		Remedy:  remedy,
	})
}

// names reads an attribute that is a list of names, and reports those that
// stand in it twice. dotted allows dots and wildcards in bare ones.
func (r *reader) names(a *hclsyntax.Attribute, dotted bool) []Name {
	if a == nil {
		return nil
	}
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		remedy := fmt.Sprintf("Write %s = [NAME, …].", a.Name)
		if n, ok := r.bare(a.Expr); ok {
			remedy = fmt.Sprintf("Write %s = [%s].", a.Name, strings.TrimSpace(r.text(a.Expr.Range())))
			_ = n
		}
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.value", Summary: fmt.Sprintf("A list of names is expected in %s", a.Name),
			Detail: "The list stands in brackets, also when it has one name.", Remedy: remedy,
		})
		return nil
	}
	var names []Name
	first := map[string]diag.Range{}
	for _, e := range list.Exprs {
		n, ok := r.bare(e)
		if !ok || !dotted && isDotted(e) {
			r.notAName(e.Range(), a.Name, fmt.Sprintf("Write %s = [NAME, …].", a.Name))
			continue
		}
		if before, twice := first[n.Text]; twice {
			r.fail(e.Range(), diag.Diagnostic{
				Code: "policy.duplicate", Summary: fmt.Sprintf("%s names %q twice", a.Name, n.Text),
				Detail: fmt.Sprintf("The first is at %s.", before), Remedy: "Remove one of them.",
			})
			continue
		}
		first[n.Text] = n.Range
		names = append(names, n)
	}
	return names
}

// choice reads an attribute that is one of some words and returns which,
// otherwise when the attribute is absent or wrong.
func (r *reader) choice(a *hclsyntax.Attribute, otherwise int, words ...string) int {
	if a == nil {
		return otherwise
	}
	n, ok := r.bare(a.Expr)
	for i, w := range words {
		if ok && n.Text == w {
			return i
		}
	}
	d := diag.Diagnostic{
		Code:    "policy.value",
		Summary: fmt.Sprintf("%s is not one of its words", a.Name),
		Detail:  fmt.Sprintf("It is %s.", oneOf(words)),
		Remedy:  fmt.Sprintf("Write %s = %s.", a.Name, words[0]),
	}
	if ok {
		d.Summary = fmt.Sprintf("%s cannot be %q", a.Name, n.Text)
		d.Remedy = didYouMean(n.Text, words, d.Remedy)
	}
	r.fail(a.Expr.Range(), d)
	return otherwise
}
