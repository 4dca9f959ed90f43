package planner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// applyKeeps sets the fields of rows that are kept after all.
func (p *planning) applyKeeps() error {
	for _, w := range p.keptRows() {
		if !p.kept[w] {
			continue // it was never counted as destroyed, and no rule of its own clears it
		}
		w.m.account.Destroyed--
		w.m.account.Kept++
		w.m.keptBy(p.causes[w])
		reinit := w.m.policy.Reinit
		if reinit == nil || len(reinit.KeepSet) == 0 {
			continue
		}
		if err := p.keepSet(w); err != nil {
			return err
		}
	}
	for _, x := range p.edges {
		if e := x.child.entry(); e.consequence && e.status == destroyed && !e.counted {
			e.counted = true
			x.child.m.account.Destroyed++
			x.child.m.account.Kept--
			if e.spared {
				x.child.m.unkept(x.child.m.policy.Reinit.ClearRange)
			}
		}
	}
	return nil
}

// keptRows are the kept rows in order.
func (p *planning) keptRows() []who {
	out := make([]who, 0, len(p.kept))
	for w := range p.kept {
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b who) int {
		return cmp.Or(strings.Compare(a.m.label, b.m.label), compareKeys(a.entry().key, b.entry().key))
	})
	return out
}

func (p *planning) keepSet(w who) error {
	m, e := w.m, w.entry()
	before, err := m.spool.get(e.live, len(m.fields))
	if err != nil {
		return err
	}
	p.resolveLive(m, before)
	for _, name := range slices.Sorted(maps.Keys(m.policy.Reinit.KeepSet)) {
		expr := m.policy.Reinit.KeepSet[name]
		n, ok := p.name(m, policyName{Text: name, Range: m.policy.Reinit.KeepRange})
		if !ok {
			continue
		}
		l, diags := expr.Eval(func(field string) schema.Literal {
			if k, ok := m.names[field]; ok {
				return p.literalOf(m, k, before.cells[k])
			}
			return schema.Literal{}
		})
		p.diags.AddAll(diags)
		if diags.HasErrors() {
			continue
		}
		c, err := p.decodeOwn(m, n, l)
		if err != nil {
			p.add(m.policy.Reinit.KeepRange, "policy.on_keep", fmt.Sprintf("The value of %s does not fit", name), sentence(err.Error()), "")
			continue
		}
		if !p.equal(m, n, c, before.cells[n]) {
			p.patch(w, n, c, p.causes[w])
		}
	}
	return nil
}
