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

// objectCell compares two objects path by path. It reports false when nothing
// differs but the spelling.
func (c *changes) objectCell(before, after plans.Value) (cell, bool) {
	all := compareObjects(nil, "", before, after, 0)
	if len(all) == 0 {
		return cell{}, false
	}
	var shown []string
	for i, d := range all {
		if i == maxPaths {
			shown = append(shown, "(and "+counted(len(all)-i, "more path")+")")
			break
		}
		shown = append(shown, c.difference(d))
	}
	cl := cell{mark: plans.Change, braces: true}
	if line := strings.Join(shown, ", "); len(line) <= inlineGroup && len(all) <= 3 {
		cl.text = "{ " + line + " }"
		return cl, true
	}
	cl.text, cl.more = "{", shown
	return cl, true
}

func (c *changes) difference(d difference) string {
	switch {
	case d.before == "":
		return c.pt.green("+") + " " + d.path + ": " + cut(d.after, longText)
	case d.after == "":
		return c.pt.red("-") + " " + d.path + ": " + cut(d.before, longText)
	}
	return d.path + ": " + c.arrow(cut(d.before, longText), cut(d.after, longText))
}

// compareObjects appends the paths at which two values differ, members in the
// order of their names, elements of lists of one length by their index.
func compareObjects(all []difference, path string, a, b plans.Value, level int) []difference {
	if sameScalar(a, b) {
		return all
	}
	switch {
	case level < maxLevels && isObject(a) && isObject(b):
		return compareMembers(all, path, a, b, level)
	case level < maxLevels && strings.HasPrefix(string(a), "[") && strings.HasPrefix(string(b), "["):
		x, y := a.Parts(), b.Parts()
		if len(x) != len(y) || len(x) == 0 {
			break
		}
		for i := range x {
			all = compareObjects(all, path+"["+strconv.Itoa(i)+"]", x[i], y[i], level+1)
		}
		return all
	}
	return append(all, difference{path, a, b})
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

// listCell compares two lists as sets of elements, which is what a
// many-to-many field is. It reports false when only the order differs.
func (c *changes) listCell(before, after []plans.Value) (cell, bool) {
	count := map[plans.Value]int{}
	for _, v := range before {
		count[v]++
	}
	var added []plans.Value
	for _, v := range after {
		if count[v] > 0 {
			count[v]--
		} else {
			added = append(added, v)
		}
	}
	var removed []plans.Value
	for _, v := range before {
		if count[v] > 0 {
			count[v]--
			removed = append(removed, v)
		}
	}
	if len(added)+len(removed) == 0 {
		return cell{}, false
	}
	cl := cell{mark: plans.Change, text: "(" + thousands(len(before)) + " -> " + counted(len(after), "element") + ")"}
	cl.more = appendElements(cl.more, c.pt.red("-"), removed)
	cl.more = appendElements(cl.more, c.pt.green("+"), added)
	return cl, true
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
