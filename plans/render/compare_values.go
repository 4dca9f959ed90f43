package render

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
)

// comparison is how two values of a field differ, before it is shown.
type comparison struct {
	kind comparisonKind
	// a and b are the texts that are compared by words.
	a, b string
	// paths are those at which JSON differs; inText says that it is JSON inside
	// a text.
	paths  []difference
	inText bool
	// removed and added are elements of lists of before and after elements.
	removed, added []plans.Value
	before, after  int
}

type comparisonKind int

// The kinds. Where values differ, they are shown beside each other.
const (
	valuesDiffer comparisonKind = iota
	wordsDiffer
	pathsDiffer
	elementsDiffer
)

// compareValues compares by what the values are: JSON by its paths, also where
// it stands inside a text, long texts by their words, long lists of keys and
// other plain elements as sets.
func compareValues(before, after plans.Value) comparison {
	a, aIsText := before.Text()
	b, bIsText := after.Text()
	switch {
	case aIsText && bIsText:
		if holdsJSON(a) && holdsJSON(b) {
			if paths := compareObjects(nil, "", plans.Value(strings.TrimSpace(a)), plans.Value(strings.TrimSpace(b)), 0); len(paths) > 0 {
				return comparison{kind: pathsDiffer, paths: paths, inText: true}
			}
		}
		if long(before) || long(after) {
			return comparison{kind: wordsDiffer, a: a, b: b}
		}
	case isObject(before) && isObject(after), isList(before) && isList(after) && long(before+after) && (holdsObjects(before) || holdsObjects(after)):
		if paths := compareObjects(nil, "", before, after, 0); len(paths) > 0 {
			return comparison{kind: pathsDiffer, paths: paths}
		}
	case isList(before) && isList(after) && (long(before) || long(after)):
		x, y := before.Parts(), after.Parts()
		if removed, added := compareLists(x, y); len(removed)+len(added) > 0 {
			return comparison{kind: elementsDiffer, removed: removed, added: added, before: len(x), after: len(y)}
		}
	}
	return comparison{}
}

func isObject(v plans.Value) bool { return strings.HasPrefix(string(v), "{") }
func isList(v plans.Value) bool   { return strings.HasPrefix(string(v), "[") }

// holdsObjects reports whether an element of a list is an object.
func holdsObjects(v plans.Value) bool {
	for _, e := range v.Parts() {
		if isObject(e) {
			return true
		}
	}
	return false
}

// holdsJSON reports whether a text is the JSON of an object or of a list of
// objects.
func holdsJSON(s string) bool {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
		return false
	}
	v := jsontext.Value(s)
	return v.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) &&
		(isObject(plans.Value(s)) || holdsObjects(plans.Value(s)))
}

// compareLists compares two lists as sets of elements, which is what a
// many-to-many field is.
func compareLists(before, after []plans.Value) (removed, added []plans.Value) {
	count := map[plans.Value]int{}
	for _, v := range before {
		count[v]++
	}
	for _, v := range after {
		if count[v] > 0 {
			count[v]--
		} else {
			added = append(added, v)
		}
	}
	for _, v := range before {
		if count[v] > 0 {
			count[v]--
			removed = append(removed, v)
		}
	}
	return removed, added
}
