package engine

import (
	"encoding/hex"
	"strings"
)

// idSet is a set of identifiers. Nearly all are integers that lie close
// together, which take a bit each, or uuids; anything else is kept as it is. The
// zero value is empty.
type idSet struct {
	numbers map[uint64][4]uint64 // by all bits but the last eight
	uuids   map[[16]byte]struct{}
	others  map[string]struct{}
	// page is the one of numbers that was added to last and is not in the map
	// yet.
	at   uint64
	page [4]uint64
}

func (s *idSet) add(id string) {
	if n, ok := numberOf(id); ok {
		if s.numbers == nil {
			s.numbers, s.at = map[uint64][4]uint64{}, n>>8
		}
		if s.at != n>>8 {
			s.numbers[s.at] = s.page
			s.at = n >> 8
			s.page = s.numbers[s.at]
		}
		s.page[n>>6&3] |= 1 << (n & 63)
		return
	}
	if u, ok := uuidOf(id); ok {
		if s.uuids == nil {
			s.uuids = map[[16]byte]struct{}{}
		}
		s.uuids[u] = struct{}{}
		return
	}
	if s.others == nil {
		s.others = map[string]struct{}{}
	}
	s.others[strings.Clone(id)] = struct{}{} // not the whole record with it
}

// has reports whether the identifier is in the set; a nil set is empty.
func (s *idSet) has(id string) bool {
	if s == nil {
		return false
	}
	if n, ok := numberOf(id); ok {
		page := s.page
		if s.at != n>>8 {
			page = s.numbers[n>>8]
		}
		return page[n>>6&3]&(1<<(n&63)) != 0
	}
	if u, ok := uuidOf(id); ok {
		_, ok := s.uuids[u]
		return ok
	}
	_, ok := s.others[id]
	return ok
}

// numberOf reads a number that is spelt in the one way there is.
func numberOf(id string) (uint64, bool) {
	if id == "" || len(id) > 18 || id[0] == '0' && id != "0" {
		return 0, false
	}
	var n uint64
	for i := range len(id) {
		d := id[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = 10*n + uint64(d)
	}
	return n, true
}

// uuidOf reads a uuid that is spelt canonically.
func uuidOf(id string) (u [16]byte, ok bool) {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return u, false
	}
	var digits [32]byte
	n := copy(digits[:], id[:8])
	for _, part := range []string{id[9:13], id[14:18], id[19:23], id[24:]} {
		n += copy(digits[n:], part)
	}
	if strings.ContainsAny(id, "ABCDEF") {
		return u, false
	}
	_, err := hex.Decode(u[:], digits[:])
	return u, err == nil
}
