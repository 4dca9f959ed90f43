package edms_test

import (
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
)

// filesOf reads a folder of the package: content by name, as listed.
func filesOf(t *testing.T, p backup.Package, folder string) map[string]string {
	t.Helper()
	f, ok := p.(backup.Files)
	if !ok {
		t.Fatal("the package has no files")
	}
	out, last := map[string]string{}, ""
	for info, err := range f.Files(context.Background(), folder) {
		if err != nil {
			t.Fatal(err)
		}
		if info.Name <= last {
			t.Errorf("%q follows %q", info.Name, last)
		}
		last = info.Name
		r, err := f.OpenFile(context.Background(), folder+"/"+info.Name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if info.Digest != sum(string(text)) || info.Size != int64(len(text)) {
			t.Errorf("%s: digest %s and size %d are not those of %q", info.Name, info.Digest, info.Size, text)
		}
		out[info.Name] = string(text)
	}
	if f.HasFiles(folder) != (len(out) > 0) {
		t.Errorf("HasFiles(%q) = %v, it has %d", folder, f.HasFiles(folder), len(out))
	}
	return out
}

func TestFilesOfAPackage(t *testing.T) {
	m := sound()
	maps.Copy(m, map[string]string{
		"storage/documents/deep/b.docx": "b", "storage/documents/deep.docx": "c", "storage/documents/twin.docx": "c",
		"storage/documents2/x": "x", "media/y": "y",
	})
	want := map[string]map[string]string{
		"storage/documents": {"a.docx": "a document", "deep/b.docx": "b", "deep.docx": "c", "twin.docx": "c"},
		"storage": {
			"documents/a.docx": "a document", "documents/deep/b.docx": "b", "documents/deep.docx": "c", "documents/twin.docx": "c", "documents2/x": "x",
		},
		"media": {"y": "y"}, "storage/none": {}, "storage/doc": {},
	}
	inner := map[string]string{}
	for name, text := range m {
		inner["package/"+name] = text
	}
	for name, path := range map[string]string{
		"folder":             inFolder(t, m),
		"archive":            inFile(t, "x.tar", inTar(t, ".", m)),
		"compressed archive": inFile(t, "x.tar.gz", zipped(t, inTar(t, "package", m))),
		"in one folder":      inFolder(t, inner),
	} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			p, err := backup.Open(context.Background(), path, formats(), backup.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			for folder, files := range want {
				if diff := cmp.Diff(files, filesOf(t, p, folder)); diff != "" {
					t.Errorf("files of %s (-want +got):\n%s", folder, diff)
				}
			}
			if _, err := p.(backup.Files).OpenFile(context.Background(), "storage/../metadata.json"); err == nil {
				t.Error("a path that is no member's was opened")
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			backuptest.Empty(t, temp)
		})
	}
}

// An archive that is replaced after it was checked is not read as if it had
// not been.
func TestAnArchiveThatChangesIsNoticed(t *testing.T) {
	m := sound()
	path := inFile(t, "x.tar", inTar(t, ".", m))
	p, err := backup.Open(context.Background(), path, formats(), backup.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	delete(m, "storage/documents/a.docx")
	if err := os.WriteFile(filepath.Clean(path), inTar(t, ".", m), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.(backup.Files).OpenFile(context.Background(), "storage/documents/a.docx"); err == nil {
		t.Error("the file was opened")
	}
}
