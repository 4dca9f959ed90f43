package policy

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

func (r *reader) readExport(b *hclsyntax.Block) *Export {
	at := b.Body.Attributes
	out := &Export{
		Range: place(b.DefRange()),
		Hash:  r.names(at["hash"], false), Unset: r.names(at["unset"], false), Keep: r.names(at["keep"], false),
	}
	if a := at["include"]; a != nil {
		out.Include = r.condition(a.Expr, "self")
	}
	for _, c := range b.Body.Blocks {
		out.Replace = append(out.Replace, r.readDerive(c))
	}
	r.exportOnce(out)
	return out
}

// exportOnce checks that each field has one treatment.
func (r *reader) exportOnce(e *Export) {
	type treated struct{ field, how string }
	var first []treated
	note := func(n Name, how string) {
		i := slices.IndexFunc(first, func(t treated) bool { return sameField(t.field, n.Text) })
		if i < 0 {
			first = append(first, treated{n.Text, how})
			return
		}
		r.failAt(n.Range, diag.Diagnostic{
			Code: "policy.duplicate", Summary: fmt.Sprintf("The field %q is exported in two ways", n.Text),
			Detail: fmt.Sprintf("It stands in %s and in %s.", first[i].how, how), Remedy: "Keep one of them.",
		})
	}
	for _, d := range e.Replace {
		note(d.Field, "replace")
	}
	for _, n := range e.Hash {
		note(n, "hash")
	}
	for _, n := range e.Unset {
		note(n, "unset")
	}
	for _, n := range e.Keep {
		note(n, "keep")
	}
}

// checkExport checks that what is kept is kept from something.
func (r *reader) checkExport(m *Model) {
	if m.Export == nil {
		return
	}
	for _, n := range m.Export.Keep {
		if !slices.ContainsFunc(m.Sensitive, func(s Name) bool { return sameField(s.Text, n.Text) }) {
			r.failAt(n.Range, diag.Diagnostic{
				Code: "policy.value", Summary: fmt.Sprintf("keep names %q, which is not sensitive", n.Text),
				Detail: "Sensitive fields leave only where keep names them; all others leave as they are anyway.",
				Remedy: didYouMean(n.Text, texts(m.Sensitive), "Remove it, or list it in sensitive."),
			})
		}
	}
}
