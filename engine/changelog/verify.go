package changelog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Report is what verifying the chain found.
type Report struct {
	Applies, Entries int
	// Head is the hash of the last entry: kept elsewhere, it proves that
	// nothing was cut off the end together with its apply.
	Head string
	// Faults are what is wrong, in the log's order; none if it is whole.
	Faults []string
}

// faultsShown is how many faults a Report names.
const faultsShown = 100

func (r *Report) fault(format string, args ...any) {
	if len(r.Faults) < faultsShown {
		r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
	}
}

// damage makes a fault of a record that cannot be read as the log wrote it;
// other errors are returned.
func (r *Report) damage(err error) error {
	var d *damaged
	if errors.As(err, &d) {
		r.fault("%s cannot be read", d.what)
		return nil
	}
	return err
}

// stretch is what the entries of one apply are seen to be.
type stretch struct {
	count       int
	first, last int64
	head        string
}

// Verify recomputes every hash and follows the chain: an entry that was
// altered, removed, moved or put in between breaks it. Each apply's own row is
// checked against its hash and its entries, so that entries cut off the end
// are missed.
func Verify(ctx context.Context, s database.Snapshot) (*Report, error) {
	r := &Report{}
	found := map[string]*stretch{}
	last := Entry{}
	for e, err := range entries(ctx, s, schema.Selection{OrderBy: []string{"seq"}}) {
		if err := r.damage(err); err != nil {
			return nil, err
		}
		r.Entries++
		r.follow(&last, e)
		f := found[e.ApplyID]
		if f == nil {
			f = &stretch{first: e.Seq}
			found[e.ApplyID] = f
		}
		f.count++
		f.last, f.head = e.Seq, e.Hash
		last = *e
	}
	r.Head = last.Hash
	for a, err := range applies(ctx, s) {
		if err := r.damage(err); err != nil {
			return nil, err
		}
		r.Applies++
		r.match(a, found[a.ID])
		delete(found, a.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		r.fault("apply %s: %d entries of an apply that is not recorded", id, found[id].count)
	}
	return r, nil
}

// follow checks an entry and that it continues the chain.
func (r *Report) follow(last, e *Entry) {
	switch {
	case e.Seq > last.Seq+1:
		r.fault("entry %d: entries %d to %d are missing", e.Seq, last.Seq+1, e.Seq-1)
	case e.Seq != last.Seq+1:
		r.fault("entry %d: the first entry is number 1", e.Seq)
	case e.Previous != last.Hash:
		r.fault("entry %d: it does not follow the entry before it", e.Seq)
	}
	if e.digest() != e.Hash {
		r.fault("entry %d: its content does not match its hash", e.Seq)
	}
}

// match checks an apply against its entries; found is nil when it has none.
func (r *Report) match(a *Apply, found *stretch) {
	if a.digest() != a.Hash {
		r.fault("apply %s: its content does not match its hash", a.ID)
	}
	if found == nil {
		found = &stretch{head: a.Head}
	}
	switch want := a.Added + a.Changed + a.Destroyed; {
	case found.count != want:
		r.fault("apply %s: %d entries, %d expected", a.ID, found.count, want)
	case found.first != a.First || found.last != a.Last || found.head != a.Head:
		r.fault("apply %s: its entries are not those that it wrote", a.ID)
	}
}
