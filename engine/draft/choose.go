package draft

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// choose takes the best candidate that the data allow as the natural key of the
// table, those of the tables that it refers to first. It returns false when
// there is none, or none yet because a key that is being chosen leads here.
func (w *world) choose(t *table) bool {
	if t == nil || t.label == "" || t.visiting {
		return false
	}
	if t.chosen != nil {
		return true
	}
	t.visiting = true
	defer func() { t.visiting = false }()
	spelt := w.spelt(t)
	if c := w.spelledKey(t, spelt); c != nil {
		t.take(c, spelt)
		return true
	}
	var local *candidate
	for _, c := range t.candidates {
		if !w.allowed(t, c) || !t.fits(c) {
			continue
		}
		if c.rank < rankRowID && w.local(t, c) {
			local = cmp.Or(local, c)
			continue
		}
		if c.rank == rankRowID {
			c = cmp.Or(local, c)
		}
		t.take(c, spelt)
		return true
	}
	if c := cmp.Or(local, w.lacking(t, spelt)); c != nil {
		t.take(c, spelt)
		return true
	}
	return false
}

// spelledKey is the candidate that the package's references spell, with its
// fields in their order; nil when another one does better.
func (w *world) spelledKey(t *table, spelt []int) *candidate {
	if spelt == nil {
		return nil
	}
	for _, c := range t.candidates {
		if !sameSet(c.fields, spelt) || c.rank == rankRowID || !w.allowed(t, c) || !c.live.sound() {
			continue
		}
		if t.pkg != nil && !t.fits(c) && !t.lacks(c) {
			continue
		}
		c.fields = spelt
		c.why = "as the package's references spell it"
		return c
	}
	return nil
}

// lacking is what is left when the package lacks the fields of every key: the
// one that the references spell, else the best that the live rows allow.
func (w *world) lacking(t *table, spelt []int) *candidate {
	for _, c := range t.candidates {
		if w.allowed(t, c) && c.live.sound() && t.lacks(c) && (spelt == nil || sameSet(c.fields, spelt)) {
			return c
		}
	}
	for _, c := range t.candidates {
		if w.allowed(t, c) && c.live.sound() && c.rank < rankRowID {
			return c
		}
	}
	for _, c := range t.candidates {
		if w.allowed(t, c) {
			return c
		}
	}
	return nil
}

// allowed reports whether each reference among the fields leads to a model with
// a natural key of its own that does not lead back.
func (w *world) allowed(t *table, c *candidate) bool {
	for _, i := range c.fields {
		to := t.fields[i].refers
		if to == "" {
			continue
		}
		target := w.byName[to]
		if target == nil || !w.choose(target) {
			return false
		}
	}
	return true
}

// local reports whether the candidate identifies a record in one database only:
// it refers to a record that nothing but its primary key identifies. A
// candidate without such a reference is better, even a UUID.
func (w *world) local(t *table, c *candidate) bool {
	return slices.ContainsFunc(c.fields, func(i int) bool {
		target := w.byName[t.fields[i].refers]
		return target != nil && target.chosen != nil && (target.chosen.rank == rankRowID || w.local(target, target.chosen))
	})
}

// fits reports whether the candidate identifies each live row and each of the
// package's records.
func (t *table) fits(c *candidate) bool {
	if !c.live.sound() {
		return false
	}
	if t.pkg == nil || t.pkg.records == 0 {
		return true
	}
	return c.pkg.sound() && !t.lacks(c)
}

// lacks reports whether the package's records lack a field of the candidate.
func (t *table) lacks(c *candidate) bool {
	return t.pkg != nil && slices.ContainsFunc(c.fields, func(i int) bool { return !t.packaged(i) })
}

func (t *table) take(c *candidate, spelt []int) {
	t.chosen = c
	m := &t.model
	m.key = t.names(c.fields)
	if spelt != nil && !slices.Equal(spelt, c.fields) {
		m.packageKey = t.names(spelt)
	}
	m.keyWhy = c.why
	if s := t.spelled; s != nil && s.width > 0 && slices.Equal(spelt, c.fields) {
		m.keyWhy = fmt.Sprintf("as the package's references spell it, such as %s", t.example())
	}
	t.doubts(c, spelt)
}

// doubts says what is not sure of the natural key.
func (t *table) doubts(c *candidate, spelt []int) {
	key := "[" + strings.Join(t.names(c.fields), ", ") + "]"
	switch {
	case c.rank == rankRowID:
		t.rowIDTODO()
	case c.live.full || c.pkg.full:
		t.todo("%s was found unique only among the first %d rows, as more are not kept in mind.", key, manyHashes)
	case c.live.repeats > 0:
		t.todo("%s is not unique: %s have that of an earlier one, and plans refuse them. Nothing else that was found identifies every row. Name fields that do, or settle those rows.",
			key, counted(c.live.repeats, "live row"))
	case c.live.nulls > 0 || c.pkg.nulls > 0 && !t.lacks(c):
		t.todo("%s has a null in %s, which has no key then: plans refuse it. Nothing else that was found identifies every record. Name fields that do, or give those a value.",
			key, sides(c.live.nulls, c.pkg.nulls))
	case !c.backed && c.live.rows+c.pkg.rows == 0:
		t.todo("No constraint keeps %s unique, and there are no rows to tell whether it is.", key)
	case !c.backed:
		t.todo("No constraint keeps %s unique. It is in the data as they are: %s.", key, t.evidence(c))
	case c.nullable:
		t.todo("The database lets nulls into %s, and a record with a null there has no key. There is none now: %s.", key, t.evidence(c))
	}
	if s := t.spelled; s != nil && spelt == nil && !t.lacks(c) {
		t.todo("References in the package spell this model by %s (in %s), and no fields with such values were found. If they are not the natural key, write package_key = [FIELD, …].",
			t.example(), joinWords(s.by))
	}
	if t.pkg != nil && c.pkg.repeats > 0 {
		t.todo("Of the package's %s, %d %s the key of an earlier one.", counted(t.pkg.records, "record"), c.pkg.repeats, map[bool]string{true: "has", false: "have"}[c.pkg.repeats == 1])
	}
	if t.pkg != nil && t.pkg.whole.repeats > 0 {
		t.model.twins = true
		t.todo("Of the package's %s, %d %s an earlier one in every field. To take one and skip the others, write on_duplicate = first.",
			counted(t.pkg.records, "record"), t.pkg.whole.repeats, map[bool]string{true: "equals", false: "equal"}[t.pkg.whole.repeats == 1])
	}
}

// rowIDTODO says what it means that records are identified by a primary key that
// the database gives out.
func (t *table) rowIDTODO() {
	t.todo("Nothing identifies a record but its primary key, and another database gives the same to another record. Name fields that identify one, if there are any: %s", t.refused())
	switch s := &t.same; {
	case s.strangers():
		t.model.match = "keep"
		t.todo("%s on both sides, and in %d of them the rest differs: these look like different records. The live ones are kept as they are (match = keep), and those of the package are left out.",
			counted(s.common, "primary key")+are(s.common), s.differ)
	case s.differ > 0:
		t.todo("%s on both sides, and in %d of them the rest differs: the live ones are changed to the package's. To keep them, write match = keep.",
			counted(s.common, "primary key")+are(s.common), s.differ)
	}
}

func are(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

// refused says why each of the other candidates was not taken.
func (t *table) refused() string {
	var out []string
	for _, c := range t.candidates {
		var why string
		switch {
		case c.rank == rankRowID:
			continue
		case c.live.nulls > 0 || c.pkg.nulls > 0:
			why = fmt.Sprintf("null in %s", sides(c.live.nulls, c.pkg.nulls))
		case c.live.repeats > 0 || c.pkg.repeats > 0:
			why = fmt.Sprintf("repeated in %s", sides(c.live.repeats, c.pkg.repeats))
		default:
			why = "it refers to what has no key"
		}
		out = append(out, fmt.Sprintf("[%s] will not do (%s)", strings.Join(t.names(c.fields), ", "), why))
	}
	if out == nil {
		return "no column looks like it."
	}
	return strings.Join(out, "; ") + "."
}

func sides(live, pkg int) string {
	switch {
	case live > 0 && pkg > 0:
		return fmt.Sprintf("%s and %s of the package", counted(live, "live row"), counted(pkg, "record"))
	case live > 0:
		return counted(live, "live row")
	}
	return counted(pkg, "record") + " of the package"
}

// evidence says in how many rows a key was found sound.
func (t *table) evidence(c *candidate) string {
	s := counted(c.live.rows, "live row")
	if t.pkg != nil {
		s += " and " + counted(c.pkg.rows, "record") + " of the package"
	}
	return s
}

func sameSet(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
