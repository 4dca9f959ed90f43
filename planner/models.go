package planner

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Models describes the policy's models as the catalogue's tables hold them,
// each after those that it refers to as far as that is possible, and lists
// their tables and those of their many-to-many fields. The diagnostics say
// what in the policy does not fit the catalogue; with an error among them
// there are no models.
func Models(p *policy.Policy, c *schema.Catalogue) ([]*schema.Model, []*schema.Table, diag.List) {
	diags := &diag.Collector{}
	b := bind(p, c, diags)
	if diags.List().HasErrors() {
		return nil, nil, diags.List()
	}
	out := make([]*schema.Model, len(b.models))
	for i, m := range b.models {
		out[i] = m.describe()
	}
	return out, b.tables(), diags.List()
}

// describe is the model for who knows no policy.
func (m *model) describe() *schema.Model {
	out := &schema.Model{Label: m.label, Table: m.table.Name}
	for n := range m.fields {
		f := &m.fields[n]
		d := schema.ModelField{Name: f.name, Sensitive: f.sensitive}
		if f.column != nil {
			d.Column, d.Type = f.column.Name, f.column.Type
		}
		if j := f.many; j != nil {
			d.Link = &schema.Link{Table: j.table.Name, Owner: j.owner, Member: j.member}
			if len(j.key) == 1 {
				d.Link.Key = j.key[0]
			}
		}
		if r := f.ref; r != nil && r.model != nil {
			d.References = &schema.ModelReference{Model: r.model.label, Field: r.model.fields[r.field].name}
		}
		out.Fields = append(out.Fields, d)
	}
	for _, n := range m.key {
		out.NaturalKey = append(out.NaturalKey, m.fields[n].name)
	}
	for _, g := range m.generics {
		out.Generics = append(out.Generics, schema.GenericField{Type: m.fields[g.typ].name, ID: m.fields[g.id].name})
	}
	return out
}

// references are where the model's fields lead.
func (m *model) references() []plans.Reference {
	var out []plans.Reference
	for n := range m.fields {
		if r := m.fields[n].ref; r != nil && r.model != nil {
			out = append(out, plans.Reference{Field: m.fields[n].name, Model: r.model.label})
		}
	}
	for _, j := range m.jsonRefs {
		for _, p := range j.paths {
			out = append(out, plans.Reference{Field: m.fields[j.field].name + "." + strings.Join(p.path, "."), Model: p.model.label})
		}
	}
	return out
}

// References are the policy's models and where their fields lead, in the order
// in which a plan adds records. The diagnostics are those of Models.
func References(p *policy.Policy, c *schema.Catalogue) ([]plans.Accounting, diag.List) {
	diags := &diag.Collector{}
	b := bind(p, c, diags)
	if diags.List().HasErrors() {
		return nil, diags.List()
	}
	out := make([]plans.Accounting, len(b.models))
	for i, m := range b.models {
		out[i] = plans.Accounting{Model: m.label, Table: m.table.Name, References: m.references()}
	}
	return out, diags.List()
}

// Unlisted are the catalogue's tables that the policy's models do not hold.
func Unlisted(p *policy.Policy, c *schema.Catalogue) []*schema.Table {
	listed := Tables(p, c)
	return slices.DeleteFunc(slices.Clone(c.Tables), func(t *schema.Table) bool { return slices.Contains(listed, t) })
}
