package planner

import (
	"math"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// settled are the records of a model that are the same on both sides, primary
// keys included: what is kept of each is its natural key and its primary key,
// some 30 bytes beside the two, in arrays. One that something else turns out
// to refer to becomes an entry, see model.enter.
type settled struct {
	keys  []byte
	ends  []int64 // where each key ends
	byKey index
	byID  idMap
	// numbers are the primary keys that are plain numbers, 0 for one in texts.
	numbers []uint32
	texts   map[uint32]string
	carried bool // the package's records have their primary keys
	// entries are those that became entries.
	entries map[uint32]int32
}

func newSettled() *settled {
	return &settled{byKey: newIndex(), texts: map[uint32]string{}, entries: map[uint32]int32{}}
}

func (s *settled) count() int {
	if s == nil {
		return 0
	}
	return len(s.ends)
}

// alone is how many of them have no entry.
func (s *settled) alone() int {
	if s == nil {
		return 0
	}
	return len(s.ends) - len(s.entries)
}

// key is the natural key of record i.
func (s *settled) key(i uint32) []byte {
	from := int64(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.keys[from:s.ends[i]]
}

// pk is the primary key of record i.
func (s *settled) pk(i uint32) string {
	if n := s.numbers[i]; n > 0 {
		return strconv.FormatUint(uint64(n), 10)
	}
	return s.texts[i]
}

// add takes a record; false when its natural key or its primary key is there
// already.
func (s *settled) add(key string, pk string) bool {
	hash := s.byKey.hash(key)
	if _, known := s.lookUp(key, hash); known {
		return false
	}
	if _, known := s.byID.get(pk); known {
		return false
	}
	i := uint32(len(s.ends))
	number, ok := denseID(pk)
	if !ok {
		s.texts[i] = strings.Clone(pk) // not the whole record with it
	}
	s.numbers = append(s.numbers, uint32(number))
	s.byID.set(pk, int32(i))
	s.keys = append(s.keys, key...)
	s.ends = append(s.ends, int64(len(s.keys)))
	s.byKey.add(hash, i)
	return true
}

func (s *settled) lookUp(key string, hash uint32) (uint32, bool) {
	return s.byKey.find(hash, func(i uint32) bool { return string(s.key(i)) == key })
}

// find returns the record with the natural key.
func (s *settled) find(key string) (uint32, bool) {
	if s == nil {
		return 0, false
	}
	return s.lookUp(key, s.byKey.hash(key))
}

// findID returns the record with the primary key.
func (s *settled) findID(pk string) (uint32, bool) {
	if s == nil {
		return 0, false
	}
	i, ok := s.byID.get(pk)
	return uint32(i), ok
}

// settledRow is the offset that entries of settled records have for the
// package's row, which is not kept: nothing reads it.
const settledRow = math.MaxInt64

// enter makes an entry of a settled record, once.
func (m *model) enter(i uint32) int32 {
	s := m.settled
	if n, done := s.entries[i]; done {
		return n
	}
	pk := s.pk(i)
	n, _ := m.entries.put(schema.Key(s.key(i)))
	e := m.entries.at(n)
	e.pkg, e.row, e.pk, e.status = settledRow, schema.MakeKey(pk), pk, unchanged
	s.entries[i] = n
	for _, t := range m.targets {
		t.live.set(pk, n)
		if s.carried {
			t.pkg.set(pk, n)
		}
	}
	if s.carried {
		m.pkOwner.set(pk, n)
	}
	return n
}

// byNaturalKey finds the entry with that natural key.
func (m *model) byNaturalKey(key schema.Key) (int32, bool) {
	if n, ok := m.entries.find(key); ok {
		return n, true
	}
	if i, ok := m.settled.find(string(key)); ok {
		return m.enter(i), true
	}
	return 0, false
}

// byPackageID finds the entry that a reference of the package means by the
// value of a field.
func (m *model) byPackageID(t *target, text string) (int32, bool) {
	if n, ok := t.pkg.get(text); ok {
		return n, true
	}
	if i, ok := m.settled.findID(text); ok && m.settled.carried {
		return m.enter(i), true
	}
	return 0, false
}

// byLiveID does the same for a reference of the live database.
func (m *model) byLiveID(t *target, text string) (int32, bool) {
	if n, ok := t.live.get(text); ok {
		return n, true
	}
	if i, ok := m.settled.findID(text); ok {
		return m.enter(i), true
	}
	return 0, false
}

// owner finds the entry of the package's record with that primary key.
func (m *model) owner(pk string) (int32, bool) {
	if n, ok := m.pkOwner.get(pk); ok {
		return n, true
	}
	if i, ok := m.settled.findID(pk); ok && m.settled.carried {
		return m.enter(i), true
	}
	return 0, false
}
