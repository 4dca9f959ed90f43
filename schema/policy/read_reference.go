package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// rule reads on_missing. words pairs the allowed words with what they mean,
// the default first. The place is the attribute's, or the block's when the
// default applies.
func (r *reader) rule(b *hclsyntax.Block, meanings []OnMissing, words ...string) (OnMissing, diag.Range) {
	a := b.Body.Attributes["on_missing"]
	if a == nil {
		return meanings[0], place(b.DefRange())
	}
	return meanings[r.choice(a, 0, words...)], place(a.SrcRange)
}

func (r *reader) readReference(b *hclsyntax.Block) *Reference {
	at := b.Body.Attributes
	ref := &Reference{
		Field: r.labelName(b), Range: place(b.DefRange()),
		Through: r.name(at["through"], true), Model: r.name(at["model"], true),
	}
	ref.OnMissing, ref.RuleRange = r.rule(b,
		[]OnMissing{OnMissingFail, OnMissingUnset, OnMissingSkip, OnMissingCreate}, "fail", "unset", "skip", "create")
	a := at["create"]
	if a != nil && ref.OnMissing != OnMissingCreate {
		r.fail(a.NameRange, diag.Diagnostic{
			Code: "policy.value", Summary: "create has no effect here",
			Detail: "It gives the fields of a record that on_missing = create makes.",
			Remedy: "Write on_missing = create, or remove it.",
		})
	}
	ref.Create = r.fieldValues(a, "self")
	r.readOnDestroy(ref, b)
	return ref
}

func (r *reader) readGenericReference(b *hclsyntax.Block) *GenericReference {
	at := b.Body.Attributes
	ref := &GenericReference{Label: label(b), Range: place(b.DefRange()), Type: r.name(at["type"], false), ID: r.name(at["id"], false)}
	ref.OnMissing, ref.RuleRange = r.keepRule(b)
	if ref.Type.Text != "" && ref.Type.Text == ref.ID.Text {
		r.failAt(ref.ID.Range, diag.Diagnostic{
			Code: "policy.value", Summary: "type and id are the same field",
			Detail: "type names the field with the content type, id the field with the record's id.", Remedy: "Correct one of them.",
		})
	}
	return ref
}

// keepRule is on_missing where the ids are not a foreign key.
func (r *reader) keepRule(b *hclsyntax.Block) (OnMissing, diag.Range) {
	return r.rule(b, []OnMissing{OnMissingKeep, OnMissingUnset, OnMissingSkip, OnMissingFail}, "keep", "unset", "skip", "fail")
}

func (r *reader) readJSONReference(b *hclsyntax.Block) *JSONReference {
	ref := &JSONReference{Field: r.labelName(b), Range: place(b.DefRange())}
	ref.OnMissing, ref.RuleRange = r.keepRule(b)
	a := b.Body.Attributes["paths"]
	if a == nil {
		return ref
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok || len(object.Items) == 0 {
		r.notOfType(a, cty.NilVal, "an object of paths with their models", example("paths"))
		return ref
	}
	first := map[string]diag.Range{}
	for _, item := range object.Items {
		path, ok := r.bare(item.KeyExpr)
		if !ok || slices.Contains(strings.Split(path.Text, "."), "") {
			r.notAName(item.KeyExpr.Range(), "paths", `Write the members of the document joined by dots: changed_fields.author, or "items.*.owner".`)
			continue
		}
		if before, twice := first[path.Text]; twice {
			r.fail(item.KeyExpr.Range(), diag.Diagnostic{
				Code: "policy.duplicate", Summary: fmt.Sprintf("paths names %q twice", path.Text),
				Detail: fmt.Sprintf("The first is at %s.", before), Remedy: "Remove one of them.",
			})
			continue
		}
		first[path.Text] = path.Range
		model, ok := r.bare(item.ValueExpr)
		if !ok {
			r.notAName(item.ValueExpr.Range(), "paths", "Write the label of the model that the id belongs to: author = users.user.")
			continue
		}
		ref.Paths = append(ref.Paths, JSONPath{Path: strings.Split(path.Text, "."), Model: model})
	}
	slices.SortFunc(ref.Paths, func(a, b JSONPath) int { return slices.Compare(a.Path, b.Path) })
	return ref
}
