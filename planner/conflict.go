package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// Bounds of what is listed for people to decide.
const (
	maxConflicts  = 10_000
	maxCandidates = 20
)

// settling says which verdicts settle a conflict, by what its code begins with.
func settling(code string) []plans.Verdict {
	kind := code
	for _, k := range []string{"collision", "key.incomplete"} {
		if strings.HasPrefix(code, k+".") {
			kind = k
		}
	}
	switch kind {
	case "collision":
		return []plans.Verdict{plans.ToMap, plans.ToRename, plans.ToRemint, plans.ToSkip}
	case "key.duplicate_live":
		return []plans.Verdict{plans.ToMap, plans.ToSkip}
	case "surrogate.duplicate":
		return []plans.Verdict{plans.ToRemint, plans.ToSkip}
	case "key.duplicate_package", "key.duplicate_primary", "key.incomplete", "package_key.duplicate", "match.fail":
		return []plans.Verdict{plans.ToSkip}
	}
	return nil
}

// Decidable reports whether a diagnostic of that code may be a conflict that a
// decision about one record settles.
func Decidable(code string) bool { return settling(code) != nil }

// settles refuses a decision that could settle no conflict of its codes.
func (p *planning) settles(d *decided) {
	var may []string
	for _, code := range d.Codes {
		verdicts := settling(code)
		if verdicts == nil {
			p.unfit(d, "code", fmt.Sprintf("There is no conflict %s that a decision could settle", plans.Visible(code)), "", "Leave the column code as it was written.")
			return
		}
		for _, v := range verdicts {
			if v == d.Do {
				return
			}
			may = append(may, string(v))
		}
	}
	if len(d.Codes) == 0 && d.Do == plans.ToMap {
		return // a pair that was known before
	}
	p.unfit(d, "code", fmt.Sprintf("%s does not settle %s", d.Do, strings.Join(d.Codes, ", ")), "", "What does: "+strings.Join(slices.Compact(may), ", ")+".")
}

// subject is a record of the package that is in conflict, or that a decision
// is about.
type subject struct {
	d      *decided // nil while nobody has decided
	offset int64
	key    schema.Key // in the package
	codes  []string
	raw    *row
	mine   *row // references resolved
	// named are the live rows with its natural key; hit says which of its
	// surrogates other rows have; target that the row decided is among them.
	named      int
	hit        map[int]bool
	differs    bool
	target     bool
	candidates []candidate
	more       int
}

// candidate is a plans.Candidate and how far it is from the record.
type candidate struct {
	plans.Candidate
	named bool
	free  bool // no record of the package has its natural key
}

// conflict notes that the package's records of entries cannot be placed.
func (p *planning) conflict(m *model, code string, entries ...*entry) {
	if !p.in.Conflicts {
		return
	}
	for _, e := range entries {
		if !e.inPackage() {
			continue
		}
		key := e.key
		if d := m.ruling.of(m.entries.number(e)); d != nil {
			key = d.key
		}
		p.note(m, code, e.pkg, key)
	}
}

// conflictOf does so for a record that has no entry of its own.
func (p *planning) conflictOf(m *model, code string, r *row) error {
	if !p.in.Conflicts {
		return nil
	}
	key, why, _ := p.keyOf(m, m.key, r, false, false)
	if why != "" {
		key = ""
	}
	offset, err := m.spool.put(r)
	p.note(m, code, offset, key)
	return err
}

func (p *planning) note(m *model, code string, offset int64, key schema.Key) {
	if !p.in.Conflicts {
		return
	}
	s := m.conflicts[offset]
	if s == nil {
		if p.inConflict == maxConflicts {
			p.unlisted++
			return
		}
		p.inConflict++
		s = &subject{offset: offset, key: key}
		if m.conflicts == nil {
			m.conflicts = map[int64]*subject{}
		}
		m.conflicts[offset] = s
	}
	if !slices.Contains(s.codes, code) {
		s.codes = append(s.codes, code)
	}
}

// seeded reports whether the policy declares the record of the key.
func (m *model) seeded(key schema.Key) bool {
	n, known := m.entries.find(key)
	return known && m.entries.at(n).seed != nil
}

// unsettled refuses a decision that leaves a collision as it is.
func (p *planning) unsettled(m *model, c claim, live *row, holder schema.Key) {
	d := m.ruling.of(c.entry)
	if d == nil || d.refused {
		return
	}
	f := &m.fields[c.field]
	detail := fmt.Sprintf("The live record %s has that %s.", p.keyText(m, holder), f.name)
	remedy := "Decide otherwise."
	switch {
	case d.Do == plans.ToRename && m.entries.at(c.entry).inLive():
		detail += " The record has a live row of its own, which cannot be renamed to its own name."
	case d.Do == plans.ToRename && !m.renames(c.entry, live):
		detail += " It is not the target."
	case d.Do == plans.ToRename && m.seeded(holder):
		detail += " The policy declares it, in a seed, so it was not renamed."
	case d.Do == plans.ToRename:
		detail += " It is another record of the package, so it was not renamed."
	case d.Do == plans.ToRemint:
		detail += " Only a uuid can be made anew."
	}
	p.unfit(d, "unsettled", fmt.Sprintf("%s does not settle the collision of %s", d.Do, f.name), detail, remedy)
}
