package draft

import (
	"cmp"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// manyParts is more than any natural key has.
const manyParts = 16

// spelling is how the package's references spell the records of one table.
type spelling struct {
	// width is the number of parts, 0 when it is not always the same.
	width  int
	tuples [][]string
	by     []string // the fields that refer so
	// plain says that the fields were found, none of which is a secret.
	plain bool
	// wanted are the different parts at each place, found those of them that a
	// field has as its value.
	wanted []map[string]bool
	found  []map[int]map[string]bool
}

// gatherSpellings finds the references of the package that are natural keys,
// and with them the join tables that have other names than Django's.
func (w *world) gatherSpellings() {
	for _, t := range w.tables {
		if t.pkg == nil {
			continue
		}
		for _, f := range t.pkg.fields {
			by := t.label + "." + f.name
			if i, ok := t.index[f.name]; ok {
				if target := w.byName[t.fields[i].refers]; target != nil && f.natural.count > 0 {
					target.spell(by, &f.natural)
				}
				continue
			}
			if j := w.joinOf(t, f); j != nil {
				if target := w.byName[j.member(t)]; target != nil && f.members.count > 0 {
					target.spell(by, &f.members)
				}
			}
		}
	}
	for _, t := range w.tables {
		if t.spelled != nil {
			t.spelled.prepare()
		}
	}
}

// joinOf is the join table of a package's many-to-many field. One that is not
// called as Django does it is taken when there is but one that is no other
// field's.
func (w *world) joinOf(t *table, f *surveyedField) *table {
	if f.lists == 0 {
		return nil
	}
	if j := w.manyField(t, f.name); j != nil {
		return j
	}
	var odd []*table
	for _, j := range w.tables {
		names, ok := j.joins()
		if ok && !w.conventionalJoin(j) && j.label == "" && slices.Contains(names, t.Name) && (!j.join || t.through[f.name] == j.Name) {
			odd = append(odd, j)
		}
	}
	if len(odd) != 1 {
		return nil
	}
	odd[0].join = true
	t.through[f.name] = odd[0].Name
	return odd[0]
}

func (t *table) spell(by string, s *samples) {
	if t.spelled == nil {
		t.spelled = &spelling{width: len(s.tuples[0])}
	}
	if t.spelled.width > manyParts {
		t.spelled.width = 0
	}
	t.spelled.by = append(t.spelled.by, by)
	for _, tuple := range s.tuples {
		if len(tuple) != t.spelled.width {
			t.spelled.width = 0
		}
		t.spelled.tuples = append(t.spelled.tuples, tuple)
	}
}

func (s *spelling) prepare() {
	s.wanted, s.found = make([]map[string]bool, s.width), make([]map[int]map[string]bool, s.width)
	for p := range s.width {
		s.wanted[p], s.found[p] = map[string]bool{}, map[int]map[string]bool{}
		for _, tuple := range s.tuples {
			s.wanted[p][tuple[p]] = true
		}
	}
}

// mark notes which parts the values of one record are. A reference spelt as a
// natural key may be several parts.
func (s *spelling) mark(t *table, values []schema.Literal) {
	for i, l := range values {
		switch {
		case l.Kind == schema.NullLiteral:
		case l.Kind == schema.ListLiteral:
			scalars, _, ok := parts(l.Text)
			for p := 0; ok && len(scalars) > 0 && p+len(scalars) <= s.width; p++ {
				for n, part := range scalars {
					s.note(p+n, i, part)
				}
			}
		case t.fields[i].refers == "":
			text := t.text(i, l)
			for p := range s.width {
				s.note(p, i, text)
				s.note(p, i, l.Text)
			}
		}
	}
}

func (s *spelling) note(p, field int, text string) {
	if !s.wanted[p][text] {
		return
	}
	if s.found[p][field] == nil {
		s.found[p][field] = map[string]bool{}
	}
	s.found[p][field][text] = true
}

// has reports whether the field has every part at the place.
func (s *spelling) has(p, field int) bool { return len(s.found[p][field]) == len(s.wanted[p]) }

// complete reports whether each place has a field that has all its parts.
func (s *spelling) complete() bool {
	for p := range s.width {
		if !slices.ContainsFunc(sortedInts(s.found[p]), func(i int) bool { return s.has(p, i) }) {
			return false
		}
	}
	return true
}

func sortedInts[V any](m map[int]V) []int {
	out := make([]int, 0, len(m))
	for i := range m {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// manySteps bounds the search for the fields that references spell: in a hostile
// package every field may have every value.
const manySteps = 100_000

// example is one key as the package's references spell it. Where it may be the
// value of a secret field it is not shown.
func (t *table) example() string {
	if t.spelled == nil || len(t.spelled.tuples) == 0 {
		return "[]"
	}
	first := t.spelled.tuples[0]
	if !t.spelled.plain && slices.ContainsFunc(t.fields, t.secret) {
		return "a list of " + counted(len(first), "part")
	}
	return quotedTuple(first)
}

// sequence is a list of fields that may be what the references spell.
type sequence struct {
	fields []int
	score  int
}

// spelt finds the fields that the references spell; nil when it is not clear.
func (w *world) spelt(t *table) []int {
	s := t.spelled
	if s == nil || s.width == 0 {
		return nil
	}
	var best *sequence
	steps := 0
	var extend func(p int, fields []int)
	extend = func(p int, fields []int) {
		if p == s.width {
			q := &sequence{slices.Clone(fields), t.sequenceScore(fields)}
			if best == nil || cmp.Compare(q.score, best.score) < 0 {
				best = q
			}
			return
		}
		for i, f := range t.fields {
			if steps++; slices.Contains(fields, i) || steps > manySteps {
				continue
			}
			if t.secret(f) {
				continue
			}
			if n := w.widthAt(t, p, i); n > 0 {
				extend(p+n, append(fields, i))
			}
		}
	}
	extend(0, nil)
	if best == nil {
		return nil
	}
	s.plain = true
	return best.fields
}

// widthAt is how many parts the field is, from a place on; 0 when its values
// are not those parts.
func (w *world) widthAt(t *table, p, i int) int {
	s := t.spelled
	n := 1
	if to := t.fields[i].refers; to != "" {
		if to == t.Name {
			return 0
		}
		n = w.width(w.byName[to])
	}
	if n == 0 || p+n > s.width {
		return 0
	}
	for k := range n {
		if !s.has(p+k, i) {
			return 0
		}
	}
	return n
}

// width is the number of parts of a table's natural key, 0 when it has none.
func (w *world) width(t *table) int {
	if t == nil || t.label == "" {
		return 0
	}
	if t.spelled != nil && t.spelled.width > 0 {
		return t.spelled.width
	}
	if !w.choose(t) {
		return 0
	}
	n := 0
	for _, i := range t.chosen.fields {
		if to := t.fields[i].refers; to != "" {
			n += w.width(w.byName[to])
			continue
		}
		n++
	}
	return n
}

// sequenceScore prefers what the database keeps unique, then few fields, then
// the better names.
func (t *table) sequenceScore(fields []int) int {
	score := 1000 * len(fields)
	for _, i := range fields {
		score += nameRank(t.fields[i].column.Name)
	}
	switch {
	case t.UniqueOn(t.columns(fields)...) != nil:
	case t.uniquePart(fields) != nil:
		score += 10_000
	default:
		score += 20_000
	}
	return score
}

// uniquePart is the best candidate that the database keeps unique and that is
// made of some of the fields, nil if there is none.
func (t *table) uniquePart(fields []int) *candidate {
	for _, c := range t.candidates {
		if c.backed && c.rank != rankRowID && !slices.ContainsFunc(c.fields, func(i int) bool { return !slices.Contains(fields, i) }) {
			return c
		}
	}
	return nil
}
