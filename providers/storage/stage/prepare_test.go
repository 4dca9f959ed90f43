package stage_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/stage"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

func TestPrepareRefuses(t *testing.T) {
	broken := errors.New("the package broke")
	before := tree{"a": "a", "b": "b", "d/c": "c", "d/e/f": "f"}
	with := func(o stage.Operation, set func(*stage.Operation)) stage.Operation {
		set(&o)
		return o
	}
	tests := map[string]struct {
		operations []stage.Operation
		want       error
	}{
		"an add of a file that is there":       {[]stage.Operation{add("x", "x"), add("a", "new")}, storage.ErrExists},
		"a change of a file that is not":       {[]stage.Operation{add("x", "x"), change("y", "new")}, storage.ErrNotExist},
		"a destroy of a file that is not":      {[]stage.Operation{add("x", "x"), destroy("y")}, storage.ErrNotExist},
		"a change of a file that was changed":  {[]stage.Operation{with(change("a", "new"), func(o *stage.Operation) { o.Old = digest("older") })}, stage.ErrChanged},
		"a destroy of a file that was changed": {[]stage.Operation{with(destroy("a"), func(o *stage.Operation) { o.Old = digest("older") })}, stage.ErrChanged},
		"contents of another digest":           {[]stage.Operation{with(add("x", "x"), func(o *stage.Operation) { o.Digest = digest("y") })}, storage.ErrDigest},
		"contents that cannot be read":         {[]stage.Operation{add("x", "x"), with(add("y", ""), func(o *stage.Operation) { o.Content = iotest.ErrReader(broken) })}, broken},
		"two operations on one file":           {[]stage.Operation{destroy("a"), add("a", "new")}, stage.ErrBlocked},
		"a file below a file":                  {[]stage.Operation{add("a/x", "x")}, stage.ErrBlocked},
		"a file far below a file":              {[]stage.Operation{destroy("b"), add("a/x/y/z", "x")}, stage.ErrBlocked},
		"a file below one that is changed":     {[]stage.Operation{add("a/x", "x"), change("a", "new")}, stage.ErrBlocked},
		"a file in place of a folder":          {[]stage.Operation{destroy("d/c"), add("d", "new")}, stage.ErrBlocked},
		"new files below each other":           {[]stage.Operation{add("x/y", "1"), add("x", "2")}, stage.ErrBlocked},
		"a name that is reserved":              {[]stage.Operation{add(storage.StageFolder+"/other/1", "x")}, storage.ErrName},
	}
	for name, bad := range storagetest.BadNames() {
		tests["as a name, "+name] = struct {
			operations []stage.Operation
			want       error
		}{[]stage.Operation{add("x", "x"), add(bad, "y")}, storage.ErrName}
	}
	for store, open := range stores() {
		for name, tt := range tests {
			t.Run(store+", "+name, func(t *testing.T) {
				s := open(t)
				fill(t, s, before)
				for _, o := range tt.operations {
					if r, ok := o.Content.(*strings.Reader); ok {
						_, _ = r.Seek(0, 0) // the tests share their readers
					}
				}
				if _, err := stage.Prepare(t.Context(), s, "one", operations(tt.operations...)); !errors.Is(err, tt.want) {
					t.Errorf("Prepare = %v, want %v", err, tt.want)
				}
				holds(t, s, before)
			})
		}
	}
}

func TestPrepareTakesBackWhatItStaged(t *testing.T) {
	broken := errors.New("the package ended early")
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			s := open(t)
			fill(t, s, tree{"a": "a"})
			_, err := stage.Prepare(t.Context(), s, "one", func(yield func(stage.Operation, error) bool) {
				_ = yield(add("x", "x"), nil) && yield(stage.Operation{}, broken)
			})
			if !errors.Is(err, broken) {
				t.Errorf("Prepare = %v, want the sequence's error", err)
			}
			holds(t, s, tree{"a": "a"})

			ctx, cancel := context.WithCancel(t.Context())
			_, err = stage.Prepare(ctx, s, "one", func(yield func(stage.Operation, error) bool) {
				_ = yield(add("x", "x"), nil)
				cancel()
				_ = yield(add("y", "y"), nil)
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Prepare = %v, want context.Canceled", err)
			}
			holds(t, s, tree{"a": "a"})
		})
	}
}

func TestPrepareRefusesApplyIDs(t *testing.T) {
	tests := map[string]string{
		"empty": "", "a way out": "../x", "a folder": "a/b", "hidden": ".x", "long": strings.Repeat("x", 129),
		"a line feed": "a\n", "spaces": "a b",
	}
	for name, id := range tests {
		t.Run(name, func(t *testing.T) {
			s := &storagetest.Memory{}
			if _, err := stage.Prepare(t.Context(), s, id, operations(add("x", "x"))); !errors.Is(err, stage.ErrManifest) {
				t.Errorf("Prepare = %v, want ErrManifest", err)
			}
			if err := stage.Abandon(t.Context(), s, id); !errors.Is(err, stage.ErrManifest) {
				t.Errorf("Abandon = %v, want ErrManifest", err)
			}
			holds(t, s, tree{})
		})
	}
}

func TestPrepareRefusesAnIDThatIsInUse(t *testing.T) {
	s := &storagetest.Memory{}
	if _, err := stage.Prepare(t.Context(), s, "one", operations(add("x", "x"))); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Prepare(t.Context(), s, "one", operations(add("y", "y"))); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Prepare = %v, want ErrExists", err)
	}
	// The first one's contents are still there.
	holds(t, s, tree{storage.StageFolder + "/one/00000001": "x"})
}
