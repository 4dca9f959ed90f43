package engine_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/planner"
)

// listener is an Observer that keeps the stages in their order, and the last
// that was written in each.
type listener struct {
	stages []string
	last   map[string]counted
}

type counted struct {
	Name    string
	N, Last int64
}

func (l *listener) Stage(name string)                  { l.stages = append(l.stages, name) }
func (l *listener) Planning(string, planner.Side, int) {}
func (l *listener) Writing(table string, rows, all int64) {
	if l.last == nil {
		l.last = map[string]counted{}
	}
	l.last[l.stages[len(l.stages)-1]] = counted{table, rows, all}
}

// Gigabytes of files are compared and copied: the Observer is told of the bytes.
func TestReadingFilesIsObserved(t *testing.T) {
	const mib = 1 << 20
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s, dir := fresh(t), folders(t)
		rs, names := edited(t, "")
		brought := contents{"documents/large": strings.Repeat("x", 2*mib)}
		for _, n := range names {
			brought[n] = "text"
		}
		writeFiles(t, filepath.Join(dir, "documents"), contents{"large": strings.Repeat("y", 3*mib)})
		e, pol, pkg := withTrees(s.engine(t)), atFolders(t, dir), openPackage(t, filesPackage(t, rs, brought))
		var planning, applying listener
		e.Observer = &planning
		p := planned(t, e, pol, pkg)
		e.Observer = &applying
		apply(t, e, p, pol, pkg)
		if diff := cmp.Diff([]string{"plan", "compare-files", "compare-files"}, planning.stages); diff != "" {
			t.Errorf("stages of the plan (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(counted{"documents", 3 * mib, 3 * mib}, planning.last["compare-files"]); diff != "" {
			t.Errorf("compared (-want +got):\n%s", diff)
		}
		copied := applying.last["copy-files"]
		if copied.Name != "documents" || copied.N < 2*mib || copied.Last < copied.N || copied.Last > 2*mib+1000 {
			t.Errorf("copied %+v", copied)
		}
	})
}

func TestAnUndoIsObserved(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		e, done := restored(t, fresh(t))
		var l listener
		e.Observer = &l
		undoing(t, e, done.ID)
		if diff := cmp.Diff([]string{"plan", "entries", "images", "plan"}, l.stages); diff != "" {
			t.Errorf("stages (-want +got):\n%s", diff)
		}
		entries := int64(done.Summary.Add + done.Summary.Change + done.Summary.Destroy)
		if diff := cmp.Diff(counted{"", entries, entries}, l.last["entries"]); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
		if got := l.last["images"]; got.Last != entries || got.N == 0 {
			t.Errorf("images: %+v", got)
		}
	})
}
