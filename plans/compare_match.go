package plans

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
)

// partSize is about how many records are held where plans cannot be merged: some
// hundred megabytes. Each part costs another reading of both plans.
const partSize = 1 << 18

// matching finds the partner of each record in the other plan.
type matching struct {
	yield func(Difference, error) bool
}

// give yields a pair, unless its records are alike.
func (m matching) give(old, now *Record) bool {
	if old != nil && now != nil && Alike(old, now) {
		return true
	}
	return m.yield(Difference{old, now}, nil)
}

// side is one of the plans while they are merged.
type side struct {
	next   func() (*Record, error, bool)
	shape  shape
	record *Record // nil at the end
	key    []string
}

func (s *side) advance() error {
	r, err, more := s.next()
	if s.record = nil; more && err == nil {
		s.record, s.key = r, keyParts(r.Key)
	}
	return err
}

// merge reads two plans of which mergesWith holds side by side.
func (m matching) merge(before, after *Plan, a, b shape) {
	old, stop := sideOf(before, a)
	defer stop()
	now, stop := sideOf(after, b)
	defer stop()
	ahead := 0 // below 0 the old plan is to be read on, above 0 the new one
	for {
		for _, s := range []struct {
			*side
			read bool
		}{{old, ahead <= 0}, {now, ahead >= 0}} {
			if !s.read {
				continue
			}
			if err := s.advance(); err != nil {
				m.yield(Difference{}, err)
				return
			}
		}
		if old.record == nil && now.record == nil {
			return
		}
		ahead = order(old, now)
		pair := Difference{old.record, now.record}
		if ahead < 0 {
			pair.New = nil
		} else if ahead > 0 {
			pair.Old = nil
		}
		if !m.give(pair.Old, pair.New) {
			return
		}
	}
}

func sideOf(p *Plan, s shape) (*side, func()) {
	changes := p.Changes
	if changes == nil {
		changes = func() iter.Seq2[*Record, error] { return func(func(*Record, error) bool) {} }
	}
	next, stop := iter.Pull2(changes())
	return &side{next: next, shape: s}, stop
}

// order says which of two sides has the record that comes first: below 0 the
// old plan, 0 when it is the same record. A run that only one of them has comes
// first, as nothing in the other waits for it.
func order(old, now *side) int {
	switch {
	case now.record == nil:
		return -1
	case old.record == nil:
		return 1
	}
	a, b := runOf(old.record), runOf(now.record)
	if a == b {
		return slices.Compare(old.key, now.key)
	}
	place, shared := now.shape.runs[a]
	switch {
	case !shared:
		return -1
	case place > now.shape.runs[b]: // the new plan has yet to come to a
		return 1
	}
	return -1
}

// byParts holds a part of the old plan at a time and reads the new one for it.
func (m matching) byParts(before, after *Plan, parts int) {
	for part := range parts {
		held, order := map[identity][]*Record{}, []*Record(nil)
		for r, err := range partOf(before, part, parts) {
			if err != nil {
				m.yield(Difference{}, err)
				return
			}
			s := r.Sealed()
			s.Fields = slices.Clone(s.Fields)
			id := identify(r)
			held[id] = append(held[id], &s)
			order = append(order, &s)
		}
		for r, err := range partOf(after, part, parts) {
			if err != nil {
				m.yield(Difference{}, err)
				return
			}
			var old *Record
			if id := identify(r); len(held[id]) > 0 {
				old, held[id] = held[id][0], held[id][1:]
			}
			if !m.give(old, r) {
				return
			}
		}
		for _, r := range order {
			if left := held[identify(r)]; slices.Contains(left, r) && !m.give(r, nil) {
				return
			}
		}
	}
}

// identity is the digest of what identifies a record in a plan.
type identity [16]byte

func identify(r *Record) identity {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%t%s", len(r.Model), r.Model, r.Action == Destroy, r.Key))
	return identity(sum[:16])
}

// partOf yields the records of a plan whose identities fall into a part.
func partOf(p *Plan, part, parts int) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		if p.Changes == nil {
			return
		}
		for r, err := range p.Changes() {
			if err != nil {
				yield(nil, err)
				return
			}
			if id := identify(r); (int(id[0])<<8|int(id[1]))%parts == part && !yield(r, nil) {
				return
			}
		}
	}
}
