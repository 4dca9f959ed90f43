package planner

import (
	"slices"

	"github.com/google/uuid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// beforeAfter gives the live row as it is (nil for an added record) and as it
// will be, references resolved to natural keys. Fields that are left to the
// database's default are absent from an added record's after.
func (p *planning) beforeAfter(m *model, e *entry) (before, after *row, err error) {
	if e.done >= 0 {
		return m.readDone(e)
	}
	if e.live >= 0 {
		if before, err = m.spool.get(e.live, len(m.fields)); err != nil {
			return nil, nil, err
		}
		p.resolveLive(m, before)
	}
	var mine *row
	if e.pkg >= 0 && !e.altered {
		if mine, err = p.packageRow(m, e); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case mine != nil && before == nil:
		after = mine
		p.mint(m, e, after)
	case mine != nil:
		after = &row{number: mine.number, cells: slices.Clone(before.cells)}
		for n := range m.fields {
			if p.writes(m, e, n, mine, before) {
				after.cells[n] = mine.cells[n]
			}
		}
	case before != nil:
		after = &row{cells: slices.Clone(before.cells)}
	default:
		after = &row{cells: make([]cell, len(m.fields))}
	}
	if mine == nil && e.stub {
		p.applyStub(m, e, after)
	}
	e.applyPatch(after)
	return before, after, nil
}

// keepDone keeps what beforeAfter gives, as it is asked for several times and
// changes no more.
func (m *model) keepDone(e *entry, before, after *row) (err error) {
	var b []byte
	if before == nil {
		b = append(b, 0)
	} else {
		b = before.appendWhole(append(b, 1))
	}
	e.done, err = m.written.putBytes(after.appendWhole(b))
	return err
}

func (m *model) readDone(e *entry) (before, after *row, err error) {
	body, err := m.written.getBytes(e.done)
	if err != nil {
		return nil, nil, err
	}
	d := &rowReader{s: string(body)}
	if d.byte() == 1 {
		before = d.row(len(m.fields))
	}
	after = d.row(len(m.fields))
	return before, after, d.err
}

// packageRow is the package's row of a record, its references resolved as the
// policy has it.
func (p *planning) packageRow(m *model, e *entry) (*row, error) {
	r, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return nil, err
	}
	p.resolve(m, r)
	p.unsetGenerics(m, r, e.inLive())
	return r, nil
}

// applyPatch sets the fields that are changed as a consequence.
func (e *entry) applyPatch(after *row) {
	for n, c := range e.patch {
		after.cells[n] = c
	}
}

// writes reports whether a matched record's field is written.
func (p *planning) writes(m *model, e *entry, n int, mine, before *row) bool {
	switch {
	case mine.cells[n].kind == absent || m.fields[n].many != nil:
		return false
	case slices.Contains(e.moved.adopts(), n):
		return true
	case slices.Contains(m.key, n):
		return e.moved.oldName() != ""
	case m.matchRule(e) != policy.MatchUpdate && e.moved.oldName() == "":
		return false
	}
	return m.compared(n) && !m.seedIgnores(e, n) && !p.equal(m, n, mine.cells[n], before.cells[n])
}

// mint gives an added record the uuids it needs: version 5, of model and
// natural key, so that the same plan gives the same.
func (p *planning) mint(m *model, e *entry, after *row) {
	for n := range m.fields {
		f := &m.fields[n]
		if f.column == nil || f.column.Type.Kind != schema.UUID {
			continue
		}
		lacks := after.cells[n].kind == absent || after.cells[n].isNull()
		// References need to know a primary key, so it is not left to a default.
		needed := n == m.pk || f.surrogate && f.column.NotNull && !f.column.HasDefault
		if n == m.pk && (e.taken || m.policy.PrimaryKey == policy.PrimaryKeyNew) && !slices.Contains(m.key, n) {
			lacks = true
		}
		if slices.Contains(e.moved.remints(), n) || (lacks && needed) {
			after.cells[n] = cell{kind: plain, value: schema.NewValue(newUUID(m.label, f.name, e.key))}
		}
	}
}

// namespace is the version 5 namespace of the uuids that edmsplan makes: the
// uuid of the module's name in the URL namespace of RFC 9562.
func namespace() uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/edmsplan/edmsplan"))
}

func newUUID(label, field string, key schema.Key) string {
	return uuid.NewSHA1(namespace(), []byte(schema.MakeKey(label, field)+key)).String()
}
