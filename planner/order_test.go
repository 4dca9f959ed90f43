package planner

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func TestComponentsAreThoseThatReachEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := make([]*model, rapid.IntRange(1, 8).Draw(t, "nodes"))
		for i := range nodes {
			nodes[i] = &model{label: string(rune('a' + i))}
		}
		edges := map[*model][]*model{}
		for _, n := range nodes {
			for _, to := range rapid.SliceOfN(rapid.IntRange(0, len(nodes)-1), 0, 4).Draw(t, "edges") {
				edges[n] = append(edges[n], nodes[to])
			}
		}
		place := map[*model]int{}
		for i, group := range components(nodes, edges) {
			for _, n := range group {
				if _, twice := place[n]; twice {
					t.Fatalf("%s is in two components", n.label)
				}
				place[n] = i
			}
		}
		for _, a := range nodes {
			for _, b := range nodes {
				there, back := leads(edges, a, b), leads(edges, b, a)
				if together := place[a] == place[b]; together != (there && back) {
					t.Fatalf("%s and %s: together is %v", a.label, b.label, together)
				}
				if there && place[b] > place[a] {
					t.Fatalf("%s leads to %s and stands before it", a.label, b.label)
				}
			}
		}
	})
}

// leads is a naive search: whether b can be reached from a.
func leads(edges map[*model][]*model, a, b *model) bool {
	seen := []*model{a}
	for i := 0; i < len(seen); i++ {
		for _, next := range edges[seen[i]] {
			if !slices.Contains(seen, next) {
				seen = append(seen, next)
			}
		}
	}
	return slices.Contains(seen, b)
}

func TestModelsComeAfterThoseTheyReferTo(t *testing.T) {
	c := catalogue(t, `
		a: id serial, code text, b_id int -> b
		b: id serial, code text, c_id int -> c, d_id int -> d
		c: id serial, code text, b_id int -> b
		d: id serial, code text, d_id int -> d
	`, "")
	text := ""
	for _, n := range []string{"a", "b", "c", "d"} {
		text += "model \"m." + n + "\" {\n table = " + n + "\n natural_key = [code]\n}\n"
	}
	b := bind(parsePolicy(t, text), c, &diag.Collector{})
	var got []string
	for _, m := range b.models {
		s := m.label
		if m.cyclic {
			s += " in a circle"
		}
		got = append(got, s)
	}
	if want := []string{"m.d in a circle", "m.b in a circle", "m.c in a circle", "m.a"}; !slices.Equal(got, want) {
		t.Errorf("the order is %q, not %q", got, want)
	}
}

func TestKeysAreOrderedPartByPart(t *testing.T) {
	parts := rapid.SliceOfN(rapid.StringN(0, 200, 300), 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		if rapid.Bool().Draw(t, "common") {
			b[0] = a[0]
		}
		want := slices.Compare(a, b)
		if got := compareKeys(schema.MakeKey(a...), schema.MakeKey(b...)); sign(got) != sign(want) {
			t.Fatalf("%q and %q: %d, not %d", a, b, got, want)
		}
	})
}

func sign(n int) int { return max(-1, min(1, n)) }
