package planner

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// Beyond the size from which on the parts of an index grow slowly.
const manyHashes = 2 * largeSlots << indexBits

func TestAnIndexFindsWhatWasAddedAndNothingElse(t *testing.T) {
	x := newIndex()
	key := func(i uint32) string { return "key " + strconv.Itoa(int(i)) }
	find := func(k string) (uint32, bool) {
		return x.find(x.hash(k), func(i uint32) bool { return key(i) == k })
	}
	for i := range uint32(manyHashes) {
		if at, found := find(key(i)); found {
			t.Fatalf("%s is found at %d before it is added", key(i), at)
		}
		x.add(x.hash(key(i)), i)
	}
	for i := range uint32(manyHashes) {
		if at, found := find(key(i)); !found || at != i {
			t.Fatalf("%s is found at %d, %t", key(i), at, found)
		}
	}
}

func TestASetOfHashesTakesEachOnce(t *testing.T) {
	var set hashSet
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]uint64, manyHashes)
	for i := range list {
		list[i] = max(1, random.Uint64())
		if i < 200 { // some that begin alike are in one part
			list[i] &= 1<<20 - 1
		}
	}
	known := map[uint64]bool{}
	for i, h := range list {
		if h == 0 {
			continue
		}
		if added := set.add(h); added == known[h] {
			t.Fatalf("hash %d, %x: added is %t, it was there: %t", i, h, added, known[h])
		}
		known[h] = true
	}
	for _, h := range list {
		if h != 0 && set.add(h) {
			t.Fatalf("%x was forgotten", h)
		}
	}
}
