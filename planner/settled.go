package planner

import (
	"hash/maphash"
	"math"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// settled are the records of a model that are the same on both sides, primary
// keys included: what is kept of each is its natural key and its primary key,
// some 20 bytes beside the two, in arrays. One that something else turns out
// to refer to becomes an entry, see model.enter.
type settled struct {
	seed    maphash.Seed // packages are hostile: nobody can make keys collide
	keys    []byte
	ends    []int64 // where each key ends
	byKey   []uint32
	byID    ids
	carried bool // the package's records have their primary keys
	// entries are those that became entries.
	entries map[uint32]int32
}

func newSettled() *settled {
	return &settled{seed: maphash.MakeSeed(), byKey: make([]uint32, 64), byID: ids{other: map[string]uint32{}, texts: map[uint32]string{}}, entries: map[uint32]int32{}}
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
	if n := s.byID.numbers[i]; n > 0 {
		return strconv.FormatUint(uint64(n), 10)
	}
	return s.byID.texts[i]
}

// add takes a record; false when its natural key or its primary key is there
// already.
func (s *settled) add(key string, pk string) bool {
	at, known := s.slot(key)
	if known || !s.byID.add(pk) {
		return false
	}
	s.keys = append(s.keys, key...)
	s.ends = append(s.ends, int64(len(s.keys)))
	s.byKey[at] = uint32(len(s.ends))
	if 2*len(s.ends) > len(s.byKey) {
		s.grow()
	}
	return true
}

// slot is where a key is in the table of keys, or would be. The table is an
// open-addressed one that holds numbers from 1.
func (s *settled) slot(key string) (at uint64, known bool) {
	mask := uint64(len(s.byKey) - 1)
	for at = maphash.String(s.seed, key) & mask; s.byKey[at] != 0; at = (at + 1) & mask {
		if string(s.key(s.byKey[at]-1)) == key {
			return at, true
		}
	}
	return at, false
}

func (s *settled) grow() {
	s.byKey = make([]uint32, 2*len(s.byKey))
	mask := uint64(len(s.byKey) - 1)
	for i := range s.ends {
		at := maphash.Bytes(s.seed, s.key(uint32(i))) & mask
		for s.byKey[at] != 0 {
			at = (at + 1) & mask
		}
		s.byKey[at] = uint32(i) + 1
	}
}

// find returns the record with the natural key.
func (s *settled) find(key string) (uint32, bool) {
	if s == nil {
		return 0, false
	}
	at, known := s.slot(key)
	if !known {
		return 0, false
	}
	return s.byKey[at] - 1, true
}

// findID returns the record with the primary key.
func (s *settled) findID(pk string) (uint32, bool) {
	if s == nil {
		return 0, false
	}
	return s.byID.find(pk)
}

// ids finds records by their primary keys and the other way round: by number
// in arrays while the keys are dense, else in maps.
type ids struct {
	dense   []uint32 // by number: record + 1, 0 for none
	numbers []uint32 // by record: the number, 0 for one in texts
	other   map[string]uint32
	texts   map[uint32]string
}

// add notes the primary key of the next record.
func (x *ids) add(pk string) bool {
	if _, known := x.find(pk); known {
		return false
	}
	i := uint32(len(x.numbers))
	n, ok := denseID(pk)
	if !ok || n > 1<<16+8*len(x.numbers) {
		pk = strings.Clone(pk) // not the whole record with it
		x.other[pk], x.texts[i] = i, pk
		x.numbers = append(x.numbers, 0)
		return true
	}
	for n >= len(x.dense) {
		x.dense = append(x.dense, 0)
	}
	x.dense[n] = i + 1
	x.numbers = append(x.numbers, uint32(n))
	return true
}

func (x *ids) find(pk string) (uint32, bool) {
	if n, ok := denseID(pk); ok && n < len(x.dense) && x.dense[n] != 0 {
		return x.dense[n] - 1, true
	}
	i, ok := x.other[pk]
	return i, ok
}

// denseID is a primary key that is a plain number, spelt as databases spell it.
func denseID(pk string) (int, bool) {
	if len(pk) == 0 || len(pk) > 10 || pk[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(pk) {
		if pk[i] < '0' || pk[i] > '9' {
			return 0, false
		}
		n = 10*n + int(pk[i]-'0')
	}
	return n, n <= math.MaxInt32
}

// settledRow is the offset that entries of settled records have for the
// package's row, which is not kept: nothing reads it.
const settledRow = math.MaxInt64

// enter makes an entry of a settled record, once. It must not be called while
// one of the model's entries is pointed at.
func (m *model) enter(i uint32) int32 {
	s := m.settled
	if n, done := s.entries[i]; done {
		return n
	}
	key, pk := schema.Key(s.key(i)), s.pk(i)
	n := int32(len(m.entries))
	m.entries = append(m.entries, entry{key: key, pkg: settledRow, live: -1, row: schema.MakeKey(pk), pk: pk, status: unchanged})
	m.byKey[key], s.entries[i] = n, n
	for _, t := range m.targets {
		t.live[pk] = n
		if s.carried {
			t.pkg[pk] = n
		}
	}
	if s.carried {
		m.pkOwner[pk] = n
	}
	return n
}

// byNaturalKey finds the entry with that natural key.
func (m *model) byNaturalKey(key schema.Key) (int32, bool) {
	if n, ok := m.byKey[key]; ok {
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
	if n, ok := t.pkg[text]; ok {
		return n, true
	}
	if i, ok := m.settled.findID(text); ok && m.settled.carried {
		return m.enter(i), true
	}
	return 0, false
}

// byLiveID does the same for a reference of the live database.
func (m *model) byLiveID(t *target, text string) (int32, bool) {
	if n, ok := t.live[text]; ok {
		return n, true
	}
	if i, ok := m.settled.findID(text); ok {
		return m.enter(i), true
	}
	return 0, false
}

// owner finds the entry of the package's record with that primary key.
func (m *model) owner(pk string) (int32, bool) {
	if n, ok := m.pkOwner[pk]; ok {
		return n, true
	}
	if i, ok := m.settled.findID(pk); ok && m.settled.carried {
		return m.enter(i), true
	}
	return 0, false
}
