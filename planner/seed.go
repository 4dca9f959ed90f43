package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// readSeeds adds the records that the policy itself declares to those of the
// package. A record that the package holds too is the package's.
func (p *planning) readSeeds(m *model) error {
	for _, s := range p.policy.Seeds {
		if !strings.EqualFold(s.Model.Text, m.label) || (s.On == policy.SeedReinit && !p.in.Reinit) || !p.inScope(m) {
			continue
		}
		for _, x := range s.Ignore {
			p.name(m, x)
		}
		for _, rec := range s.Records {
			if err := p.readSeed(m, s, rec); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *planning) readSeed(m *model, s *policy.Seed, rec *policy.SeedRecord) error {
	r := &row{cells: make([]cell, len(m.fields))}
	for i := range rec.Fields {
		f := &rec.Fields[i]
		n, ok := p.name(m, f.Name)
		if !ok {
			return nil
		}
		value, diags := f.Value()
		p.diags.AddAll(diags)
		if diags.HasErrors() {
			return nil
		}
		c, err := p.decodeOwn(m, n, value)
		if err != nil {
			p.add(f.Name.Range, "policy.seed", fmt.Sprintf("The value of %s does not fit", f.Name.Text), sentence(err.Error()), "")
			return nil
		}
		r.cells[n] = m.named(n, c)
	}
	key, why, at := p.keyOf(m, m.key, r, false, false)
	if why != "" {
		p.add(rec.Range, "policy.seed", fmt.Sprintf("The seed has no natural key: %s", m.fields[at].name),
			"Its value is missing, null, or a reference to a record that is not there.", "")
		return nil
	}
	n, isNew := m.entries.put(key)
	if !isNew && !m.ruling.takes(n) {
		return nil
	}
	offset, err := m.spool.put(r)
	e := m.entries.at(n)
	e.pkg, e.status, e.seed = offset, pending, s
	m.seedPlaces[n] = rec.Range
	return err
}

// named makes the references of a seed mean the records that have the natural
// keys, whatever a decision says of how the package calls them.
func (m *model) named(n int, c cell) cell {
	if f := &m.fields[n]; c.kind == byKey && !f.ref.model.ownSpelling {
		c.kind = byName
	}
	for i := range c.list {
		c.list[i] = m.named(n, c.list[i])
	}
	return c
}

// decodeOwn reads a value that the policy itself gives: a reference and the
// members of a many-to-many field are natural keys, of which one value stands
// for a key of one part. How the package spells its own plays no part in it.
func (p *planning) decodeOwn(m *model, n int, l schema.Literal) (cell, error) {
	return p.decodeSaid(m, n, l, keyList)
}

// decodeSaid reads what an expression of the policy gives, and spells each
// reference in it as spell says.
func (p *planning) decodeSaid(m *model, n int, l schema.Literal, spell func(*field, schema.Literal) schema.Literal) (cell, error) {
	f := &m.fields[n]
	if f.many == nil {
		return p.decodeValue(f, spell(f, l))
	}
	if l.Kind == schema.ListLiteral {
		list, err := items(l)
		if err != nil {
			return cell{}, err
		}
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = literalJSON(spell(f, item))
		}
		l.Text = "[" + strings.Join(texts, ",") + "]"
	}
	return p.decodeMembers(f, l)
}

// keyList makes a natural key that is written as one value a list of one part.
func keyList(f *field, l schema.Literal) schema.Literal {
	if f.ref == nil || f.ref.model == nil || l.Kind == schema.NullLiteral || l.Kind == schema.ListLiteral {
		return l
	}
	return schema.Literal{Kind: schema.ListLiteral, Text: "[" + literalJSON(l) + "]"}
}

// literalJSON is a literal as JSON text.
func literalJSON(l schema.Literal) string {
	switch l.Kind {
	case schema.StringLiteral:
		return schema.Type{Kind: schema.Text}.JSON(schema.NewValue(l.Text))
	case schema.NullLiteral:
		return "null"
	}
	return l.Text
}

// seedPlace names where a seed's record stands.
func (p *planning) seedPlace(m *model, e *entry) diag.Range {
	if n, ok := m.entries.find(e.key); ok {
		return m.seedPlaces[n]
	}
	return diag.Range{}
}

// seedIgnores reports whether a record is a seed that leaves the field of an
// existing row alone.
func (m *model) seedIgnores(e *entry, n int) bool {
	return e.seed != nil && slices.ContainsFunc(e.seed.Ignore, func(x policyName) bool {
		f, ok := m.names[x.Text]
		return ok && f == n
	})
}
