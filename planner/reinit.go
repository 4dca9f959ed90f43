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

// mayClear reports whether live rows of the model may be destroyed by a rule
// of its own.
func (p *planning) mayClear(m *model) bool {
	if !p.inScope(m) {
		return false
	}
	return p.lackingGoes(m) || p.clearing(m)
}

// lackingGoes reports whether live rows of the model are destroyed that the
// package lacks. Without a package there is none that lacks any.
func (p *planning) lackingGoes(m *model) bool {
	_, none := p.in.Package.(nothing)
	return !none && m.policy.Absent == policy.AbsentDestroy
}

// clearing reports whether the plan re-initialises the model.
func (p *planning) clearing(m *model) bool {
	return p.in.Reinit && m.policy.Reinit != nil && m.policy.Reinit.Clear != nil && p.inScope(m)
}

// clears decides, for a live row that the package lacks, whether a rule of
// the model destroys it, and names the rule that destroys or keeps it.
func (p *planning) clears(m *model, e *entry, r *row) (cause, bool) {
	if !p.mayClear(m) || (p.filtered(m) && !p.liveInScope(m, r)) {
		return cause{}, false
	}
	if p.clearing(m) {
		clear, ok := p.clearCondition(m, e, r)
		if !ok {
			return cause{}, false
		}
		if clear {
			return cause{text: fmt.Sprintf("the policy clears %s on reinit", m.label), rule: m.policy.Reinit.ClearRange}, true
		}
		if !p.lackingGoes(m) {
			return cause{text: "the condition of reinit.clear does not hold for it", rule: m.policy.Reinit.ClearRange}, false
		}
	}
	return cause{text: "the package lacks it and absent = destroy", rule: m.rule("absent")}, true
}

// judgesRows reports whether it takes the whole row to know if a rule of the
// model destroys it: its key alone does not tell.
func (p *planning) judgesRows(m *model) bool {
	return p.clearing(m) || (p.mayClear(m) && p.filtered(m))
}

// verdict is what the model's rules say of a live row.
type verdict struct {
	why   cause
	clear bool
}

// doom finds the live rows that the models' rules destroy before the package's
// records are settled, which may refer to rows of their own model: nothing in
// the package may refer to what goes.
func (p *planning) doom(m *model) error {
	if !p.judgesRows(m) {
		return nil
	}
	for r, err := range p.liveRows(m, nil) {
		if err != nil {
			return err
		}
		key, why, _ := p.keyOf(m, m.key, r, true, false)
		n, known := m.entries.find(key)
		if why != "" || !known || m.entries.at(n).inPackage() || m.entries.at(n).row != m.rowID(r) {
			continue
		}
		e := m.entries.at(n)
		if e.twice && !p.clearing(m) {
			continue // refused when it is met
		}
		var v verdict
		v.why, v.clear = p.clears(m, e, r)
		p.verdicts[who{m, n}] = v
		if v.clear {
			e.status, e.doomed = destroyed, true
		}
	}
	return nil
}

// clearCondition evaluates reinit.clear for a live row.
func (p *planning) clearCondition(m *model, e *entry, r *row) (clear, ok bool) {
	seen := &row{cells: slices.Clone(r.cells)}
	p.resolveLive(m, seen)
	clear, diags := m.policy.Reinit.Clear.True(func(name string) schema.Literal {
		if n, known := m.names[name]; known {
			return p.literalOf(m, n, seen.cells[n])
		}
		return schema.Literal{}
	})
	for _, d := range diags {
		d.Record = p.place(m, 0, e.key)
		p.diags.Add(d)
	}
	return clear, !diags.HasErrors()
}

// liveInScope is rowInScope for a live row.
func (p *planning) liveInScope(m *model, r *row) bool {
	seen := &row{cells: slices.Clone(r.cells)}
	p.resolveLive(m, seen)
	return p.rowInScope(m, seen)
}

// judgeDestroys refuses what is protected: by prevent_destroy in the policy,
// by the live database, by max_destroy.
func (p *planning) judgeDestroys(m *model) {
	if len(m.destroys) == 0 {
		return
	}
	protected := slices.ContainsFunc(p.in.Protected, func(l string) bool { return strings.EqualFold(l, m.label) })
	for _, n := range m.destroys {
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "destroy.prevented", Range: m.rule("prevent_destroy"), Record: p.place(m, 0, m.entries.at(n).key),
			Summary: "The record would be destroyed, and prevent_destroy forbids it",
			Detail:  sentence(p.chain(who{m, n})),
			Remedy:  "Keep the record: reinit { clear = … } or absent = keep decide.",
		}
		switch {
		case m.policy.PreventDestroy:
		case protected:
			d.Range = m.policy.Range
			d.Summary = "The record would be destroyed, and the live database protects the model"
			d.Remedy = fmt.Sprintf("A plan with prevent_destroy was applied here. To lift the protection: edmsplan unprotect %s.", m.label)
		default:
			continue
		}
		p.diags.Add(d)
	}
	if limit := m.policy.MaxDestroy; limit != nil && len(m.destroys) > *limit {
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "guard.max_destroy", Range: m.rule("max_destroy"), Source: p.sourceLine(m.rule("max_destroy")),
			Record:  &diag.Record{Model: m.label},
			Summary: fmt.Sprintf(plural(len(m.destroys), "%d record{|s} of %s would be destroyed, max_destroy is %d"), len(m.destroys), m.label, *limit),
			Remedy:  "Raise max_destroy if that many are meant to go.",
		})
	}
}

// inScope reports whether the plan is about the model.
func (p *planning) inScope(m *model) bool {
	match := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(x string) bool { return policy.MatchLabel(x, m.label) })
	}
	if p.scope != nil && !p.scope.Holds(m.label) {
		return false
	}
	return (len(p.in.Target) == 0 || match(p.in.Target)) && !match(p.in.Exclude)
}

// partial reports whether the plan leaves models or rows out.
func (p *planning) partial() bool {
	return p.scope != nil || len(p.in.Target)+len(p.in.Exclude) > 0
}

// counts are what guards may ask of a plan.
type counts struct{ r *Result }

// Count implements policy.Counts.
func (c counts) Count(what, label string) (int, bool) {
	for _, a := range c.r.Accounting {
		if strings.EqualFold(a.Model, label) {
			return countOf(a, what), true
		}
	}
	return 0, false
}

// Total implements policy.Counts.
func (c counts) Total(what string) int {
	n := 0
	for _, a := range c.r.Accounting {
		n += countOf(a, what)
	}
	return n
}

func countOf(a plans.Accounting, what string) int {
	switch what {
	case "add":
		return a.Added
	case "change":
		return a.Changed
	case "destroy":
		return a.Destroyed
	case "remap":
		return a.Remapped
	case "unchanged":
		return a.Unchanged
	case "skip":
		return a.Skipped
	case "keep":
		return a.Kept
	case "live":
		return a.Live
	case "package":
		return a.Package
	}
	return 0
}

// guards judges the plan by the policy's guards.
func (p *planning) guards(r *Result) {
	for _, g := range p.policy.Guards {
		holds, diags := g.Holds(counts{r})
		p.diags.AddAll(diags)
		if holds || diags.HasErrors() {
			continue
		}
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "guard.mandatory." + g.Name, Range: g.Range, Source: p.sourceLine(g.Range),
			Summary: fmt.Sprintf("The guard %q refuses the plan", g.Name), Detail: g.Message,
		}
		switch g.Level {
		case policy.GuardAdvisory:
			d.Code = "guard.advisory." + g.Name
			d.Severity, d.Summary = diag.Warning, fmt.Sprintf("The guard %q warns of the plan", g.Name)
		case policy.GuardOverridable:
			d.Code = "guard.overridable." + g.Name
			d.Remedy = fmt.Sprintf("Whoever applies the plan may override it: -override %q.", g.Name+"=REASON")
		}
		p.diags.Add(d)
	}
}
