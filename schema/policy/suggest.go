package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// longestName bounds what is compared: the distance costs the product of the
// lengths.
const longestName = 100

// nearest is the known name that is most like the given one, empty when none
// is near. Of equally near ones it is the first in the order of the alphabet.
func nearest(given string, known []string) string {
	if len(given) > longestName {
		return ""
	}
	// Two short names are as different as any: one letter of one is no typing
	// error.
	best, found := 1+min(max(1, len(given)/3), len(given)-1), ""
	for _, k := range slices.Sorted(slices.Values(known)) {
		if len(k) > longestName {
			continue
		}
		if d := levenshtein.Distance(strings.ToLower(given), strings.ToLower(k), nil); d < best {
			best, found = d, k
		}
	}
	return found
}

// Suggest is a remedy for a name that is not known: the known one that is most
// like it, else the sentence given.
func Suggest(given string, known []string, otherwise string) string {
	return didYouMean(given, known, otherwise)
}

// didYouMean is `Did you mean "x"?` when a known name is near, else the
// sentence given.
func didYouMean(given string, known []string, otherwise string) string {
	if n := nearest(given, known); n != "" {
		return fmt.Sprintf("Did you mean %q?", n)
	}
	return otherwise
}

// oneOf joins names for a sentence: "a, b or c".
func oneOf(names []string) string { return joined(names, "or") }

// allOf joins names for a sentence: "a, b and c".
func allOf(names []string) string { return joined(names, "and") }

func joined(names []string, word string) string {
	switch n := len(names); n {
	case 0:
		return "none"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " " + word + " " + names[n-1]
	}
}
