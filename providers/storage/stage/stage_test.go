package stage_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

// stores are what the tests run on: one that renames and one that copies.
func stores() map[string]func(*testing.T) storage.Store {
	return map[string]func(*testing.T) storage.Store{
		"on a disk":          func(t *testing.T) storage.Store { return openLocal(t, t.TempDir()) },
		"on an object store": func(*testing.T) storage.Store { return &storagetest.Memory{} },
	}
}

func openLocal(t *testing.T, folder string) *local.Store {
	t.Helper()
	s, err := local.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// tree is what a store holds: contents by name.
type tree map[string]string

// fill puts a tree into an empty store.
func fill(t fataler, s storage.Store, files tree) {
	for name, content := range files {
		if _, err := s.Create(context.Background(), name, strings.NewReader(content), storage.CreateOptions{}); err != nil {
			t.Fatalf("Create: %v", err)
		}
	}
}

// holds fails unless the store holds the tree, and nothing that is staged.
func holds(t fataler, s storage.Store, want tree) {
	got := readAll(t, s, "")
	maps.Copy(got, readAll(t, s, storage.StageFolder))
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("the store holds (-want +got):\n%s", d)
	}
}

func readAll(t fataler, s storage.Store, folder string) tree {
	got := tree{}
	for info, err := range s.List(context.Background(), folder) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		r, _, err := s.Open(context.Background(), info.Name)
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		_ = r.Close() // it was read to its end
		got[info.Name] = string(content)
	}
	return got
}

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Fatalf(format string, args ...any)
}

// operations yields the operations with nil errors.
func operations(all ...stage.Operation) iter.Seq2[stage.Operation, error] {
	return func(yield func(stage.Operation, error) bool) {
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func add(name, content string) stage.Operation {
	return stage.Operation{Action: stage.Add, Name: name, Content: strings.NewReader(content), Digest: digest(content)}
}

func change(name, content string) stage.Operation {
	return stage.Operation{Action: stage.Change, Name: name, Content: strings.NewReader(content), Digest: digest(content)}
}

func destroy(name string) stage.Operation {
	return stage.Operation{Action: stage.Destroy, Name: name}
}

// between are the operations that lead from one tree to another, by name.
func between(from, to tree) []stage.Operation {
	var all []stage.Operation
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if old, there := from[name]; !there {
			all = append(all, add(name, to[name]))
		} else if old != to[name] {
			all = append(all, change(name, to[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if _, stays := to[name]; !stays {
			all = append(all, destroy(name))
		}
	}
	return all
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}
