package plans_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

func differences(t interface{ Fatal(...any) }, old, now *plans.Plan) []string {
	out := []string{}
	for d, err := range plans.Compare(old, now) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pair(d.Old, d.New))
	}
	return out
}

func pair(old, now *plans.Record) string {
	say := func(r *plans.Record) string {
		if r == nil {
			return "nothing"
		}
		return fmt.Sprintf("%s%s%s", r.Action, r.Model, r.Key)
	}
	return say(old) + " / " + say(now)
}

func planOf(records ...*plans.Record) *plans.Plan {
	return planstest.New(planstest.Header(), nil, nil, records)
}

func rec(a plans.Action, model, key string) *plans.Record {
	return &plans.Record{Action: a, Model: model, Key: plans.Value(key)}
}

func TestCompare(t *testing.T) {
	changed := func(after string) *plans.Record {
		r := rec(plans.Change, "a.a", `["k"]`)
		r.Fields = []plans.Field{{Name: "f", Before: "1", After: plans.Value(after)}}
		return r
	}
	secret := func(after string) *plans.Record {
		r := changed(after)
		r.Fields[0].Sensitive = true
		return r
	}
	moved := changed("2")
	moved.Hidden, moved.Rule = 9, planstest.At(3, 1, 2)
	tests := map[string]struct {
		old, now *plans.Plan
		want     []string
	}{
		"a plan without changes is like another":           {planOf(), planOf(), nil},
		"a plan that was never asked for changes is empty": {&plans.Plan{}, planOf(changed("2")), []string{`nothing / ~a.a["k"]`}},
		"the place of a rule makes no difference":          {planOf(changed("2")), planOf(moved), nil},
		"another value does":                               {planOf(changed("2")), planOf(changed("3")), []string{`~a.a["k"] / ~a.a["k"]`}},
		"a sensitive value is not looked at":               {planOf(secret("2")), planOf(secret("3")), nil},
		"keys are sorted by their text, not as JSON": {
			planOf(rec(plans.Add, "a.a", `["a"]`), rec(plans.Add, "a.a", `["a b"]`), rec(plans.Add, "a.a", `["c\"d"]`)),
			planOf(rec(plans.Add, "a.a", `["a"]`), rec(plans.Add, "a.a", `["c\"d"]`)),
			[]string{`+a.a["a b"] / nothing`},
		},
		"a model that only one plan has is in the middle": {
			planOf(rec(plans.Add, "a.a", `["x"]`), rec(plans.Add, "c.c", `["x"]`)),
			planOf(rec(plans.Add, "a.a", `["x"]`), rec(plans.Add, "b.b", `["x"]`), rec(plans.Add, "c.c", `["x"]`)),
			[]string{`nothing / +b.b["x"]`},
		},
		"a destroy that becomes a change is two differences": {
			planOf(rec(plans.Destroy, "a.a", `["x"]`)), planOf(rec(plans.Change, "a.a", `["x"]`)),
			[]string{`-a.a["x"] / nothing`, `nothing / ~a.a["x"]`},
		},
		"models in another order are compared all the same": {
			planOf(rec(plans.Add, "a.a", `["x"]`), rec(plans.Add, "b.b", `["x"]`)),
			planOf(rec(plans.Add, "b.b", `["x"]`), rec(plans.Remap, "a.a", `["x"]`)),
			[]string{`+a.a["x"] / <>a.a["x"]`},
		},
		"keys that are not sorted are compared all the same": {
			planOf(rec(plans.Add, "a.a", `["y"]`), rec(plans.Add, "a.a", `["x"]`)),
			planOf(rec(plans.Add, "a.a", `["x"]`), rec(plans.Add, "a.a", `["z"]`)),
			[]string{`nothing / +a.a["z"]`, `+a.a["y"] / nothing`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.want == nil {
				tt.want = []string{}
			}
			if diff := cmp.Diff(tt.want, differences(t, tt.old, tt.now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCompareEndsWithTheErrorOfEitherPlan(t *testing.T) {
	broken := errors.New("broken")
	bad := &plans.Plan{Changes: func() iter.Seq2[*plans.Record, error] {
		return func(yield func(*plans.Record, error) bool) { yield(nil, broken) }
	}}
	for _, two := range [][2]*plans.Plan{{bad, planOf()}, {planOf(), bad}} {
		n := 0
		for _, err := range plans.Compare(two[0], two[1]) {
			if n++; !errors.Is(err, broken) || n > 1 {
				t.Errorf("got %v", err)
			}
		}
		if n == 0 {
			t.Error("the error is lost")
		}
	}
}

// Of any two plans exactly the records that differ are listed, whether they
// are sorted, and so merged, or in any order.
func TestCompareListsExactlyWhatDiffers(t *testing.T) {
	runs := []string{"-c.c", "-b.b", "-a.a", "+a.a", "+b.b", "+c.c"}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) (map[string]*plans.Record, *plans.Plan) {
			held, records := map[string]*plans.Record{}, []*plans.Record(nil)
			for _, run := range runs {
				keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[abA"\\ é]{1,2}`), 0, 12, rapid.ID).Draw(rt, name+run)
				slices.Sort(keys)
				for _, k := range keys {
					r := rec(plans.Action(run[:1]), run[1:], string(plans.Value(fmt.Sprintf("[%q]", k))))
					r.Reason = rapid.SampledFrom([]string{"", "x"}).Draw(rt, "reason")
					if run[0] == '+' && rapid.Bool().Draw(rt, "changed") {
						r.Action = plans.Change
					}
					held[run+string(r.Key)] = r
					records = append(records, r)
				}
			}
			if rapid.Bool().Draw(rt, "shuffled") {
				records = rapid.Permutation(records).Draw(rt, "order")
			}
			return held, planOf(records...)
		}
		a, old := draw("old")
		b, now := draw("now")
		want := []string{}
		for id, r := range a {
			if b[id] == nil || !plans.Alike(r, b[id]) {
				want = append(want, pair(r, b[id]))
			}
		}
		for id, r := range b {
			if a[id] == nil {
				want = append(want, pair(nil, r))
			}
		}
		got := differences(rt, old, now)
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("-want +got:\n%s", diff)
		}
		if same := differences(rt, old, old); len(same) > 0 {
			rt.Fatalf("a plan differs from itself: %v", same)
		}
	})
}
