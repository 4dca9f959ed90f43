package policy

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func (r *reader) readTest(b *hclsyntax.Block) *Test {
	at, blocks := b.Body.Attributes, b.Body.Blocks
	t := &Test{
		Name: label(b), Range: place(b.DefRange()),
		Variables: r.testVariables(blocks),
		Live:      r.testRecords(blocksOf(blocks, "live"), "rows"),
		Package:   r.testRecords(blocksOf(blocks, "package"), "records"),
		Files:     r.testFiles(blocksOf(blocks, "files")),
		LiveFrom:  r.paths(at["live_from"]), PackageFrom: r.paths(at["package_from"]),
		Reinit: r.constantBool(at["reinit"]), Apply: r.constantBool(at["apply"]),
		Scope: r.name(at["scope"], false), Target: r.names(at["target"], true), Exclude: r.names(at["exclude"], true),
	}
	for _, e := range blocksOf(blocks, "expect") {
		t.Expect = r.readExpect(e)
	}
	if t.Expect == nil {
		t.Expect = &Expect{Range: t.Range}
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.block.missing", Summary: "The test expects nothing",
			Detail: "It has no expect block.", Remedy: "Write expect { … }, such as expect { no_changes = true }.",
		})
	}
	return t
}

// testVariables are values for variables, as text: a list or an object is
// spelt as JSON, which reads as an expression.
func (r *reader) testVariables(blocks []*hclsyntax.Block) []TestVariable {
	var list []TestVariable
	for _, b := range blocksOf(blocks, "variables") {
		for _, a := range sortedAttributes(b.Body.Attributes) {
			if l, ok := r.testValue(a.Expr); ok {
				if l.Kind == schema.NullLiteral {
					r.notOfType(a, cty.NullVal(cty.String), "a value", "Leave it out: the variable has its default then.")
					continue
				}
				list = append(list, TestVariable{Name: Name{Text: a.Name, Range: place(a.NameRange)}, Text: l.Text})
			}
		}
	}
	return list
}

// testValue evaluates a field's value. A problem with it is reported.
func (r *reader) testValue(expr hclsyntax.Expression) (schema.Literal, bool) {
	v, _, ok := r.constant(expr)
	if !ok {
		return schema.Literal{}, false
	}
	l, err := toLiteral(v)
	if err != nil {
		r.fail(expr.Range(), diag.Diagnostic{
			Code: "policy.expression", Summary: "The expression gives no value", Detail: sentence(err.Error()),
			Remedy: "It must give null, a text, a number, true or false, a list or an object.",
		})
	}
	return l, err == nil
}

func (r *reader) testRecords(blocks []*hclsyntax.Block, attribute string) []*TestRecords {
	var list []*TestRecords
	for _, b := range blocks {
		t := &TestRecords{Model: r.labelName(b)}
		list = append(list, t)
		a := b.Body.Attributes[attribute]
		if a == nil {
			continue // which was reported
		}
		tuple, ok := a.Expr.(*hclsyntax.TupleConsExpr)
		if !ok {
			r.notOfType(a, cty.NilVal, "a list of records", example(attribute))
			continue
		}
		for _, e := range tuple.Exprs {
			if fields, ok := r.testFields(e, attribute); ok {
				t.Records = append(t.Records, &TestRecord{Range: place(e.Range()), Fields: fields})
			}
		}
	}
	return list
}

// testFields reads a record: an object as it is written, so that each value has
// its place, or an expression that gives one, such as merge(local.usual, { … }).
func (r *reader) testFields(expr hclsyntax.Expression, what string) (fields []TestField, sound bool) {
	if object, ok := expr.(*hclsyntax.ObjectConsExpr); ok {
		sound = true
		r.fieldItems(object, what, func(n Name, value hclsyntax.Expression) {
			l, ok := r.testValue(value)
			sound = sound && ok
			fields = append(fields, TestField{Name: n, Value: l, Range: place(value.Range())})
		})
		return fields, sound
	}
	v, _, ok := r.constant(expr)
	if !ok {
		return nil, false
	}
	if v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		r.fail(expr.Range(), diag.Diagnostic{
			Code: "policy.value", Summary: fmt.Sprintf("%s must give the fields of a record", strings.TrimSpace(what)),
			Detail: "It is not an object.", Remedy: "Write { FIELD = VALUE }.",
		})
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); {
		name, value := it.Element()
		l, err := toLiteral(value)
		if err != nil {
			r.fail(expr.Range(), diag.Diagnostic{
				Code: "policy.expression", Summary: fmt.Sprintf("The expression gives no value for %q", name.AsString()), Detail: sentence(err.Error()),
				Remedy: "It must give null, a text, a number, true or false, a list or an object.",
			})
			return nil, false
		}
		fields = append(fields, TestField{Name: Name{Text: name.AsString(), Range: place(expr.Range())}, Value: l, Range: place(expr.Range())})
	}
	return fields, true
}

func (r *reader) testFiles(blocks []*hclsyntax.Block) []*TestFiles {
	var list []*TestFiles
	for _, b := range blocks {
		at := b.Body.Attributes
		list = append(list, &TestFiles{
			Name: r.labelName(b), Range: place(b.DefRange()), Packaged: at["package"] != nil,
			Live: r.testContents(at["live"]), Package: r.testContents(at["package"]),
		})
	}
	return list
}

// testContents reads files: an object of texts.
func (r *reader) testContents(a *hclsyntax.Attribute) []TestContent {
	if a == nil {
		return nil
	}
	v, _, ok := r.constant(a.Expr)
	if !ok {
		return nil
	}
	var list []TestContent
	sound := !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType())
	if sound {
		for it := v.ElementIterator(); it.Next(); {
			name, text := it.Element()
			if sound = sound && fs.ValidPath(name.AsString()) && name.AsString() != "." && !text.IsNull() && text.Type() == cty.String; sound {
				list = append(list, TestContent{name.AsString(), text.AsString()})
			}
		}
	}
	if !sound {
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.value", Summary: fmt.Sprintf("%s must give the contents of files by their names", a.Name),
			Detail: "A name is a path below the folder, a content any text: only whether two are the same matters.",
			Remedy: fmt.Sprintf(`Write %s = { "NAME" = "CONTENT" }.`, a.Name),
		})
	}
	slices.SortFunc(list, func(x, y TestContent) int { return strings.Compare(x.Name, y.Name) })
	return list
}

// paths reads the path of a file, a list of them, or an object that has these
// for each dialect.
func (r *reader) paths(a *hclsyntax.Attribute) Paths {
	if a == nil {
		return Paths{}
	}
	v, _, ok := r.constant(a.Expr)
	if !ok {
		return Paths{}
	}
	p := Paths{Range: place(a.Expr.Range())}
	if !v.IsNull() && v.Type().IsObjectType() && v.LengthInt() > 0 {
		p.ByDialect = map[string][]string{}
		for it := v.ElementIterator(); it.Next(); {
			name, value := it.Element()
			list, listed := textsOf(value)
			ok = ok && listed && (name.AsString() == "sqlite" || name.AsString() == "postgres")
			p.ByDialect[name.AsString()] = list
		}
	} else {
		p.All, ok = textsOf(v)
	}
	if !ok {
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.value", Summary: fmt.Sprintf("%s must be a path, or a list of paths", a.Name),
			Detail: "It may also be an object with one or the other for sqlite and for postgres.",
			Remedy: fmt.Sprintf(`Write %s = "FILE", or %[1]s = { sqlite = "FILE", postgres = "FILE" }.`, a.Name),
		})
	}
	return p
}

// textsOf are the texts of a text or of a list of texts, none of them empty.
func textsOf(v cty.Value) (list []string, ok bool) {
	if v.IsNull() || !v.IsWhollyKnown() {
		return nil, false
	}
	if v.Type() == cty.String {
		return []string{v.AsString()}, v.AsString() != ""
	}
	if !v.Type().IsTupleType() && !v.Type().IsListType() || v.LengthInt() == 0 {
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		if e.IsNull() || e.Type() != cty.String || e.AsString() == "" {
			return nil, false
		}
		list = append(list, e.AsString())
	}
	return list, true
}
