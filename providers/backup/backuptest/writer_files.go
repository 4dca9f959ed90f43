package backuptest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
)

func (a WriterAdapter) files(t *testing.T) {
	files := map[string]string{
		"storage/documents/a b é.docx": "a document", "storage/documents/empty": "", "storage/documents/deep/er/x.pdf": strings.Repeat("long ", 100_000),
		"storage/media/a.png": "a picture", "storage/documents/deep.txt": "beside its folder",
	}
	w, path := a.create(t, SampleHeader())
	write(t, w)
	for _, name := range sortedNames(files) {
		f := backup.StoredFile{Name: name, Mode: 0o640, ModTime: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
		info, err := w.WriteFile(context.Background(), f, strings.NewReader(files[name]))
		if want := fileInfo(name, files[name]); err != nil || info != want {
			t.Fatalf("wrote %+v, %v; want %+v", info, err, want)
		}
	}
	finish(t, w)
	p := a.open(t, path)
	if warnings := p.Info().Warnings; len(warnings) > 0 {
		t.Errorf("the package opens with warnings: %q", warnings)
	}
	held, ok := p.(backup.Files)
	if !ok {
		t.Fatal("the reader knows no files")
	}
	for folder, has := range map[string]bool{"storage/documents": true, "storage/media": true, "storage/certificates": false} {
		if held.HasFiles(folder) != has {
			t.Errorf("HasFiles(%s) = %v", folder, !has)
		}
		var want, got []backup.FileInfo
		for _, name := range sortedNames(files) {
			if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
				want = append(want, fileInfo(rest, files[name]))
			}
		}
		for info, err := range held.Files(context.Background(), folder) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, info)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("files below %s (-want +got):\n%s", folder, diff)
		}
	}
	for name, want := range files {
		r, err := held.OpenFile(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || string(got) != want {
			t.Errorf("%s holds %d bytes, want %d: %v", name, len(got), len(want), err)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func fileInfo(name, content string) backup.FileInfo {
	sum := sha256.Sum256([]byte(content))
	return backup.FileInfo{Name: name, Size: int64(len(content)), Digest: hex.EncodeToString(sum[:])}
}

func (a WriterAdapter) fileError(t *testing.T) {
	for name, c := range map[string]struct {
		r    io.Reader
		ctx  func() context.Context
		want error
	}{
		"the reader fails": {io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errSource)), context.Background, errSource},
		"the context is cancelled": {strings.NewReader("whole"), func() context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx
		}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			w, path := a.create(t, SampleHeader())
			write(t, w)
			if _, err := w.WriteFile(c.ctx(), backup.StoredFile{Name: "storage/documents/a"}, c.r); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			a.nothing(t, w, path)
		})
	}
}

func (a WriterAdapter) fileNames(t *testing.T) {
	for _, name := range []string{"", ".", "/etc/passwd", "../x", "storage/../../x", "storage//x", "storage/x/", "storage/a\\b", "storage/a\x00b"} {
		w, path := a.create(t, SampleHeader())
		write(t, w)
		if _, err := w.WriteFile(context.Background(), backup.StoredFile{Name: name}, strings.NewReader("x")); err == nil {
			t.Errorf("%q was taken", name)
		}
		a.nothing(t, w, path)
	}
	w, path := a.create(t, SampleHeader())
	write(t, w)
	for i, name := range []string{"storage/documents/b", "storage/documents/a"} {
		_, err := w.WriteFile(context.Background(), backup.StoredFile{Name: name}, strings.NewReader("x"))
		if (err != nil) != (i == 1) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.nothing(t, w, path)
}
