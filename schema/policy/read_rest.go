package policy

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

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
		p.RequireSignature = r.publicKeys(b.Body.Attributes["require_signature"])
	}
	p.LiveURL = r.opts.LiveURL
	for _, b := range r.of("live") {
		switch a := b.Body.Attributes["url"]; {
		case a == nil:
		case r.opts.LiveURL != "":
			r.usage(a.Expr)
		default:
			// Empty means that the policy names none, as env("NAME", "") does
			// where the variable is not set.
			if url := r.constantTextOrNone(a, true); url != nil {
				p.LiveURL = *url
			}
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
