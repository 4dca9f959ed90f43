package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// drawConflicts is a world of records that are hard to place: natural keys that
// several have, none, surrogates of others; and of notes that refer to them.
func drawConflicts(t *rapid.T) world {
	var live, pkg strings.Builder
	liveCodes := rapid.SliceOfN(rapid.SampledFrom(codes[:4]), 0, 5).Draw(t, "live")
	several := false
	for i, c := range liveCodes {
		several = several || slices.Contains(liveCodes[:i], c)
		fmt.Fprintf(&live, "rows {\"id\":%d,\"code\":%q,\"uuid\":%q,\"n\":%d}\n", i+1, c, uuidOf(i), rapid.IntRange(0, 1).Draw(t, "n"))
		fmt.Fprintf(&live, "notes {\"id\":%d,\"name\":\"n%d\",\"row_id\":%d}\n", i+1, i, i+1)
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "records") {
		code := fmt.Sprintf("%q", rapid.SampledFrom(codes[:4]).Draw(t, "code"))
		if rapid.IntRange(0, 9).Draw(t, "keyless") == 0 {
			code = "null"
		}
		uuid := "null"
		if n := rapid.IntRange(-1, 7).Draw(t, "uuid"); n >= 0 {
			uuid = fmt.Sprintf("%q", uuidOf(n))
		}
		pk := i + 3
		if rapid.IntRange(0, 7).Draw(t, "twin") == 0 {
			pk = 3
		}
		fmt.Fprintf(&pkg, "t.row {\"pk\":%d,\"code\":%s,\"uuid\":%s,\"n\":%d}\n", pk, code, uuid, rapid.IntRange(0, 1).Draw(t, "n"))
		fmt.Fprintf(&pkg, "t.note {\"pk\":%d,\"name\":\"n%d\",\"row\":%d}\n", i+1, i, pk)
	}
	attributes := "surrogate = [uuid]\non_collision = " + rapid.SampledFrom([]string{"fail", "rename", "remint"}).Draw(t, "on_collision")
	attributes += "\nmatch = " + rapid.SampledFrom([]string{"update", "keep", "fail"}).Draw(t, "match")
	if rapid.Bool().Draw(t, "adopt") {
		attributes += "\nsurrogate \"uuid\" { adopt = true }"
	}
	if !several && rapid.Bool().Draw(t, "destroy") {
		attributes += "\nabsent = destroy"
	}
	cycle := ""
	if rapid.Bool().Draw(t, "cycle") {
		cycle = ", next_id int -> rows" // the model refers to itself, so it is indexed before it is matched
	}
	return world{
		tables: "rows: id serial, code text, uuid uuid unique, n int" + cycle + "\nnotes: id serial, name text ! unique, row_id int -> rows",
		policy: single("code", attributes) + "model \"t.note\" {\n table = notes\n natural_key = [name]\n absent = keep\n reference \"row\" {\n on_missing = skip\n on_destroy = unset\n }\n}\n",
		live:   live.String(), pkg: pkg.String(),
	}
}

// decisionsOf decides conflicts as choose says.
func decisionsOf(conflicts []plans.Conflict, line int, choose func(plans.Conflict) (plans.Verdict, string)) []plans.Decision {
	var out []plans.Decision
	for i, c := range conflicts {
		at := diag.Pos{Line: line + i, Column: 1}
		d := plans.Decision{Model: c.Model, Number: c.Number, Codes: c.Codes, Place: diag.Range{File: "c.csv", Start: at, End: at}}
		d.Package, _ = plans.KeyName(string(c.Key))
		if d.Do, d.Live = choose(c); d.Do != "" {
			out = append(out, d)
		}
	}
	return out
}

// With every conflict decided to be skipped, a plan can be applied: everything
// is accounted for, the skipped records among what is skipped, and once it is
// applied nothing is left to do.
func TestAllConflictsCanBeSkipped(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawConflicts(rt)
		in := w.input(t)
		in.Conflicts = true
		first := planQuietly(rt, in, spoolLimits{memory: 40, window: 16})
		defer func() { _ = first.Close() }()
		refused := 0
		for _, a := range first.Accounting {
			refused += a.Refused
		}
		in.Decisions = decisionsOf(first.Conflicts, 2, func(plans.Conflict) (plans.Verdict, string) { return plans.ToSkip, "" })
		r := planQuietly(rt, in, spoolLimits{memory: 40, window: 16})
		defer func() { _ = r.Close() }()
		if r.Diagnostics.HasErrors() || len(r.Conflicts) > 0 {
			rt.Fatalf("%s%+v\n%s\nlive:\n%s\npackage:\n%s", describe(r.Diagnostics), r.Conflicts, w.policy, w.live, w.pkg)
		}
		o := observe(t, r)
		balanced(t, o)
		decided := 0
		for _, s := range r.Skips {
			if s.Reason == "it was decided to skip it" {
				decided++
			}
		}
		if decided != len(in.Decisions) || refused > decided {
			rt.Fatalf("%d decisions, %d records skipped by one, %d records refused before\n%s\nlive:\n%s\npackage:\n%s", len(in.Decisions), decided, refused, w.policy, w.live, w.pkg)
		}
		sameInReverse(rt, t, w, in, r.ChangeSet)
		in.limits = spoolLimits{}
		carriesOut(rt, t, w, in, r, o)
	})
}

// Whatever is decided, a plan accounts for everything, does not depend on the
// order of the package, and does what it says.
func TestDecisionsAreCarriedOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawConflicts(rt)
		in := w.input(t)
		in.Conflicts = true
		for round := range 3 { // what is decided may bring other conflicts to light
			r := planQuietly(rt, in, spoolLimits{})
			conflicts, refused, set := r.Conflicts, r.Diagnostics.HasErrors(), r.ChangeSet
			o := observe(t, r)
			balanced(t, o)
			if !refused {
				sameInReverse(rt, t, w, in, set)
				carriesOut(rt, t, w, in, r, o)
				_ = r.Close()
				return
			}
			_ = r.Close()
			in.Decisions = append(in.Decisions, decisionsOf(conflicts, 2+100*round, func(c plans.Conflict) (plans.Verdict, string) {
				var live []string
				for _, x := range c.Candidates {
					if x.Live != "" {
						live = append(live, x.Live)
					}
				}
				may := slices.Clone(settling(c.Codes[0]))
				if len(live) == 0 {
					may = slices.DeleteFunc(may, func(v plans.Verdict) bool { return v == plans.ToMap })
				}
				v := rapid.SampledFrom(may).Draw(rt, "verdict")
				if v != plans.ToMap {
					return v, ""
				}
				return v, rapid.SampledFrom(live).Draw(rt, "target")
			})...)
		}
	})
}

func sameInReverse(rt *rapid.T, t *testing.T, w world, in Input, want string) {
	in.Package = in.Package.(*memoryPackage).reversed()
	in.Decisions = slices.Clone(in.Decisions)
	slices.Reverse(in.Decisions)
	other := planQuietly(rt, in, spoolLimits{})
	defer func() { _ = other.Close() }()
	if other.ChangeSet != want {
		o := observe(t, other)
		rt.Fatalf("in reverse the plan is another one:\n%s\n%s\n%s\nlive:\n%s\npackage:\n%s\n%+v", strings.Join(o.changes, "\n"), describe(other.Diagnostics), w.policy, w.live, w.pkg, in.Decisions)
	}
}

// carriesOut carries a plan out and plans again: under the decisions that were
// not for good there is nothing left to do.
func carriesOut(rt *rapid.T, t *testing.T, w world, in Input, r *Result, o *outcome) {
	if err := in.Live.(*memoryLive).carryOut(r); err != nil {
		rt.Fatalf("%v\n%s\n%s\nlive:\n%s\npackage:\n%s", err, strings.Join(o.batches, "\n"), w.policy, w.live, w.pkg)
	}
	again := planQuietly(rt, in, spoolLimits{})
	defer func() { _ = again.Close() }()
	var stale []string
	for _, d := range again.Diagnostics {
		switch {
		case d.Severity == diag.Warning:
		case d.Code == "decision.stale":
			stale = append(stale, d.Range.String()) // settled for good
		default:
			rt.Fatalf("planned again:\n%s\n%s\nlive:\n%s\npackage:\n%s\ndecisions: %+v", describe(again.Diagnostics), w.policy, w.live, w.pkg, in.Decisions)
		}
	}
	if strings.Contains(w.policy, "adopt") {
		return // a value that one record gave up may be adopted by another the next time
	}
	if len(stale) == 0 && again.Summary.Any() {
		rt.Fatalf("planned again:\n%s\n%s\nlive:\n%s\npackage:\n%s\ndecisions: %+v", strings.Join(observe(t, again).changes, "\n"), w.policy, w.live, w.pkg, in.Decisions)
	}
}
