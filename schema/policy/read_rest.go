package policy

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// readHeader reads the policy and live blocks.
func (r *reader) readHeader(p *Policy, files []File) {
	blocks := r.of("policy")
	if len(blocks) == 0 {
		start := hcl.Range{Filename: files[0].Name, Start: hcl.InitialPos, End: hcl.InitialPos}
		r.fail(start, diag.Diagnostic{
			Code: "policy.block.missing", Summary: "There is no policy block",
			Detail: "One of the files names the policy.", Remedy: `Write policy { name = "NAME" }.`,
		})
	}
	for _, b := range blocks {
		p.Name = r.constantText(b.Body.Attributes["name"], false)
		p.Unlisted = Unlisted(r.choice(b.Body.Attributes["unlisted"], 0, "preserve", "refuse"))
		p.Discard = r.names(b.Body.Attributes["discard"], true)
	}
	p.LiveURL = r.opts.LiveURL
	for _, b := range r.of("live") {
		switch a := b.Body.Attributes["url"]; {
		case a == nil:
		case r.opts.LiveURL != "":
			r.usage(a.Expr)
		default:
			p.LiveURL = r.constantText(a, true)
		}
	}
}

func (r *reader) readScope(b *hclsyntax.Block) *Scope {
	s := &Scope{Name: label(b), Range: place(b.DefRange()), Models: r.names(b.Body.Attributes["models"], true), Where: map[string]*Expr{}}
	if a := b.Body.Attributes["models"]; a != nil {
		if list, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok && len(list.Exprs) == 0 {
			r.fail(a.Expr.Range(), diag.Diagnostic{
				Code: "policy.value", Summary: "models is empty", Detail: "A scope holds at least one model.", Remedy: example("models"),
			})
		}
	}
	for _, c := range b.Body.Blocks {
		if a := c.Body.Attributes["rows"]; a != nil {
			s.Where[label(c)] = r.condition(a.Expr, "self")
		}
	}
	return s
}

// readLater checks the blocks that take effect in a later version.
func (r *reader) readLater(b *hclsyntax.Block) {
	at := b.Body.Attributes
	switch b.Type {
	case "seed":
		r.readSeed(at)
	case "files":
		r.constantText(at["path"], false)
		for _, c := range b.Body.Blocks {
			if a := c.Body.Attributes["clear"]; a != nil {
				r.condition(a.Expr)
			}
		}
	case "guard":
		r.choice(at["level"], 0, "mandatory", "overridable", "advisory")
		r.constantText(at["error_message"], false)
		if a := at["condition"]; a != nil {
			r.condition(a.Expr, "plan")
			r.planNames(a.Expr)
		}
	case "check":
		r.constantText(at["query"], false)
		r.constantText(at["error_message"], false)
		if a := at["condition"]; a != nil {
			r.condition(a.Expr, "result")
		}
	}
}

func (r *reader) readSeed(at hclsyntax.Attributes) {
	r.choice(at["on"], 0, "reinit", "always")
	r.choice(at["match"], 0, "keep", "update")
	var roots []string
	if a := at["for_each"]; a != nil {
		roots = []string{"each"}
		v, _, ok := r.constant(a.Expr)
		if ok && (v.IsNull() || !v.CanIterateElements()) {
			r.notOfType(a, v, "a list or a map", "Write for_each = [ … ].")
		}
	}
	a := at["records"]
	if a == nil {
		return
	}
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		r.notOfType(a, cty.NilVal, "a list of objects", `Write records = [{ FIELD = VALUE }, …].`)
		return
	}
	for _, e := range list.Exprs {
		object, ok := e.(*hclsyntax.ObjectConsExpr)
		if !ok {
			r.fail(e.Range(), diag.Diagnostic{
				Code: "policy.value", Summary: "A seed's record must be an object", Detail: "It gives the record's fields.",
				Remedy: `Write { FIELD = VALUE }.`,
			})
			continue
		}
		r.objectFields(object, "records", roots...)
	}
}

// planCounts are what a guard may ask of a plan, each by model.
func planCounts() []string {
	return []string{"add", "change", "destroy", "remap", "unchanged", "skip", "keep", "live", "package"}
}

// planNames checks plan.COUNT["MODEL"] in a guard.
func (r *reader) planNames(expr hclsyntax.Expression) {
	for _, t := range hclsyntax.Variables(expr) {
		if t.RootName() != "plan" {
			continue
		}
		counts := planCounts()
		known := false
		name, ok := step(t)
		for _, c := range counts {
			known = known || c == name
		}
		if !ok || !known {
			r.fail(t.SourceRange(), diag.Diagnostic{
				Code: "policy.name.unknown", Summary: fmt.Sprintf("A plan has no %q", name),
				Detail: fmt.Sprintf("It has %s.", allOf(counts)), Remedy: didYouMean(name, counts, "Write plan.destroy[\"MODEL\"] or another of them."),
			})
			continue
		}
		if len(t) < 3 {
			continue
		}
		if i, ok := t[2].(hcl.TraverseIndex); ok && i.Key.Type() == cty.String {
			r.knownModel(i.Key.AsString(), i.SrcRange)
		}
	}
}

// later lists the blocks that are read but not carried out, in the order of
// the text.
func (r *reader) later() []Block {
	var list []Block
	for _, b := range r.blocks {
		switch b.Type {
		case "seed", "files", "guard", "check":
			list = append(list, Block{Type: b.Type, Label: label(b), Range: place(b.DefRange())})
		case "model":
			if a := b.Body.Attributes["max_destroy"]; a != nil {
				list = append(list, Block{Type: "max_destroy", Label: label(b), Range: place(a.SrcRange)})
			}
			for _, c := range b.Body.Blocks {
				if c.Type == "reinit" || c.Type == "export" {
					list = append(list, Block{Type: c.Type, Label: label(b), Range: place(c.DefRange())})
				}
			}
		}
	}
	return list
}
