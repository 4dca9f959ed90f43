package engine_test

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// contents are the contents of files by name.
type contents map[string]string

// openLocal opens a tree as the command does.
func openLocal(path string) (storage.Store, error) {
	s, err := local.Open(path)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// withTrees lets the engine see files.
func withTrees(e *engine.Engine) *engine.Engine {
	e.OpenTree = openLocal
	return e
}

// writeFiles puts files into a folder.
func writeFiles(t *testing.T, folder string, files contents) {
	t.Helper()
	must(t, os.MkdirAll(folder, 0o750))
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o750))
		must(t, os.WriteFile(path, []byte(text), 0o640))
	}
}

// filesIn reads a folder, what is hidden included.
func filesIn(t *testing.T, folder string) contents {
	t.Helper()
	out := contents{}
	must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if d.IsDir() && strings.HasPrefix(d.Name(), storage.HiddenPrefix) {
			out[filepath.ToSlash(name)+"/"] = "hidden"
		}
		if err == nil && !d.IsDir() {
			out[filepath.ToSlash(name)] = string(read(t, path))
		}
		return err
	}))
	return out
}

// holdsFiles checks that the folder holds these files and nothing else.
func holdsFiles(t *testing.T, folder string, want contents) {
	t.Helper()
	if diff := cmp.Diff(want, filesIn(t, folder)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// filesPackage is a package of the records with the files, a folder.
func filesPackage(t *testing.T, rs []record, files contents) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(rs)
	must(t, err)
	sum := sha256.Sum256(text)
	writeFiles(t, dir, contents{
		"database/database_backup.json": string(text),
		"database/checksum.txt":         hex.EncodeToString(sum[:]) + "  database_backup.json\n",
	})
	writeFiles(t, dir, prefixed("storage/", files))
	return dir
}

func prefixed(prefix string, files contents) contents {
	out := contents{}
	for name, text := range files {
		out[prefix+name] = text
	}
	return out
}

// edited are the example's records with the file that its first document names
// replaced, and the names of the files that the documents have after that.
func edited(t *testing.T, path string) (rs []record, names []string) {
	t.Helper()
	rs = records(t, example("package"))
	for i := range rs {
		if rs[i].Model != "documents.document" {
			continue
		}
		var name string
		must(t, json.Unmarshal(rs[i].Fields["file_path"], &name))
		if path != "" {
			rs[i].Fields["file_path"] = json.RawMessage(strconv.Quote(path))
			path = ""
			continue
		}
		names = append(names, strings.TrimPrefix(name, "storage/"))
	}
	return rs, names
}

// atFolders is the example's policy with the trees below dir.
func atFolders(t *testing.T, dir string) *policy.Policy {
	t.Helper()
	return examplePolicy(t,
		`env("EDMS_DOCUMENTS", "/app/storage/documents")`, strconv.Quote(filepath.Join(dir, "documents")),
		`env("EDMS_MEDIA", "/app/storage/media")`, strconv.Quote(filepath.Join(dir, "media")))
}

// folders makes the folders of the example's trees.
func folders(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, errors.Join(os.Mkdir(filepath.Join(dir, "documents"), 0o750), os.Mkdir(filepath.Join(dir, "media"), 0o750)))
	return dir
}

// fileChanges are the plan's changes of files.
func fileChanges(t *testing.T, p *plans.Plan) []string {
	t.Helper()
	out := []string{}
	for r, err := range p.Changes() {
		must(t, err)
		if strings.HasPrefix(r.Model, "files.") {
			out = append(out, fmt.Sprintf("%s %s %s", r.Action, r.Model, r.Key))
		}
	}
	return out
}

// fileProblems are the plan's diagnostics about files.
func fileProblems(p *plans.Plan) []string {
	out := map[string]bool{}
	for _, d := range p.Diagnostics {
		if strings.HasPrefix(d.Code, "files.") {
			out[fmt.Sprintf("%s %s: %s", d.Severity, d.Code, d.Summary)] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// shop is a small policy on the example's database that a re-initialisation
// clears, with one tree of files.
func shop(t *testing.T, folder string) *policy.Policy {
	t.Helper()
	text := `policy { name = "sources" }
model "documents.documentsource" {
  table       = document_sources
  natural_key = [name]
  surrogate   = [uuid]
  reinit { clear = true }
}
files "papers" {
  path = ` + strconv.Quote(folder) + `
  reinit { clear = true }
}
`
	p, list := policy.Parse([]policy.File{{Name: "sources.hcl", Content: []byte(text)}}, policy.Options{LiveURL: "sqlite:given-otherwise"})
	must(t, list.Err())
	return p
}

// shopState is one of two states between which applies of the shop go back and
// forth: they differ in rows and files that are added, changed and destroyed.
func shopState(t *testing.T, n int) ([]record, contents) {
	t.Helper()
	rs := slices.DeleteFunc(records(t, example("package")), func(r record) bool { return r.Model != "documents.documentsource" })
	files := contents{"kept": "the same in both", "twin 1": fmt.Sprint("equal ", n), "twin 2": fmt.Sprint("equal ", n)}
	// A file of one state is a folder of the other.
	files[[]string{"x", "x/y"}[n]] = "moved"
	for i := n * 4; i < n*4+12; i++ {
		fields := maps.Clone(rs[0].Fields)
		fields["name"] = json.RawMessage(fmt.Sprintf(`"Source %d"`, i))
		fields["uuid"] = json.RawMessage(fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, i))
		fields["description"] = json.RawMessage(fmt.Sprintf(`"state %d"`, n))
		rs = append(rs, record{Model: "documents.documentsource", PK: json.RawMessage(strconv.Itoa(100 + i)), Fields: fields})
		files[fmt.Sprintf("d%d/%d.txt", i%3, i)] = strings.Repeat(fmt.Sprintf("%d in state %d\n", i, n), i*97)
	}
	return rs, files
}

// shopPackage is a package of a state.
func shopPackage(t *testing.T, n int) string {
	t.Helper()
	rs, files := shopState(t, n)
	return filesPackage(t, rs, prefixed("papers/", files))
}

// replant plans a re-initialisation with the package, and saves it.
func replant(t *testing.T, e *engine.Engine, pol *policy.Policy, pkg backup.Package) *plans.Plan {
	t.Helper()
	p, err := e.Plan(t.Context(), engine.Request{Policy: pol, Package: pkg, Reinit: true})
	must(t, err)
	defer func() { must(t, p.Close()) }()
	return saved(t, &p.Plan)
}

func sortedLines(lines []string) string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// packed is a package's folder as an archive.
func packed(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.tar.gz")
	f, err := os.Create(path)
	must(t, err)
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	must(t, w.AddFS(os.DirFS(dir)))
	must(t, errors.Join(w.Close(), z.Close(), f.Close()))
	return path
}
