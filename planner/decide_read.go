package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// ruled finds the decision about a record of the package, nil if there is
// none.
func (p *planning) ruled(m *model, r *row, key schema.Key) (*decided, error) {
	u := m.ruling
	if u == nil {
		return nil, nil
	}
	found := append(m.called(r, u.byValue), u.byNumber[r.number]...)
	if key != "" {
		found = append(found, u.byKey[p.callKey(m, key)]...)
	}
	slices.SortFunc(found, byPlace)
	var d *decided
	for _, x := range slices.Compact(found) {
		switch {
		case x.refused, x.Number != 0 && x.Number != r.number:
		case x.offset >= 0:
			p.unfit(x, "record", "The decision is about several records of the package", fmt.Sprintf("Records %d and %d are called alike.", min(x.number, r.number), max(x.number, r.number)), "Give the record's number too.")
		case d != nil:
			p.unfit(x, "twice", "Two decisions are about one record", fmt.Sprintf("The other one is %s.", d.Place), "Remove one of them.")
		default:
			d = x
		}
	}
	if d == nil {
		return nil, nil
	}
	offset, err := m.spool.put(r)
	d.offset, d.number, d.key = offset, r.number, key
	return d, err
}

// skipDecided leaves a record out. Another one with its natural key may still
// come, or have come; then whoever refers to this one means that.
func (p *planning) skipDecided(m *model, d *decided, r *row) int32 {
	p.skip(m, nil, r.number, "it was decided to skip it", d.Place)
	if d.key == "" {
		return -1
	}
	u := m.ruling
	m.skips[len(m.skips)-1].Key = plansValue(p.keyText(m, d.key))
	n, isNew := m.entries.put(d.key)
	if isNew {
		e := m.entries.at(n)
		e.pkg, e.status = d.offset, skipped
		u.left[n], u.ofEntry[n] = true, d
	}
	d.entry = n
	for _, t := range m.targets {
		if text, ok := identifier(r.cells[t.field]); ok {
			u.leave(name{target: t, text: strings.Clone(text)}, n)
		}
	}
	if m.pk >= 0 {
		if text, carried := identifier(r.cells[m.pk]); carried {
			m.pkCarried = true
			u.leave(name{primary: true, text: strings.Clone(text)}, n)
		}
	}
	if m.ownSpelling {
		if spelling, why, _ := p.keyOf(m, m.packageKey, r, false, true); why == "" {
			u.leave(name{text: string(spelling)}, n)
		}
	}
	return n
}

// leave notes what a skipped record is called.
func (u *ruling) leave(x name, n int32) {
	if other, known := u.leaving[x]; known && other != n {
		n = -1
	}
	u.leaving[x] = n
}

// leftOwner is the entry of the skipped record with a primary key, of which no
// other record is: references by type and id, and those inside of JSON, mean
// what other references to it do.
func (u *ruling) leftOwner(pk string) (int32, bool) {
	if u == nil {
		return 0, false
	}
	n, known := u.leaving[name{primary: true, text: pk}]
	return n, known && n >= 0
}

// takes reports whether an entry holds nothing but skipped records, and gives
// it to the one that is read.
func (u *ruling) takes(n int32) bool {
	if u == nil || !u.left[n] {
		return false
	}
	delete(u.left, n)
	delete(u.ofEntry, n)
	return true
}

// settle notes the entry of a decision's record.
func (u *ruling) settle(d *decided, n int32) {
	if d != nil {
		d.entry = n
		u.ofEntry[n] = d
	}
}

// mappedTwice refuses that two records of the package are one live row. It
// returns false where no decision has a part in it.
func (p *planning) mappedTwice(m *model, d *decided, n int32) bool {
	other := m.ruling.of(n)
	if d == nil || d.Do != plans.ToMap {
		d = other
	}
	if d == nil || d.Do != plans.ToMap {
		return false
	}
	e := m.entries.at(n)
	m.account.Refused++
	e.status = broken
	p.unfit(d, "row", "The live row is another record of the package already", fmt.Sprintf("Two records of the package would be %s %s.", m.label, p.keyText(m, e.key)), "Map the record to another row, or skip one of the two.")
	return true
}

// nameDecided settles what the package's references to skipped and mapped
// records mean, once all records have been read.
func (p *planning) nameDecided(m *model) {
	u := m.ruling
	if u == nil {
		return
	}
	for x, n := range u.leaving {
		switch {
		case n < 0: // nobody can tell which of them is meant
		case x.primary: // leftOwner finds it
		case x.target == nil:
			if _, taken := m.bySpelling[schema.Key(x.text)]; !taken {
				m.bySpelling[schema.Key(x.text)] = n
			}
		default:
			if _, taken := x.target.pkg.get(x.text); !taken {
				x.target.pkg.set(x.text, n)
			}
		}
	}
	p.refuseValued(m)
	for _, d := range u.all {
		if d.Do != plans.ToMap || d.entry < 0 || d.key == "" || d.key == m.entries.at(d.entry).key {
			continue
		}
		_, again := u.former[d.key]
		if n, known := m.entries.find(d.key); again || known && m.entries.at(n).inPackage() && !u.left[n] && !u.arrived(n) {
			u.former[d.key] = -1
		} else {
			u.former[d.key] = d.entry
		}
	}
}

// refuseValued refuses decisions by which a live row keeps a value that is not
// the package's, where others refer to it by that value.
func (p *planning) refuseValued(m *model) {
	for _, d := range m.ruling.all {
		if d.refused || d.offset < 0 || d.Do != plans.ToMap && d.Do != plans.ToSkip {
			continue
		}
		holder, fk := p.valued(m, func(field int) bool {
			inKey := slices.Contains(m.key, field)
			return d.Do == plans.ToMap && inKey && d.key != d.liveKey || d.Do == plans.ToSkip && !inKey
		})
		if fk != nil {
			p.unfit(d, "value", fmt.Sprintf("%s refers to the record by value", holder.label),
				fmt.Sprintf("The foreign key %s has several columns, of which some are compared and written as plain values. They are not rewritten, and would lead to another record or to none.", nameOfKey(fk)),
				"Decide otherwise, or leave it to the keys.")
		}
	}
}

// valued finds a foreign key of several columns that refers by value to such a
// field of the model.
func (p *planning) valued(m *model, such func(field int) bool) (*model, *schema.ForeignKey) {
	for _, holder := range p.models {
		for i := range holder.table.ForeignKeys {
			fk := &holder.table.ForeignKeys[i]
			if len(fk.Columns) == 1 || fk.RefTable != m.table.Name {
				continue
			}
			for n, c := range fk.Columns {
				at, known := holder.names[c]
				to, there := m.names[fk.RefColumns[n]]
				if known && there && holder.fields[at].ref == nil && such(to) {
					return holder, fk
				}
			}
		}
	}
	return nil, nil
}

// arrived reports whether the record of an entry was mapped to a live row of
// that natural key, and has another one in the package.
func (u *ruling) arrived(n int32) bool {
	d := u.of(n)
	return d != nil && d.Do == plans.ToMap && d.key != "" && d.entry == n && d.key != d.liveKey
}

// liveEntry is the entry of a live row, by its natural key.
func (m *model) liveEntry(key schema.Key, r *row) (int32, bool) {
	if id := m.rowID(r); m.ruling.apartFrom(key, id) {
		return m.entries.find(rowMark + id)
	}
	return m.entries.find(key)
}

// renames reports whether the record of an entry may take the live row.
func (m *model) renames(n int32, live *row) bool {
	d := m.ruling.of(n)
	return d == nil || d.Live == "" || d.row == m.rowID(live)
}

// yields gives up a surrogate of a record that another one has, where a
// decision says so: the live row keeps its own, an added record gets a new one.
func (m *model) yields(n int32, field int) bool {
	d := m.ruling.of(n)
	if d == nil || d.Do != plans.ToRemint && d.Do != plans.ToMap {
		return false
	}
	return m.giveUp(n, field)
}

// giveUp gives up a surrogate of a record; false where it can have no other.
func (m *model) giveUp(n int32, field int) bool {
	e := m.entries.at(n)
	switch {
	case e.inLive():
		if len(e.moved.adopts()) > 0 {
			e.moved.adopt = slices.DeleteFunc(e.moved.adopt, func(f int) bool { return f == field })
		}
	case m.ruling.of(n) != nil && m.fields[field].column.Type.Kind != schema.UUID:
		return false
	default:
		e.move().remint = append(e.move().remint, field)
	}
	return true
}
