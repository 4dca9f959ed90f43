package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// claim is a package record's surrogate that no live row of its own has.
type claim struct {
	entry int32
	field int
}

// surrogateValue is a surrogate field and a value of it.
type surrogateValue struct {
	field int
	text  string
}

func (m *model) surrogateValue(field int, v schema.Value) surrogateValue {
	return surrogateValue{field, m.fields[field].column.Type.KeyText(v)}
}

// collide looks for live rows that have a surrogate of a package record which
// is not theirs: the natural key and the surrogate disagree. What then
// happens, on_collision says.
func (p *planning) collide(m *model) error {
	defer func() { m.held = nil }()
	if len(m.surrogates) == 0 {
		return nil
	}
	claims, err := p.claims(m)
	if err != nil || len(claims) == 0 || !m.hasLive {
		return err
	}
	var renamed []int32
	for r, err := range p.liveRows(m, nil) {
		if err != nil {
			return err
		}
		for _, s := range m.surrogates {
			v := r.cells[s.field].value
			c, hit := claims[m.surrogateValue(s.field, v)]
			if !hit || !v.Valid || m.entries.at(c.entry).row == m.rowID(r) || p.releases(m, c.entry, r) {
				continue
			}
			delete(claims, m.surrogateValue(s.field, v))
			took, err := p.collision(m, c, r)
			if err != nil {
				return err
			}
			if took {
				renamed = append(renamed, c.entry)
			}
		}
	}
	for _, n := range renamed {
		if err := p.compareRenamed(m, n); err != nil {
			return err
		}
	}
	p.adopt(m, claims)
	return nil
}

// releases reports whether a live row gives up its surrogates because it is
// destroyed. Only remint may count on that: without it, the row is likely the
// record under its former name.
func (p *planning) releases(m *model, claimant int32, r *row) bool {
	if m.onCollision(claimant) != policy.OnCollisionRemint || !p.mayClear(m) {
		return false
	}
	key, why, _ := p.keyOf(m, m.key, r, true, false)
	n, known := m.liveEntry(key, r)
	return why == "" && known && m.entries.at(n).status == destroyed
}

// claims are the surrogates of added records, and of matched ones whose live
// row has another. Two records cannot claim the same.
func (p *planning) claims(m *model) (map[surrogateValue]claim, error) {
	claims := map[surrogateValue]claim{}
	given := map[surrogateValue]bool{}
	differs := map[claim]bool{}
	for _, r := range m.remaps {
		differs[claim{r.entry, m.names[r.Field]}] = true
	}
	for n := range m.entries.len() {
		e := m.entries.at(n)
		if !e.inPackage() || e.status == broken || (e.status == skipped && !e.inLive()) {
			continue
		}
		if e.inLive() && !e.remapped {
			continue
		}
		r, err := m.spool.get(e.pkg, len(m.fields))
		if err != nil {
			return nil, err
		}
		for _, s := range m.surrogates {
			v := r.cells[s.field].value
			mine := claim{n, s.field}
			if r.cells[s.field].kind != plain || !v.Valid || slices.Contains(m.key, s.field) || (e.inLive() && !differs[mine]) {
				continue
			}
			at := m.surrogateValue(s.field, v)
			if p.contested(m, mine, at, claims, given) {
				continue
			}
			at.text = strings.Clone(at.text) // not the whole row with it
			claims[at] = mine
		}
	}
	return claims, nil
}

// contested settles that several records claim the same. It reports whether
// this one gave it up; given are the values that one gave up.
func (p *planning) contested(m *model, mine claim, at surrogateValue, claims map[surrogateValue]claim, given map[surrogateValue]bool) bool {
	other, taken := claims[at]
	if !taken && !given[at] {
		return false
	}
	if taken && m.yields(other.entry, at.field) {
		delete(claims, at)
		given[at], taken = true, false
	}
	if m.yields(mine.entry, at.field) {
		given[at] = true
		return true
	}
	if taken {
		p.claimedTwice(m, m.entries.at(mine.entry), m.entries.at(other.entry), at.field)
	}
	return false
}

func (p *planning) claimedTwice(m *model, e, other *entry, field int) {
	p.conflict(m, "surrogate.duplicate", e, other)
	for _, x := range []*entry{e, other} {
		if x.status != skipped {
			x.status = broken
		}
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "surrogate.duplicate", Range: m.rule("surrogate"), Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("Two records of the package have the same %s", m.fields[field].name),
		Detail:  fmt.Sprintf("The other one is %s.", p.keyText(m, other.key)),
		Remedy:  "Correct the package at its source.",
	})
}

// collision is a live row that has a package record's surrogate but another
// natural key. It reports whether the record took the row.
func (p *planning) collision(m *model, c claim, live *row) (took bool, err error) {
	e := m.entries.at(c.entry)
	if e.status == broken {
		return false, nil
	}
	key, why, _ := p.keyOf(m, m.key, live, true, false)
	if why != "" {
		key = ""
	}
	rule := m.onCollision(c.entry)
	switch {
	case rule == policy.OnCollisionRemint && m.giveUp(c.entry, c.field):
		return false, nil
	case !e.inLive() && rule == policy.OnCollisionRename && !m.renamed[m.rowID(live)] && m.renames(c.entry, live):
		if n, known := m.entries.find(key); !known || !m.entries.at(n).inPackage() {
			return true, p.rename(m, c.entry, live, key)
		}
	}
	p.conflict(m, "collision."+m.fields[c.field].name, e)
	p.unsettled(m, c, live, key)
	remedy := "If the record was renamed, write on_collision = rename; to give it a new uuid, on_collision = remint."
	if rule == policy.OnCollisionRename {
		remedy = "on_collision = rename does not settle it, as the record or that row is matched otherwise already: decide about the record in a file (-conflicts-out)."
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "collision." + m.fields[c.field].name, Range: m.policy.Range, Record: p.recordOf(m, e),
		Summary: fmt.Sprintf("The %s of the record belongs to another live record", m.fields[c.field].name),
		Detail:  fmt.Sprintf("In the live database it is that of %s %s.", m.label, p.keyText(m, key)),
		Remedy:  remedy,
	})
	if e.status != skipped {
		e.status = broken
	}
	return false, nil
}

// rename makes a package record the live row that has its surrogate: the row
// is changed and gets the record's natural key.
func (p *planning) rename(m *model, n int32, live *row, oldKey schema.Key) error {
	e := m.entries.at(n)
	e.move().oldKey, e.row, e.status = oldKey, m.rowID(live), changed
	m.renamed[e.row] = true
	if d := m.ruling.of(n); d != nil {
		d.row, d.liveKey = e.row, oldKey
	}
	if m.pk >= 0 {
		e.pk = strings.Clone(live.cells[m.pk].value.Text)
	}
	m.nameLive(n, live)
	if i, known := m.entries.find(oldKey); known {
		old := m.entries.at(i)
		if old.status == destroyed {
			m.account.Destroyed--
			m.account.Kept++
		}
		old.row, old.status, old.links = "", skipped, nil
		p.taken[who{m, i}] = who{m, n}
	}
	var err error
	e.live, err = m.spool.put(live)
	return err
}

// compareRenamed does for a renamed record what meet does for the others.
func (p *planning) compareRenamed(m *model, n int32) error {
	e := m.entries.at(n)
	mine, err := p.packageRow(m, e)
	if err != nil {
		return err
	}
	live, err := m.spool.get(e.live, len(m.fields))
	if err != nil {
		return err
	}
	p.resolveLive(m, live)
	e.links = p.compareLinks(m, mine, live)
	p.surrogatesOf(m, n, mine, live)
	return nil
}

// adopt takes the package's surrogates that turned out to be free: those are
// not remapped but changed.
func (p *planning) adopt(m *model, claims map[surrogateValue]claim) {
	free := map[claim]bool{}
	for _, c := range claims {
		free[c] = true
	}
	for n := range m.entries.len() {
		e := m.entries.at(n)
		if len(e.moved.adopts()) == 0 {
			continue
		}
		e.moved.adopt = slices.DeleteFunc(e.moved.adopt, func(f int) bool { return !free[claim{n, f}] })
		if len(e.moved.adopts()) > 0 && e.status == unchanged {
			e.status = changed
		}
		e.remapped = false
	}
	m.remaps = slices.DeleteFunc(m.remaps, func(r remapping) bool {
		return slices.ContainsFunc(m.entries.at(r.entry).moved.adopts(), func(f int) bool { return m.fields[f].name == r.Field })
	})
	for i := range m.remaps {
		m.entries.at(m.remaps[i].entry).remapped = true
	}
}

// recordOf is the place of an entry's package record, or of the policy that
// declares it or has it made.
func (p *planning) recordOf(m *model, e *entry) *diag.Record {
	switch {
	case e.seed != nil:
		return &diag.Record{Member: p.seedPlace(m, e).File, Model: m.label, Key: p.keyText(m, e.key)}
	case e.stub:
		return &diag.Record{Member: m.stubs[m.entries.number(e)].by.Range.File, Model: m.label, Key: p.keyText(m, e.key)}
	}
	number := 0
	if e.inPackage() {
		if r, err := m.spool.get(e.pkg, len(m.fields)); err == nil {
			number = r.number
		}
	}
	return p.place(m, number, e.key)
}
