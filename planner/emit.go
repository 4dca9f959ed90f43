package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// changes implements work.
func (p *planning) changes() iter.Seq2[*plans.Record, error] {
	if p.sealed == nil {
		return p.makeChanges() // a policy that does not fit plans nothing
	}
	return p.sealed.records()
}

// makeChanges makes the change set.
func (p *planning) makeChanges() iter.Seq2[*plans.Record, error] {
	return func(yield func(*plans.Record, error) bool) {
		if !p.fileRecords(true, yield) {
			return
		}
		for _, m := range slices.Backward(p.models) {
			for _, n := range m.destroys {
				if rec, err := p.destroyRecord(m, m.entries.at(n)); !yield(rec, err) || err != nil {
					return
				}
			}
		}
		for _, m := range p.models {
			if !p.modelChanges(m, yield) {
				return
			}
		}
		p.fileRecords(false, yield)
	}
}

// modelChanges yields what becomes of the model's records, by key, but for
// those that are destroyed; false when it is to stop.
func (p *planning) modelChanges(m *model, yield func(*plans.Record, error) bool) bool {
	listed := m.listed()
	entry := func() bool {
		rec, err := p.record(m, m.entries.at(listed[0]))
		listed = listed[1:]
		return yield(rec, err) && err == nil
	}
	for f, err := range m.freshRecords() {
		if err != nil {
			yield(nil, err)
			return false
		}
		for len(listed) > 0 && compareKeys(m.entries.at(listed[0]).key, f.key) < 0 {
			if !entry() {
				return false
			}
		}
		p.addSecrets(f.secrets)
		if !yield(&f.rec, nil) {
			return false
		}
	}
	for len(listed) > 0 {
		if !entry() {
			return false
		}
	}
	return true
}

// listed are the entries that the plan shows: those that change and those that
// are only remapped, by key.
func (m *model) listed() []int32 {
	out := slices.Clone(m.changes)
	for n := range m.entries.len() {
		e := m.entries.at(n)
		if e.remapped && (e.status == unchanged || e.status == skipped) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b int32) int { return compareKeys(m.entries.at(a).key, m.entries.at(b).key) })
	return out
}

func (p *planning) destroyRecord(m *model, e *entry) (*plans.Record, error) {
	r, err := m.spool.get(e.live, len(m.fields))
	if err != nil {
		return nil, err
	}
	p.resolveLive(m, r)
	rec := &plans.Record{
		Model: m.label, Key: plansValue(p.keyText(m, e.key)), Action: plans.Destroy,
		Reason: "because " + p.reason(who{m, m.entries.number(e)}), Rule: p.causes[who{m, m.entries.number(e)}].rule,
	}
	for n := range m.fields {
		if v := p.show(m, n, r.cells); v != "" {
			rec.Fields = append(rec.Fields, plans.Field{Name: m.fields[n].name, Before: v, Sensitive: m.fields[n].sensitive})
			p.secret(m, e, n, r.cells[n])
		}
	}
	rec.Content = contentDigest(rec.Fields)
	return rec, p.linkFields(m, e, rec)
}

func (p *planning) record(m *model, e *entry) (*plans.Record, error) {
	rec := &plans.Record{Model: m.label, Key: plansValue(p.keyText(m, e.key))}
	if e.status != added && e.status != changed {
		rec.Action = plans.Remap
		return rec, nil
	}
	before, after, err := p.beforeAfter(m, e)
	if err != nil {
		return nil, err
	}
	if e.status == added {
		rec.Action = plans.Add
		p.addFields(m, e, after, rec)
		return rec, nil
	}
	rec.Action = plans.Change
	if old := e.moved.oldName(); old != "" {
		rec.OldKey = plansValue(p.keyText(m, old))
		rec.Reason, rec.Rule = "because it has the surrogate of a live record and on_collision = rename", m.rule("on_collision")
		if d := m.ruling.of(m.entries.number(e)); d != nil && d.Do == plans.ToRename {
			rec.Reason, rec.Rule = "because it has the surrogate of a live record and it was decided to rename that", d.Place
		}
	}
	w := who{m, m.entries.number(e)}
	if why, known := p.causes[w]; e.patch != nil || e.altered || known && e.links != nil {
		rec.Reason, rec.Rule = "because "+p.reason(w), why.rule
	}
	if e.seed != nil && e.patch == nil && !e.altered {
		rec.Reason, rec.Rule = "because the policy declares it", p.seedPlace(m, e)
	}
	for n := range m.fields {
		f := &m.fields[n]
		if f.column == nil {
			continue
		}
		a, b := before.cells[n], after.cells[n]
		if p.sameCell(m, n, before, after) {
			rec.Hidden++
			continue
		}
		rec.Fields = append(rec.Fields, plans.Field{Name: f.name, Before: p.show(m, n, before.cells), After: p.show(m, n, after.cells), Sensitive: f.sensitive})
		p.secret(m, e, n, a, b)
	}
	return rec, p.linkFields(m, e, rec)
}

// contentDigest is the digest of a whole record, of the fields that are not
// sensitive.
func contentDigest(fields []plans.Field) string {
	b := make([]byte, 0, 1<<10)
	for i := range fields {
		if f := &fields[i]; !f.Sensitive {
			b = appendContent(b, f.Name, f.Before+f.After)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// appendContent appends a field to what a content digest is of. The record is
// added or destroyed: the field has one value, before or after.
func appendContent[T plans.Value | []byte](b []byte, name string, value T) []byte {
	b = append(strconv.AppendInt(b, int64(len(name)), 10), ':')
	b = append(b, name...)
	b = append(strconv.AppendInt(b, int64(len(value)), 10), ':')
	return append(b, value...)
}

// secret adds sensitive values to the digest that tells whether they are still
// those that were planned; only Plan's own reading of the changes does so.
func (p *planning) secret(m *model, e *entry, n int, cells ...cell) {
	if p.secrets != nil && m.fields[n].sensitive {
		p.addSecrets(string(appendSecret(nil, m, e.key, n, cells...)))
	}
}

// appendSecret appends what the digest is of, for a sensitive field.
func appendSecret(b []byte, m *model, key schema.Key, n int, cells ...cell) []byte {
	b = schema.AppendKey(b, m.label)
	b = schema.AppendKey(b, string(key))
	b = schema.AppendKey(b, m.fields[n].name)
	for i := range cells {
		b = cells[i].append(b)
	}
	return b
}

func (p *planning) addSecrets(secrets string) {
	if p.secrets != nil && secrets != "" {
		_, _ = io.WriteString(p.secrets, secrets) // a hash takes everything
		p.anySecret = true
	}
}

// addFields fills in an added record: all fields, and the digest of those
// that are not sensitive.
func (p *planning) addFields(m *model, e *entry, after *row, rec *plans.Record) {
	rec.Fields = make([]plans.Field, 0, len(m.fields))
	for n := range m.fields {
		f := &m.fields[n]
		if n == m.pk {
			if e.kept && !f.sensitive && !slices.Contains(m.key, n) {
				rec.PrimaryKey = plansValue(f.column.Type.JSON(schema.NewValue(e.pk)))
			}
			if !slices.Contains(m.key, n) {
				continue
			}
		}
		v := p.show(m, n, after.cells)
		if v == "" {
			continue
		}
		rec.Fields = append(rec.Fields, plans.Field{Name: f.name, After: v, Sensitive: f.sensitive})
		p.secret(m, e, n, after.cells[n])
	}
	rec.Content = contentDigest(rec.Fields)
	if e.seed != nil {
		rec.Reason, rec.Rule = "because the policy declares it", p.seedPlace(m, e)
	}
	if e.stub {
		s := m.stubs[m.entries.number(e)]
		rec.Stub = true
		rec.Reason, rec.Rule = fmt.Sprintf("because %s.%s refers to it and on_missing = create", s.holder.label, s.holder.fields[s.field].name), s.by.RuleRange
	}
}

// linkFields adds the many-to-many fields that differ, before and after.
func (p *planning) linkFields(m *model, e *entry, rec *plans.Record) error {
	if e.links == nil {
		return nil
	}
	var mine *row
	if e.inPackage() && !e.altered {
		var err error
		if mine, err = p.packageRow(m, e); err != nil {
			return err
		}
	}
	want := map[int][]cell{}
	for n := range m.fields {
		if mine != nil && mine.cells[n].kind == members {
			want[n] = mine.cells[n].list
		} else {
			want[n] = e.remaining(n)
		}
	}
	for n := range m.fields {
		f := &m.fields[n]
		if f.many == nil || len(e.links.added[n])+len(e.links.gone[n]) == 0 {
			continue
		}
		before, after := p.showMembers(m, n, e.links.before(n, want[n])), p.showMembers(m, n, want[n])
		if e.status == destroyed {
			after = ""
		}
		if f.sensitive {
			before, after = plans.Masked, plans.Masked
		}
		rec.Fields = append(rec.Fields, plans.Field{Name: f.name, Before: before, After: after, Sensitive: f.sensitive})
	}
	return nil
}

// remaining are the members of a live row without those that are destroyed.
func (e *entry) remaining(n int) []cell {
	if e.own == nil {
		return nil
	}
	var out []cell
	for _, key := range e.own.removed[n] {
		if !slices.Contains(e.links.removed[n], key) {
			out = append(out, cell{kind: resolved, key: key})
		}
	}
	return out
}

// before are the members that a field had: those it will have without the
// added ones, and the removed ones.
func (k *links) before(n int, want []cell) []cell {
	var out []cell
	for _, c := range want {
		if !slices.ContainsFunc(k.added[n], func(a joining) bool { return a.key == c.key }) {
			out = append(out, c)
		}
	}
	for _, key := range k.removed[n] {
		out = append(out, cell{kind: resolved, key: key})
	}
	return uniqueCells(out)
}
