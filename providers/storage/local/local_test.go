package local_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
)

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

func TestOpenDoesNotMakeTheFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "missing")
	if s, err := local.Open(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open = %v, %v, want fs.ErrNotExist", s, err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := local.Open(folder); err == nil {
		t.Errorf("Open of a file = %v, want an error", s)
	}
}

func TestFoldersStayButThoseOfTheStage(t *testing.T) {
	folder := t.TempDir()
	s := openLocal(t, folder)
	staged := storage.StageFolder + "/one/1"
	for _, name := range []string{"d/e/a", staged, storage.StageFolder + "/two/1"} {
		if _, err := s.Create(t.Context(), name, strings.NewReader("x"), storage.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Remove(t.Context(), "d/e/a"), s.Remove(t.Context(), staged)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"d/e": true, storage.StageFolder + "/one": false, storage.StageFolder + "/two": true,
	} {
		if _, err := os.Stat(filepath.Join(folder, name)); (err == nil) != want {
			t.Errorf("the folder %s is there: %v, want %v", name, err == nil, want)
		}
	}
	if err := s.Rename(t.Context(), storage.StageFolder+"/two/1", "d/e/a"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, storage.StageFolder)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the stage folder is still there: %v", err)
	}
}

func TestAFileAndAFolderOfOneNameDoNotMix(t *testing.T) {
	s := openLocal(t, t.TempDir())
	for _, name := range []string{"file", "folder/file"} {
		if _, err := s.Create(t.Context(), name, strings.NewReader("x"), storage.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range []storage.CreateOptions{{}, {IfAbsent: true}} {
		for _, name := range []string{"file/x", "folder", "file/x/y"} {
			if _, err := s.Create(t.Context(), name, strings.NewReader("y"), o); !errors.Is(err, storage.ErrExists) {
				t.Errorf("Create(%q) = %v, want ErrExists", name, err)
			}
		}
	}
	var names []string
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, info.Name)
	}
	if want := []string{"file", "folder/file"}; !slices.Equal(names, want) {
		t.Errorf("the store holds %q, want %q", names, want)
	}
}

func TestACreateThatFailsCleansUp(t *testing.T) {
	folder := t.TempDir()
	s := openLocal(t, folder)
	for _, name := range []string{"a", "d/a", storage.StageFolder + "/one/1"} {
		if _, err := s.Create(t.Context(), name, strings.NewReader("x"), storage.CreateOptions{Digest: "other"}); err == nil {
			t.Error("Create returned no error")
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != "d" {
		t.Errorf("the folder has %v, %v, want d alone", entries, err)
	}
	if entries, err = os.ReadDir(filepath.Join(folder, "d")); err != nil || len(entries) > 0 {
		t.Errorf("the folder d has %v, %v, want nothing", entries, err)
	}
}

// A stage folder comes and goes with its last file, whoever else is about to
// put a file into it.
func TestStageFoldersMayComeAndGo(t *testing.T) {
	s := openLocal(t, t.TempDir())
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		all.Go(func() {
			staged := storage.StageFolder + "/one/" + name
			for range 50 {
				_, err := s.Create(context.Background(), staged, strings.NewReader("x"), storage.CreateOptions{})
				if err := errors.Join(err, s.Remove(context.Background(), staged)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestAnOpenFileCanBeReadAnywhere(t *testing.T) {
	s := openLocal(t, t.TempDir())
	if _, err := s.Create(t.Context(), "a", strings.NewReader("0123456789"), storage.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, _, err := s.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	buf := make([]byte, 3)
	if _, err := r.(io.ReaderAt).ReadAt(buf, 4); err != nil || string(buf) != "456" {
		t.Errorf("ReadAt = %q, %v", buf, err)
	}
	if _, err := r.(io.Seeker).Seek(-2, io.SeekEnd); err != nil {
		t.Error(err)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "89" {
		t.Errorf("the rest = %q, %v", rest, err)
	}
	cancel()
	if _, err := r.(io.ReaderAt).ReadAt(buf, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadAt = %v, want context.Canceled", err)
	}
}
