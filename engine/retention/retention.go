// Package retention decides which packages of a folder or bucket to keep. It
// only decides: what it is told is what somebody else has found, and removing
// is for the caller.
//
// The rules are those of restic's forget, with more that is never removed: what
// somebody should look at, what a kept package needs, and the last good package
// of each group.
package retention

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Package is what is known of one package.
type Package struct {
	// Name identifies it; no two have the same.
	Name string
	// Created is when its backup began; zero when it could not be read.
	Created time.Time
	// Size is in bytes.
	Size int64
	// Parent is the Name of the package that it carries the changes to, empty for
	// one that stands alone.
	Parent string
	// Group is what it is of: source database, kind and scope. Each group is
	// counted by itself.
	Group string
	// Good says that it was opened and found whole.
	Good bool
	// Problem is why it could not be opened or read.
	Problem string
	// Written is set for one that could not be opened, whose Parent so is not
	// known: no package that was created later is it.
	Written time.Time
	// Locked is how the store itself keeps it, such as "until
	// 2027-01-01T00:00:00Z" or "by a legal hold"; empty when it does not.
	Locked string
}

// Rules say how many packages of each group to keep: the Last ones, and the
// newest one of each of the last hours, days, weeks (Monday to Sunday), months
// and years that have one. What any rule keeps is kept. Only good packages are
// counted.
type Rules struct {
	Last, Hourly, Daily, Weekly, Monthly, Yearly int
	// Within keeps all that are not older than this, counted back from the newest
	// good package of the group, so that nothing expires while there are no
	// backups.
	Within Period
	// Location is where days begin; nil is UTC.
	Location *time.Location
}

// Decision is what is to become of a package.
type Decision struct {
	Package
	Keep bool
	// LastGood says that it stands for its group: nothing newer of it is good.
	LastGood bool
	// Reasons are why, at least one.
	Reasons []string
}

// ErrNoRules says that no rule would keep anything.
var ErrNoRules = errors.New("no rule says what to keep, and without one everything would be removed: give at least one, such as -keep-last 3")

// Check returns an error unless the rules can be followed. It wraps ErrNoRules
// when there are none.
func (r Rules) Check() error {
	rules := r.counted()
	none := r.Within.zero()
	for _, c := range rules {
		if c.n < 0 {
			return fmt.Errorf("keep %s: %d is less than nothing", c.name, c.n)
		}
		none = none && c.n == 0
	}
	if err := r.Within.check(); err != nil {
		return fmt.Errorf("keep within: %w", err)
	}
	if none {
		return ErrNoRules
	}
	return nil
}

// Decide decides about all packages of a place, newest first. Whatever the
// rules, it keeps
//
//   - the last good package of each group;
//   - what a kept package is an incremental to, and so on up to the full one;
//   - what is not good, or lacks a good ancestor: somebody has to look at it;
//   - what one that could not be opened may be an incremental to;
//   - what the store has locked.
//
// The order of the packages does not matter. Packages that claim to be of the
// future count like others, but Within is never counted back from a time after
// now.
func Decide(packages []Package, rules Rules, now time.Time) ([]Decision, error) {
	if err := rules.Check(); err != nil {
		return nil, err
	}
	s, err := newSet(packages)
	if err != nil {
		return nil, err
	}
	for _, group := range s.groups() {
		s.apply(rules, group, now)
	}
	for i := range s.decisions {
		d := &s.decisions[i]
		if problem := s.problems[i]; problem != "" {
			d.keep(problem)
		}
		if d.Locked != "" {
			d.keep("locked " + d.Locked)
		}
	}
	s.keepPossible()
	s.keepAncestors()
	for i := range s.decisions {
		if d := &s.decisions[i]; !d.Keep {
			d.Reasons = []string{"no rule keeps it"}
		}
	}
	return s.decisions, nil
}

// Removals returns the packages that are not kept in an order in which they can
// be removed one after the other: a package never stands behind the one it is
// an incremental to, so that no chain is broken if removing is interrupted.
func Removals(decisions []Decision) []Package {
	parents := map[string]string{}
	for _, d := range decisions {
		parents[d.Name] = d.Parent
	}
	depths := map[string]int{}
	var removed []Package
	for _, d := range decisions {
		if d.Keep {
			continue
		}
		// What is removed has a chain that ends, or Decide would have kept it.
		for name := d.Parent; name != "" && depths[d.Name] < len(decisions); name = parents[name] {
			depths[d.Name]++
		}
		removed = append(removed, d.Package)
	}
	slices.SortStableFunc(removed, func(a, b Package) int { return depths[b.Name] - depths[a.Name] })
	return removed
}

func (d *Decision) keep(reason string) {
	d.Keep, d.Reasons = true, append(d.Reasons, reason)
}

// set is the packages, newest first, with the decisions so far.
type set struct {
	decisions []Decision
	byName    map[string]int
	// problems are why the package of that index cannot be restored, or "".
	problems []string
}

func newSet(packages []Package) (*set, error) {
	s := &set{byName: make(map[string]int, len(packages))}
	for _, p := range packages {
		s.decisions = append(s.decisions, Decision{Package: p})
	}
	slices.SortFunc(s.decisions, func(a, b Decision) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.Name, b.Name))
	})
	for i, d := range s.decisions {
		if _, twice := s.byName[d.Name]; twice || d.Name == "" {
			return nil, fmt.Errorf("there are two packages of the name %q, or one without a name", d.Name)
		}
		s.byName[d.Name] = i
	}
	s.judge()
	return s, nil
}

// groups returns the indexes of the good packages of each group, newest first.
func (s *set) groups() [][]int {
	byGroup := map[string]int{}
	var all [][]int
	for i, d := range s.decisions {
		if s.problems[i] != "" {
			continue
		}
		g, known := byGroup[d.Group]
		if !known {
			g = len(all)
			byGroup[d.Group], all = g, append(all, nil)
		}
		all[g] = append(all[g], i)
	}
	return all
}
