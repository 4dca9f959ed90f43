package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
)

// watcher is an Observer that calls when at each step: "stage NAME",
// "planning MODEL" and "writing TABLE".
type watcher struct{ when func(step string) }

func (w watcher) Stage(name string)                            { w.when("stage " + name) }
func (w watcher) Planning(model string, _ planner.Side, _ int) { w.when("planning " + model) }
func (w watcher) Writing(table string, _, _ int64)             { w.when("writing " + table) }
func at(step string, do func()) engine.Observer {
	return watcher{func(s string) {
		if s == step {
			do()
		}
	}}
}

// An apply that is cancelled at any step has written nothing; the same plan is
// then applied.
func TestCancelledApplyWritesNothing(t *testing.T) {
	steps := []string{
		"stage lock", "stage plan", "planning users.user", "planning audit.audittrail", "stage compare", "stage write",
		"writing auth_permission", "writing audit_trail", "writing users_groups", "stage log", "stage commit",
	}
	onExampleAlone(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		pol, pkg := examplePolicy(t), openPackage(t, example("package"))
		e := s.engine(t)
		p := planned(t, e, pol, pkg)
		before, files := look(t, s.db), openFiles(t)
		for _, step := range steps {
			t.Run(step, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				reached := false
				e.Observer = at(step, func() {
					reached = true
					cancel()
				})
				done, err := e.Apply(ctx, p, pol, pkg, lockWait)
				if done != nil || !errors.Is(err, context.Canceled) || !reached {
					t.Errorf("applied %+v, error %v, reached %v: want that it was cancelled", done, err, reached)
				}
				identical(t, before, look(t, s.db))
				logged(t, s, 0)
				if diff := cmp.Diff(files, openFiles(t)); diff != "" {
					t.Errorf("open files (-before +after):\n%s", diff)
				}
			})
		}
		e.Observer = nil
		apply(t, e, p, pol, pkg)
		logged(t, s, 1)
	})
}

// Cancelled before it began, an apply does nothing either.
func TestCancelledBeforeApply(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.Apply(ctx, p, pol, pkg, lockWait); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want that it was cancelled", err)
		}
		if _, err := e.Plan(ctx, engine.Request{Policy: pol, Package: pkg}); !errors.Is(err, context.Canceled) {
			t.Errorf("planning: error %v, want that it was cancelled", err)
		}
		logged(t, s, 0)
	})
}

// An Observer is told of the stages in their order, and of all rows.
func TestObserverIsTold(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		var steps []string
		e.Observer = watcher{func(step string) { steps = append(steps, step) }}
		apply(t, e, p, pol, pkg)
		var stages []string
		for _, step := range steps {
			if name, ok := strings.CutPrefix(step, "stage "); ok {
				stages = append(stages, name)
			}
		}
		if diff := cmp.Diff([]string{"lock", "plan", "compare", "write", "judge", "log", "check", "commit"}, stages); diff != "" {
			t.Errorf("stages (-want +got):\n%s", diff)
		}
		for _, want := range []string{"planning users.user", "writing users"} {
			if !slices.Contains(steps, want) {
				t.Errorf("nobody was told of %q", want)
			}
		}
	})
}
