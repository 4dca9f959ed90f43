package changelog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Applies yields the applied plans, oldest first.
func Applies(ctx context.Context, s database.Snapshot) iter.Seq2[*Apply, error] {
	t := applyTable()
	return func(yield func(*Apply, error) bool) {
		for rec, err := range s.Scan(ctx, schema.Selection{Table: t, Columns: columns(t), OrderBy: []string{"at", "id"}}) {
			if err != nil {
				yield(nil, fmt.Errorf("read the change log: %w", err))
				return
			}
			a, err := decodeApply(rec)
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// Entries yields the log's entries in order, of one apply or, with an empty
// id, of all.
func Entries(ctx context.Context, s database.Snapshot, applyID string) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		for e, err := range entries(ctx, s, schema.Selection{OrderBy: []string{"seq"}}) {
			if err == nil && applyID != "" && e.ApplyID != applyID {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func entries(ctx context.Context, s database.Snapshot, sel schema.Selection) iter.Seq2[*Entry, error] {
	sel.Table = entryTable()
	sel.Columns = columns(sel.Table)
	return func(yield func(*Entry, error) bool) {
		for rec, err := range s.Scan(ctx, sel) {
			if err != nil {
				yield(nil, fmt.Errorf("read the change log: %w", err))
				return
			}
			e, err := decodeEntry(rec)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Report is what verifying the chain found.
type Report struct {
	Applies, Entries int
	// Head is the hash of the last entry: kept elsewhere, it proves that
	// nothing was cut off the end.
	Head string
	// Faults are what is wrong, in the log's order; none if it is whole.
	Faults []string
}

// faultsShown is how many faults a Report names.
const faultsShown = 100

// Verify recomputes every hash and follows the chain: an entry that was
// altered, removed or put in between breaks it. The applies' own counts are
// checked against their entries.
func Verify(ctx context.Context, s database.Snapshot) (*Report, error) {
	r := &Report{}
	fault := func(format string, args ...any) {
		if len(r.Faults) < faultsShown {
			r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
		}
	}
	found := map[string]int{}
	last := Entry{}
	for e, err := range Entries(ctx, s, "") {
		if err != nil {
			return nil, err
		}
		r.Entries++
		switch {
		case e.Seq != last.Seq+1:
			fault("entry %d: entries %d to %d are missing", e.Seq, last.Seq+1, e.Seq-1)
		case e.Previous != last.Hash:
			fault("entry %d: it does not follow the entry before it", e.Seq)
		}
		if e.digest() != e.Hash {
			fault("entry %d: its content does not match its hash", e.Seq)
		}
		found[e.ApplyID]++
		last = *e
	}
	r.Head = last.Hash
	for a, err := range Applies(ctx, s) {
		if err != nil {
			return nil, err
		}
		r.Applies++
		if want := a.Added + a.Changed + a.Destroyed; found[a.ID] != want {
			fault("apply %s: %d entries, %d expected", a.ID, found[a.ID], want)
		}
		delete(found, a.ID)
	}
	for id, n := range found {
		fault("apply %s: %d entries of an apply that is not recorded", id, n)
	}
	return r, nil
}

// reader takes a record's columns in order.
type reader struct {
	fields []schema.Field
	err    error
}

func (r *reader) text() string {
	v := r.fields[0].Value.Text
	r.fields = r.fields[1:]
	return v
}

func (r *reader) number() int64 {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("read the change log: %w", err)
	}
	return n
}

func decodeApply(rec *schema.Record) (*Apply, error) {
	r := &reader{fields: rec.Fields}
	a := &Apply{ID: r.text(), PlanID: r.text()}
	at := r.text()
	a.Actor, a.Program, a.Policy, a.Package, a.ChangeSet, a.Source = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
	a.Added, a.Changed, a.Destroyed = int(r.number()), int(r.number()), int(r.number())
	a.First, a.Last = r.number(), r.number()
	var err error
	if a.At, err = parseStamp(at); err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	return a, r.err
}

func decodeEntry(rec *schema.Record) (*Entry, error) {
	r := &reader{fields: rec.Fields}
	e := &Entry{Seq: r.number(), ApplyID: r.text()}
	at := r.text()
	e.Actor, e.Policy, e.Package, e.Model, e.Key, e.Action = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
	e.Before, e.After, e.Previous, e.Hash = r.text(), r.text(), r.text(), r.text()
	var err error
	if e.At, err = parseStamp(at); err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	return e, r.err
}

// Exists reports whether the database has a change log: it has one once a plan
// was applied. The snapshot is of no further use when it has none.
func Exists(ctx context.Context, s database.Snapshot) (bool, error) {
	for _, err := range entries(ctx, s, schema.Selection{Limit: 1}) {
		if errors.Is(err, database.ErrNoTable) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}
