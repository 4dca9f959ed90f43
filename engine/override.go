package engine

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// ErrRefused is wrapped by the error of an apply that guards alone or checks
// refuse. Nothing is written.
var ErrRefused = errors.New("refused by the policy")

// guarded is the error of a plan that only guards refuse. It says what they
// say, and gives their diagnostics.
type guarded struct{ error }

func (g guarded) Unwrap() []error { return []error{g.error, ErrRefused} }

// overrides checks that the guards that are to be overridden exist and can be,
// each with a reason.
func (e *Engine) overridesFit(pol *policy.Policy) error {
	var open []string
	if pol != nil {
		for _, g := range pol.Guards {
			if g.Level == policy.GuardOverridable {
				open = append(open, fmt.Sprintf("%q", g.Name))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Overrides)) {
		g := guardOf(pol, name)
		switch {
		case g == nil && len(open) == 0:
			return fmt.Errorf("cannot override %q: the policy has no guard that can be overridden", name)
		case g == nil:
			return fmt.Errorf("cannot override %q: the policy has no such guard; those that can be overridden are %s", name, strings.Join(open, ", "))
		case g.Level != policy.GuardOverridable:
			return fmt.Errorf("cannot override %q: the guard is %s", name, g.Level)
		case strings.TrimSpace(e.Overrides[name]) == "":
			return fmt.Errorf("cannot override %q without a reason", name)
		}
	}
	return nil
}

func guardOf(pol *policy.Policy, name string) *policy.Guard {
	if pol == nil {
		return nil
	}
	for _, g := range pol.Guards {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// refusal is the error of a plan with these diagnostics, nil when it may be
// applied, and the overridden guards that would have refused it.
func (e *Engine) refusal(list diag.List) (overridden []string, err error) {
	left, overridden := plans.Override(list, e.Overrides)
	if err := left.Err(); err != nil {
		if plans.OnlyGuards(left) {
			err = guarded{err}
		}
		return nil, err
	}
	return overridden, nil
}

// withOverrides are the changes as they are logged: first an entry for each
// guard that was overridden, with the reason.
func (e *Engine) withOverrides(names []string, changes iter.Seq2[*plans.Record, error]) iter.Seq2[*plans.Record, error] {
	if len(names) == 0 {
		return changes
	}
	return func(yield func(*plans.Record, error) bool) {
		for _, name := range names {
			entry := &plans.Record{Model: guardModel, Key: key(name), Action: plans.Add, Fields: []plans.Field{
				{Name: "overridden", After: "true"},
				{Name: "reason", After: jsonText(e.Overrides[name])},
				{Name: "actor", After: jsonText(e.Actor)},
			}}
			if !yield(entry, nil) {
				return
			}
		}
		changes(yield)
	}
}
