package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// unidentified marks, in Value.Digits of a dangling generic id, that the
// package cannot say which record it means: its records of that model have no
// primary keys. A live row's id is then left as it is.
const unidentified = 255 - 1

// genericNote counts references that stay as they are.
type genericNote struct {
	holder, field, target string
	why                   string
}

// genericTarget is the model that a resolved content type means.
func (p *planning) genericTarget(typ cell) (label string, t *model) {
	if typ.kind != resolved && typ.kind != byKey && typ.kind != byName {
		return "", nil
	}
	parts := typ.key.Parts()
	if len(parts) != 2 {
		return "", nil
	}
	label = strings.ToLower(parts[0] + "." + parts[1])
	return label, p.byLabel[label]
}

// resolveGeneric resolves the id of a generic reference of the package. One
// that cannot be resolved keeps the package's id.
func (p *planning) resolveGeneric(m *model, g *generic, r *row) {
	id := &r.cells[g.id]
	if (id.kind != plain && id.kind != byID) || !id.value.Valid {
		return
	}
	label, t := p.genericTarget(r.cells[g.typ])
	if label == "" {
		return
	}
	if t != nil && t.pk >= 0 && t.group < m.group && t.pkCarried {
		if n, ok := t.owner(id.value.Text); ok && (t.entries.at(n).stays() || t.entries.at(n).status == broken) {
			id.kind, id.key = resolved, t.entries.at(n).key
			if p.noting {
				t.entries.at(n).refs++
			}
			return
		}
		id.kind = dangling
	} else {
		id.kind, id.value.Digits = dangling, unidentified
	}
}

// unsetGenerics writes null for what the policy unsets. The id of a live row
// stays where the package merely does not identify what it means.
func (p *planning) unsetGenerics(m *model, r *row, inLive bool) {
	for i := range m.generics {
		g := &m.generics[i]
		c := &r.cells[g.id]
		stays := inLive && c.value.Digits == unidentified
		if c.kind == dangling && g.policy.OnMissing == policy.OnMissingUnset && !stays {
			*c = cell{kind: plain}
		}
	}
}

// resolveLiveGeneric does the same for a live row.
func (p *planning) resolveLiveGeneric(m *model, g *generic, r *row) {
	id := &r.cells[g.id]
	if id.kind != plain || !id.value.Valid {
		return
	}
	_, t := p.genericTarget(r.cells[g.typ])
	if t == nil || t.pk < 0 || t.group >= m.group {
		return
	}
	if tg := t.target(t.pk); tg != nil {
		if n, ok := t.byLiveID(tg, id.value.Text); ok {
			id.kind, id.key = resolved, t.entries.at(n).key
		}
	}
}

// noteGeneric counts a generic reference that is not resolved, and applies
// the rule that the policy has for it.
func (p *planning) noteGeneric(m *model, e *entry, g *generic, r *row) {
	id := r.cells[g.id]
	if id.kind != dangling {
		return
	}
	label, t := p.genericTarget(r.cells[g.typ])
	note := genericNote{holder: m.label, field: g.policy.Label, target: label, why: "unidentified"}
	switch {
	case id.value.Digits != unidentified:
		note.why = "lost"
		if _, known := t.owner(id.value.Text); known {
			note.why = "skipped"
		}
	case t == nil:
		note.why = "unlisted"
	}
	switch g.policy.OnMissing {
	case policy.OnMissingFail:
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "generic.missing", Range: g.policy.RuleRange, Record: p.place(m, r.number, e.key),
			Summary: fmt.Sprintf("The generic reference %s leads to no record of %s, and on_missing = fail", g.policy.Label, label),
		})
		e.status = broken
		return
	case policy.OnMissingSkip:
		p.skip(m, e, r.number, fmt.Sprintf("its generic reference %s leads to no record, and on_missing = skip", g.policy.Label), g.policy.RuleRange)
		return
	case policy.OnMissingUnset:
		note.why = "unset"
	}
	p.genericNotes[note]++
}

// wrongTarget refuses a record whose id is the package's and that of a live row:
// it could point at a record that the package does not mean. Only a policy that
// says on_missing = keep in so many words takes that upon itself.
func (p *planning) wrongTarget(m *model, e *entry, g *generic, r *row) {
	if r.cells[g.id].kind != dangling || g.policy.RuleRange != g.policy.Range {
		return
	}
	_, t := p.genericTarget(r.cells[g.typ])
	if t == nil || t.pk < 0 {
		return
	}
	detail := fmt.Sprintf("The models %s and %s refer to each other, so its id cannot be rewritten.", m.label, t.label)
	if tg := t.target(t.pk); t.group < m.group && tg != nil {
		n, hit := t.byLiveID(tg, r.cells[g.id].value.Text)
		if !hit {
			return
		}
		detail = fmt.Sprintf("The package does not identify the %s it means; in the live database its id belongs to %s.",
			t.label, p.keyText(t, t.entries.at(n).key))
	}
	e.status = broken
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "generic.wrong_record", Range: g.policy.Range, Record: p.place(m, r.number, e.key),
		Summary: fmt.Sprintf("The generic reference %s could lead to another record", g.policy.Label),
		Detail:  detail,
		Remedy:  fmt.Sprintf("Take a package with primary keys, or say what to do: generic_reference %q { on_missing = unset | skip }. If the ids are known to be the same on both sides, on_missing = keep writes them as they are.", g.policy.Label),
	})
}

// noteGenerics warns of the references that stay as they are: one warning per
// target and cause.
func (p *planning) noteGenerics() {
	type group struct{ target, why string }
	groups := map[group][]genericNote{}
	for n := range p.genericNotes {
		g := group{n.target, n.why}
		groups[g] = append(groups[g], n)
	}
	keys := make([]group, 0, len(groups))
	for g := range groups {
		keys = append(keys, g)
	}
	slices.SortFunc(keys, func(a, b group) int { return strings.Compare(a.target+a.why, b.target+b.why) })
	for _, g := range keys {
		notes := groups[g]
		slices.SortFunc(notes, func(a, b genericNote) int { return strings.Compare(a.holder+a.field, b.holder+b.field) })
		total := 0
		where := make([]string, len(notes))
		for i, n := range notes {
			total += p.genericNotes[n]
			where[i] = fmt.Sprintf("%s.%s %d", n.holder, n.field, p.genericNotes[n])
		}
		d := diag.Diagnostic{
			Severity: diag.Warning, Code: "generic." + g.why,
			Summary: fmt.Sprintf(plural(total, "%d generic reference{|s} to %s {keeps its id|keep their ids}: the package does not identify what {it means|they mean}"), total, g.target),
			Detail:  fmt.Sprintf("Found in %s. The package's records of %s carry no primary key, so an id cannot be matched to a record; it is not rewritten.", quoteList(where), g.target),
			Remedy:  "A package with primary keys lets them be rewritten.",
		}
		switch g.why {
		case "json":
			d.Summary = fmt.Sprintf(plural(total, "%d id{|s} of %s inside JSON fields {stays as it is: the package has no such record|stay as they are: the package has no such records}"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s.", quoteList(where))
		case "json_unidentified":
			d.Summary = fmt.Sprintf(plural(total, "%d id{|s} of %s inside JSON fields {stays as it is|stay as they are}: the package does not identify what {it means|they mean}"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s. The package's records of %s carry no primary key, so an id cannot be matched to a record. In the live database they may be those of other records.", quoteList(where), g.target)
			d.Remedy = "Take a package with primary keys, or write null instead: on_missing = unset in the json_reference."
		case "json_unset":
			d.Summary = fmt.Sprintf(plural(total, "%d id{|s} of %s inside JSON fields {is|are} unset: the package does not identify what {it means|they mean}"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s, where on_missing = unset.", quoteList(where))
			d.Remedy = ""
		case "json_skipped":
			d.Summary = fmt.Sprintf(plural(total, "%d id{|s} of %s inside JSON fields {stays as it is: the package's record is|stay as they are: the package's records are} skipped"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s. In the live database they may be those of other records.", quoteList(where))
			d.Remedy = "To write null instead, say on_missing = unset in the json_reference."
		case "unset":
			d.Summary = fmt.Sprintf(plural(total, "%d generic reference{|s} to %s {is|are} unset: the package does not identify what {it means|they mean}"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s, where on_missing = unset.", quoteList(where))
		case "lost":
			d.Summary = fmt.Sprintf(plural(total, "%d generic reference{|s} to %s {keeps its id: the package has no such record|keep their ids: the package has no such records}"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s. They led nowhere where the package was made.", quoteList(where))
			d.Remedy = ""
		case "skipped":
			d.Summary = fmt.Sprintf(plural(total, "%d generic reference{|s} to %s {keeps its id: the package's record is|keep their ids: the package's records are} skipped"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s.", quoteList(where))
			d.Remedy = "To write null instead, say on_missing = unset in the generic_reference."
		case "unlisted":
			d.Summary = fmt.Sprintf(plural(total, "%d generic reference{|s} to %s {keeps its id|keep their ids}: the model has no block"), total, g.target)
			d.Detail = fmt.Sprintf("Found in %s.", quoteList(where))
			d.Remedy = fmt.Sprintf("Add a model block for %s to have them rewritten.", g.target)
		}
		p.diags.Add(d)
	}
}
