package engine

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
)

func yielding(records []plans.Record) func() iter.Seq2[*plans.Record, error] {
	return func() iter.Seq2[*plans.Record, error] {
		return func(yield func(*plans.Record, error) bool) {
			for i := range records {
				if !yield(&records[i], nil) {
					return
				}
			}
		}
	}
}

// drawn is a change set in which a record is destroyed at most once and
// written at most once.
func drawn(t *rapid.T, label string) []plans.Record {
	records := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plans.Record {
		return plans.Record{
			Model:  rapid.SampledFrom([]string{"a.b", "a.bc"}).Draw(t, "model"),
			Key:    plans.Value(fmt.Sprintf("[%d]", rapid.IntRange(0, 9).Draw(t, "key"))),
			Action: rapid.SampledFrom([]plans.Action{plans.Add, plans.Change, plans.Destroy, plans.Remap}).Draw(t, "action"),
			Hidden: rapid.IntRange(0, 1).Draw(t, "hidden"),
		}
	}), 0, 30).Draw(t, label)
	seen := map[string]bool{}
	return slices.DeleteFunc(records, func(r plans.Record) bool {
		id := fmt.Sprint(r.Model, r.Key, r.Action == plans.Destroy)
		twice := seen[id]
		seen[id] = true
		return twice
	})
}

// However many parts a comparison has, it finds the same records: those that
// one side lacks or has otherwise.
func TestComparisonFindsEachDifferenceOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		saved, now := drawn(t, "saved"), drawn(t, "now")
		find := func(records []plans.Record, like plans.Record) (plans.Record, bool) {
			for _, r := range records {
				if r.Model == like.Model && r.Key == like.Key && (r.Action == plans.Destroy) == (like.Action == plans.Destroy) {
					return r, true
				}
			}
			return plans.Record{}, false
		}
		want := map[Difference]int{}
		for _, r := range now {
			if old, ok := find(saved, r); !ok || !cmp.Equal(old, r) {
				want[Difference{r.Model, r.Key, old.Action, r.Action}]++
			}
		}
		for _, r := range saved {
			if _, ok := find(now, r); !ok {
				want[Difference{r.Model, r.Key, r.Action, ""}]++
			}
		}
		c := comparison{saved: yielding(saved), now: yielding(now), parts: rapid.IntRange(1, 5).Draw(t, "parts"), found: &StaleError{}}
		for part := range c.parts {
			if err := c.compare(part); err != nil {
				t.Fatal(err)
			}
		}
		got, count := map[Difference]int{}, 0
		for _, d := range c.found.Differing {
			got[d]++
		}
		for _, n := range want {
			count += n
		}
		if len(c.found.Differing)+c.found.More != count || len(c.found.Differing) > differencesShown {
			t.Fatalf("%d differences named and %d more, want %d", len(c.found.Differing), c.found.More, count)
		}
		if c.found.More == 0 && !cmp.Equal(want, got) {
			t.Fatalf("differences (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}
