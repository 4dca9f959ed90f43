package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// FindTests lists the test files beside a policy, which is a file or a folder,
// in the order of their names.
func FindTests(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	dir := path
	if !info.IsDir() {
		dir = filepath.Dir(path)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, testSuffix) && !strings.HasPrefix(name, ".") && !e.IsDir() {
			found = append(found, filepath.Join(dir, name))
		}
	}
	return found, nil
}

// LoadTests reads a file of tests. Its expressions may call env and file, and
// use the file's own locals, but no variables of the policy. The TestFile is
// nil when the list holds an error.
func LoadTests(path string, o Options) (*TestFile, diag.List) {
	content, err := readBounded(path)
	if err != nil {
		return nil, diag.List{unreadable("The test file "+path, err)}
	}
	if o.BaseDir == "" {
		o.BaseDir = filepath.Dir(path)
	}
	return ParseTests(File{Name: filepath.Base(path), Content: content}, o)
}

// ParseTests reads a file of tests that is already in memory.
func ParseTests(f File, o Options) (*TestFile, diag.List) {
	r := newReader(testTopLevel, o)
	r.sources.text[f.Name] = string(f.Content)
	var t *TestFile
	if r.syntax([]File{f}) {
		t = r.readTestFile(f)
	}
	sortDiagnostics(r.diags)
	if r.diags.HasErrors() {
		return nil, r.diags
	}
	return t, r.diags
}

// readTestFile goes on after errors, so that all of them are reported.
func (r *reader) readTestFile(file File) *TestFile {
	f := &TestFile{Name: file.Name, Content: file.Content}
	r.blocks = r.checkShape(testTopLevel, "", r.blocks)
	r.readLocals()
	for _, b := range r.of("database") {
		f.Schema = r.paths(b.Body.Attributes["schema"])
	}
	f.Variables = r.testVariables(r.blocks)
	f.Live = r.testRecords(r.of("live"), "rows")
	f.Package = r.testRecords(r.of("package"), "records")
	f.Files = r.testFiles(r.of("files"))
	for _, b := range r.of("test") {
		t := r.readTest(b)
		r.checkPackage(f, t, b)
		f.Tests = append(f.Tests, t)
	}
	start := hcl.Range{Filename: file.Name, Start: hcl.InitialPos, End: hcl.InitialPos}
	if len(r.of("database")) == 0 && !r.diags.HasErrors() {
		r.fail(start, diag.Diagnostic{
			Code: "policy.block.missing", Summary: "There is no database block", Detail: "It says which tables there are.",
			Remedy: `Write database { schema = "schema.sql" }.`,
		})
	}
	if len(f.Tests) == 0 && !r.diags.HasErrors() {
		r.fail(start, diag.Diagnostic{
			Code: "policy.block.missing", Summary: "There is no test block", Detail: "The file tests nothing.",
			Remedy: `Write test "SENTENCE" { … expect { … } }.`,
		})
	}
	return f
}

// checkPackage checks that the test has one package, or re-initialises.
func (r *reader) checkPackage(f *TestFile, t *Test, b *hclsyntax.Block) {
	var written []diag.Range
	for _, p := range append(slices.Clone(t.Package), f.Package...) {
		written = append(written, p.Model.Range)
	}
	for _, p := range append(slices.Clone(t.Files), f.Files...) {
		if p.Packaged {
			written = append(written, p.Range)
		}
	}
	switch a := b.Body.Attributes["package_from"]; {
	case a != nil && len(written) > 0:
		r.fail(a.NameRange, diag.Diagnostic{
			Code: "policy.value", Summary: "The test names a package, and what one holds is written as well",
			Detail: fmt.Sprintf("They are at %s.", written[0]), Remedy: "Leave one of them out.",
		})
	case a == nil && len(written) == 0 && !t.Reinit:
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.value", Summary: "The test plans nothing", Detail: "It has no package and does not re-initialise.",
			Remedy: `Write package "app.name" { records = [{ FIELD = VALUE }] }, package_from = "FILE" or reinit = true.`,
		})
	}
}
