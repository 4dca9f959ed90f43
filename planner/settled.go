package planner

import (
	"errors"
	"math"
	"sync"

	"github.com/edmsplan/edmsplan/schema"
)

// settled are the records of a model that are the same on both sides, primary
// keys included, or fresh. What memory keeps of each is some 10 bytes, whatever its key:
// natural keys are spooled. One that something else turns out to refer to
// becomes an entry, see model.enter.
type settled struct {
	mu    sync.Mutex // of keys: both sides of a model that refers here ask for them
	keys  *spool
	block []int64 // the offset of every blockKeys'th key
	err   error   // that of a key which could not be read
	byKey index
	// dropped says that byKey was left to the collector; find makes it again,
	// which indexing guards.
	dropped  bool
	indexing sync.Mutex
	// total is how many there are.
	total   int
	ids     ids  // their primary keys
	carried bool // the package's records have them
	// fresh is what the plan does with them; nil where they are the same on both
	// sides, so that it does nothing.
	fresh *fresh
	// entries are those that became entries.
	entries map[uint32]int32
}

// blockKeys is how many keys have one offset.
const blockKeys = 16

func newSettled(keys *spool) *settled {
	return &settled{keys: keys, byKey: newIndex(), entries: map[uint32]int32{}}
}

// failure is why a key could not be read, nil if all could be. After one,
// nothing that was found out is to be relied on.
func (s *settled) failure() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *settled) close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.keys.close(), s.fresh.close())
}

func (s *settled) count() int {
	if s == nil {
		return 0
	}
	return s.total
}

// tally is how many records are added, and how many stay as they are, beside
// those that have entries of their own.
func (s *settled) tally() (added, unchanged int) {
	switch {
	case s == nil:
		return 0, 0
	case s.fresh != nil:
		return s.total, 0
	}
	return 0, s.total - len(s.entries)
}

// isFresh reports whether an entry is that of a fresh record, which is counted
// and written without it.
func (m *model) isFresh(e *entry) bool { return e.pkg == settledRow && m.settled.fresh != nil }

// key is the natural key of record i, "" when it cannot be read: see failure.
func (s *settled) key(i uint32) schema.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return schema.Key(s.read(i))
}

// isKey reports whether it is the natural key of record i.
func (s *settled) isKey(i uint32, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.read(i)) == key
}

func (s *settled) read(i uint32) []byte {
	at := s.block[i/blockKeys]
	for skip := i % blockKeys; ; skip-- {
		body, next, err := s.keys.getNext(at)
		if err != nil {
			s.err = err
			return nil
		}
		if skip == 0 {
			return body
		}
		at = next
	}
}

// add takes a record; false when its natural key or its primary key is there
// already.
func (s *settled) add(key string, pk string) (bool, error) {
	hash := s.byKey.hash(key)
	_, known := s.lookUp(key, hash)
	if _, taken := s.ids.find(pk); known || taken {
		return false, nil
	}
	if err := s.failure(); err != nil {
		return false, err
	}
	i := uint32(s.total)
	offset, err := s.keys.putBytes([]byte(key))
	if err != nil {
		return false, err
	}
	if i%blockKeys == 0 {
		s.block = append(s.block, offset)
	}
	s.total++
	s.ids.add(pk)
	s.byKey.add(hash, i)
	return true, nil
}

func (s *settled) lookUp(key string, hash uint32) (uint32, bool) {
	return s.byKey.find(hash, func(i uint32) bool { return s.isKey(i, key) })
}

// drop forgets the index by natural key, half of what is kept: most models are
// referred to by primary keys, if at all.
func (s *settled) drop() { s.byKey.parts, s.dropped = nil, true }

// find returns the record with the natural key.
func (s *settled) find(key string) (uint32, bool) {
	if s == nil {
		return 0, false
	}
	s.reindex()
	return s.lookUp(key, s.byKey.hash(key))
}

// reindex makes the index by natural key again, once.
func (s *settled) reindex() {
	s.indexing.Lock()
	defer s.indexing.Unlock()
	if !s.dropped {
		return
	}
	s.dropped = false
	s.mu.Lock()
	defer s.mu.Unlock()
	at := int64(0)
	for i := range s.total {
		body, next, err := s.keys.getNext(at)
		if err != nil {
			s.err = err
			return
		}
		s.byKey.add(s.byKey.hash(string(body)), uint32(i))
		at = next
	}
}

// findID returns the record with the primary key.
func (s *settled) findID(pk string) (uint32, bool) {
	if s == nil {
		return 0, false
	}
	return s.ids.find(pk)
}

// findLive returns the one whose live row has the primary key.
func (s *settled) findLive(pk string) (uint32, bool) {
	if s == nil || s.fresh != nil {
		return 0, false
	}
	return s.findID(pk)
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
	pk := s.ids.at(i)
	n, _ := m.entries.put(s.key(i))
	e := m.entries.at(n)
	e.pkg, e.row, e.pk, e.status = settledRow, schema.MakeKey(pk), pk, unchanged
	if s.fresh != nil {
		e.row, e.status, e.kept = "", added, true
	}
	s.entries[i] = n
	for _, t := range m.targets {
		if s.fresh == nil {
			t.live.set(pk, n)
		}
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
	if i, ok := m.settled.findLive(text); ok {
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
	return m.ruling.leftOwner(pk)
}
