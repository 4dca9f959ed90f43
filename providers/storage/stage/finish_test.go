package stage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

// prepared is a store with one apply staged, whose manifest went through JSON.
func prepared(t *testing.T, s storage.Store, before, after tree) stage.Manifest {
	t.Helper()
	fill(t, s, before)
	m, err := stage.Prepare(t.Context(), s, "one", operations(between(before, after)...))
	if err != nil {
		t.Fatal(err)
	}
	return throughJSON(t, m)
}

func throughJSON(t *testing.T, m stage.Manifest) stage.Manifest {
	t.Helper()
	stored, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back stage.Manifest
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, back); d != "" {
		t.Fatalf("through JSON (-want +got):\n%s", d)
	}
	return back
}

func overwrite(t *testing.T, s storage.Store, name, content string) {
	t.Helper()
	if _, err := s.Create(t.Context(), name, strings.NewReader(content), storage.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestFinishBringsTheNewTree(t *testing.T) {
	tests := map[string]struct{ before, after tree }{
		"nothing":                        {tree{"a": "a"}, tree{"a": "a"}},
		"adds, changes, destroys":        {tree{"a": "1", "b": "2", "d/c": "3"}, tree{"a": "1", "b": "new", "e/f": "4"}},
		"everything is destroyed":        {tree{"a": "1", "d/c": "3"}, tree{}},
		"the first files":                {tree{}, tree{"a": "1", "d/c": "3"}},
		"a file becomes a folder":        {tree{"a": "1"}, tree{"a/b/c": "1"}},
		"a folder becomes a file":        {tree{"a/b/c": "1", "a/d": "2"}, tree{"a": "1"}},
		"contents change places":         {tree{"a": "1", "b": "2"}, tree{"a": "2", "b": "1"}},
		"equal contents under two names": {tree{"a": "1"}, tree{"a": "1", "b": "1", "c": "1"}},
		"an empty file":                  {tree{"a": "1"}, tree{"a": "", "b": ""}},
	}
	for store, open := range stores() {
		for name, tt := range tests {
			t.Run(store+", "+name, func(t *testing.T) {
				s := open(t)
				m := prepared(t, s, tt.before, tt.after)
				if got := readAll(t, s, ""); !cmp.Equal(got, tt.before) {
					t.Errorf("after Prepare the store holds %v", got)
				}
				for range 3 {
					if err := stage.Finish(t.Context(), s, m); err != nil {
						t.Fatal(err)
					}
					holds(t, s, tt.after)
				}
			})
		}
	}
}

func TestAbandonLeavesTheOldTree(t *testing.T) {
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			s, before := open(t), tree{"a": "1", "b": "2"}
			prepared(t, s, before, tree{"a": "new", "c": "3"})
			for range 2 {
				if err := stage.Abandon(t.Context(), s, "one"); err != nil {
					t.Fatal(err)
				}
				holds(t, s, before)
			}
		})
	}
}

// What one file's trouble is must neither be overwritten nor hold up the rest.
func TestFinishLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	before := tree{"changed": "1", "destroyed": "2", "other": "3"}
	after := tree{"changed": "new", "added": "4", "other": "new"}
	staged := storage.StageFolder + "/one/0000000"
	tests := map[string]struct {
		disturb func(*testing.T, storage.Store)
		want    error
		names   string
		holds   tree
	}{
		"a file to be changed was written": {
			func(t *testing.T, s storage.Store) { overwrite(t, s, "changed", "edited") },
			stage.ErrChanged, "changed",
			tree{"changed": "edited", "added": "4", "other": "new", staged + "2": "new"},
		},
		"a file to be destroyed was written": {
			func(t *testing.T, s storage.Store) { overwrite(t, s, "destroyed", "edited") },
			stage.ErrChanged, "destroyed",
			tree{"changed": "new", "destroyed": "edited", "added": "4", "other": "new"},
		},
		"a file to be added was written": {
			func(t *testing.T, s storage.Store) { overwrite(t, s, "added", "edited") },
			stage.ErrChanged, "added",
			tree{"changed": "new", "added": "edited", "other": "new", staged + "1": "4"},
		},
		"staged contents were altered": {
			func(t *testing.T, s storage.Store) { overwrite(t, s, staged+"1", "altered") },
			storage.ErrDigest, "added",
			tree{"changed": "new", "other": "new", staged + "1": "altered"},
		},
		"staged contents are gone": {
			func(t *testing.T, s storage.Store) { remove(t, s, staged+"2") },
			storage.ErrNotExist, "changed",
			tree{"changed": "1", "added": "4", "other": "new"},
		},
		"staged contents are gone, the file is as wanted": {
			func(t *testing.T, s storage.Store) { remove(t, s, staged+"1"); overwrite(t, s, "added", "4") },
			nil, "", after,
		},
		"staged contents were altered, the file is as wanted": {
			func(t *testing.T, s storage.Store) { overwrite(t, s, staged+"1", "x"); overwrite(t, s, "added", "4") },
			nil, "", after,
		},
		"a file to be changed is gone": {
			func(t *testing.T, s storage.Store) { remove(t, s, "changed") }, nil, "", after,
		},
	}
	for store, open := range stores() {
		for name, tt := range tests {
			t.Run(store+", "+name, func(t *testing.T) {
				s := open(t)
				m := prepared(t, s, before, after)
				tt.disturb(t, s)
				for range 2 {
					err := stage.Finish(t.Context(), s, m)
					if !errors.Is(err, tt.want) {
						t.Errorf("Finish = %v, want %v", err, tt.want)
					}
					if tt.want != nil && !strings.Contains(fmt.Sprint(err), `"`+tt.names+`"`) {
						t.Errorf("Finish = %v, which does not name %q", err, tt.names)
					}
					holds(t, s, tt.holds)
				}
			})
		}
	}
}

func remove(t *testing.T, s storage.Store, name string) {
	t.Helper()
	if err := s.Remove(t.Context(), name); err != nil {
		t.Fatal(err)
	}
}

func TestFinishKeepsTheModeOfAChangedFile(t *testing.T) {
	for name, s := range map[string]storage.Store{"by renaming": openLocal(t, t.TempDir()), "by copying": struct{ storage.Store }{openLocal(t, t.TempDir())}} {
		t.Run(name, func(t *testing.T) { finishKeepsTheMode(t, s) })
	}
}

func finishKeepsTheMode(t *testing.T, s storage.Store) {
	if _, err := s.Create(t.Context(), "a", strings.NewReader("old"), storage.CreateOptions{Mode: 0o604}); err != nil {
		t.Fatal(err)
	}
	wide := add("c", "new")
	wide.Mode = 0o666
	m, err := stage.Prepare(t.Context(), s, "one", operations(change("a", "new"), add("b", "new"), wide))
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Finish(t.Context(), s, m); err != nil {
		t.Fatal(err)
	}
	var got []string
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(info.Name, " ", info.Mode))
	}
	if want := []string{"a -rw----r--", "b -rw-r-----", "c -rw-rw-rw-"}; !slices.Equal(got, want) {
		t.Errorf("modes are %q, want %q", got, want)
	}
}

func TestFinishRefusesManifestsItCannotHaveMade(t *testing.T) {
	staged, d := storage.StageFolder+"/one/1", digest("new")
	good := stage.Entry{Action: stage.Change, Name: "a", Staged: staged, Digest: d, Old: digest("1")}
	with := func(set func(*stage.Entry)) stage.Manifest {
		e := good
		set(&e)
		return stage.Manifest{Apply: "one", Entries: []stage.Entry{{Action: stage.Destroy, Name: "b", Old: digest("2")}, e}}
	}
	tests := map[string]stage.Manifest{
		"no apply id":          {Entries: []stage.Entry{good}},
		"a hostile apply id":   {Apply: "../one", Entries: []stage.Entry{good}},
		"a hostile name":       with(func(e *stage.Entry) { e.Name = "../a" }),
		"a reserved name":      with(func(e *stage.Entry) { e.Name = storage.StageFolder + "/two/1" }),
		"contents from beside": with(func(e *stage.Entry) { e.Staged = "b" }),
		"another's contents":   with(func(e *stage.Entry) { e.Staged = storage.StageFolder + "/two/1" }),
		"contents from above":  with(func(e *stage.Entry) { e.Staged = storage.StageFolder + "/one/../../b" }),
		"no new digest":        with(func(e *stage.Entry) { e.Digest = "" }),
		"no old digest":        with(func(e *stage.Entry) { e.Action, e.Old = stage.Destroy, "" }),
		"no action":            with(func(e *stage.Entry) { e.Action = "" }),
		"a shouted digest":     with(func(e *stage.Entry) { e.Digest = strings.ToUpper(d) }),
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) {
			s, before := &storagetest.Memory{}, tree{"a": "1", "b": "2", staged: "new", storage.StageFolder + "/two/1": "new"}
			fill(t, s, before)
			if err := stage.Finish(t.Context(), s, m); !errors.Is(err, stage.ErrManifest) {
				t.Errorf("Finish = %v, want ErrManifest", err)
			}
			holds(t, s, before)
		})
	}
}

func TestFinishCountsTheProblemsItDoesNotPrint(t *testing.T) {
	s, before := &storagetest.Memory{}, tree{}
	for i := range 15 {
		before[fmt.Sprint(i)] = "old"
	}
	m := prepared(t, s, before, tree{})
	for name := range before {
		overwrite(t, s, name, "edited")
	}
	err := stage.Finish(context.Background(), s, m)
	if err == nil || strings.Count(err.Error(), "destroyed") != 10 || !strings.Contains(err.Error(), "and 5 more") {
		t.Errorf("Finish = %v", err)
	}
}
