package retention_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine/retention"
)

// at reads a time such as 2026-11-25 14:30 in UTC.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// good is a full package that was found whole, with its time as its name.
func good(t *testing.T, when string) retention.Package {
	return retention.Package{Name: when, Created: at(t, when), Group: "edms full", Good: true}
}

// below makes a package an incremental to another.
func below(parent string, p retention.Package) retention.Package {
	p.Parent = parent
	return p
}

// decided writes decisions as a dry run would, one a line.
func decided(t *testing.T, rules retention.Rules, packages ...retention.Package) []string {
	t.Helper()
	decisions, err := retention.Decide(packages, rules, at(t, "2026-11-25 12:00"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range decisions {
		mark := "remove"
		if d.Keep {
			mark = "keep"
		}
		lines = append(lines, mark+" "+d.Name+": "+strings.Join(d.Reasons, "; "))
	}
	return lines
}

func TestEachRuleKeepsItsPackages(t *testing.T) {
	series := func(times ...string) (all []retention.Package) {
		for _, when := range times {
			all = append(all, good(t, when))
		}
		return all
	}
	months := retention.Period{Months: 1}
	for name, tt := range map[string]struct {
		rules    retention.Rules
		packages []retention.Package
		want     []string
	}{
		"the last ones": {
			retention.Rules{Last: 2},
			series("2026-11-23 01:00", "2026-11-25 01:00", "2026-11-24 01:00"),
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 2",
				"keep 2026-11-24 01:00: last of 2",
				"remove 2026-11-23 01:00: no rule keeps it",
			},
		},
		"the newest of each hour": {
			retention.Rules{Hourly: 2},
			series("2026-11-25 09:10", "2026-11-25 09:50", "2026-11-25 07:30", "2026-11-25 06:00"),
			[]string{
				"keep 2026-11-25 09:50: the last good one of edms full; hourly 2026-11-25 09:00",
				"remove 2026-11-25 09:10: no rule keeps it",
				"keep 2026-11-25 07:30: hourly 2026-11-25 07:00",
				"remove 2026-11-25 06:00: no rule keeps it",
			},
		},
		"the newest of each day that has one": {
			retention.Rules{Daily: 2},
			series("2026-11-25 01:00", "2026-11-20 23:59", "2026-11-20 00:00", "2026-11-19 12:00"),
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; daily 2026-11-25",
				"keep 2026-11-20 23:59: daily 2026-11-20",
				"remove 2026-11-20 00:00: no rule keeps it",
				"remove 2026-11-19 12:00: no rule keeps it",
			},
		},
		"a week begins on Monday, also over the new year": {
			retention.Rules{Weekly: 2},
			series("2026-01-04 12:00", "2026-01-01 12:00", "2025-12-29 12:00", "2025-12-28 12:00"),
			[]string{
				"keep 2026-01-04 12:00: the last good one of edms full; weekly 2026-W01",
				"remove 2026-01-01 12:00: no rule keeps it",
				"remove 2025-12-29 12:00: no rule keeps it",
				"keep 2025-12-28 12:00: weekly 2025-W52",
			},
		},
		"months and years, one for several reasons": {
			retention.Rules{Monthly: 2, Yearly: 2},
			series("2026-11-02 12:00", "2026-10-31 12:00", "2026-09-30 12:00", "2025-06-01 12:00"),
			[]string{
				"keep 2026-11-02 12:00: the last good one of edms full; monthly 2026-11; yearly 2026",
				"keep 2026-10-31 12:00: monthly 2026-10",
				"remove 2026-09-30 12:00: no rule keeps it",
				"keep 2025-06-01 12:00: yearly 2025",
			},
		},
		"within a time of the newest one, however old that is": {
			retention.Rules{Within: months},
			series("2026-03-31 12:00", "2026-02-28 12:00", "2026-02-28 11:59"),
			[]string{
				"keep 2026-03-31 12:00: the last good one of edms full; within 1m",
				"keep 2026-02-28 12:00: within 1m",
				"remove 2026-02-28 11:59: no rule keeps it",
			},
		},
		"a package of the future does not make others old": {
			retention.Rules{Within: months},
			series("2036-01-01 12:00", "2026-11-01 12:00", "2026-10-01 12:00"),
			[]string{
				"keep 2036-01-01 12:00: the last good one of edms full; within 1m",
				"keep 2026-11-01 12:00: within 1m",
				"remove 2026-10-01 12:00: no rule keeps it",
			},
		},
		"no package": {retention.Rules{Last: 1}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, decided(t, tt.rules, tt.packages...)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestSomeAreNeverRemoved(t *testing.T) {
	const newest, full, first, second = "2026-11-25 01:00", "2026-11-01 01:00", "2026-11-02 01:00", "2026-11-03 01:00"
	damaged := good(t, first)
	damaged.Good, damaged.Problem = false, "encrypted, and there is no key"
	unknown := retention.Package{Name: "unknown", Group: ""}
	locked := good(t, first)
	locked.Locked = "until 2027-01-01"
	other := good(t, full)
	other.Group = "edms files"
	for name, tt := range map[string]struct {
		packages []retention.Package
		want     []string
	}{
		"the chain of one that is kept": {
			[]retention.Package{good(t, full), below(full, good(t, first)), below(first, good(t, newest)), below(full, good(t, second))},
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 1",
				"remove 2026-11-03 01:00: no rule keeps it",
				"keep 2026-11-02 01:00: its incremental 2026-11-25 01:00 is kept",
				"keep 2026-11-01 01:00: its incremental 2026-11-02 01:00 is kept",
			},
		},
		"what cannot be read, and it does not count": {
			[]retention.Package{good(t, full), damaged, unknown},
			[]string{
				"keep 2026-11-02 01:00: not readable (encrypted, and there is no key): kept, look at it",
				"keep 2026-11-01 01:00: the last good one of edms full; last of 1",
				"keep unknown: not readable: kept, look at it",
			},
		},
		"what one that could not be opened may be built on": {
			[]retention.Package{good(t, newest), good(t, second), good(t, full), {Name: "sealed", Problem: "encrypted", Written: at(t, first)}},
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 1",
				"remove 2026-11-03 01:00: no rule keeps it",
				"keep 2026-11-01 01:00: sealed, which is not readable, may be built on it",
				"keep sealed: not readable (encrypted): kept, look at it",
			},
		},
		"what a broken chain has left": {
			[]retention.Package{good(t, newest), below("gone", good(t, second)), damaged, below(first, good(t, full))},
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 1",
				"keep 2026-11-03 01:00: not restorable: its parent gone is missing: kept, look at it",
				"keep 2026-11-02 01:00: not readable (encrypted, and there is no key): kept, look at it; its incremental 2026-11-01 01:00 is kept",
				"keep 2026-11-01 01:00: not restorable: its parent 2026-11-02 01:00 is not good: kept, look at it",
			},
		},
		"a chain without an end": {
			[]retention.Package{good(t, newest), below(second, good(t, first)), below(first, good(t, second))},
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 1",
				"keep 2026-11-03 01:00: not restorable: its chain of parents has no end: kept, look at it; its incremental 2026-11-02 01:00 is kept",
				"keep 2026-11-02 01:00: not restorable: its chain of parents has no end: kept, look at it; its incremental 2026-11-03 01:00 is kept",
			},
		},
		"what the store has locked, and its chain": {
			[]retention.Package{good(t, newest), good(t, second), below(full, locked), good(t, full)},
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 1",
				"remove 2026-11-03 01:00: no rule keeps it",
				"keep 2026-11-02 01:00: locked until 2027-01-01",
				"keep 2026-11-01 01:00: its incremental 2026-11-02 01:00 is kept",
			},
		},
		"the last one of another group": {
			[]retention.Package{good(t, newest), other, good(t, second)},
			[]string{
				"keep 2026-11-25 01:00: the last good one of edms full; last of 1",
				"remove 2026-11-03 01:00: no rule keeps it",
				"keep 2026-11-01 01:00: the last good one of edms files; last of 1",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, decided(t, retention.Rules{Last: 1}, tt.packages...)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestADayIsThatOfTheLocation(t *testing.T) {
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	packages := []retention.Package{good(t, "2026-11-25 01:00"), good(t, "2026-11-24 16:00"), good(t, "2026-11-24 14:00")}
	want := []string{
		"keep 2026-11-25 01:00: the last good one of edms full; daily 2026-11-25",
		"remove 2026-11-24 16:00: no rule keeps it",
		"keep 2026-11-24 14:00: daily 2026-11-24",
	}
	if d := cmp.Diff(want, decided(t, retention.Rules{Daily: 2, Location: tokyo}, packages...)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestRulesThatCannotBeFollowedAreRefused(t *testing.T) {
	now := at(t, "2026-11-25 12:00")
	for name, rules := range map[string]retention.Rules{
		"none":                {},
		"a location alone":    {Location: time.UTC},
		"a negative number":   {Last: 3, Daily: -1},
		"a negative period":   {Within: retention.Period{Days: -1}},
		"a period beyond all": {Within: retention.Period{Years: 1 << 40}},
	} {
		_, err := retention.Decide([]retention.Package{good(t, "2026-11-25 01:00")}, rules, now)
		if err == nil || errors.Is(err, retention.ErrNoRules) != (rules.Last == 0 && rules.Within == retention.Period{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	twice := []retention.Package{good(t, "2026-11-25 01:00"), good(t, "2026-11-25 01:00")}
	if _, err := retention.Decide(twice, retention.Rules{Last: 1}, now); err == nil {
		t.Error("two packages of one name were decided about")
	}
}
