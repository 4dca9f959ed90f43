package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// readModel reads a model block; its shape is sound, but attributes may be
// missing.
func (r *reader) readModel(b *hclsyntax.Block) *Model {
	at := b.Body.Attributes
	m := &Model{Label: label(b), Range: place(b.DefRange()), Rules: map[string]diag.Range{}}
	for name, a := range at {
		m.Rules[name] = place(a.SrcRange)
	}
	if strings.ContainsAny(m.Label, "* \t\r\n\"") {
		r.fail(b.LabelRanges[0], diag.Diagnostic{
			Code: "policy.label", Summary: "A model's label has no spaces, quotes or wildcards",
			Detail: "It is the label that packages use.", Remedy: `Write it as Django does: model "app.name" { … }.`,
		})
	}
	m.Table = r.name(at["table"], true)
	m.NaturalKey = r.key(at["natural_key"])
	m.PackageKey = r.key(at["package_key"])
	m.Match = Match(r.choice(at["match"], 0, "update", "keep", "fail"))
	m.Absent = Absent(r.choice(at["absent"], 0, "keep", "destroy"))
	m.PrimaryKey = PrimaryKey(r.choice(at["primary_key"], 0, "keep_if_free", "new"))
	m.OnDuplicate = OnDuplicate(r.choice(at["on_duplicate"], 0, "fail", "first"))
	m.OnCollision = OnCollision(r.choice(at["on_collision"], 0, "fail", "rename", "remint"))
	m.PreventDestroy = r.constantBool(at["prevent_destroy"])
	m.Sensitive = r.names(at["sensitive"], false)
	m.Ignore = r.names(at["ignore"], false)
	m.Discard = r.names(at["discard"], false)
	m.Surrogates = r.surrogates(b)
	for _, c := range b.Body.Blocks {
		switch c.Type {
		case "reference":
			m.References = append(m.References, r.readReference(c))
		case "generic_reference":
			m.GenericReferences = append(m.GenericReferences, r.readGenericReference(c))
		case "json_reference":
			m.JSONReferences = append(m.JSONReferences, r.readJSONReference(c))
		case "derive":
			m.Derives = append(m.Derives, r.readDerive(c))
		case "reinit":
			m.Reinit = r.readReinit(c)
		case "export":
			m.Export = r.readExport(c)
		case "source":
			m.Source = r.readSource(c)
		}
	}
	m.MaxDestroy = r.wholeNumber(at["max_destroy"])
	return m
}

// key reads a list of fields that must not be empty.
func (r *reader) key(a *hclsyntax.Attribute) []Name {
	if a == nil {
		return nil
	}
	if list, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok && len(list.Exprs) == 0 {
		d := diag.Diagnostic{
			Code: "policy.value", Summary: a.Name + " is empty",
			Detail: "A record is identified by at least one field.", Remedy: example("natural_key"),
		}
		if a.Name == "package_key" {
			d.Remedy = "Leave it out when references in a package are spelt with the natural key."
		}
		r.fail(a.Expr.Range(), d)
		return nil
	}
	return r.names(a, false)
}

// surrogates joins the list of names with the blocks.
func (r *reader) surrogates(b *hclsyntax.Block) []Surrogate {
	var list []Surrogate
	for _, n := range r.names(b.Body.Attributes["surrogate"], false) {
		list = append(list, Surrogate{Name: n})
	}
	for _, c := range blocksOf(b.Body.Blocks, "surrogate") {
		s := Surrogate{Name: r.labelName(c), Adopt: r.constantBool(c.Body.Attributes["adopt"])}
		if i := slices.IndexFunc(list, func(o Surrogate) bool { return o.Name.Text == s.Name.Text }); i >= 0 {
			list[i].Adopt = s.Adopt
			continue
		}
		list = append(list, s)
	}
	return list
}

// labelName is a block's label as a name.
func (r *reader) labelName(b *hclsyntax.Block) Name {
	return Name{Text: label(b), Range: place(b.LabelRanges[0])}
}

func (r *reader) readDerive(b *hclsyntax.Block) *Derive {
	d := &Derive{Field: r.labelName(b), Range: place(b.DefRange())}
	if a := b.Body.Attributes["value"]; a != nil {
		d.Value = r.expr(a.Expr, "self")
	}
	return d
}

// fieldValues reads an attribute of the form { FIELD = EXPRESSION }.
func (r *reader) fieldValues(a *hclsyntax.Attribute, roots ...string) map[string]*Expr {
	if a == nil {
		return nil
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		r.notOfType(a, cty.NilVal, "an object of fields", fmt.Sprintf("Write %s = { FIELD = VALUE }.", a.Name))
		return nil
	}
	return r.objectFields(object, a.Name, roots...)
}

func (r *reader) objectFields(object *hclsyntax.ObjectConsExpr, what string, roots ...string) map[string]*Expr {
	fields := map[string]*Expr{}
	r.fieldItems(object, what, func(n Name, value hclsyntax.Expression) { fields[n.Text] = r.expr(value, roots...) })
	return fields
}

// fieldItems calls each for the fields of an object, in the order written. It
// reports those that stand in it twice.
func (r *reader) fieldItems(object *hclsyntax.ObjectConsExpr, what string, each func(n Name, value hclsyntax.Expression)) {
	first := map[string]diag.Range{}
	for _, item := range object.Items {
		n, ok := r.bare(item.KeyExpr)
		if !ok {
			r.notAName(item.KeyExpr.Range(), what, fmt.Sprintf("Write %s = { FIELD = VALUE }.", what))
			continue
		}
		if before, twice := first[n.Text]; twice {
			r.fail(item.KeyExpr.Range(), diag.Diagnostic{
				Code: "policy.duplicate", Summary: fmt.Sprintf("%s names %q twice", what, n.Text),
				Detail: fmt.Sprintf("The first value is at %s.", before), Remedy: "Remove one of them.",
			})
			continue
		}
		first[n.Text] = place(item.ValueExpr.Range())
		each(n, item.ValueExpr)
	}
}
