package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// cause says why a row is destroyed or kept: a rule with its place, and the
// row that led to it.
type cause struct {
	text  string
	rule  diag.Range
	after *who
}

// chain says why a row is destroyed, from the rule on.
func (p *planning) chain(w who) string {
	c, ok := p.causes[w]
	if !ok {
		return "nothing destroys it"
	}
	return c.text + c.place() + p.before(w, c)
}

// place is where the cause's rule stands.
func (c cause) place() string {
	if c.rule.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", c.rule.File, c.rule.Start.Line)
}

// chainLength is how many rows a reason names before it goes on to the last.
const chainLength = 6

// before is what led to a cause: the row it comes after and why that one is
// destroyed or kept, and so on until the rule that began it.
func (p *planning) before(w who, c cause) string {
	text := ""
	for n := 0; c.after != nil && *c.after != w; n++ {
		w = *c.after
		next, led := p.causes[w]
		_, kept := p.kept[w]
		if led = led && (kept || w.entry().status == destroyed); !led {
			return text + "; " + p.name1(w)
		}
		switch {
		case n < chainLength || next.after == nil:
			text += "; " + p.name1(w) + ": " + next.text + next.place()
		case n == chainLength:
			text += "; …"
		}
		c = next
	}
	return text
}

// reason is why a row is destroyed or altered: its own cause, whose place the
// record names, and the chain that led to it.
func (p *planning) reason(w who) string {
	c := p.causes[w]
	return c.text + p.before(w, c)
}

// name1 names a record.
func (p *planning) name1(w who) string {
	key := p.keyText(w.m, w.entry().key)
	return w.m.label + key
}

// keptBy counts a live row that a rule keeps.
func (m *model) keptBy(c cause) { m.account.KeptBy = addKept(m.account.KeptBy, c) }

// unkept takes back what keptBy counted of a row that is destroyed after all.
func (m *model) unkept(rule diag.Range) {
	for i := range m.account.KeptBy {
		if k := &m.account.KeptBy[i]; k.Rule == rule {
			k.Count--
		}
	}
	m.account.KeptBy = slices.DeleteFunc(m.account.KeptBy, func(k plans.KeptBy) bool { return k.Count == 0 })
}

func addKept(list []plans.KeptBy, c cause) []plans.KeptBy {
	for i := range list {
		if k := &list[i]; k.Rule == c.rule {
			k.Count++
			return list
		}
	}
	return append(list, plans.KeptBy{Reason: c.text, Rule: c.rule, Count: 1})
}
