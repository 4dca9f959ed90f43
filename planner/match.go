package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// match reads the live table once and compares each row with the package's
// record of the same natural key.
func (p *planning) match(m *model) error {
	var err error
	if m.held, err = p.liveLinks(m); err != nil {
		return err
	}
	rows := p.liveRows(m, nil)
	if m.rest != nil {
		rows = p.restRows(m)
	}
	count := m.account.Live
	for r, err := range rows {
		if err != nil {
			return err
		}
		count++
		m.account.Live++
		p.observe(m, SideLive, count, false)
		n := int32(-1)
		if m.cyclic {
			if key, why, _ := p.keyOf(m, m.key, r, true, false); why == "" {
				if known, ok := m.liveEntry(key, r); ok {
					n = known
				}
			}
		} else {
			n = p.register(m, r)
		}
		n = p.apart(m, n, r)
		if p.destroying {
			if err := p.noteEdges(m, n, r); err != nil {
				return err
			}
		}
		if err := p.meet(m, n, r); err != nil {
			return err
		}
	}
	p.observe(m, SideLive, count, true)
	for n := range m.entries.len() {
		e := m.entries.at(n)
		if e.status == pending && e.inPackage() && !e.inLive() {
			e.status = added
		}
	}
	return nil
}

// apart gives a row of a cleared model an entry of its own where its natural
// key does not tell it from others: clearing goes by rows. One that the
// package's records could mean stays ambiguous.
func (p *planning) apart(m *model, n int32, r *row) int32 {
	if !p.clearing(m) || (n >= 0 && (m.entries.at(n).inPackage() || m.entries.at(n).row == m.rowID(r))) {
		return n
	}
	n = p.entryOf(m, r)
	for _, t := range m.targets {
		t.nameLive(n, r.cells[t.field].value, t.field != m.pk)
	}
	return n
}

// meet decides what becomes of a live row.
func (p *planning) meet(m *model, n int32, r *row) error {
	if n < 0 {
		m.account.Kept++
		p.nameless(m, r)
		return nil
	}
	e := m.entries.at(n)
	if !e.inPackage() {
		return p.lacking(m, e, r)
	}
	m.account.Kept++
	if e.twice {
		p.liveDuplicate(m, e)
		return nil
	}
	if e.status != pending {
		return nil
	}
	mine, err := p.packageRow(m, e)
	if err != nil {
		return err
	}
	raw := &row{cells: slices.Clone(r.cells)}
	p.resolveLive(m, r)
	differs := p.differs(m, e, mine, r)
	e.links = p.compareLinks(m, mine, r)
	p.surrogatesOf(m, n, mine, r)
	switch {
	case !differs && e.links == nil:
		e.status = unchanged
	case e.seed != nil && m.matchRule(e) == policy.MatchKeep:
		e.status = unchanged // a seed adds what is missing
		m.forgetLinks(e, mine)
	case m.matchRule(e) == policy.MatchKeep:
		m.forgetLinks(e, mine)
		p.skip(m, e, mine.number, "it differs from the live record, and match = keep", m.rule("match"))
	case m.matchRule(e) == policy.MatchFail:
		e.status = broken
		p.conflict(m, "match.fail", e)
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "match.fail", Range: m.rule("match"), Record: p.place(m, mine.number, e.key),
			Summary: "The record differs from the live one, and match = fail",
			Remedy:  "Write match = update to change the live record, or match = keep to leave it.",
		})
	default:
		e.status = changed
	}
	if e.status == changed || len(e.moved.adopts()) > 0 {
		e.live, err = m.spool.put(raw)
	}
	return err
}

// nameless warns of a live row without a natural key where those that the
// package lacks are destroyed: it cannot be told whether this is one of them.
func (p *planning) nameless(m *model, r *row) {
	if !p.lackingGoes(m) {
		return
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Warning, Code: "key.null_live", Range: m.rule("natural_key"), Record: p.place(m, 0, ""),
		Summary: fmt.Sprintf("A live row of %s has no natural key and is kept", m.table.Name),
		Detail:  "Whether the package lacks it cannot be told.",
		Remedy:  "Take fields that are never null as the natural key.",
	})
}

// lacking is a live row that the package lacks.
func (p *planning) lacking(m *model, e *entry, r *row) (err error) {
	w := who{m, m.entries.number(e)}
	v, known := p.verdicts[w]
	if !known {
		v.why, v.clear = p.clears(m, e, r)
	}
	delete(p.verdicts, w)
	why := v.why
	if !v.clear {
		m.account.Kept++
		if why.text != "" {
			m.keptBy(why)
			e.spared = true
		}
		return nil
	}
	if e.twice && !p.clearing(m) {
		m.account.Kept++
		p.liveDuplicate(m, e)
		return nil
	}
	e.status, e.doomed = destroyed, true
	m.account.Destroyed++
	e.own = p.ownLinks(m, r)
	p.causes[w] = why
	e.live, err = m.spool.put(r)
	return err
}

// matchRule is what happens to the live row that the record matches: a seed
// has a rule of its own.
func (m *model) matchRule(e *entry) policy.Match {
	if e.seed != nil {
		return e.seed.Match
	}
	return m.policy.Match
}

// liveDuplicate refuses a natural key that several live rows have, once.
func (p *planning) liveDuplicate(m *model, e *entry) {
	if e.status == broken || e.ambiguous {
		return
	}
	e.ambiguous = true
	if m.ruling.skips(m.entries.number(e)) {
		return
	}
	if e.status != skipped {
		e.status = broken
	}
	p.conflict(m, "key.duplicate_live", e)
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "key.duplicate_live", Range: m.rule("natural_key"), Record: p.place(m, 0, e.key),
		Summary: "Several live rows have this natural key",
		Detail:  "Which of them the package's record is cannot be told.",
		Remedy:  "Take more fields into the natural key, or remove the duplicates.",
	})
}

// compared reports whether a difference in the field makes a change. A
// surrogate makes a remap, a primary key is never changed.
func (m *model) compared(n int) bool {
	f := &m.fields[n]
	return f.column != nil && !f.surrogate && !f.ignore && n != m.pk && !slices.Contains(m.key, n)
}

// differs reports whether the package's record says something else than the
// live row in a field that counts.
func (p *planning) differs(m *model, e *entry, mine, live *row) bool {
	for n := range m.fields {
		if m.compared(n) && !m.seedIgnores(e, n) && !p.equal(m, n, mine.cells[n], live.cells[n]) {
			return true
		}
	}
	return false
}

// equal compares a field of the package's record with the live row's.
func (p *planning) equal(m *model, n int, mine, live cell) bool {
	switch {
	case mine.kind == absent, mine.kind == dangling && mine.value.Digits == unidentified:
		return true
	case mine.kind == dangling && m.fields[n].generic > 0:
		return live.value.Valid && mine.value.Text == live.value.Text
	case mine.kind == resolved || live.kind == resolved:
		return mine.kind == live.kind && mine.key == live.key
	}
	return m.fields[n].column.Type.Equal(mine.value, live.value)
}

// surrogatesOf notes where the record has other surrogates on the two sides.
func (p *planning) surrogatesOf(m *model, id int32, mine, live *row) {
	e := m.entries.at(id)
	note := func(n int) {
		a, b := mine.cells[n], live.cells[n]
		if a.kind != plain || !a.value.Valid || slices.Contains(m.key, n) || m.fields[n].column.Type.Equal(a.value, b.value) {
			return
		}
		for _, s := range m.surrogates {
			if s.field == n && s.adopt && m.policy.Match == policy.MatchUpdate {
				e.move().adopt = append(e.move().adopt, n)
			}
		}
		e.remapped = true
		m.remaps = append(m.remaps, remapping{entry: id, Remapping: plans.Remapping{
			Model: m.label, Key: plansValue(p.keyText(m, e.key)), Field: m.fields[n].name,
			Package: p.show(m, n, mine.cells), Live: p.show(m, n, live.cells),
		}})
	}
	if m.pk >= 0 {
		note(m.pk)
	}
	for _, s := range m.surrogates {
		if s.field != m.pk {
			note(s.field)
		}
	}
}

// show is a field of a row for people.
func (p *planning) show(m *model, n int, cells []cell) plans.Value {
	f, c := &m.fields[n], cells[n]
	if f.sensitive && c.kind != absent {
		return plans.Masked
	}
	switch c.kind {
	case absent:
		return ""
	case resolved:
		t := m.referred(n, cells, p)
		if t == nil {
			break
		}
		return plansValue(p.keyText(t, c.key))
	case byKey, byName:
		return plansValue(keyJSON(c.key, f.ref.model.keyTypes(f.ref.model.packageKey)))
	case members:
		return p.showMembers(m, n, c.list)
	}
	if f.column == nil {
		return plans.Null
	}
	return plansValue(f.column.Type.JSON(c.value))
}

// referred is the model that a resolved reference of the row leads to.
func (m *model) referred(n int, cells []cell, p *planning) *model {
	f := &m.fields[n]
	if f.generic > 0 {
		_, t := p.genericTarget(cells[m.generics[f.generic-1].typ])
		return t
	}
	return f.ref.model
}

func (p *planning) showMembers(m *model, n int, list []cell) plans.Value {
	out := "["
	for i := range list {
		if i > 0 {
			out += ","
		}
		if list[i].kind == resolved {
			out += p.keyText(m.fields[n].ref.model, list[i].key)
		} else {
			out += fmt.Sprintf("%q", list[i].value.Text)
		}
	}
	return plansValue(out + "]")
}

func plansValue(s string) plans.Value { return plans.Value(s) }

// compareKeys orders natural keys part by part.
func compareKeys(a, b schema.Key) int {
	if a == b {
		return 0
	}
	for a != "" && b != "" {
		var x, y string
		x, a = cutPart(a)
		y, b = cutPart(b)
		if order := strings.Compare(x, y); order != 0 {
			return order
		}
	}
	return len(a) - len(b)
}

// cutPart takes the first part off a key.
func cutPart(k schema.Key) (part string, rest schema.Key) {
	part, rest, ok := k.Cut()
	if !ok {
		return string(k), "" // an entry that is named by its row, see rowMark
	}
	return part, rest
}
