package policy

import (
	"errors"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Options are the inputs of a policy beside its files.
type Options struct {
	// Vars are -var NAME=VALUE flags, VarFiles -var-file ones; later ones win,
	// flags over files, files over EDMSPLAN_VAR_name, that over the default.
	Vars     []string
	VarFiles []string
	// Env looks up an environment variable; nil is none at all.
	Env func(name string) (string, bool)
	// BaseDir is where file("…") paths start; Load sets it to the policy's
	// folder when empty.
	BaseDir string
	// LiveURL, when not empty, replaces live.url, which is then not evaluated.
	LiveURL string
}

// Load reads one file, or every *.hcl file of a folder, without its
// subfolders, in the order of their names.
func Load(path string, o Options) (*Policy, diag.List) {
	return nil, diag.List{{Severity: diag.Error, Summary: errors.ErrUnsupported.Error()}}
}

// Parse reads files that are already in memory, as a saved plan holds them.
func Parse(files []File, o Options) (*Policy, diag.List) {
	return nil, diag.List{{Severity: diag.Error, Summary: errors.ErrUnsupported.Error()}}
}

// Expr is an expression over one record, such as self.status == "EFFECTIVE".
type Expr struct{}

// Range is the expression's place.
func (e *Expr) Range() diag.Range { return diag.Range{} }

// Fields are the fields of self that the expression uses, each once, with the
// place of its first use.
func (e *Expr) Fields() []Name { return nil }

// Eval evaluates the expression. self gives the fields named by Fields; a
// list literal is given and returned as JSON text. The diagnostics have the
// expression's place and do not quote values.
func (e *Expr) Eval(self func(field string) schema.Literal) (schema.Literal, diag.List) {
	return schema.Literal{}, nil
}

// True evaluates a condition. Null and anything but a bool is a diagnostic.
func (e *Expr) True(self func(field string) schema.Literal) (bool, diag.List) {
	return false, nil
}
