package planner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// violationsShown is how many rows that violate a check are named.
const violationsShown = 5

// CheckRows judges a check on rows: the condition must hold for each live row
// of the model. It returns how many rows it does not hold for and the natural
// keys of the first few, as JSON lists. The diagnostics say why it cannot be
// told; the error is for reading that failed.
func CheckRows(ctx context.Context, pol *policy.Policy, c *schema.Catalogue, live schema.Source, check *policy.Check) (
	violations int, first []string, list diag.List, err error,
) {
	diags := &diag.Collector{}
	p := &planning{binding: bind(pol, c, diags), ctx: ctx, in: Input{Policy: pol, Catalogue: c, Live: live, Package: nothing{}}, diags: diags}
	m := p.byLabel[strings.ToLower(check.Model.Text)]
	if m == nil || diags.List().HasErrors() {
		return 0, nil, diags.List(), nil
	}
	fields := slices.Concat(m.key, m.rowKey)
	for _, f := range check.Rows.Fields() {
		fields = append(fields, m.names[f.Text]) // which bind has looked up
	}
	for i := range m.generics { // what the id means depends on the type
		if slices.Contains(fields, m.generics[i].id) {
			fields = append(fields, m.generics[i].typ)
		}
	}
	if err := p.nameReferred(m, fields); err != nil {
		return 0, nil, nil, err
	}
	for r, err := range p.liveRows(m, fields) {
		if err != nil {
			return 0, nil, nil, err
		}
		p.resolveLive(m, r)
		holds, problems := check.Rows.True(func(name string) schema.Literal {
			n := m.names[name]
			return p.literalOf(m, n, r.cells[n])
		})
		if problems.HasErrors() {
			for _, d := range problems {
				d.Record = p.placeRow(m, r)
				diags.Add(d)
			}
			return violations, first, diags.List(), nil
		}
		if holds {
			continue
		}
		if violations++; len(first) < violationsShown {
			first = append(first, p.checkedRow(m, r))
		}
	}
	return violations, first, diags.List(), nil
}

// checkedRow is the row's natural key, or where it has none, its place.
func (p *planning) checkedRow(m *model, r *row) string {
	if key, why, _ := p.keyOf(m, m.key, r, true, false); why == "" {
		return p.keyText(m, key)
	}
	return fmt.Sprintf("(%s) = (%s)", strings.Join(m.columns(m.rowKey), ", "), strings.Join(m.rowID(r).Parts(), ", "))
}

// nameReferred reads the keys of all rows that these fields of the model may
// refer to, and of those that the keys refer to.
func (p *planning) nameReferred(m *model, fields []int) error {
	needed := map[*model]bool{}
	var need func(m *model, fields []int)
	need = func(m *model, fields []int) {
		for _, n := range fields {
			f := &m.fields[n]
			if f.ref != nil && f.ref.model != nil && !needed[f.ref.model] {
				needed[f.ref.model] = true
				need(f.ref.model, f.ref.model.key)
			}
			if f.generic > 0 { // it may refer to anything
				for _, t := range p.models {
					needed[t] = true
				}
			}
		}
	}
	need(m, fields)
	for _, t := range p.models {
		p.reset(t)
		if !needed[t] {
			continue
		}
		read := slices.Concat(t.key, t.rowKey)
		for _, g := range t.targets {
			read = append(read, g.field)
		}
		for r, err := range p.liveRows(t, read) {
			if err != nil {
				return err
			}
			p.register(t, r)
		}
	}
	return nil
}

// checks finds the models and the fields that the policy's checks name.
func (b *binding) checks() {
	for _, check := range b.policy.Checks {
		m := b.byLabel[strings.ToLower(check.Model.Text)]
		if m == nil || check.Rows == nil {
			continue // a model that is not bound has its own diagnostic
		}
		for _, f := range check.Rows.Fields() {
			if n, known := m.names[f.Text]; known && m.fields[n].column != nil {
				continue
			}
			names := make([]string, 0, len(m.names))
			for name := range m.names {
				names = append(names, name)
			}
			slices.Sort(names)
			b.unknown("field", f, names, fmt.Sprintf("The check %q is on rows of the table %s.", check.Name, m.table.Name))
		}
	}
}
