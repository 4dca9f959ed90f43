package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Options are the inputs of a policy beside its files.
type Options struct {
	// Vars are -var NAME=VALUE flags, VarFiles -var-file ones; later ones win,
	// flags over files, files over EDMSPLAN_VAR_name, that over the default.
	Vars     []string
	VarFiles []string
	// Saved are the values that a saved plan was made with, as Policy.Variables
	// has them; they win over all others. Sensitive ones have no value there
	// and are given anew.
	Saved []Variable
	// Env looks up an environment variable; nil is none at all.
	Env func(name string) (string, bool)
	// BaseDir is where file("…") paths start; Load sets it to the policy's
	// folder when empty.
	BaseDir string
	// LiveURL, when not empty, replaces live.url, which is then not evaluated.
	LiveURL string
}

// testSuffix ends the names of files that stand beside a policy but are not
// part of it.
const testSuffix = ".edmstest.hcl"

// Load reads one file, or every *.hcl file of a folder, without its
// subfolders, in the order of their names. Files whose names start with a dot
// or end in .edmstest.hcl are not part of a policy. The Policy is nil when the
// list holds an error.
func Load(path string, o Options) (*Policy, diag.List) {
	files, dir, diags := readFiles(path)
	if diags != nil {
		return nil, diags
	}
	if o.BaseDir == "" {
		o.BaseDir = dir
	}
	return Parse(files, o)
}

// readFiles reads the files of a policy and says in which folder they are. With
// diagnostics there are none.
func readFiles(path string) ([]File, string, diag.List) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", diag.List{unreadable("The policy", err)}
	}
	dir, names := filepath.Dir(path), []string{filepath.Base(path)}
	if info.IsDir() {
		dir = path
		if names, err = policyFiles(path); err != nil {
			return nil, "", diag.List{unreadable("The policy's folder", err)}
		}
	}
	if len(names) == 0 {
		return nil, "", diag.List{{
			Severity: diag.Error, Code: "policy.file", Summary: "The folder holds no policy",
			Detail: fmt.Sprintf("%s has no file that ends in .hcl.", path), Remedy: "Name a policy file or the folder that holds it.",
		}}
	}
	var files []File
	var diags diag.List
	for _, name := range names {
		content, err := readBounded(filepath.Join(dir, name))
		if err != nil {
			diags = append(diags, unreadable("The policy file "+name, err))
			continue
		}
		files = append(files, File{Name: name, Content: content})
	}
	if diags != nil {
		return nil, "", diags
	}
	return files, dir, nil
}

// policyFiles lists the names of a folder's policy files, sorted.
func policyFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, testSuffix) {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// Parse reads files that are already in memory, as a saved plan holds them.
// Their order does not matter. The Policy is nil when the list holds an
// error.
func Parse(files []File, o Options) (*Policy, diag.List) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	r := newReader(topLevel, o)
	for i, f := range files {
		if i > 0 && files[i-1].Name == f.Name {
			return nil, diag.List{{
				Severity: diag.Error, Code: "policy.file", Summary: fmt.Sprintf("The file %q stands twice", f.Name),
				Detail: "A policy's files have different names.", Remedy: "Leave one of them out.",
			}}
		}
		r.sources.text[f.Name] = string(f.Content)
	}
	if len(files) == 0 {
		return nil, diag.List{{
			Severity: diag.Error, Code: "policy.file", Summary: "There is no policy",
			Detail: "No file was given.", Remedy: "Name a policy file or the folder that holds it.",
		}}
	}
	var p *Policy
	if r.syntax(files) {
		p = r.read(files)
	}
	sortDiagnostics(r.diags)
	if r.diags.HasErrors() {
		return nil, r.diags
	}
	return p, r.diags
}

// read makes the Policy of the blocks. It goes on after errors, so that all
// of them are reported.
func (r *reader) read(files []File) *Policy {
	p := &Policy{Files: files}
	r.blocks = r.checkShape(topLevel, "", r.blocks)
	p.Variables = r.readVariables()
	r.readLocals()
	r.readHeader(p, files)
	for _, b := range r.blocks {
		switch b.Type {
		case "model":
			p.Models = append(p.Models, r.readModel(b))
		case "scope":
			p.Scopes = append(p.Scopes, r.readScope(b))
		case "files":
			p.FileTrees = append(p.FileTrees, r.readFileTree(b))
		case "guard":
			p.Guards = append(p.Guards, r.readGuard(b))
		case "check":
			p.Checks = append(p.Checks, r.readCheck(b))
		}
	}
	slices.SortFunc(p.Models, func(a, b *Model) int { return strings.Compare(a.Label, b.Label) })
	for _, b := range r.of("retention") {
		p.Retention = r.readRetention(b)
	}
	p.Seeds = r.readSeeds(p)
	r.check(p)
	p.Digest = digest(p.Files, p.Variables)
	return p
}
