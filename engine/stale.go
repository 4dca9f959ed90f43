package engine

import (
	"crypto/sha256"
	"fmt"
	"iter"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
)

// differencesShown is how many differing records a StaleError names.
const differencesShown = 20

// comparedAtOnce is about how many records of the saved plan are held in
// memory; of a longer plan, parts are compared one after the other.
const comparedAtOnce = 1 << 19

// stale says on which records a saved plan and a new one differ.
func stale(saved *plans.Plan, now *planner.Result) error {
	s := saved.Summary
	c := comparison{
		saved: saved.Changes, now: now.Changes,
		parts: (s.Add+s.Change+s.Destroy+s.Remap)/comparedAtOnce + 1,
		found: &StaleError{},
	}
	for part := range c.parts {
		if err := c.compare(part); err != nil {
			return err
		}
	}
	if len(c.found.Differing) == 0 {
		c.found.Reason = "its changes are the same, but the tables have changed so that they would be made in another order"
	}
	if now.Diagnostics.HasErrors() {
		c.found.Diagnostics = now.Diagnostics
	}
	return c.found
}

// comparison compares two change sets record by record.
type comparison struct {
	saved, now func() iter.Seq2[*plans.Record, error]
	parts      int
	found      *StaleError
}

// identity is the digest of what identifies a record in a change set; sealed
// is what a plan says of it. Digests, as keys can be long and records many.
type (
	identity [16]byte
	sealed   struct {
		action plans.Action
		sum    [16]byte
	}
)

func identify(r *plans.Record) identity {
	return identity(half(fmt.Appendf(nil, "%d:%s%t%s", len(r.Model), r.Model, r.Action == plans.Destroy, r.Key)))
}

func seal(r *plans.Record) sealed { return sealed{r.Action, half(r.AppendJSON(nil))} }

func half(b []byte) [16]byte {
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// part yields the records of one part of a change set.
func (c *comparison) part(n int, changes func() iter.Seq2[*plans.Record, error]) iter.Seq2[identity, recordOrError] {
	return func(yield func(identity, recordOrError) bool) {
		for r, err := range changes() {
			if err != nil {
				yield(identity{}, recordOrError{err: err})
				return
			}
			id := identify(r)
			if (int(id[0])<<8|int(id[1]))%c.parts == n && !yield(id, recordOrError{record: r}) {
				return
			}
		}
	}
}

type recordOrError struct {
	record *plans.Record
	err    error
}

func (c *comparison) compare(part int) error {
	was := map[identity]sealed{}
	for id, r := range c.part(part, c.saved) {
		if r.err != nil {
			return r.err
		}
		was[id] = seal(r.record)
	}
	for id, r := range c.part(part, c.now) {
		if r.err != nil {
			return r.err
		}
		// The zero sealed is no record's.
		if old := was[id]; old != seal(r.record) {
			c.note(r.record, old.action, r.record.Action)
		}
		delete(was, id)
	}
	if len(was) == 0 {
		return nil
	}
	for id, r := range c.part(part, c.saved) {
		if r.err != nil {
			return r.err
		}
		if _, gone := was[id]; gone {
			c.note(r.record, r.record.Action, "")
		}
	}
	return nil
}

func (c *comparison) note(r *plans.Record, saved, now plans.Action) {
	if len(c.found.Differing) >= differencesShown {
		c.found.More++
		return
	}
	c.found.Differing = append(c.found.Differing, Difference{Model: r.Model, Key: r.Key, Saved: saved, Now: now})
}
