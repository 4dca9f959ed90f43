package planner

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// follows reports whether the record's natural key leads to a record that is
// in conflict itself: only once that is decided can be told whether this is.
func (p *planning) follows(m *model, s *subject) bool {
	return slices.ContainsFunc(m.key, func(n int) bool {
		ref := m.fields[n].ref
		if ref == nil || ref.model == nil {
			return false
		}
		to, known := find(ref.model, ref.field, s.raw.cells[n])
		return known && ref.model.conflicts[ref.model.entries.at(to).pkg] != nil
	})
}

// present is a conflict as people get it.
func (p *planning) present(m *model, x *lineup, s *subject) plans.Conflict {
	if slices.ContainsFunc(s.codes, func(code string) bool { return strings.HasPrefix(code, "collision.") }) {
		// The diagnostic is about whichever surrogate was met first.
		for n := range s.hit {
			if code := "collision." + m.fields[n].name; !slices.Contains(s.codes, code) {
				s.codes = append(s.codes, code)
			}
		}
		slices.Sort(s.codes)
	}
	out := plans.Conflict{Model: m.label, Key: plansValue(p.keyText(m, s.key)), Codes: s.codes, More: s.more}
	if s.key == "" || slices.Contains(s.codes, "key.duplicate_package") {
		out.Number = s.raw.number
	}
	for _, n := range m.ownFields() {
		if s.raw.cells[n].kind == absent {
			continue
		}
		out.Package = append(out.Package, plans.Field{Name: m.fields[n].name, After: p.show(m, n, s.mine.cells), Sensitive: m.fields[n].sensitive})
	}
	for _, c := range s.candidates {
		out.Candidates = append(out.Candidates, c.Candidate)
	}
	first := true
	for _, o := range p.partners(m, x, s) {
		first = first && s.raw.number < o.raw.number
		if len(out.Candidates) >= maxCandidates {
			out.More++
			continue
		}
		c := plans.Candidate{Number: o.raw.number, Key: plansValue(p.keyText(m, o.key))}
		for n := range m.fields {
			f := &m.fields[n]
			a, b := o.mine.cells[n], s.mine.cells[n]
			if f.column == nil || n == m.pk || a.kind == b.kind && a.key == b.key && f.column.Type.Equal(a.value, b.value) {
				continue
			}
			c.Fields = append(c.Fields, plans.Field{Name: f.name, Before: p.show(m, n, o.mine.cells), After: p.show(m, n, s.mine.cells), Sensitive: f.sensitive})
		}
		out.Candidates = append(out.Candidates, c)
	}
	out.Do, out.Live = m.advice(s, first)
	return out
}

// partners are the records of the package that have the key or a surrogate of
// this one.
func (p *planning) partners(m *model, x *lineup, s *subject) []*subject {
	var out []*subject
	add := func(list []*subject) {
		for _, o := range list {
			if o != s && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	for _, code := range s.codes {
		switch code {
		case "key.duplicate_package":
			add(x.byKey[s.key])
		case "key.duplicate_primary", "surrogate.duplicate":
			for at := range m.values(s.raw) {
				if (at.field == m.pk) == (code == "key.duplicate_primary") {
					add(x.byValue[at])
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b *subject) int { return a.raw.number - b.raw.number })
	return out
}

// advice is what speaks for itself. Of several records of the package that are
// alike in something, nothing is said of the first.
func (m *model) advice(s *subject, first bool) (plans.Verdict, string) {
	var best *candidate
	tied := false
	for i := range s.candidates {
		c := &s.candidates[i]
		switch {
		case s.named > 0 && !c.named:
		case best == nil || len(c.Fields) < len(best.Fields):
			best, tied = c, false
		case len(c.Fields) == len(best.Fields):
			tied = true
		}
	}
	for _, code := range s.codes {
		may := settling(code)
		switch {
		case len(may) == 1 && (code == "match.fail" || strings.HasPrefix(code, "key.incomplete.") || !first):
			return plans.ToSkip, ""
		case code == "surrogate.duplicate" && !first && m.mintable(code):
			return plans.ToRemint, ""
		case may[0] != plans.ToMap || best == nil || tied || s.more > 0:
		case s.named > 0:
			return plans.ToMap, best.Live
		case best.free:
			return plans.ToRename, ""
		case m.mintable(code):
			return plans.ToRemint, ""
		}
	}
	return "", ""
}

// mintable reports whether what collides can be made anew: it is a uuid.
func (m *model) mintable(code string) bool {
	for _, s := range m.surrogates {
		f := &m.fields[s.field]
		if (code == "collision."+f.name || code == "surrogate.duplicate") && f.column.Type.Kind != schema.UUID {
			return false
		}
	}
	return true
}
