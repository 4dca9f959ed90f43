package policy

import (
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// FileTree is a files block: a folder whose files belong to the records.
type FileTree struct {
	Name  string
	Range diag.Range
	// Path is the folder in this environment, as the policy writes it.
	Path      string
	PathRange diag.Range
	// Package is the folder of a package that holds the tree's files, with
	// forward slashes and without one at the end.
	Package string
	// Field is the field whose values are paths of files that must exist in the
	// tree after a plan; nil when no field is known to name them.
	Field *FileField
	// Prefix is what a value of Field starts with before the path below the
	// tree; it may be empty.
	Prefix string
	// ClearSet reports whether there is a reinit block, Clear what it says and
	// ClearRange where.
	ClearSet   bool
	Clear      bool
	ClearRange diag.Range
}

// FileField is a field with paths of files.
type FileField struct {
	// Model is the label of the field's model, which the policy has.
	Model Name
	Field string
	Range diag.Range
}

// Rest is the path below the tree that a value of Field names, and whether it
// is one of this tree's at all: whether it starts with the prefix. Where
// several trees take values of one field, the one with the longest prefix has
// it. The path is as it was written: it may be empty or lead outside.
func (t *FileTree) Rest(value string) (string, bool) { return strings.CutPrefix(value, t.Prefix) }
