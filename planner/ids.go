package planner

import (
	"sort"
	"strconv"
	"strings"
)

// ids are the primary keys of records by their place, some 4 bytes each. As
// long as they come as numbers in ascending order, as tables and their backups
// mostly have them, the list is its own index; from the first that does not on,
// there is an index beside it.
type ids struct {
	// chunks are the numbers, 0 for one in texts; lists that grow copy nothing.
	chunks [][]uint32
	count  int
	texts  map[uint32]string
	last   uint32
	// mixed says that they are not in ascending order.
	mixed bool
	index idMap
}

// chunkIDs is how many numbers are allotted at once.
const chunkIDs = 1 << 14

// add puts a primary key at the end. It is not there yet.
func (x *ids) add(pk string) {
	i := uint32(x.count)
	number, ok := denseID(pk)
	n := uint32(number)
	if !ok {
		n = 0
		if x.texts == nil {
			x.texts = map[uint32]string{}
		}
		x.texts[i] = strings.Clone(pk) // not the whole record with it
	}
	if !x.mixed && n <= x.last {
		x.mix()
	}
	if x.mixed {
		x.index.set(pk, int32(i))
	}
	if i%chunkIDs == 0 {
		x.chunks = append(x.chunks, make([]uint32, 0, chunkIDs))
	}
	c := &x.chunks[len(x.chunks)-1]
	*c = append(*c, n)
	x.count++
	x.last = n
}

// mix makes the index of what is there.
func (x *ids) mix() {
	x.mixed = true
	for i := range uint32(x.count) {
		x.index.set(x.at(i), int32(i))
	}
}

func (x *ids) number(i int) uint32 { return x.chunks[i/chunkIDs][i%chunkIDs] }

// at is the primary key at place i.
func (x *ids) at(i uint32) string {
	if n := x.number(int(i)); n > 0 {
		return strconv.FormatUint(uint64(n), 10)
	}
	return x.texts[i]
}

// find returns the place of a primary key.
func (x *ids) find(pk string) (uint32, bool) {
	if x.mixed {
		i, ok := x.index.get(pk)
		return uint32(i), ok
	}
	number, ok := denseID(pk)
	n := uint32(number)
	if !ok || n > x.last {
		return 0, false
	}
	// Where no number is missing it is where the first of them says.
	if i := int(n) - int(x.number(0)); i >= 0 && i < x.count && x.number(i) == n {
		return uint32(i), true
	}
	i := sort.Search(x.count, func(i int) bool { return x.number(i) >= n })
	return uint32(i), i < x.count && x.number(i) == n
}
