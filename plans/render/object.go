package render

import (
	"sort"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
)

const (
	// maxPaths is how many differing paths of one object are shown.
	maxPaths = 20
	// maxLevels is how deep objects are compared; below, values are compared
	// as a whole.
	maxLevels = 32
)

// difference is one path at which two JSON values differ; an empty side lacks
// it.
type difference struct {
	path          string
	before, after plans.Value
}

// objectCell shows the paths at which two JSON values differ.
func (c *changes) objectCell(v comparison) cell {
	var shown []string
	for i, d := range v.paths {
		if i == maxPaths {
			shown = append(shown, "(and "+counted(len(v.paths)-i, "more path")+")")
			break
		}
		shown = append(shown, c.difference(d))
	}
	cl := cell{mark: plans.Change, braces: true}
	note := ""
	if v.inText {
		note = " # JSON in a text"
	}
	if line := strings.Join(shown, ", "); len(line) <= inlineGroup && len(v.paths) <= 3 {
		cl.text = "{ " + line + " }" + note
		return cl
	}
	cl.text, cl.more = "{"+note, shown
	return cl
}

func (c *changes) difference(d difference) string {
	switch {
	case d.before == "":
		return c.pt.green("+") + " " + d.path + ": " + cut(d.after, longText)
	case d.after == "":
		return c.pt.red("-") + " " + d.path + ": " + cut(d.before, longText)
	case long(d.before) || long(d.after):
		// Cut values could look alike.
		a, aIsText := d.before.Text()
		b, bIsText := d.after.Text()
		if aIsText && bIsText {
			return d.path + ": " + strings.Join(c.words(a, b), " ")
		}
	}
	return d.path + ": " + c.arrow(cut(d.before, longText), cut(d.after, longText))
}

// compareObjects appends the paths at which two values differ, members in the
// order of their names, elements of lists by their index.
func compareObjects(all []difference, path string, a, b plans.Value, level int) []difference {
	if sameScalar(a, b) {
		return all
	}
	switch {
	case level < maxLevels && isObject(a) && isObject(b):
		return compareMembers(all, path, a, b, level)
	case level < maxLevels && strings.HasPrefix(string(a), "[") && strings.HasPrefix(string(b), "["):
		return compareElements(all, path, a.Parts(), b.Parts(), level)
	}
	return append(all, difference{path, a, b})
}

// compareElements compares lists by position, behind what they begin alike
// with and before what they end alike with. Where one is longer there, its
// elements are removed or added as a whole, each under its index in its own
// list.
func compareElements(all []difference, path string, x, y []plans.Value, level int) []difference {
	at := func(i int) string { return path + "[" + strconv.Itoa(i) + "]" }
	same := func(a, b plans.Value) bool { return len(compareObjects(nil, "", a, b, level+1)) == 0 }
	from, to := 0, 0
	if len(x) != len(y) {
		for from < len(x) && from < len(y) && same(x[from], y[from]) {
			from++
		}
		for to < len(x)-from && to < len(y)-from && same(x[len(x)-1-to], y[len(y)-1-to]) {
			to++
		}
	}
	if len(x) == len(y) {
		for i := range x {
			all = compareObjects(all, at(i), x[i], y[i], level+1)
		}
		return all
	}
	for i := from; i < len(x)-to; i++ {
		all = append(all, difference{path: at(i), before: x[i]})
	}
	for i := from; i < len(y)-to; i++ {
		all = append(all, difference{path: at(i), after: y[i]})
	}
	return all
}

func compareMembers(all []difference, path string, a, b plans.Value, level int) []difference {
	x, y := members(a), members(b)
	if x == nil || y == nil {
		return append(all, difference{path, a, b})
	}
	names := make([]string, 0, len(x))
	for n := range x {
		names = append(names, n)
	}
	for n := range y {
		if _, both := x[n]; !both {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	for _, n := range names {
		at := step(path, n)
		va, inA := x[n]
		vb, inB := y[n]
		switch {
		case inA && inB:
			all = compareObjects(all, at, va, vb, level+1)
		case inA:
			all = append(all, difference{path: at, before: va})
		default:
			all = append(all, difference{path: at, after: vb})
		}
	}
	return all
}

// step is a path with one more name, quoted where it could be misread.
func step(path, name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(`."[]:{},`, r) || acts(r)
	})
	if !plain {
		name = cut(quoteText(name), cellWidth)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// members are an object's members, of repeated names the last, as databases
// read them.
func members(v plans.Value) map[string]plans.Value {
	d := jsontext.NewDecoder(strings.NewReader(string(v)),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	m := map[string]plans.Value{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil
		}
		m[key] = plans.Value(value)
	}
	return m
}

// sameScalar reports whether two values are equal though perhaps spelt
// otherwise. Numbers of more digits than a float holds are compared as text.
func sameScalar(a, b plans.Value) bool {
	if a == b {
		return true
	}
	x, xIsText := a.Text()
	y, yIsText := b.Text()
	if xIsText || yIsText {
		return xIsText && yIsText && x == y
	}
	if len(a) > 15 || len(b) > 15 {
		return false
	}
	m, errM := strconv.ParseFloat(string(a), 64)
	n, errN := strconv.ParseFloat(string(b), 64)
	return errM == nil && errN == nil && m == n
}

// listCell shows which elements two lists do not share.
func (c *changes) listCell(d comparison) cell {
	cl := cell{mark: plans.Change, text: "(" + thousands(d.before) + " -> " + counted(d.after, "element") + ")"}
	cl.more = appendElements(cl.more, c.pt.red("-"), d.removed)
	cl.more = appendElements(cl.more, c.pt.green("+"), d.added)
	return cl
}

func appendElements(out []string, mark string, elements []plans.Value) []string {
	for i, v := range elements {
		if i == maxHunks {
			return append(out, mark+" (and "+thousands(len(elements)-i)+" more)")
		}
		out = append(out, mark+" "+cut(v, longText))
	}
	return out
}
