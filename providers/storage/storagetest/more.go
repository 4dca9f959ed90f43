package storagetest

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/storage"
)

func hidden(t *testing.T, s storage.Store) {
	staged := storage.StageFolder + "/one/1"
	create(t, s, staged, "staged")
	create(t, s, storage.StageFolder+"/two/1", "staged")
	create(t, s, "a", "x")
	lists(t, s, "", "a")
	lists(t, s, storage.StageFolder, staged, storage.StageFolder+"/two/1")
	lists(t, s, storage.StageFolder+"/one", staged)
	if got := read(t, s, staged); got != "staged" {
		t.Errorf("read %q", got)
	}
	for _, name := range []string{staged, storage.StageFolder + "/two/1"} {
		if err := s.Remove(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, s, map[string]string{"a": "x"})
}

func modes(t *testing.T, s storage.Store) {
	tests := map[string]struct{ given, want fs.FileMode }{
		"none":       {0, storage.DefaultMode},
		"narrow":     {0o400, 0o400},
		"wide":       {0o666, 0o666}, // a umask would take from it
		"executable": {0o755, 0o755},
		"setuid":     {fs.ModeSetuid | 0o755, 0o755},
	}
	for name, tt := range tests {
		// The mode is the new file's also where there was a file.
		create(t, s, name, "old")
		made, err := s.Create(t.Context(), name, strings.NewReader("new"), storage.CreateOptions{Mode: tt.given})
		if err != nil {
			t.Fatal(err)
		}
		if made.Mode == 0 {
			t.Skip("this store keeps no modes")
		}
		info, err := storage.Digest(t.Context(), s, name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode != tt.want || made.Mode != tt.want {
			t.Errorf("%s: the mode is %v and %v, want %v", name, info.Mode, made.Mode, tt.want)
		}
	}
}

func renamed(t *testing.T, s storage.Store) {
	r, ok := s.(storage.Renamer)
	if !ok {
		t.Skip("this store cannot rename")
	}
	ctx := t.Context()
	create(t, s, "a", "from a")
	create(t, s, "d/b", "from b")
	want := map[string]string{"a": "from a", "d/b": "from b"}
	steps := []struct{ from, to string }{
		{"a", "new/folder/a"},      // folders are made
		{"new/folder/a", "d/b"},    // a file is replaced
		{"d/b", "d/b"},             // nothing happens
		{"d/b", "new"},             // an empty folder gives way
		{"new", "new folder/file"}, // and back
	}
	for _, step := range steps {
		if err := r.Rename(ctx, step.from, step.to); err != nil {
			t.Fatal(err)
		}
		delete(want, step.from)
		want[step.to] = "from a"
		holds(t, s, want)
	}
	for _, from := range []string{"none", "none/none", "d", "new folder"} {
		if err := r.Rename(ctx, from, "other"); !errors.Is(err, storage.ErrNotExist) {
			t.Errorf("Rename(%q) = %v, want ErrNotExist", from, err)
		}
	}
	if err := r.Rename(cancelledContext(), "new folder/file", "other"); err == nil {
		t.Error("Rename with a cancelled context returned no error")
	}
}

func swept(t *testing.T, s storage.Store) {
	w, ok := s.(storage.Sweeper)
	if !ok {
		t.Skip("this store has nothing to sweep")
	}
	create(t, s, "d/a", "x")
	staged := storage.StageFolder + "/one/1"
	create(t, s, staged, "staged")
	n, err := w.Sweep(t.Context(), time.Now().Add(time.Hour))
	if err != nil || n != 0 {
		t.Errorf("Sweep = %d, %v, want nothing swept", n, err)
	}
	lists(t, s, "", "d/a")
	lists(t, s, storage.StageFolder, staged)
}

func scanned(t *testing.T, s storage.Store) {
	create(t, s, "a", "same")
	create(t, s, "d/b", "same")
	create(t, s, "d/c", "")
	create(t, s, storage.StageFolder+"/x/1", "staged")
	type found struct {
		Name   string
		Size   int64
		Digest string
	}
	for folder, want := range map[string][]found{
		"":  {{"a", 4, digest("same")}, {"d/b", 4, digest("same")}, {"d/c", 0, digest("")}},
		"d": {{"d/b", 4, digest("same")}, {"d/c", 0, digest("")}},
	} {
		var got []found
		for info, err := range storage.Scan(t.Context(), s, folder) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, found{info.Name, info.Size, info.Digest})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("Scan(%q) (-want +got):\n%s", folder, d)
		}
	}
	// Files that go away meanwhile are not an error.
	for info, err := range storage.Scan(t.Context(), s, "") {
		if err != nil {
			t.Fatal(err)
		}
		if info.Name == "a" {
			if err := s.Remove(t.Context(), "d/b"); err != nil {
				t.Fatal(err)
			}
		}
		if info.Name == "d/b" {
			t.Error("a removed file was scanned")
		}
	}
}
