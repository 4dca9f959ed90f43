package policy

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

func (r *reader) readFileTree(b *hclsyntax.Block) *FileTree {
	at := b.Body.Attributes
	t := &FileTree{
		Name: label(b), Range: place(b.DefRange()),
		Path: r.folder(at["path"]), Package: r.packageFolder(b), Field: r.fileField(at["reference"]),
	}
	if a := at["path"]; a != nil {
		t.PathRange = place(a.SrcRange)
	}
	if a := at["prefix"]; a != nil {
		t.Prefix = r.constantText(a, false)
		if at["reference"] == nil {
			r.fail(a.NameRange, diag.Diagnostic{
				Code: "policy.value", Summary: "prefix has no effect here",
				Detail: "It is what the paths in a field start with.", Remedy: "Name the field: reference = MODEL.FIELD, or remove it.",
			})
		}
	}
	for _, c := range b.Body.Blocks {
		if a := c.Body.Attributes["clear"]; a != nil {
			t.ClearSet, t.Clear, t.ClearRange = true, r.constantBool(a), place(a.SrcRange)
		}
	}
	return t
}

// folder reads the path of a tree. Its files may be removed, so the widest
// folders are refused.
func (r *reader) folder(a *hclsyntax.Attribute) string {
	text := r.constantText(a, false)
	if text == "" {
		return ""
	}
	switch clean := path.Clean(text); {
	case clean == "/" || clean == "." || path.Base(clean) == "..":
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.value", Summary: "path is not a folder of its own",
			Detail: "Files below it may be changed and removed.", Remedy: `Name a folder that holds these files only: path = "/app/storage/documents".`,
		})
		return ""
	case strings.ContainsRune(text, 0):
		r.notOfType(a, cty.NilVal, "a path", `Write path = "/app/storage/documents".`)
		return ""
	}
	return text
}

// packageFolder reads the folder of a package, which follows from the block's
// name when it is not given.
func (r *reader) packageFolder(b *hclsyntax.Block) string {
	rng, text := b.LabelRanges[0], "storage/"+label(b)
	if a := b.Body.Attributes["package"]; a != nil {
		if rng, text = a.Expr.Range(), r.constantText(a, false); text == "" {
			return ""
		}
	}
	text = strings.TrimSuffix(text, "/")
	if !fs.ValidPath(text) || text == "." {
		r.fail(rng, diag.Diagnostic{
			Code: "policy.value", Summary: "The folder of the package is not a path inside of it",
			Detail: "It is relative, with forward slashes and without . and .. in it.", Remedy: `Write package = "storage/documents".`,
		})
		return ""
	}
	return text
}

// fileField reads MODEL.FIELD.
func (r *reader) fileField(a *hclsyntax.Attribute) *FileField {
	n := r.name(a, true)
	if n.Text == "" {
		return nil
	}
	dot := strings.LastIndexByte(n.Text, '.')
	if dot <= 0 || dot == len(n.Text)-1 {
		r.notAName(a.Expr.Range(), a.Name, "Write the label of the model and the field: reference = documents.document.file_path.")
		return nil
	}
	return &FileField{Model: Name{Text: n.Text[:dot], Range: n.Range}, Field: n.Text[dot+1:], Range: n.Range}
}

// checkFileTrees checks that each file belongs to one tree.
func (r *reader) checkFileTrees(trees []*FileTree) {
	for i, t := range trees {
		if t.Field != nil {
			r.checkModel(t.Field.Model)
		}
		for _, before := range trees[:i] {
			switch {
			case overlap(path.Clean(t.Path), path.Clean(before.Path)) && t.Path != "" && before.Path != "":
				r.sharedTree(t, before, "path")
			case overlap(t.Package, before.Package) && t.Package != "":
				r.sharedTree(t, before, "package")
			case t.Field != nil && before.Field != nil && t.Field.Model.Text == before.Field.Model.Text &&
				sameField(t.Field.Field, before.Field.Field) && t.Prefix == before.Prefix:
				r.sharedTree(t, before, "prefix")
			}
		}
	}
}

// overlap reports whether one folder is the other or lies in it.
func overlap(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

func (r *reader) sharedTree(t, before *FileTree, attribute string) {
	detail := fmt.Sprintf("One of the folders is the other or lies in it. The first block is at %s.", before.Range)
	if attribute == "prefix" {
		detail = fmt.Sprintf("They take the same values of one field. The first block is at %s.", before.Range)
	}
	r.failAt(t.Range, diag.Diagnostic{
		Code: "policy.conflict", Summary: fmt.Sprintf("The files %q and %q share files", before.Name, t.Name),
		Detail: detail, Remedy: fmt.Sprintf("Give each a %s of its own, or join the blocks.", attribute),
	})
}
