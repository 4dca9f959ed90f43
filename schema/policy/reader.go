package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// reader turns files into a Policy and gathers what is wrong on the way. One
// reader reads one policy.
type reader struct {
	opts    Options
	sources *sources
	// file is the shape of the files.
	file   *shape
	diags  diag.List
	blocks []*hclsyntax.Block
	// variables and locals by name; a name with an error is there too, so
	// that its uses are no further errors.
	variables map[string]*variable
	locals    map[string]*local
	// env is what expressions are evaluated in, once variables and locals are
	// known.
	env *hcl.EvalContext
}

func newReader(file *shape, o Options) *reader {
	return &reader{opts: o, file: file, sources: &sources{text: map[string]string{}}, env: newEnvironment(o)}
}

// fail reports a problem of the policy at its place.
func (r *reader) fail(rng hcl.Range, d diag.Diagnostic) {
	r.diags = append(r.diags, r.sources.at(rng, d))
}

// syntax parses all files and keeps their blocks. It reports false when the
// text is not HCL: what was parsed of it would only lead to further errors.
func (r *reader) syntax(files []File) bool {
	broken := false
	for _, f := range files {
		body, ok := r.parse(f)
		broken = broken || !ok
		if body == nil {
			continue
		}
		r.blocks = append(r.blocks, body.Blocks...)
		for _, a := range sortedAttributes(body.Attributes) {
			r.fail(a.NameRange, diag.Diagnostic{
				Code:    "policy.attribute.unknown",
				Summary: fmt.Sprintf("The attribute %q stands outside of a block", a.Name),
				Detail:  fmt.Sprintf("A %s file holds blocks only.", strings.TrimSuffix(r.file.noun, " file")),
				Remedy:  didYouMean(a.Name, r.file.blockNames(), "Put it into the block that it belongs to, or a value of your own into locals."),
			})
		}
	}
	return !broken
}

// parse parses one file. It reports false when the text is not HCL; the body is
// nil when it is too large to be parsed.
func (r *reader) parse(f File) (*hclsyntax.Body, bool) {
	if rng, d := checkBounds(f.Content, f.Name); d != nil {
		r.fail(rng, *d)
		return nil, false
	}
	sound := true
	parsed, diags := hclsyntax.ParseConfig(f.Content, f.Name, hcl.InitialPos)
	for _, d := range diags {
		if d.Summary == redefined {
			r.fail(subject(d, f.Name), diag.Diagnostic{
				Code: "policy.duplicate", Summary: "The attribute stands twice", Detail: d.Detail, Remedy: "Remove one of them.",
			})
			continue
		}
		sound = false
		r.fail(subject(d, f.Name), diag.Diagnostic{
			Code: "policy.syntax", Summary: strings.TrimSuffix(d.Summary, "."), Detail: d.Detail,
			Remedy: "Correct the text; the policy reference shows every block and attribute.",
		})
	}
	return parsed.Body.(*hclsyntax.Body), sound
}

// redefined is HCL's summary of an attribute that stands twice. HCL then keeps
// the first, so that reading may go on.
const redefined = "Attribute redefined"

// subject is where HCL places a problem.
func subject(d *hcl.Diagnostic, file string) hcl.Range {
	if d.Subject != nil {
		return *d.Subject
	}
	return hcl.Range{Filename: file, Start: hcl.InitialPos, End: hcl.InitialPos}
}

// sortedAttributes are a body's attributes in the order of the text.
func sortedAttributes(attrs hclsyntax.Attributes) []*hclsyntax.Attribute {
	list := make([]*hclsyntax.Attribute, 0, len(attrs))
	for _, a := range attrs {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *hclsyntax.Attribute) int { return a.NameRange.Start.Byte - b.NameRange.Start.Byte })
	return list
}

// of lists the top-level blocks of a type that have the labels they need, in
// the order of files and text.
func (r *reader) of(kind string) []*hclsyntax.Block { return blocksOf(r.blocks, kind) }

func blocksOf(blocks []*hclsyntax.Block, kind string) []*hclsyntax.Block {
	var found []*hclsyntax.Block
	for _, b := range blocks {
		if b.Type == kind {
			found = append(found, b)
		}
	}
	return found
}

// sortDiagnostics puts diagnostics into the order of the text; those without
// a place come first.
func sortDiagnostics(l diag.List) {
	slices.SortStableFunc(l, func(a, b diag.Diagnostic) int {
		if c := strings.Compare(a.Range.File, b.Range.File); c != 0 {
			return c
		}
		return a.Range.Start.Byte - b.Range.Start.Byte
	})
}
