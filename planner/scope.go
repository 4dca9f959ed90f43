package planner

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// nothing is the package of a reinit alone: it holds no records.
type nothing struct{}

// Name implements schema.Source.
func (nothing) Name() string { return "no package" }

// Contents implements schema.Source.
func (nothing) Contents() []schema.Content { return nil }

// Scan implements schema.Source.
func (nothing) Scan(context.Context, schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(func(*schema.Record, error) bool) {}
}

// narrow finds the scope that the plan is asked for and says that the plan is
// partial.
func (p *planning) narrow() {
	if name := p.in.Scope; name != "" {
		names := make([]string, 0, len(p.policy.Scopes))
		for _, s := range p.policy.Scopes {
			names = append(names, s.Name)
			if s.Name == name {
				p.scope = s
			}
		}
		if p.scope == nil {
			p.unknown("scope", policy.Name{Text: name}, names, "The policy declares no such scope.")
			return
		}
	}
	for _, pattern := range slices.Concat(p.in.Target, p.in.Exclude) {
		known := false
		labels := make([]string, 0, len(p.models))
		for _, m := range p.models {
			labels = append(labels, m.label)
			known = known || policy.MatchLabel(pattern, m.label)
		}
		for i := range p.in.Trees {
			known = known || policy.MatchLabel(pattern, FileModel(p.in.Trees[i].Policy))
		}
		if !known {
			p.unknown("model", policy.Name{Text: pattern}, labels, "No model block matches it.")
		}
	}
	if !p.partial() {
		return
	}
	in := 0
	for _, m := range p.models {
		if p.inScope(m) {
			in++
		}
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Warning, Code: "partial",
		Summary: fmt.Sprintf("The plan is partial: it is about %d of %d models", in, len(p.models)),
		Detail:  "Records outside are kept as they are; a reference that leads outside must lead to a live record.",
	})
}

// demandWhole refuses absent = destroy where the package does not tell which
// records its source has: as a package that is partial, or of a model that a
// schema.Typed does not hold.
func (p *planning) demandWhole() {
	var first *model
	var labels []string
	for _, m := range p.models {
		if !p.lackingGoes(m) || !p.inScope(m) || p.in.Partial == "" && (!p.typed || m.foreign != nil) {
			continue
		}
		if labels = append(labels, m.label); first == nil {
			first = m
		}
	}
	if first == nil {
		return
	}
	why := p.in.Partial
	if why == "" {
		why = "it says nothing of the model"
	}
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "absent.partial", Range: first.rule("absent"),
		Summary: "The package does not hold all records of " + quoteList(labels) + ", and absent = destroy",
		Detail:  "Why: " + why + ". Live records that are only missing from the package would be destroyed.",
		Remedy:  "Write absent = keep, leave the models out with -exclude, or take a package that holds all records.",
	})
}

// filtered reports whether the scope takes only some rows of the model.
func (p *planning) filtered(m *model) bool {
	return p.scope != nil && p.scope.Where[m.label] != nil
}

// rowInScope reports whether the scope's row filter takes a row.
func (p *planning) rowInScope(m *model, r *row) bool {
	if !p.filtered(m) {
		return true
	}
	holds, diags := p.scope.Where[m.label].True(func(name string) schema.Literal {
		if n, known := m.names[name]; known {
			return p.literalOf(m, n, r.cells[n])
		}
		return schema.Literal{}
	})
	for _, d := range diags {
		d.Record = p.placeRow(m, r)
		p.diags.Add(d)
	}
	return holds
}

// leaveOut skips a record of the package that the plan is not about. What it
// is called stays known: others may refer to it, and then mean the live row.
func (p *planning) leaveOut(m *model, n int32, r *row) error {
	if n < 0 || m.entries.at(n).status != pending {
		return nil // keep has counted it
	}
	first, err := m.spool.get(m.entries.at(n).pkg, len(m.fields))
	if err != nil || first.number != r.number {
		return err
	}
	m.entries.at(n).status = skipped
	m.account.Outside++
	m.account.Skipped++
	return nil
}
