package planner

import (
	"hash/maphash"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// entries are a model's entries by number, from 0, and by key. They stay where
// they are when more are made, so that one may be pointed at meanwhile.
type entries struct {
	pages [][]entry
	count int32
	index index
	// former are keys that entries had and no longer have, but are still found
	// by.
	former map[schema.Key]int32
}

// pageBits says how many entries are made at once.
const pageBits = 6

func newEntries() entries { return entries{index: newIndex()} }

func (x *entries) len() int32 { return x.count }

// at is an entry of which there are so many.
func (x *entries) at(n int32) *entry { return &x.pages[n>>pageBits][n&(1<<pageBits-1)] }

// find returns the entry with that key.
func (x *entries) find(key schema.Key) (int32, bool) {
	if n, ok := x.lookUp(key, x.index.hash(string(key))); ok {
		return n, true
	}
	n, ok := x.former[key]
	return n, ok
}

// number is that of an entry.
func (x *entries) number(e *entry) int32 {
	n, _ := x.find(e.key)
	return n
}

func (x *entries) lookUp(key schema.Key, hash uint32) (int32, bool) {
	n, ok := x.index.find(hash, func(n uint32) bool { return x.at(int32(n)).key == key })
	return int32(n), ok
}

// put returns the entry with that key, making it if there is none.
func (x *entries) put(key schema.Key) (n int32, isNew bool) {
	hash := x.index.hash(string(key))
	if n, ok := x.lookUp(key, hash); ok {
		return n, false
	}
	if n, ok := x.former[key]; ok {
		return n, false
	}
	n = x.count
	if int(n>>pageBits) == len(x.pages) {
		x.pages = append(x.pages, make([]entry, 1<<pageBits))
	}
	x.count++
	*x.at(n) = entry{key: key, pkg: -1, live: -1, done: -1}
	x.index.add(hash, uint32(n))
	return n, true
}

// rekey gives an entry another key. It is still found by the one it had.
func (x *entries) rekey(n int32, key schema.Key) {
	e := x.at(n)
	if x.former == nil {
		x.former = map[schema.Key]int32{}
	}
	x.former[e.key] = n
	e.key = key
	x.index.add(x.index.hash(string(key)), uint32(n))
}

// index finds numbers by the hashes of keys, which whoever uses it keeps.
// Hashes are seeded: packages are hostile, and nobody can make keys collide. It
// consists of parts, so that one that grows leaves little behind.
type index struct {
	seed  maphash.Seed
	parts []slots // by the first bits of hashes, nil as long as there are none
}

// indexBits is how many bits of a hash say in which part it is.
const indexBits = 6

func newIndex() index { return index{seed: maphash.MakeSeed()} }

func (x *index) hash(key string) uint32 { return uint32(maphash.String(x.seed, key)) }

// find returns the number with that hash of which is holds.
func (x *index) find(hash uint32, is func(uint32) bool) (uint32, bool) {
	if x.parts == nil {
		return 0, false
	}
	return x.parts[hash>>(32-indexBits)].find(hash, is)
}

// add notes a number.
func (x *index) add(hash, number uint32) {
	if x.parts == nil {
		x.parts = make([]slots, 1<<indexBits)
	}
	x.parts[hash>>(32-indexBits)].add(hash, number)
}

// slots are a part of an index, open-addressed.
type slots struct {
	all  []slot
	used int
}

// slot holds a number and 1 more, 0 when it is free.
type slot struct{ hash, number uint32 }

func (x *slots) find(hash uint32, is func(uint32) bool) (uint32, bool) {
	if x.used == 0 {
		return 0, false
	}
	for at := x.home(hash); x.all[at].number != 0; at = x.after(at) {
		if s := x.all[at]; s.hash == hash && is(s.number-1) {
			return s.number - 1, true
		}
	}
	return 0, false
}

// home is where a hash belongs, after the place that comes then.
func (x *slots) home(hash uint32) int {
	return int(uint64(hash<<indexBits) * uint64(len(x.all)) >> 32)
}

func (x *slots) after(at int) int {
	if at++; at == len(x.all) {
		return 0
	}
	return at
}

// largeSlots is how many slots there are from which on they grow by a quarter
// only: what is not used counts then.
const largeSlots = 1 << 10

// grown is how many slots there are to be after so many.
func grown(slots int) int {
	if slots >= largeSlots {
		return slots + slots/4
	}
	return max(4, 2*slots)
}

// isCrowded reports whether one more is too many for so many slots.
func isCrowded(used, slots int) bool { return 5*(used+1) > 4*slots }

func (x *slots) add(hash, number uint32) {
	if isCrowded(x.used, len(x.all)) {
		old := x.all
		x.all = make([]slot, grown(len(old)))
		for _, s := range old {
			if s.number != 0 {
				x.place(s)
			}
		}
	}
	x.place(slot{hash, number + 1})
	x.used++
}

func (x *slots) place(s slot) {
	at := x.home(s.hash)
	for x.all[at].number != 0 {
		at = x.after(at)
	}
	x.all[at] = s
}

// idMap finds numbers by identifiers, which are mostly numbers themselves: in
// an array while those are dense, else in a map.
type idMap struct {
	dense [][]uint32 // pages, by identifier: the number and 1 more, 0 for none
	other map[string]int32
	count int
}

// idPage is how many identifiers are allotted at once, so that nothing is copied.
const idPage = 1 << 10

// denseStart is how far the array may reach whatever it holds.
const denseStart = 1 << 10

func (x *idMap) get(id string) (int32, bool) {
	if i, ok := denseID(id); ok && i/idPage < len(x.dense) {
		if n := x.dense[i/idPage][i%idPage]; n != 0 {
			return int32(n - 1), true
		}
	}
	n, ok := x.other[id]
	return n, ok
}

// set notes a number, in place of one that was noted before. It keeps no more
// of the identifier's text than the identifier.
func (x *idMap) set(id string, n int32) {
	i, ok := denseID(id)
	if _, there := x.other[id]; there || !ok || i > denseStart+8*x.count {
		if x.other == nil {
			x.other = map[string]int32{}
		}
		x.other[strings.Clone(id)] = n
		x.count++
		return
	}
	for i/idPage >= len(x.dense) {
		x.dense = append(x.dense, make([]uint32, idPage))
	}
	x.dense[i/idPage][i%idPage] = uint32(n) + 1
	x.count++
}

// all yields everything that is noted, in no order.
func (x *idMap) all() iter.Seq2[string, int32] {
	return func(yield func(string, int32) bool) {
		for p, page := range x.dense {
			for i, n := range page {
				if n != 0 && !yield(strconv.Itoa(p*idPage+i), int32(n-1)) {
					return
				}
			}
		}
		for id, n := range x.other {
			if !yield(id, n) {
				return
			}
		}
	}
}

// denseID is an identifier that is a plain number, spelt as databases spell
// it.
func denseID(id string) (int, bool) {
	if len(id) == 0 || len(id) > 10 || id[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return 0, false
		}
		n = 10*n + int(id[i]-'0')
	}
	return n, n <= math.MaxInt32
}
