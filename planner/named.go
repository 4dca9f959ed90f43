package planner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Generic references and ids inside JSON documents name rows by a primary key
// that no constraint keeps whole. Those of live rows are evidence and are not
// rewritten, so what they name is another matter after a plan that destroys
// records or gives primary keys to new ones: people are warned of both.

// naming is what live ids have in common whose meaning changes.
type naming struct {
	target string // label of the model whose records they name
	came   bool   // they will lead to an added record; else, to none
	inJSON bool
	holder string // model and reference or field
}

// keyTurnover are the primary keys of a model that the plan frees and gives
// out.
type keyTurnover struct {
	*model
	went, came idMap
}

// noteNamed looks through the live rows that may name records which are
// destroyed or added.
func (p *planning) noteNamed() error {
	turnover := map[*model]*keyTurnover{}
	for _, m := range p.models {
		if k := turnoverOf(m); k != nil {
			turnover[m] = k
		}
	}
	counts := map[naming]int{}
	for _, m := range p.models {
		if m.account.Live == 0 || !m.mayName(turnover) {
			continue
		}
		if err := p.countNamed(m, turnover, counts); err != nil {
			return err
		}
	}
	p.warnOfNamed(counts)
	return nil
}

// turnoverOf is nil for a model whose rows stay and are not joined by others.
func turnoverOf(m *model) *keyTurnover {
	if m.pk < 0 || len(m.destroys) == 0 && m.account.Added == 0 {
		return nil
	}
	k := &keyTurnover{model: m}
	for _, n := range m.destroys {
		k.went.set(m.entries.at(n).pk, n)
	}
	for _, n := range m.changes {
		if e := m.entries.at(n); e.status == added {
			k.came.set(e.pk, n)
		}
	}
	return k
}

// gained reports whether an added record gets the primary key.
func (k *keyTurnover) gained(pk string) bool {
	if _, ok := k.came.get(pk); ok {
		return true
	}
	if k.settled == nil || k.settled.fresh == nil {
		return false
	}
	_, ok := k.settled.findID(pk)
	return ok
}

// mayName reports whether rows of the model can name records of those models.
func (m *model) mayName(models map[*model]*keyTurnover) bool {
	return len(models) > 0 && len(m.generics) > 0 || slices.ContainsFunc(m.jsonRefs, func(j jsonRef) bool {
		return slices.ContainsFunc(j.paths, func(x jsonPath) bool { return models[x.model] != nil })
	})
}

// countNamed reads the ids of a live table.
func (p *planning) countNamed(m *model, turnover map[*model]*keyTurnover, counts map[naming]int) error {
	fields := slices.Concat(m.key, m.rowKey)
	for _, g := range m.generics {
		fields = append(fields, g.typ, g.id)
	}
	for _, j := range m.jsonRefs {
		fields = append(fields, j.field)
	}
	types := map[string]*keyTurnover{} // by the content type's own key
	for r, err := range p.liveRows(m, fields) {
		if err != nil {
			return err
		}
		note := func(field int, holder string, k *keyTurnover, id string) error {
			if k == nil {
				return nil
			}
			_, went := k.went.get(id)
			came := k.gained(id)
			if !went && !came {
				return nil
			}
			stays, err := p.staysAsItIs(m, r, field)
			if stays {
				counts[naming{k.label, came, m.fields[field].generic == 0, m.label + "." + holder}]++
			}
			return err
		}
		for i := range m.generics {
			g := &m.generics[i]
			id := r.cells[g.id]
			if !id.value.Valid {
				continue
			}
			if err := note(g.id, g.policy.Label, p.turnoverMeant(m, g, r, types, turnover), id.value.Text); err != nil {
				return err
			}
		}
		for i := range m.jsonRefs {
			j := &m.jsonRefs[i]
			var failed error
			p.eachID(j, r, func(t *model, id string) {
				failed = cmp.Or(failed, note(j.field, m.fields[j.field].name, turnover[t], id))
			})
			if failed != nil {
				return failed
			}
		}
	}
	return nil
}

// turnoverMeant is that of the model which the row's content type means.
func (p *planning) turnoverMeant(m *model, g *generic, r *row, known map[string]*keyTurnover, turnover map[*model]*keyTurnover) *keyTurnover {
	c := r.cells[g.typ]
	k, ok := known[c.value.Text]
	if ok || c.kind != byID {
		return k
	}
	if key, found := refKey(m.fields[g.typ].ref, c, true); found {
		if _, t := p.genericTarget(cell{kind: resolved, key: key}); t != nil {
			k = turnover[t]
		}
	}
	known[strings.Clone(c.value.Text)] = k
	return k
}

// staysAsItIs reports whether the plan leaves the live row and what it has in
// the field.
func (p *planning) staysAsItIs(m *model, r *row, field int) (bool, error) {
	w, ok := p.entryOfLive(m, r)
	if !ok {
		return true, nil
	}
	e := w.entry()
	if e.status != changed {
		return e.status != destroyed, nil
	}
	before, after, err := p.beforeAfter(m, e)
	if err != nil {
		return false, err
	}
	return after.cells[field].same(before.cells[field]), nil
}

// entryOfLive is the entry of a live row, as whatever became of it; false for
// one that needs none.
func (p *planning) entryOfLive(m *model, r *row) (who, bool) {
	id := m.rowID(r)
	n, ok := m.entries.find(rowMark + id)
	if !ok {
		key, why, _ := p.keyOf(m, m.key, r, true, false)
		if why != "" {
			return who{}, false
		}
		if n, ok = m.liveEntry(key, r); !ok {
			return who{}, false
		}
	}
	w := who{m, n}
	if by, taken := p.taken[w]; taken {
		w = by
	}
	return w, true
}

// warnOfNamed warns once for each model whose records are named.
func (p *planning) warnOfNamed(counts map[naming]int) {
	groups := map[naming][]naming{}
	for n := range counts {
		g := n
		g.holder = ""
		groups[g] = append(groups[g], n)
	}
	order := func(a, b naming) int {
		return cmp.Or(strings.Compare(a.target, b.target), strings.Compare(a.code(), b.code()), strings.Compare(a.holder, b.holder))
	}
	for _, g := range slices.SortedFunc(maps.Keys(groups), order) {
		total := 0
		var where []string
		for _, n := range slices.SortedFunc(slices.Values(groups[g]), order) {
			total += counts[n]
			where = append(where, fmt.Sprintf("%s %d", n.holder, counts[n]))
		}
		d := diag.Diagnostic{
			Severity: diag.Warning, Code: g.code(),
			Detail: fmt.Sprintf("Found in %s. Their ids stay as they are.", quoteList(where)),
		}
		what := "generic reference{|s}"
		if g.inJSON {
			what = "id{|s} inside JSON fields"
		}
		if g.came {
			d.Summary = fmt.Sprintf(plural(total, "%d "+what+" of {a live row|live rows} will lead to {an added record|added records} of %s"), total, g.target)
			d.Detail += " They lead to other records now, or to none."
			d.Remedy = fmt.Sprintf("If they were made for other records, write primary_key = new in model %q: its added records then get keys that no row had.", g.target)
		} else {
			d.Summary = fmt.Sprintf(plural(total, "%d "+what+" will lead to {a destroyed record|destroyed records} of %s"), total, g.target)
		}
		p.diags.Add(d)
	}
}

func (n naming) code() string {
	kind, what := "generic", "destroyed"
	if n.inJSON {
		kind = "json"
	}
	if n.came {
		what = "adopted"
	}
	return kind + "." + what
}
