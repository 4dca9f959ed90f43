package render

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/edmsplan/edmsplan/plans"
)

const (
	// few is how many records alike are listed one by one.
	few = 5
	// maxShapes bounds the shapes counted at a time. Beyond it those seen once
	// are forgotten, which at worst lists records that could have been grouped.
	maxShapes = 50_000
)

// shape identifies changes that are alike: of one model, with the same fields
// before and after. It is a cryptographic digest, as packages are hostile.
type shape [16]byte

// identity names a record.
type identity struct {
	model string
	key   plans.Value
}

// survey is what a first pass over the changes finds out.
type survey struct {
	// common are the shapes of more than a few records.
	common map[shape]bool
	// changed are the remapped records that are among the changes too.
	changed map[identity]bool
}

// surveyChanges reads the changes once.
func surveyChanges(p *plans.Plan, o Options) (*survey, error) {
	s := &survey{common: map[shape]bool{}, changed: map[identity]bool{}}
	if p.Changes == nil {
		return s, nil
	}
	remapped := map[identity]bool{}
	for _, r := range p.Remaps {
		remapped[identity{r.Model, r.Key}] = true
	}
	model, counts := "", map[shape]int{}
	var shapes shaper
	for r, err := range p.Changes() {
		if err != nil {
			return nil, err
		}
		if id := (identity{r.Model, r.Key}); r.Action != plans.Remap && remapped[id] {
			s.changed[id] = true
		}
		if o.All {
			continue
		}
		if r.Model != model {
			model, counts = r.Model, map[shape]int{}
		}
		s.count(counts, shapes.of(r))
	}
	return s, nil
}

func (s *survey) count(counts map[shape]int, sh shape) {
	if s.common[sh] {
		return
	}
	if len(counts) >= maxShapes {
		for k, n := range counts {
			if n == 1 {
				delete(counts, k)
			}
		}
		if len(counts) >= maxShapes {
			return
		}
	}
	if counts[sh]++; counts[sh] > few {
		s.common[sh] = true
		delete(counts, sh)
	}
}

// remapOnly counts the remapped records that do not change otherwise.
func (s *survey) remapOnly(p *plans.Plan) int {
	only := map[identity]bool{}
	for _, r := range p.Remaps {
		if id := (identity{r.Model, r.Key}); !s.changed[id] {
			only[id] = true
		}
	}
	return len(only)
}

// shaper tells the shapes of records one after the other. Those without fields,
// such as added ones, mostly have the shape of the one before.
type shaper struct {
	last  plans.Record
	shape shape
	any   bool
}

func (s *shaper) of(r *plans.Record) shape {
	now := r.Sealed()
	if len(now.Fields) > 0 {
		return shapeOf(&now)
	}
	if !s.any || now.Model != s.last.Model || now.Action != s.last.Action || now.OldKey != s.last.OldKey ||
		(now.PrimaryKey == "") != (s.last.PrimaryKey == "") || now.Reason != s.last.Reason || now.Rule != s.last.Rule || now.Stub != s.last.Stub {
		s.last, s.shape, s.any = now, shapeOf(&now), true
	}
	return s.shape
}

func shapeOf(r *plans.Record) shape {
	s := r.Sealed()
	kept := "new"
	if s.PrimaryKey != "" {
		kept = "kept"
	}
	b := appendTexts(make([]byte, 0, 512), s.Model, string(s.Action), string(s.OldKey), kept, s.Reason, s.Rule.String())
	for _, f := range s.Fields {
		b = appendTexts(b, f.Name, string(f.Before), string(f.After))
	}
	if s.Stub {
		b = appendTexts(b, "stub")
	}
	sum := sha256.Sum256(b)
	return shape(sum[:16])
}

// appendTexts appends texts with their lengths, so that none runs into the next.
func appendTexts(b []byte, texts ...string) []byte {
	for _, t := range texts {
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(t))), t...)
	}
	return b
}
