package planner

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// However they come, each primary key is found at its place, and nothing else is.
func TestPrimaryKeysAreFoundWhereTheyArePut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.OneOf(
			rapid.Map(rapid.IntRange(1, 200), strconv.Itoa),
			rapid.SampledFrom([]string{"", "0", "007", "a", "2147483647", "2147483648", "99999999999", "-3"}),
		)
		ascending := rapid.Bool().Draw(t, "ascending")
		var list ids
		want := map[string]uint32{}
		from := rapid.IntRange(0, 5).Draw(t, "from")
		for range rapid.IntRange(0, 60).Draw(t, "how many") {
			var pk string
			if ascending {
				from += rapid.SampledFrom([]int{1, 1, 1, 2, 40}).Draw(t, "step")
				pk = strconv.Itoa(from)
			} else {
				pk = key.Draw(t, "key")
			}
			if _, there := want[pk]; there {
				continue
			}
			want[pk] = uint32(len(want))
			list.add(pk)
			if ascending && list.mixed {
				t.Fatal("an index is made of ascending numbers")
			}
		}
		for n := range list.count + 1 {
			asked := key.Draw(t, "asked")
			if n < list.count {
				asked = list.at(uint32(n))
				if want[asked] != uint32(n) {
					t.Fatalf("at %d is %q, put at %d", n, asked, want[asked])
				}
			}
			at, found := list.find(asked)
			if place, there := want[asked]; found != there || found && at != place {
				t.Fatalf("%q is found at %d, %t; want %d, %t", asked, at, found, place, there)
			}
		}
	})
}

func TestChunksOfPrimaryKeysMeet(t *testing.T) {
	const n = 2*chunkIDs + 5
	for name, of := range map[string]func(i int) int{
		"no number is missing":          func(i int) int { return i + 1 },
		"every other number is missing": func(i int) int { return 2*i + 1 },
		"one in a hundred is missing":   func(i int) int { return i + i/99 + 1 },
		"some are missing in the middle": func(i int) int {
			if i > chunkIDs+3 {
				i += 1000
			}
			return i + 7
		},
	} {
		t.Run(name, func(t *testing.T) {
			var list ids
			for i := range n {
				list.add(strconv.Itoa(of(i)))
			}
			for i := range n {
				pk := strconv.Itoa(of(i))
				if at, found := list.find(pk); !found || int(at) != i || list.at(uint32(i)) != pk {
					t.Fatalf("%s: found at %d, %t; at %d is %s", pk, at, found, i, list.at(uint32(i)))
				}
			}
			for _, missing := range []int{0, of(n-1) + 1} {
				if _, found := list.find(strconv.Itoa(missing)); found {
					t.Errorf("found %d, which is not there", missing)
				}
			}
		})
	}
	for every, want := range map[int]int{chunkIDs: 1, 99: chunkIDs/99 + 1, 2: 0} {
		var list ids
		for i := range n {
			list.add(strconv.Itoa(i + i/every + 1))
		}
		if got := len(list.chunks[0].runs); got != want || list.mixed {
			t.Errorf("one number in %d is missing: %d runs are kept, want %d (none: a list)", every, got, want)
		}
	}
}
