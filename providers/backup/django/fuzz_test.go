package django_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
)

func FuzzFixture(f *testing.F) {
	fuzz(f, "x.json", sampleJSON, "[]", "{}", "[{]", "\xef\xbb\xbf[", "noise\n[\n", `[{"model":"a.b","fields":{"x":NaN}}]`, `["\ud800"]`)
}

func FuzzJSONL(f *testing.F) {
	fuzz(f, "x.jsonl", sampleJSONL, "", "{}", good+"\n"+good, good+good2, "[")
}

func FuzzYAML(f *testing.F) {
	fuzz(f, "x.yaml", sampleYAML, "[]\n", "- a\n", "- &a [*a]\n", "---\n- model: a.b\n  fields: {}\n...\n", "- ? [x]\n  : y\n", "- model: !!binary x\n", "- |\n x\n-\n")
}

// fuzz reads anything: it is a package or refused, and nothing is left.
func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	dir, temp := f.TempDir(), f.TempDir()
	if err := os.Setenv("TMPDIR", temp); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = os.Unsetenv("TMPDIR") })
	path := filepath.Join(dir, name)
	limits := backup.Limits{Bytes: 1 << 22, Ratio: 200, Record: 1 << 20, Depth: 64}
	f.Fuzz(func(t *testing.T, content []byte) {
		writeFile(t, path, string(content))
		p, err := django.Open(context.Background(), path, limits)
		if err != nil {
			if !errors.Is(err, backup.ErrRefused) {
				t.Fatalf("not a refusal: %v", err)
			}
			backuptest.Empty(t, temp)
			return
		}
		n := len(backuptest.Read(t, p))
		if n == 0 || n != p.Info().Records {
			t.Fatalf("%d records read, Info says %d", n, p.Info().Records)
		}
		if _, err := backup.Inspect(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		backuptest.Empty(t, temp)
	})
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
