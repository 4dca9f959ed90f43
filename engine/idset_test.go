package engine

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// A set of identifiers is one of texts: no two spellings are one.
func TestIDSetIsASetOfTexts(t *testing.T) {
	id := rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 600), strconv.Itoa),
		rapid.Map(rapid.Int64(), func(n int64) string { return strconv.FormatInt(n, 10) }),
		rapid.StringMatching("[0-2]{1,3}"),
		rapid.StringMatching("0000000[0-1]-0000-0000-0000-00000000000[0-1aA]"),
		rapid.SampledFrom([]string{"", "-", "00", "-1", "999999999999999999", "9999999999999999999", "00000000-0000-0000-0000-00000000000g", "0000000-00000-0000-0000-000000000000"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(id).Draw(t, "in")
		set, want := &idSet{}, map[string]bool{}
		for _, s := range in {
			set.add(s)
			want[s] = true
		}
		for _, s := range append(in, rapid.SliceOf(id).Draw(t, "asked")...) {
			if set.has(s) != want[s] {
				t.Fatalf("%q: %v, want %v", s, set.has(s), want[s])
			}
		}
	})
	if (*idSet)(nil).has("1") || (&idSet{}).has("0") {
		t.Error("an empty set holds something")
	}
}

func BenchmarkIDSet(b *testing.B) {
	ids := make([]string, 100_000)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := &idSet{}
		for _, id := range ids {
			s.add(id)
		}
		for _, id := range ids {
			if !s.has(id) {
				b.Fatal(id)
			}
		}
	}
}
