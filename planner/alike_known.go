package planner

import (
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// A package that keeps its records in chunks knows what is in each: where live
// rows are, value for value, what a chunk holds, the chunk need not be read.
// What it says is told from the rows, and judged as if it had been read. This
// is done from the start of the table for as long as it pays; then the two
// streams are brought together as ever, the package's without those chunks.

// recognition compares the live rows of a model with the package's chunks.
type recognition struct {
	*aside
	schema.Recogniser
	from   []int // by the package's field: its place in a live row
	layout *layout
	cache  *linkCache
	row    []schema.Literal
	// carried says that primary keys mean the same records on both sides where
	// these were set aside.
	carried bool
	// held are the items that no chunk ends with yet, said is what is to be noted
	// of them, and batches are those that they are of but for the stream's own.
	held    []*item
	said    []genericNote
	batches []*batch
	// known are the chunks that need not be read, by number.
	known         []bool
	hits, strange int
}

// chunkRoom is how many batches wait in the lane of the live rows: those of a
// chunk are read while the ones of another are judged.
const chunkRoom = 16

// newRecognition is nil where the package's chunks cannot be known by live
// rows: where its records are not all of plain columns of the same types, or
// where the two sides may order primary keys in different ways.
func (a *aside) newRecognition() *recognition {
	m := a.m
	pkg, ok := a.in.Package.(schema.Chunked)
	labels, _ := a.labelsOf(m)
	if !ok || len(labels) != 1 || m.foreign == nil || m.fields[m.pk].column.Type.Kind != schema.Integer {
		return nil
	}
	r := &recognition{aside: a, Recogniser: pkg.Recogniser(labels[0]), layout: &layout{where: make([]int, len(m.fields))}}
	if r.Recogniser == nil {
		return nil
	}
	place := make([]int, len(m.fields))
	for n := range m.fields {
		place[n], r.layout.where[n] = -1, -1
	}
	for i, n := range a.at {
		place[n] = i
	}
	for _, model := range pkg.Models() {
		if model.Label != labels[0] {
			continue
		}
		for i := range model.Fields {
			n, known := m.names[model.Fields[i].Name]
			if !known || place[n] < 0 || r.layout.where[n] >= 0 || !m.foreign[n].known || !a.same[n] {
				return nil
			}
			r.from = append(r.from, place[n])
			r.layout.where[n] = place[n]
		}
	}
	if r.layout.where[m.pk] < 0 {
		return nil
	}
	r.cache, r.row = newLinkCache(a), make([]schema.Literal, len(r.from))
	r.carried = !slices.ContainsFunc(a.models, func(m *model) bool { return m.settled != nil && !m.settled.carried })
	return r
}

// run takes the first of the live rows; false when the model's records cannot
// be set aside.
func (r *recognition) run(live *stream) (ok bool, err error) {
	// Where the first chunk is strange, or more than a fifth of them, looking for
	// others does not pay.
	for r.strange <= (r.hits+3)/4 && len(r.live) <= r.limits.lead/2 {
		if err := live.fill(); err != nil {
			return false, err
		}
		if live.ended {
			return r.settle(live)
		}
		if !r.hold(live) {
			continue
		}
		if ok, err := r.settle(live); !ok || err != nil {
			return false, err
		}
		r.observe(r.m, SideLive, r.records.count(), r.hits%4 == 0)
	}
	return true, nil
}

// hold takes items until a chunk ends or the batch does.
func (r *recognition) hold(live *stream) (ended bool) {
	for len(live.items) > 0 && !ended {
		x := &live.items[0]
		for i, at := range r.from {
			r.row[i] = x.values[at]
		}
		r.held = append(r.held, x)
		ended = r.Next(r.row)
		live.next()
	}
	if !ended {
		r.batches = append(r.batches, live.now)
		live.now = nil // it is not to be used again yet
	}
	return ended
}

// settle sets the items aside that are a chunk of the package; others wait for
// their like, or come again where these are the first. It returns false when
// records turn out to be there twice.
func (r *recognition) settle(live *stream) (ok bool, err error) {
	if len(r.held) == 0 {
		return true, nil
	}
	number, known := r.Chunk()
	if known = known && r.alikeAll(); known {
		for number >= len(r.known) {
			r.known = append(r.known, false)
		}
		r.known[number] = true
		r.hits++
	} else {
		r.strange++
	}
	if !known && r.hits == 0 {
		live.putBack(r.batches)
		return true, nil
	}
	mine := item{layout: r.layout}
	for _, x := range r.held {
		mine.key = x.key
		if !known {
			err = r.wait(x, r.live)
		} else if ok, err = r.take(&mine, x, true); !ok {
			return false, err
		}
		if err != nil {
			return false, err
		}
	}
	if known {
		for _, n := range r.said {
			r.notes[n]++
		}
	}
	r.held = r.held[:0]
	for _, b := range r.batches {
		live.lanes.reuse(b)
	}
	r.batches = r.batches[:0]
	return true, nil
}

// alikeAll reports whether the package's records, which have the values of the
// rows held, say the same as these.
func (r *recognition) alikeAll() bool {
	r.said = r.said[:0]
	return !slices.ContainsFunc(r.held, func(x *item) bool {
		return x.key == "" || !r.leadsAlike(x) && !r.saysTheSame(x)
	})
}

// leadsAlike reports whether it is plain that a record of the package with the
// row's values refers to what the row does.
func (r *recognition) leadsAlike(x *item) bool {
	for i, h := range x.links {
		switch {
		case h == noRef, h >= settledMark && r.carried:
		case i >= len(r.links), h < 0:
			return false
		default:
			n := r.links[i]
			if at := r.layout.where[n]; at >= 0 && r.cache.packageLink(n, x.values[at]) != h {
				return false
			}
		}
	}
	return true
}

// saysTheSame compares the row with the record of the package that has its
// values.
func (r *recognition) saysTheSame(x *item) bool {
	mine := &item{key: x.key, values: x.values, layout: r.layout, links: make([]handle, len(x.links))}
	if !r.lead(mine, r.cache) {
		return false
	}
	r.said = append(r.said, mine.notes...)
	_, same := r.alike(mine, x)
	return same
}
