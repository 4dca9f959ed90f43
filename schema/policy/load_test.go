package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

const header = "policy { name = \"p\" }\n"

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func parse(t *testing.T, text string, o policy.Options) *policy.Policy {
	t.Helper()
	p, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, o)
	if diags != nil {
		t.Fatal(diags.Err())
	}
	return p
}

func TestAFolderIsReadInTheOrderOfNames(t *testing.T) {
	dir := folder(t, map[string]string{
		"b.hcl":              "locals { b = file(\"b.txt\") }\nlive { url = local.b }\n",
		"a.hcl":              header,
		"b.txt":              "sqlite:x",
		"c.edmstest.hcl":     "not a policy",
		".hidden.hcl":        "not a policy",
		"README.md":          "not a policy",
		"modules/other.hcl":  "not a policy",
		"folder.hcl/none.md": "not a policy",
	})
	p, diags := policy.Load(dir, policy.Options{})
	if diags != nil {
		t.Fatal(diags.Err())
	}
	var names []string
	for _, f := range p.Files {
		names = append(names, f.Name)
	}
	if d := cmp.Diff([]string{"a.hcl", "b.hcl"}, names); d != "" {
		t.Error(d)
	}
	if p.LiveURL != "sqlite:x" {
		t.Errorf("live is %q", p.LiveURL)
	}
	one, diags := policy.Load(filepath.Join(dir, "a.hcl"), policy.Options{})
	if diags != nil || len(one.Files) != 1 || one.Files[0].Name != "a.hcl" {
		t.Errorf("one file: %v", diags.Err())
	}
}

func TestWhatCannotBeReadIsADiagnostic(t *testing.T) {
	dir := folder(t, map[string]string{"README.md": "", "large/a.hcl": strings.Repeat("#", 5<<20), "link.txt": ""})
	for name, c := range map[string]struct{ path, summary string }{
		"nothing at the path":      {filepath.Join(dir, "none"), "The policy cannot be read"},
		"a folder without files":   {dir, "The folder holds no policy"},
		"a file of five megabytes": {filepath.Join(dir, "large"), "The policy file a.hcl cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			p, diags := policy.Load(c.path, policy.Options{})
			if p != nil || len(diags) != 1 || diags[0].Summary != c.summary || diags[0].Remedy == "" || diags[0].Severity != diag.Error {
				t.Errorf("got %+v", diags)
			}
		})
	}
	if _, diags := policy.Parse(nil, policy.Options{}); !diags.HasErrors() {
		t.Error("no files are no error")
	}
	twice := []policy.File{{Name: "a.hcl", Content: []byte(header)}, {Name: "a.hcl"}}
	if _, diags := policy.Parse(twice, policy.Options{}); !diags.HasErrors() {
		t.Error("one name twice is no error")
	}
}

func TestAFileOutsideOfTheFolderIsNotRead(t *testing.T) {
	dir := folder(t, map[string]string{"secret.txt": "hunter2", "policy/a.hcl": header + `locals { a = [file("../secret.txt"), file("link.txt")] }`})
	if err := os.Symlink(filepath.Join(dir, "secret.txt"), filepath.Join(dir, "policy", "link.txt")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for _, expr := range []string{`file("../secret.txt")`, `file("link.txt")`, `file("` + filepath.ToSlash(dir) + `/secret.txt")`, `file(".")`} {
		files := []policy.File{{Name: "a.hcl", Content: []byte(header + "live { url = " + expr + " }")}}
		if p, diags := policy.Parse(files, policy.Options{BaseDir: filepath.Join(dir, "policy")}); p != nil || !diags.HasErrors() {
			t.Errorf("%s was read", expr)
		}
	}
}

func TestTheLiveURLIsEvaluatedUnlessItIsGiven(t *testing.T) {
	text := header + `live { url = env("LIVE") }`
	if p := parse(t, text, policy.Options{LiveURL: "sqlite:given"}); p.LiveURL != "sqlite:given" {
		t.Errorf("live is %q", p.LiveURL)
	}
	env := func(n string) (string, bool) { return "sqlite:env", n == "LIVE" }
	if p := parse(t, text, policy.Options{Env: env}); p.LiveURL != "sqlite:env" {
		t.Errorf("live is %q", p.LiveURL)
	}
	_, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, policy.Options{})
	if len(diags) != 1 || diags[0].Range.String() != "p.hcl:2,14-18" || !strings.Contains(diags[0].Remedy, "export LIVE=") {
		t.Errorf("got %+v", diags)
	}
}

func TestTheDigestFollowsFilesAndVariablesOnly(t *testing.T) {
	base := header + "variable \"v\" { default = \"a\" }\nvariable \"s\" {\n  default = \"a\"\n  sensitive = true\n}\n"
	digest := func(o policy.Options, files ...policy.File) string {
		p, diags := policy.Parse(files, o)
		if diags != nil {
			t.Fatal(diags.Err())
		}
		return p.Digest
	}
	one := policy.File{Name: "a.hcl", Content: []byte(base)}
	first := digest(policy.Options{}, one)
	if len(first) != 64 || first != digest(policy.Options{LiveURL: "x"}, one) {
		t.Error("the digest is not that of files and variables")
	}
	if first != digest(policy.Options{Vars: []string{"s=secret"}}, one) {
		t.Error("the digest tells of a sensitive value")
	}
	for name, other := range map[string]string{
		"another value":        digest(policy.Options{Vars: []string{"v=b"}}, one),
		"another name":         digest(policy.Options{}, policy.File{Name: "b.hcl", Content: one.Content}),
		"another content":      digest(policy.Options{}, policy.File{Name: "a.hcl", Content: []byte(base + "#")}),
		"a file more":          digest(policy.Options{}, one, policy.File{Name: "b.hcl"}),
		"content in two files": digest(policy.Options{}, policy.File{Name: "a.hcl", Content: []byte(header)}, policy.File{Name: "b.hcl", Content: []byte(base[len(header):])}),
	} {
		if other == first {
			t.Errorf("%s leaves the digest as it is", name)
		}
	}
}

func TestTheDigestKeepsNamesAndContentsApart(t *testing.T) {
	var digests []string
	for _, f := range []policy.File{
		{Name: "a", Content: []byte("#b\n" + header)},
		{Name: "a#b\n", Content: []byte(header)},
	} {
		p, diags := policy.Parse([]policy.File{f}, policy.Options{})
		if diags != nil {
			t.Fatal(diags.Err())
		}
		digests = append(digests, p.Digest)
	}
	if digests[0] == digests[1] {
		t.Error("two policies run together to one digest")
	}
}

// Models are sorted by label, whichever file they are in and in whichever
// order files are given.
func TestTheOrderOfFilesDoesNotMatter(t *testing.T) {
	content, err := os.ReadFile("testdata/whole.hcl")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.SplitAfter(string(content), "\n}\n")
	rapid.Check(t, func(t *rapid.T) {
		var files []policy.File
		for i, b := range blocks {
			files = append(files, policy.File{Name: string(rune('a'+i)) + ".hcl", Content: []byte(b)})
		}
		want, diags := policy.Parse(files, policy.Options{})
		if diags != nil {
			t.Fatal(diags.Err())
		}
		got, diags := policy.Parse(rapid.Permutation(files).Draw(t, "files"), policy.Options{})
		if diags != nil {
			t.Fatal(diags.Err())
		}
		if got.Digest != want.Digest || !cmp.Equal(want.Files, got.Files) {
			t.Fatal("files in another order are another policy")
		}
		if d := cmp.Diff(want.Models, got.Models, cmp.Comparer(func(a, b *policy.Expr) bool { return a.Range() == b.Range() }), seedFields); d != "" {
			t.Fatal(d)
		}
		renamed := rapid.Permutation(blocks).Draw(t, "blocks")
		for i, b := range renamed {
			files[i].Content = []byte(b)
		}
		other, diags := policy.Parse(files, policy.Options{})
		if diags != nil {
			t.Fatal(diags.Err())
		}
		if d := cmp.Diff(want.Models, other.Models, shapeOnly); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzParse(f *testing.F) {
	paths, _ := filepath.Glob("testdata/errors/*/*.hcl")
	for _, path := range append(paths, "testdata/whole.hcl") {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content), "a=1")
	}
	f.Fuzz(func(t *testing.T, text, flag string) {
		files := []policy.File{{Name: "a.hcl", Content: []byte(text)}}
		p, diags := policy.Parse(files, policy.Options{Vars: []string{flag}})
		if (p == nil) != diags.HasErrors() {
			t.Fatal("a policy and errors exclude each other")
		}
		for _, d := range diags {
			if d.Summary == "" || d.Code == "" || d.Severity == 0 {
				t.Fatalf("incomplete: %+v", d)
			}
		}
		again, _ := policy.Parse(files, policy.Options{Vars: []string{flag}})
		if p != nil && p.Digest != again.Digest {
			t.Fatal("parsing twice gives two policies")
		}
	})
}
