package native_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

func TestBothFormsPassTheSuite(t *testing.T) {
	s := sample()
	dir := t.TempDir()
	single, folder := filepath.Join(dir, "x.edmspkg"), filepath.Join(dir, "folder")
	if err := os.WriteFile(single, s.pack(t, native.WriterOptions{}), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := native.NewFolderWriter(folder, s.header, native.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.fill(w); err != nil {
		t.Fatal(err)
	}
	formats := native.Formats()
	t.Run("folder", backuptest.Suite{Format: formats[0], Path: folder, Records: s.all()}.Run)
	t.Run("file", backuptest.Suite{Format: formats[1], Path: single, Records: s.all()}.Run)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	s := sample()
	p := mustOpen(t, s.pack(t, native.WriterOptions{}), options())
	if diff := cmp.Diff(s.header, p.Header()); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(s.all(), backuptest.Read(t, p)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(s.files, files(t, p)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	v, err := p.Verify(context.Background(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := backup.Checked{Models: 3, Records: 5, Chunks: 2, Bytes: v.Bytes, Files: 4, FileBytes: 3010, Parts: 2}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("verified (-want +got):\n%s", diff)
	}
}

func (f file) Equal(g file) bool { return f.name == g.name && f.content == g.content }

// files reads all files of a package.
func files(t tester, p *native.Package) []file {
	t.Helper()
	var out []file
	for f, err := range p.Files(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.OpenFile(context.Background(), f.Name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file{f.Name, string(b)})
	}
	return out
}

func TestATableIsReadAsADatabaseWouldReadIt(t *testing.T) {
	p := mustOpen(t, sample().pack(t, native.WriterOptions{}), options())
	for name, c := range map[string]struct {
		sel  schema.Selection
		want [][]string
	}{
		"columns of a model": {
			schema.Selection{Table: p.Catalogue().Table("users"), Columns: []string{"note", "id"}, OrderBy: []string{"id"}},
			[][]string{{"", "1"}, {"a\nb\x01\"", "2"}, {"null", "10"}},
		},
		"a limit": {
			schema.Selection{Table: p.Catalogue().Table("users"), Columns: []string{"id"}, Limit: 2}, [][]string{{"1"}, {"2"}},
		},
		"a join table": {
			schema.Selection{Table: p.Catalogue().Table("documents_readers"), Columns: []string{"document_id", "user_id", "id"}},
			[][]string{{"7", "2", "5"}, {"7", "10", "6"}},
		},
		"the model of a table with several": {
			schema.Selection{Model: "docs.empty", Table: p.Catalogue().Table("documents"), Columns: []string{"id"}}, nil,
		},
		"the first model of a table with several": {
			schema.Selection{Table: p.Catalogue().Table("documents"), Columns: []string{"id"}}, [][]string{{"7"}, {"8"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got [][]string
			for r, err := range p.ScanTable(context.Background(), c.sel) {
				if err != nil {
					t.Fatal(err)
				}
				var row []string
				for i, f := range r.Fields {
					if f.Name != c.sel.Columns[i] {
						t.Errorf("column %s in place of %s", f.Name, c.sel.Columns[i])
					}
					if f.Value.Kind == schema.NullLiteral {
						f.Value.Text = "null"
					}
					row = append(row, f.Value.Text)
				}
				got = append(got, row)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
	for name, sel := range map[string]schema.Selection{
		"a column that is not held": {Table: p.Catalogue().Table("users"), Columns: []string{"nothing"}},
		"another order":             {Table: p.Catalogue().Table("users"), Columns: []string{"id"}, OrderBy: []string{"username"}},
		"a table that is not held":  {Table: &schema.Table{Name: "elsewhere"}, Columns: []string{"id"}},
		"no table":                  {},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			for _, last = range p.ScanTable(context.Background(), sel) {
			}
			if last == nil {
				t.Error("no error")
			}
		})
	}
}

var _ = backup.ErrRefused
