// Package policy reads the operator's HCL files into a Policy. It is the only
// package that knows HCL: everything else sees the types here, and evaluates
// expressions through Expr.
//
// What a policy says about tables is checked against a database's catalogue
// by the planner, which knows both.
package policy

import (
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Unlisted says what happens to tables without a model block.
type Unlisted uint8

// UnlistedPreserve never touches them, UnlistedRefuse refuses a plan while
// there are any with rows.
const (
	UnlistedPreserve Unlisted = iota
	UnlistedRefuse
)

// Policy is what the files say, checked for everything that can be known
// without a database.
type Policy struct {
	Name     string
	Unlisted Unlisted
	// LiveURL is live.url evaluated; empty when there is no
	// live block or it names none.
	LiveURL string
	// Discard are labels of models whose records a package may hold and the
	// plan leaves out, counted.
	Discard []Name
	// RequireSignature are minisign public keys, of which one must have signed a
	// package; empty when none is required.
	RequireSignature []Name
	// Retention says which packages are kept; nil when there is no such block.
	Retention *Retention
	// Models in the order of their labels.
	Models []*Model
	Scopes []*Scope
	// Seeds, FileTrees, Guards and Checks are in the order of the text, file
	// by file.
	Seeds     []*Seed
	FileTrees []*FileTree
	Guards    []*Guard
	Checks    []*Check
	// Files are the policy's sources in the order they were read: what a plan
	// seals.
	Files []File
	// Variables are the values the policy was evaluated with, sorted by name.
	// A sensitive one has no value here.
	Variables []Variable
	// Digest is the SHA-256, in hexadecimal, of Files and Variables.
	Digest string
}

// Model returns the model with that label, nil if there is none.
func (p *Policy) Model(label string) *Model {
	for _, m := range p.Models {
		if m.Label == label {
			return m
		}
	}
	return nil
}

// File is one policy file. Name is relative to the folder that was read, with
// forward slashes.
type File struct {
	Name    string
	Content []byte
}

// Variable is an input of the policy. Value is JSON text.
type Variable struct {
	Name      string
	Sensitive bool
	Value     string
}

// Scope is a named set of models and row filters.
type Scope struct {
	Name   string
	Range  diag.Range
	Models []Name // labels, with * for any number of characters
	Where  map[string]*Expr
}
