package stage_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

var errCrash = errors.New("the process is dead")

// crashing is a store whose process dies at a call, before or after the call
// takes effect. No call after that has any.
type crashing struct {
	store   storage.Store
	left    int // calls until it dies
	after   bool
	crashed bool
}

func (c *crashing) step(call func() error) error {
	switch {
	case c.crashed:
		return errCrash
	case c.left == 0:
		c.crashed = true
		if c.after {
			_ = call() // nobody lives to see its error
		}
		return errCrash
	}
	c.left--
	return call()
}

func (c *crashing) List(ctx context.Context, folder string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := c.step(func() error { return nil }); err != nil {
			yield(storage.Info{}, err)
			return
		}
		c.store.List(ctx, folder)(yield)
	}
}

func (c *crashing) Open(ctx context.Context, name string) (r io.ReadCloser, info storage.Info, err error) {
	err = c.step(func() (err error) { r, info, err = c.store.Open(ctx, name); return err })
	return r, info, err
}

func (c *crashing) Create(ctx context.Context, name string, r io.Reader, o storage.CreateOptions) (info storage.Info, err error) {
	err = c.step(func() (err error) { info, err = c.store.Create(ctx, name, r, o); return err })
	return info, err
}

func (c *crashing) Remove(ctx context.Context, name string) error {
	return c.step(func() error { return c.store.Remove(ctx, name) })
}

func (c *crashing) Close() error { return nil }

// renaming is crashing on a store that can rename and sweep.
type renaming struct{ *crashing }

func (r renaming) Rename(ctx context.Context, from, to string) error {
	return r.step(func() error { return r.store.(storage.Renamer).Rename(ctx, from, to) })
}

func (r renaming) Sweep(ctx context.Context, before time.Time) (n int, err error) {
	err = r.step(func() (err error) { n, err = r.store.(storage.Sweeper).Sweep(ctx, before); return err })
	return n, err
}

// mortal returns the store as one that dies, with the same capabilities.
func mortal(c *crashing) storage.Store {
	if _, ok := c.store.(storage.Renamer); ok {
		return renaming{c}
	}
	return c
}

// scenario is an apply: two trees and the operations between them, some of
// which may change nothing, in some order.
type scenario struct {
	before, after tree
	order         []int
	same          []string
	// again is at which call of the recovery the process dies once more.
	again int
}

// scenarios includes files that become folders and folders that become files.
func scenarios() *rapid.Generator[scenario] {
	return rapid.Custom(func(t *rapid.T) scenario {
		draw := func(label string) tree {
			files := tree{}
			content := rapid.SampledFrom([]string{"", "one", "two", "three"})
			for _, name := range []string{"a", "b", "d/a", "d/b", "d/e/f"} {
				if rapid.Bool().Draw(t, label+" has "+name) {
					files[name] = content.Draw(t, label+" "+name)
				}
			}
			switch rapid.SampledFrom([]string{"neither", "file", "folder"}).Draw(t, label+" x") {
			case "file":
				files["x"] = content.Draw(t, label+" file")
			case "folder":
				files["x/y/z"] = content.Draw(t, label+" folder")
			}
			return files
		}
		s := scenario{before: draw("before"), after: draw("after")}
		for _, name := range slices.Sorted(maps.Keys(s.before)) {
			if content, stays := s.after[name]; stays && content == s.before[name] {
				s.same = append(s.same, name)
			}
		}
		n := len(between(s.before, s.after))
		s.order = rapid.Permutation(sequence(n)).Draw(t, "order")
		s.again = rapid.IntRange(0, 20).Draw(t, "recovery dies at")
		return s
	})
}

func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s scenario) operations() iter.Seq2[stage.Operation, error] {
	all := between(s.before, s.after)
	var ordered []stage.Operation
	for _, i := range s.order {
		ordered = append(ordered, all[i])
	}
	for _, name := range s.same {
		ordered = append(ordered, change(name, s.after[name]))
	}
	return operations(ordered...)
}

// crashesAt applies the scenario, dies at the call, recovers, dies in the
// recovery, recovers, and checks the tree. It reports whether it died at all.
func (s scenario) crashesAt(t fataler, store storage.Store, call int, after bool) bool {
	ctx := context.Background()
	fill(t, store, s.before)
	c := &crashing{store: store, left: call, after: after}
	want, unfinished := s.before, []stage.Manifest(nil)
	m, err := stage.Prepare(ctx, mortal(c), "one", s.operations())
	if err == nil {
		// Here the transaction commits, and carries the manifest.
		want, unfinished = s.after, []stage.Manifest{m}
		err = stage.Finish(ctx, mortal(c), m)
	}
	if !c.crashed && err != nil || err != nil && !errors.Is(err, errCrash) {
		t.Fatalf("the apply failed without a crash: %v", err)
	}
	again := &crashing{store: store, left: s.again, after: after}
	if _, err := stage.Recover(ctx, mortal(again), unfinished); err != nil && !errors.Is(err, errCrash) {
		t.Fatalf("Recover: %v", err)
	}
	if _, err := stage.Recover(ctx, store, unfinished); err != nil {
		t.Fatalf("Recover: %v", err)
	}
	holds(t, store, want)
	return c.crashed
}

func TestACrashAtAnyCallLeavesTheOldTreeOrTheNewOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scenarios().Draw(t, "scenario")
		for _, after := range []bool{false, true} {
			for call := 0; s.crashesAt(t, &storagetest.Memory{}, call, after); call++ {
			}
		}
	})
}

func TestACrashAtAnyCallOnADisk(t *testing.T) {
	examples := 6
	if testing.Short() {
		examples = 2
	}
	for seed := range examples {
		s := scenarios().Example(seed)
		for _, after := range []bool{false, true} {
			for call := 0; s.crashesAt(t, openLocal(t, t.TempDir()), call, after); call++ {
			}
		}
	}
}

func TestRecoverTellsAppliesApart(t *testing.T) {
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			s, ctx := open(t), t.Context()
			fill(t, s, tree{"a": "old", "b": "old"})
			manifests := map[string]stage.Manifest{}
			for _, id := range []string{"one", "one-b", "two"} {
				m, err := stage.Prepare(ctx, s, id, operations(add("new "+id, id), destroy("a")))
				if err != nil {
					t.Fatal(err)
				}
				manifests[id] = m
			}
			ids, err := stage.Pending(ctx, s)
			if err != nil || len(ids) != 3 {
				t.Fatalf("Pending = %q, %v", ids, err)
			}
			done, err := stage.Recover(ctx, s, []stage.Manifest{manifests["one"]})
			if err != nil || len(done.Finished) != 1 || len(done.Abandoned) != 2 {
				t.Errorf("Recover = %+v, %v", done, err)
			}
			holds(t, s, tree{"b": "old", "new one": "one"})
		})
	}
}

// An apply that cannot be finished yet keeps its contents.
func TestRecoverDoesNotAbandonWhatItCannotFinish(t *testing.T) {
	s, before := &storagetest.Memory{}, tree{"a": "1"}
	m := prepared(t, s, before, tree{"a": "new"})
	overwrite(t, s, "a", "edited")
	done, err := stage.Recover(t.Context(), s, []stage.Manifest{m})
	if !errors.Is(err, stage.ErrChanged) || len(done.Finished)+len(done.Abandoned) != 0 {
		t.Errorf("Recover = %+v, %v, want ErrChanged", done, err)
	}
	holds(t, s, tree{"a": "edited", storage.StageFolder + "/one/00000001": "new"})
	// The operator decides.
	overwrite(t, s, "a", "1")
	if _, err := stage.Recover(t.Context(), s, []stage.Manifest{m}); err != nil {
		t.Error(err)
	}
	holds(t, s, tree{"a": "new"})
}
