package native_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// The reader that docs/package-format.md shows reads what ours reads.
func TestTheDocumentedReaderReadsPackages(t *testing.T) {
	for _, tool := range []string{"python3", "zstd"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s: the reader in docs/package-format.md is not run", tool)
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "package-format.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?ms)^```python\n(.*?)^```$").FindAllSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%d readers in the document", len(found))
	}
	for _, name := range []string{"full.edmspkg", "incremental.edmspkg"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command("python3", "-c", string(found[0][1]), packages(name), dir)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			p, err := backup.Open(context.Background(), packages(name), native.Formats(), backup.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if diff := cmp.Diff(plainly(t, p), printed(t, out)); diff != "" {
				t.Errorf("records (-ours +its):\n%s", diff)
			}
			for _, f := range files(t, p.(*native.Package)) {
				if got, err := os.ReadFile(filepath.Join(dir, f.name)); err != nil || string(got) != f.content {
					t.Errorf("%s differs: %v", f.name, err)
				}
			}
		})
	}
	t.Run("a damaged one", func(t *testing.T) {
		b, err := os.ReadFile(packages("full.edmspkg"))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "x.edmspkg")
		b[bytes.Index(b, []byte{0x28, 0xb5, 0x2f, 0xfd})+8] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("python3", "-c", string(found[0][1]), path).CombinedOutput(); err == nil || !bytes.Contains(out, []byte("is damaged")) {
			t.Errorf("%v: %s", err, out)
		}
	})
}

// named is a record as the reader prints it.
type named struct {
	Model  string
	Fields map[string]*string
}

func printed(t *testing.T, out []byte) []named {
	t.Helper()
	var list []named
	for _, text := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		var n named
		if err := json.Unmarshal(text, &[]any{&n.Model, &n.Fields}); err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

func plainly(t *testing.T, p backup.Package) []named {
	t.Helper()
	var list []named
	for _, c := range p.Contents() {
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model}) {
			if err != nil {
				t.Fatal(err)
			}
			n := named{Model: c.Model, Fields: map[string]*string{}}
			for _, f := range r.Fields {
				if value := f.Value; value.Kind == schema.NullLiteral {
					n.Fields[f.Name] = nil
				} else {
					n.Fields[f.Name] = &value.Text
				}
			}
			list = append(list, n)
		}
	}
	return list
}
