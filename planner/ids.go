package planner

import (
	"sort"
	"strconv"
	"strings"
)

// ids are the primary keys of records by their place. Mostly they come as
// numbers that ascend, as tables and their backups have them, with few gaps.
// As long as they ascend the list is its own index, and where few numbers are
// missing little is kept of them but where they go on; else each takes 4 bytes.
type ids struct {
	chunks []idChunk
	count  int
	texts  map[uint32]string
	last   uint32
	// mixed says that they do not ascend, so that there is an index beside them.
	mixed bool
	index idMap
}

// idChunk has chunkIDs numbers, the last one fewer. What grows copies nothing of the
// others.
type idChunk struct {
	runs []idRun
	list []uint32 // instead of many runs; 0 stands for one of the texts
}

// idRun are numbers without a gap, from a place in the chunk on; the first is 0
// for one of the texts.
type idRun struct {
	place uint16
	first uint32
}

const (
	chunkIDs = 1 << 14
	manyRuns = chunkIDs / 8 // a quarter of what the list takes
)

// add puts a primary key at the end. It is not there yet.
func (x *ids) add(pk string) {
	i := x.count
	number, ok := denseID(pk)
	n := uint32(number)
	if !ok {
		n = 0
		if x.texts == nil {
			x.texts = map[uint32]string{}
		}
		x.texts[uint32(i)] = strings.Clone(pk) // not the whole record with it
	}
	if !x.mixed && n <= x.last {
		x.mixed = true
		for before := range uint32(i) {
			x.index.set(x.at(before), int32(before))
		}
	}
	if x.mixed {
		x.index.set(pk, int32(i))
	}
	if i%chunkIDs == 0 {
		x.chunks = append(x.chunks, idChunk{})
	}
	x.chunks[len(x.chunks)-1].add(i%chunkIDs, n)
	x.count++
	x.last = n
}

func (c *idChunk) add(i int, n uint32) {
	switch last := len(c.runs) - 1; {
	case c.list != nil:
		c.list = append(c.list, n)
	case last >= 0 && n > 0 && n == c.runs[last].number(i):
	case len(c.runs) < manyRuns:
		c.runs = append(c.runs, idRun{uint16(i), n})
	default:
		c.list = make([]uint32, i, chunkIDs)
		for before := range c.list {
			c.list[before] = c.number(before)
		}
		c.list, c.runs = append(c.list, n), nil
	}
}

func (c *idChunk) number(i int) uint32 {
	if c.runs == nil {
		return c.list[i]
	}
	after := sort.Search(len(c.runs), func(r int) bool { return int(c.runs[r].place) > i })
	return c.runs[after-1].number(i)
}

func (r idRun) number(i int) uint32 { return r.first + uint32(i-int(r.place)) }

func (x *ids) number(i int) uint32 { return x.chunks[i/chunkIDs].number(i % chunkIDs) }

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
	chunk := sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].number(0) > n }) - 1
	if chunk < 0 {
		return 0, false
	}
	c := &x.chunks[chunk]
	i := chunk*chunkIDs + c.place(n)
	return uint32(i), i < x.count && x.number(i) == n
}

// place is where a number is that is not less than the first, if it is there:
// the numbers ascend.
func (c *idChunk) place(n uint32) int {
	if c.runs == nil {
		return sort.Search(len(c.list), func(i int) bool { return c.list[i] >= n })
	}
	r := c.runs[sort.Search(len(c.runs), func(r int) bool { return c.runs[r].first > n })-1]
	return int(r.place) + int(n-r.first)
}
