package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// someRows draws a state of the shop that keeps all constraints, with few
// enough keys that two states have rows in common.
func someRows(rt *rapid.T, label string) string {
	var b strings.Builder
	ids := func(table string) []int {
		return slices.Sorted(maps.Keys(rapid.MapOf(rapid.IntRange(1, 6), rapid.Just(true)).Draw(rt, label+table)))
	}
	ref := func(to []int, field string) string {
		if n := rapid.IntRange(0, len(to)).Draw(rt, label+field); n > 0 {
			return fmt.Sprintf(`, "%s": %d`, field, to[n-1])
		}
		return ""
	}
	word := rapid.SampledFrom([]string{"a", "b", "c"})
	names := rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7})
	people, groups := ids("people"), ids("groups")
	called, titles := names.Draw(rt, label+"names"), names.Draw(rt, label+"titles")
	for i, id := range people {
		fmt.Fprintf(&b, `people {"id": %d, "name": "n%d", "password": "hunter2 %s"%s}`+"\n", id, called[i], word.Draw(rt, label+"password"), ref(people, "boss"))
	}
	for _, id := range groups {
		fmt.Fprintf(&b, `groups {"id": %d, "name": "%s"}`+"\n", id, word.Draw(rt, label+"group"))
	}
	for _, p := range people {
		for _, g := range groups {
			if rapid.Bool().Draw(rt, label+"member") {
				fmt.Fprintf(&b, `people_groups {"id": %d, "people_id": %d, "group_id": %d}`+"\n", 10*p+g, p, g)
			}
		}
	}
	for i, id := range ids("documents") {
		fmt.Fprintf(&b, `documents {"id": %d, "title": "t%d", "pages": %d%s}`+"\n", id, titles[i], rapid.IntRange(1, 3).Draw(rt, label+"pages"), ref(people, "owner"))
	}
	return b.String()
}

func TestUndoRestoresAnyState(t *testing.T) {
	now := strings.NewReplacer("-> people", "-> people now", "-> groups", "-> groups now").Replace(shop)
	rapid.Check(t, func(rt *rapid.T) {
		before, after := someRows(rt, "before "), someRows(rt, "after ")
		tables := rapid.SampledFrom([]string{shop, now}).Draw(rt, "tables")
		live, o := applied{tables, "", before, after}.undo(t, after)
		if err := restores(t, live, o, newLive(t, live.catalogue, before).state()); err != nil {
			rt.Fatal(err)
		}
	})
}

// One column of one row is edited after the apply. The columns are free of
// constraints, so that an edit that is no conflict survives the undo.
func TestUndoNeverOverwritesAnEdit(t *testing.T) {
	free := map[string]string{"people": "password", "groups": "name", "documents": "pages"}
	rapid.Check(t, func(rt *rapid.T) {
		before, after := someRows(rt, "before "), someRows(rt, "after ")
		c := catalogue(t, shop, "")
		live := newLive(t, c, after)
		table := rapid.SampledFrom(slices.Sorted(maps.Keys(free))).Draw(rt, "table")
		if len(live.rows[table]) == 0 {
			rt.Skip("no row")
		}
		imgs := difference(c, newLive(t, c, before), newLive(t, c, after))
		r := rapid.SampledFrom(live.rows[table]).Draw(rt, "row")
		r[free[table]] = schema.NewValue("99")
		o := undo(t, live, imgs)

		written := false
		for _, img := range imgs {
			if img.Table.Name == table && img.Row[0].Value == r["id"] {
				written = slices.ContainsFunc(img.After, func(c Cell) bool { return c.Column == free[table] })
			}
		}
		if got := slices.Contains(o.problems, fmt.Sprintf("error undo.conflict m.%s [%s]", table, r["id"].Text)); got != written || len(o.problems) > 1 {
			rt.Fatalf("the apply wrote the column: %v, problems %v", written, o.problems)
		}
		if written {
			return
		}
		want := newLive(t, c, before)
		for _, w := range want.rows[table] {
			if w["id"] == r["id"] {
				w[free[table]] = schema.NewValue("99")
			}
		}
		if err := restores(t, live, o, want.state()); err != nil {
			rt.Fatal(err)
		}
	})
}
