package retention_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/engine/retention"
)

// drawPackages draws packages of some groups, with chains that may be broken,
// branch, run in circles or lead from group to group.
func drawPackages(t *rapid.T) []retention.Package {
	n := rapid.IntRange(0, 25).Draw(t, "packages")
	begin := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	var all []retention.Package
	for i := range n {
		p := retention.Package{
			Name:    fmt.Sprintf("p%02d", i),
			Created: begin.Add(-time.Duration(rapid.IntRange(-100, 40_000).Draw(t, "hours")) * time.Hour / 4),
			Group:   rapid.SampledFrom([]string{"a", "b"}).Draw(t, "group"),
			Good:    rapid.IntRange(0, 9).Draw(t, "good") > 0,
		}
		switch rapid.IntRange(0, 9).Draw(t, "parent") {
		case 0, 1, 2, 3, 4:
			if i > 0 {
				p.Parent = fmt.Sprintf("p%02d", rapid.IntRange(0, i-1).Draw(t, "older"))
			}
		case 5:
			p.Parent = fmt.Sprintf("p%02d", rapid.IntRange(0, n).Draw(t, "any"))
		}
		if rapid.IntRange(0, 29).Draw(t, "sealed") == 0 {
			p = retention.Package{Name: p.Name, Problem: "encrypted", Written: p.Created}
		}
		if rapid.IntRange(0, 15).Draw(t, "locked") == 0 {
			p.Locked = "until later"
		}
		all = append(all, p)
	}
	return all
}

func drawRules(t *rapid.T) retention.Rules {
	count := func(name string) int { return max(0, rapid.IntRange(-4, 5).Draw(t, name)) }
	rules := retention.Rules{
		Last: count("last"), Hourly: count("hourly"), Daily: count("daily"), Weekly: count("weekly"),
		Monthly: count("monthly"), Yearly: count("yearly"),
		Within: retention.Period{Months: count("months"), Days: count("days")},
	}
	if errors.Is(rules.Check(), retention.ErrNoRules) {
		rules.Last = 1
	}
	return rules
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func decide(t *rapid.T, packages []retention.Package, rules retention.Rules) map[string]retention.Decision {
	decisions, err := retention.Decide(packages, rules, now)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]retention.Decision{}
	for _, d := range decisions {
		byName[d.Name] = d
	}
	if len(decisions) != len(packages) || len(byName) != len(packages) {
		t.Fatalf("%d packages have %d decisions", len(packages), len(decisions))
	}
	return byName
}

// restorable follows a chain the plain way.
func restorable(all map[string]retention.Decision, name string) bool {
	for range len(all) {
		d, there := all[name]
		if !there || !d.Good {
			return false
		}
		if d.Parent == "" {
			return true
		}
		name = d.Parent
	}
	return false
}

func TestWhateverTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packages := drawPackages(t)
		all := decide(t, packages, drawRules(t))
		newest := map[string]retention.Decision{}
		for name, d := range all {
			if len(d.Reasons) == 0 {
				t.Errorf("no reason is given for %+v", d)
			}
			if !restorable(all, name) || d.Locked != "" {
				if !d.Keep {
					t.Errorf("%+v is removed", d)
				}
			}
			for _, sealed := range all {
				if !d.Keep && !d.Created.After(sealed.Written) {
					t.Errorf("%s is removed, and %s may be built on it", name, sealed.Name)
				}
			}
			if parent, there := all[d.Parent]; d.Keep && there && !parent.Keep {
				t.Errorf("%s is kept and its parent %s is not", name, d.Parent)
			}
			if last, there := newest[d.Group]; restorable(all, name) && (!there || d.Created.After(last.Created) ||
				d.Created.Equal(last.Created) && d.Keep) {
				newest[d.Group] = d
			}
		}
		for group, d := range newest {
			if !d.Keep {
				t.Errorf("%+v, the last good one of %s, is removed", d, group)
			}
		}
	})
}

func TestMoreRulesKeepMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packages, rules := drawPackages(t), drawRules(t)
		more, extra := rules, drawRules(t)
		for _, add := range []struct {
			to *int
			n  int
		}{
			{&more.Last, extra.Last},
			{&more.Hourly, extra.Hourly},
			{&more.Daily, extra.Daily},
			{&more.Weekly, extra.Weekly},
			{&more.Monthly, extra.Monthly},
			{&more.Yearly, extra.Yearly},
			{&more.Within.Months, extra.Within.Months},
			{&more.Within.Days, extra.Within.Days},
		} {
			*add.to += add.n
		}
		few, many := decide(t, packages, rules), decide(t, packages, more)
		for name, d := range few {
			if d.Keep && !many[name].Keep {
				t.Errorf("%+v is removed with more rules", d)
			}
		}
	})
}

func TestTheOrderOfPackagesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packages, rules := drawPackages(t), drawRules(t)
		shuffled := rapid.Permutation(packages).Draw(t, "shuffled")
		given := slices.Clone(shuffled)
		want, err := retention.Decide(packages, rules, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := retention.Decide(shuffled, rules, now)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff(given, shuffled); d != "" {
			t.Errorf("what was given was changed:\n%s", d)
		}
	})
}

// Prune again, and nothing more goes.
func TestASecondPruneRemovesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packages, rules := drawPackages(t), drawRules(t)
		var left []retention.Package
		for _, d := range decide(t, packages, rules) {
			if d.Keep {
				left = append(left, d.Package)
			}
		}
		for _, d := range decide(t, left, rules) {
			if !d.Keep {
				t.Errorf("%+v is removed by a second prune", d)
			}
		}
	})
}

func TestRemovingInOrderNeverBreaksAChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packages, rules := drawPackages(t), drawRules(t)
		decisions, err := retention.Decide(packages, rules, now)
		if err != nil {
			t.Fatal(err)
		}
		left := decide(t, packages, rules)
		for _, p := range retention.Removals(decisions) {
			if left[p.Name].Keep {
				t.Errorf("%s is to be removed and kept", p.Name)
			}
			delete(left, p.Name)
			for _, d := range left {
				if d.Parent == p.Name {
					t.Errorf("%s is removed before its incremental %s", p.Name, d.Name)
				}
			}
		}
		for _, d := range left {
			if !d.Keep {
				t.Errorf("%s is not removed", d.Name)
			}
		}
	})
}
