package plans

import (
	"iter"
	"slices"
	"strings"
)

// Difference is one record about which two plans say different things. Old is
// nil where only the new plan holds it, New where only the old one does. Both
// are valid until the next difference is asked for.
type Difference struct{ Old, New *Record }

// Compare yields the records that two plans treat differently, see Alike. A
// record that one plan destroys and the other does not is two differences, as
// destroys stand apart in a plan.
//
// The changes of both are read twice and none of them kept: a planner sorts
// them, so they are merged. Should the models of two plans follow each other
// differently, or their keys not be sorted, which only made-up plans are, parts
// of the plans are compared one after the other; what is held is such a part.
func Compare(before, after *Plan) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		a, err := shapeOf(before)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		b, err := shapeOf(after)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		m := matching{yield: yield}
		if a.mergesWith(b) {
			m.merge(before, after, a, b)
			return
		}
		m.byParts(before, after, max(a.records, b.records)/partSize+1)
	}
}

// Alike reports whether two plans would do the same with a record. Where the
// rule behind it stands in the policy, and how many of its fields stay as they
// are, makes no difference.
func Alike(a, b *Record) bool {
	x, y := a.Sealed(), b.Sealed()
	return x.Model == y.Model && x.Key == y.Key && x.Action == y.Action && x.PrimaryKey == y.PrimaryKey &&
		x.Content == y.Content && x.Stub == y.Stub && x.OldKey == y.OldKey && x.Reason == y.Reason &&
		slices.Equal(x.Fields, y.Fields)
}

// run is a stretch of a plan: the destroys of one model, or its other changes.
type run struct {
	model   string
	destroy bool
}

func runOf(r *Record) run { return run{r.Model, r.Action == Destroy} }

// shape is what must be known of a plan before it can be merged with another.
type shape struct {
	runs    map[run]int // and their places
	sorted  bool
	records int
}

func shapeOf(p *Plan) (shape, error) {
	s := shape{runs: map[run]int{}, sorted: true}
	if p.Changes == nil {
		return s, nil
	}
	var last run
	var key []string
	for r, err := range p.Changes() {
		if err != nil {
			return s, err
		}
		now, parts := runOf(r), keyParts(r.Key)
		if _, begun := s.runs[now]; !begun {
			s.runs[now] = len(s.runs)
		} else if now != last || slices.Compare(key, parts) > 0 {
			s.sorted = false
		}
		last, key = now, parts
		s.records++
	}
	return s, nil
}

// mergesWith reports whether both are sorted and the runs that they share
// follow each other alike.
func (s shape) mergesWith(t shape) bool {
	if !s.sorted || !t.sorted {
		return false
	}
	var shared []run
	for r := range s.runs {
		if _, both := t.runs[r]; both {
			shared = append(shared, r)
		}
	}
	slices.SortFunc(shared, func(a, b run) int { return s.runs[a] - s.runs[b] })
	return slices.IsSortedFunc(shared, func(a, b run) int { return t.runs[a] - t.runs[b] })
}

// keyParts are a natural key's parts as a planner sorts them: by their text.
func keyParts(key Value) []string {
	parts := key.Parts()
	if parts == nil {
		return []string{string(key)}
	}
	out := make([]string, len(parts))
	for i, p := range parts {
		text, is := p.Text()
		if !is {
			text = string(p)
		}
		out[i] = strings.Clone(text)
	}
	return out
}
