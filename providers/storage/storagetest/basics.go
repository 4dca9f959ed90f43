package storagetest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
)

func createdIsRead(t *testing.T, s storage.Store) {
	info := create(t, s, "docs/2026/a.docx", "contents")
	if info.Name != "docs/2026/a.docx" || info.Size != 8 || info.Digest != digest("contents") || info.ModTime.IsZero() {
		t.Errorf("Create returned %+v", info)
	}
	holds(t, s, map[string]string{"docs/2026/a.docx": "contents"})
	r, opened, err := s.Open(t.Context(), "docs/2026/a.docx")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if opened.Name != info.Name || opened.Size != 8 || opened.ModTime.IsZero() {
		t.Errorf("Open returned %+v", opened)
	}
	for listed, err := range s.List(t.Context(), "docs") {
		if err != nil || listed.Name != info.Name || listed.Size != 8 || listed.ModTime.IsZero() {
			t.Errorf("List yielded %+v, %v", listed, err)
		}
	}
}

func replaced(t *testing.T, s storage.Store) {
	create(t, s, "a", "the old contents, which are longer")
	create(t, s, "a", "new")
	holds(t, s, map[string]string{"a": "new"})
}

func listed(t *testing.T, s storage.Store) {
	inOrder := []string{"B", "a-b", "a.txt", "a/b", "a/b.c/d", "a0", "ab/c", "b", "Ünder", "文"}
	for _, name := range slices.Backward(inOrder) {
		create(t, s, name, name)
	}
	lists(t, s, "", inOrder...)
	lists(t, s, "a", "a/b", "a/b.c/d")
	lists(t, s, "a/b.c", "a/b.c/d")
	lists(t, s, "b")    // it is a file
	lists(t, s, "none") // it is nothing
	lists(t, s, "a0/b") // it is below a file
}

func listedAndRemoved(t *testing.T, s storage.Store) {
	for i := range 20 {
		create(t, s, fmt.Sprintf("d%d/%02d", i%3, i), "x")
	}
	for _, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	removed := 0
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Remove(t.Context(), info.Name); err != nil {
			t.Fatal(err)
		}
		removed++
	}
	if removed != 20 {
		t.Errorf("%d files were yielded, want 20", removed)
	}
	lists(t, s, "")
}

func missing(t *testing.T, s storage.Store) {
	create(t, s, "a", "x")
	for _, name := range []string{"b", "a/b", "a/b/c", "c/d"} {
		_, _, err := s.Open(t.Context(), name)
		if !errors.Is(err, storage.ErrNotExist) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q) = %v, want ErrNotExist", name, err)
		}
		if err := s.Remove(t.Context(), name); err != nil {
			t.Errorf("Remove(%q) = %v, want no error", name, err)
		}
	}
	holds(t, s, map[string]string{"a": "x"})
}

func removedTwice(t *testing.T, s storage.Store) {
	create(t, s, "d/a", "x")
	create(t, s, "d/b", "y")
	for range 2 {
		if err := s.Remove(t.Context(), "d/a"); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, s, map[string]string{"d/b": "y"})
}

func folderIsNoFile(t *testing.T, s storage.Store) {
	create(t, s, "d/e/a", "x")
	for _, name := range []string{"d", "d/e"} {
		if _, _, err := s.Open(t.Context(), name); !errors.Is(err, storage.ErrNotExist) {
			t.Errorf("Open of a folder = %v, want ErrNotExist", err)
		}
		if err := s.Remove(t.Context(), name); err != nil {
			t.Errorf("Remove of a folder = %v, want no error", err)
		}
	}
	holds(t, s, map[string]string{"d/e/a": "x"})
	if err := s.Remove(t.Context(), "d/e/a"); err != nil {
		t.Fatal(err)
	}
	// Whatever the store made of the folder, the name is free now.
	if _, err := s.Create(t.Context(), "d", strings.NewReader("y"), storage.CreateOptions{IfAbsent: true}); err != nil {
		t.Fatal(err)
	}
	holds(t, s, map[string]string{"d": "y"})
}

func equalFiles(t *testing.T, s storage.Store) {
	create(t, s, "a", "same")
	create(t, s, "b", "same")
	if err := s.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	holds(t, s, map[string]string{"b": "same"})
}

func emptyFile(t *testing.T, s storage.Store) {
	if info := create(t, s, "empty", ""); info.Size != 0 || info.Digest != digest("") {
		t.Errorf("Create returned %+v", info)
	}
	holds(t, s, map[string]string{"empty": ""})
}

func manyFiles(t *testing.T, s storage.Store) {
	var want []string
	for i := range 300 {
		name := fmt.Sprintf("%d/%d/%03d", i%7, i%11, i)
		create(t, s, name, name)
		want = append(want, name)
	}
	slices.Sort(want)
	lists(t, s, "", want...)
}
