package planner

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// audit looks at every record of the model that is in conflict or that a
// decision is about, beside the live rows that it could be. It refuses
// decisions that settle nothing, and lists the conflicts that are left.
func (p *planning) audit(m *model) error {
	subjects, err := p.subjects(m)
	if err != nil || len(subjects) == 0 {
		return err
	}
	x := newLineup(m, subjects)
	for r, err := range p.liveRows(m, nil) {
		if err != nil {
			return err
		}
		key, why, _ := p.keyOf(m, m.key, r, true, false)
		if why != "" {
			key = ""
		}
		p.confront(m, x, r, key)
	}
	for _, s := range subjects {
		if s.d == nil {
			continue
		}
		if err := p.judge(m, x, s); err != nil {
			return err
		}
	}
	for _, s := range subjects {
		switch {
		case s.d != nil:
		case p.follows(m, s):
			p.following++
		default:
			p.listed = append(p.listed, p.present(m, x, s))
		}
	}
	return nil
}

// subjects are the model's, by key and number.
func (p *planning) subjects(m *model) ([]*subject, error) {
	all := slices.Collect(maps.Values(m.conflicts))
	if m.ruling != nil {
		for _, d := range m.ruling.all {
			switch {
			case d.refused:
			case d.offset < 0:
				p.unfit(d, "record", "The package has no such record", "The decision settles nothing.", "Remove it, or see whether the record is called otherwise now.")
			default:
				all = append(all, &subject{d: d, offset: d.offset, key: d.key})
			}
		}
	}
	for _, s := range all {
		var err error
		if s.raw, err = m.spool.get(s.offset, len(m.fields)); err != nil {
			return nil, err
		}
		s.mine = &row{number: s.raw.number, cells: slices.Clone(s.raw.cells)}
		for n := range s.mine.cells {
			s.mine.cells[n].list = slices.Clone(s.mine.cells[n].list)
		}
		p.resolve(m, s.mine)
		s.hit = map[int]bool{}
		slices.Sort(s.codes)
	}
	slices.SortFunc(all, func(a, b *subject) int {
		if order := compareKeys(a.key, b.key); order != 0 {
			return order
		}
		return a.raw.number - b.raw.number
	})
	return all, nil
}

// lineup finds subjects by their keys, and by the values that are to be theirs
// alone.
type lineup struct {
	byKey   map[schema.Key][]*subject
	byValue map[surrogateValue][]*subject
	byRow   map[schema.Key][]*subject // those decided to be a row
}

func newLineup(m *model, subjects []*subject) *lineup {
	x := &lineup{byKey: map[schema.Key][]*subject{}, byValue: map[surrogateValue][]*subject{}, byRow: map[schema.Key][]*subject{}}
	for _, s := range subjects {
		if s.key != "" {
			x.byKey[s.key] = append(x.byKey[s.key], s)
		}
		for at := range m.values(s.raw) {
			x.byValue[at] = append(x.byValue[at], s)
		}
		if s.d != nil && s.d.row != "" {
			x.byRow[s.d.row] = append(x.byRow[s.d.row], s)
		}
	}
	return x
}

// values are the primary key and the surrogates of a row of either side.
func (m *model) values(r *row) iter.Seq[surrogateValue] {
	return func(yield func(surrogateValue) bool) {
		for _, n := range m.ownFields() {
			if c := r.cells[n]; (c.kind == plain || c.kind == byID) && c.value.Valid && !yield(m.surrogateValue(n, c.value)) {
				return
			}
		}
	}
}

// ownFields are the primary key and the surrogates.
func (m *model) ownFields() []int {
	var out []int
	if m.pk >= 0 {
		out = append(out, m.pk)
	}
	for _, s := range m.surrogates {
		if s.field != m.pk {
			out = append(out, s.field)
		}
	}
	return out
}

// confront looks at a live row that some of the records could be.
func (p *planning) confront(m *model, x *lineup, r *row, key schema.Key) {
	var found []*subject
	if key != "" {
		for _, s := range x.byKey[key] {
			s.named++
			found = append(found, s)
		}
	}
	for at := range m.values(r) {
		for _, s := range x.byValue[at] {
			if at.field != m.pk && key != s.key && !slices.Contains(m.key, at.field) {
				s.hit[at.field] = true
				found = append(found, s)
			}
		}
	}
	if len(found) == 0 {
		return
	}
	live := &row{cells: slices.Clone(r.cells)}
	p.resolveLive(m, live)
	id := m.rowID(r)
	var seen []*subject
	for _, s := range found {
		if slices.Contains(seen, s) {
			continue
		}
		seen = append(seen, s)
		s.target = s.target || s.d != nil && s.d.row == id
		if s.d != nil {
			s.differs = s.differs || key == s.key && p.differs(m, &entry{}, s.mine, live)
			continue
		}
		if len(s.candidates) == maxCandidates {
			s.more++
			continue
		}
		s.candidates = append(s.candidates, p.candidate(m, s, live, key))
	}
}

// candidate is a live row beside the record that it could be.
func (p *planning) candidate(m *model, s *subject, live *row, key schema.Key) candidate {
	c := candidate{named: key == s.key}
	if key != "" {
		n, known := m.entries.find(key)
		c.free = !known || !m.entries.at(n).inPackage()
		c.Key = plansValue(p.keyText(m, key))
		c.Live = p.callKey(m, key)
	}
	if m.pk >= 0 {
		c.Live = ""
		if text := live.cells[m.pk].value.Text; !m.fields[m.pk].sensitive && plans.Visible(text) == text && !strings.HasPrefix(text, "[") && strings.TrimSpace(text) == text {
			c.Live = strings.Clone(text)
		}
	}
	for n := range m.fields {
		f := &m.fields[n]
		if f.column == nil || f.ignore || n == m.pk || p.equal(m, n, s.mine.cells[n], live.cells[n]) {
			continue
		}
		c.Fields = append(c.Fields, plans.Field{Name: f.name, Before: p.show(m, n, live.cells), After: p.show(m, n, s.mine.cells), Sensitive: f.sensitive})
	}
	return c
}

// judge refuses a decision whose conflict is not there any more, and one that
// maps the record to a row which it could not be.
func (p *planning) judge(m *model, x *lineup, s *subject) error {
	there := len(s.d.Codes) == 0
	for _, code := range s.d.Codes {
		is, err := p.isThere(m, x, s, code)
		if err != nil {
			return err
		}
		there = there || is
	}
	switch {
	case s.d.refused:
	case !there:
		p.unfit(s.d, "stale", "The conflict is not there any more", fmt.Sprintf("The record is not refused for %s.", strings.Join(s.d.Codes, ", ")), "Remove the decision.")
	case len(s.d.Codes) > 0 && s.d.row != "" && !s.target:
		p.unfit(s.d, "target", "The target is not among the candidates", "It has neither the natural key nor a surrogate of the record.", "Name one of the candidates. Records that are known to be one all the same stand in a file for -id-map.")
	}
	return nil
}

// isThere reports whether a record would be refused without the decision.
func (p *planning) isThere(m *model, x *lineup, s *subject, code string) (bool, error) {
	kind, name, _ := strings.Cut(code, ".")
	switch {
	case code == "key.duplicate_live":
		return s.named > 1, nil
	case code == "key.duplicate_package":
		return p.another(m, s, x.byKey[s.key], func() (int32, bool) { return m.entries.find(s.key) }), nil
	case code == "match.fail":
		linked := slices.ContainsFunc(m.fields, func(f field) bool { return f.many != nil })
		return m.policy.Match == policy.MatchFail && s.named > 0 && (s.differs || linked), nil
	case strings.HasPrefix(code, "key.incomplete."):
		return s.key == "", nil
	case kind == "collision":
		n, known := m.names[name]
		return known && s.hit[n], nil
	}
	return p.sharesValue(m, x, s, code)
}

// another reports whether another record of the package is among the subjects
// or has the entry.
func (p *planning) another(m *model, s *subject, others []*subject, entry func() (int32, bool)) bool {
	if slices.ContainsFunc(others, func(o *subject) bool { return o.raw.number != s.raw.number }) {
		return true
	}
	n, known := entry()
	return known && m.entries.at(n).inPackage() && m.entries.at(n).pkg != s.offset && p.numberOf(m, m.entries.at(n)) != s.raw.number
}

func (p *planning) numberOf(m *model, e *entry) int {
	r, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return 0
	}
	return r.number
}

// sharesValue is isThere for conflicts within the package.
func (p *planning) sharesValue(m *model, x *lineup, s *subject, code string) (bool, error) {
	switch code {
	case "key.duplicate_primary":
		id, ok := identifier(s.raw.cells[max(m.pk, 0)])
		if m.pk < 0 || !ok {
			return false, nil
		}
		at := m.surrogateValue(m.pk, schema.NewValue(id))
		return p.another(m, s, x.byValue[at], func() (int32, bool) { return m.pkOwner.get(id) }), nil
	case "package_key.duplicate":
		spelling, why, _ := p.keyOf(m, m.packageKey, s.raw, false, true)
		if why != "" {
			return false, nil
		}
		return p.another(m, s, nil, func() (int32, bool) { n, ok := m.bySpelling[spelling]; return n, ok }), nil
	}
	// surrogate.duplicate
	for at := range m.values(s.raw) {
		if at.field == m.pk {
			continue
		}
		if p.another(m, s, x.byValue[at], func() (int32, bool) { return 0, false }) {
			return true, nil
		}
	}
	for n := range m.entries.len() {
		e := m.entries.at(n)
		if !e.inPackage() || e.pkg == s.offset {
			continue
		}
		r, err := m.spool.get(e.pkg, len(m.fields))
		if err != nil {
			return false, err
		}
		for at := range m.values(r) {
			if at.field != m.pk && r.number != s.raw.number && slices.Contains(x.byValue[at], s) {
				return true, nil
			}
		}
	}
	return false, nil
}
