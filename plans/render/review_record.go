package render

import (
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// text is what is said of one record: of a new one what the plan will do, of
// one that is gone what was to be done, of the others both.
func (r *review) text(d plans.Difference) string {
	switch kindOf(d) {
	case came:
		s := d.New.Sealed()
		if text := r.c.record(&s); text != "" {
			return text
		}
		return fmt.Sprintf("  # %s will be remapped\n", r.c.pt.bold(address(s.Model, s.Key)))
	case went:
		return fmt.Sprintf("  # %s %s\n", r.c.pt.bold(address(d.Old.Model, d.Old.Key)), r.wasTo(d.Old.Action))
	}
	old, now := d.Old.Sealed(), d.New.Sealed()
	var b strings.Builder
	fmt.Fprintf(&b, "  # %s %s, now %s\n", r.c.pt.bold(address(now.Model, now.Key)), r.wasTo(old.Action), otherwiseNow(&old, &now))
	for _, l := range r.attributes(&old, &now) {
		fmt.Fprintf(&b, "      %s\n", l)
	}
	// A plan holds the fields of few other records.
	if old.Action == now.Action {
		for _, name := range fieldNames(&old, &now) {
			r.field(&b, name, &old, &now)
		}
	} else if now.Action == plans.Change {
		r.c.fieldLines(&b, &now)
	}
	return b.String()
}

func (r *review) wasTo(a plans.Action) string { return "was to be " + r.becomes(a) }

func (r *review) becomes(a plans.Action) string {
	switch a {
	case plans.Add:
		return "created"
	case plans.Change:
		return "updated in-place"
	case plans.Destroy:
		return r.c.pt.red("destroyed")
	}
	return "remapped"
}

func otherwiseNow(old, now *plans.Record) string {
	if old.Action == now.Action {
		return "otherwise"
	}
	return map[plans.Action]string{
		plans.Add: "it will be created", plans.Change: "it will be updated in-place",
		plans.Destroy: "it will be destroyed", plans.Remap: "it will be remapped only",
	}[now.Action]
}

// attributes are what differs beside the fields.
func (r *review) attributes(old, now *plans.Record) []string {
	var out []string
	differ := func(name, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s: was %s, now %s", name, r.c.pt.red(a), r.c.pt.green(b)))
		}
	}
	if old.Action == plans.Add && now.Action == plans.Add {
		id := func(r *plans.Record) string { return strings.TrimPrefix(primaryKey(r), "id = ") }
		differ("id", id(old), id(now))
	}
	if old.Key != now.Key {
		differ("natural key", jsonText(old.Key), jsonText(now.Key))
	}
	if old.OldKey != now.OldKey {
		differ("name so far", jsonText(old.OldKey), jsonText(now.OldKey))
	}
	reason := func(rec *plans.Record) string {
		if line := because(rec.Reason, rec.Rule); line != "" {
			return line
		}
		return "without a rule"
	}
	if old.Reason != now.Reason {
		differ("reason", reason(old), reason(now))
	}
	if old.Action == now.Action && old.Content != now.Content {
		out = append(out, "content: other values than in the plan before, which does not hold them")
	}
	if old.Stub != now.Stub {
		out = append(out, "stub: only one of the plans makes it, as the package lacks the record")
	}
	return out
}

// fieldNames are the fields on which the plans differ, in the order of the new
// plan, then those that only the old one has.
func fieldNames(old, now *plans.Record) []string {
	var names []string
	for _, f := range now.Fields {
		if g, ok := fieldOf(old, f.Name); !ok || f != g {
			names = append(names, f.Name)
		}
	}
	for _, f := range old.Fields {
		if _, ok := fieldOf(now, f.Name); !ok {
			names = append(names, f.Name)
		}
	}
	return names
}

func fieldOf(r *plans.Record, name string) (plans.Field, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return plans.Field{}, false
}

// field says what was to become of a field and what is now. Where both say the
// same because they are cut, it says where the new values part.
func (r *review) field(b *strings.Builder, name string, old, now *plans.Record) {
	f, had := fieldOf(old, name)
	g, has := fieldOf(now, name)
	was, is := r.fieldText(f, had, old), r.fieldText(g, has, now)
	fmt.Fprintf(b, "      %s\n        was: %s\n        now: %s\n", visible(name), was, is)
	if !had || !has || f.Sensitive || g.Sensitive || f.After == g.After || !long(f.After) && !long(g.After) {
		return
	}
	cl := r.c.cell(plans.Field{Name: name, Before: f.After, After: g.After}, plans.Change)
	fmt.Fprintf(b, "        from one to the other: %s\n", cl.text)
	for _, line := range cl.more {
		fmt.Fprintf(b, "          %s\n", line)
	}
	if cl.braces && len(cl.more) > 0 {
		b.WriteString("        }\n")
	}
}

func (r *review) fieldText(f plans.Field, has bool, rec *plans.Record) string {
	switch {
	case !has && rec.Action == plans.Change:
		return "unchanged"
	case !has:
		return "not in the plan"
	case f.Sensitive:
		return "(sensitive value)"
	case rec.Action == plans.Add:
		return r.c.pt.green(cut(f.After, longText))
	}
	return r.c.arrow(cut(f.Before, longText), cut(f.After, longText))
}
