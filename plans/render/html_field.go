package render

import (
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/edmsplan/edmsplan/plans"
)

const (
	// pageText is how many characters of a value a page shows.
	pageText = 1000
	// pagePaths is how many paths of an object, or elements of a list, it shows.
	pagePaths = 200
)

// pageField is a field's difference for the page's script, by its kind:
//
//	[NAME,"s"]                      sensitive: it differs, and that is all
//	[NAME,"v",BEFORE,AFTER]         two values, "" for none
//	[NAME,"w",N,M,[[OP,TEXT],…]]    long texts of N and M characters, in pieces:
//	                                "=" in both, "-" and "+" in one, "…" hidden
//	[NAME,"o",[FIELD,…],MORE]       paths inside JSON, and how many are hidden
//	[NAME,"l",N,M,[TEXT,…],[TEXT,…],I,J]  lists of N and M elements: removed and
//	                                added ones, and how many of them are hidden
func pageField(f plans.Field, a plans.Action) []any {
	name := visible(f.Name)
	if f.Sensitive {
		return []any{name, "s"}
	}
	if a == plans.Add {
		return []any{name, "v", "", cut(f.After, pageText)}
	}
	return pageDifference(name, f.Before, f.After)
}

func pageDifference(name string, before, after plans.Value) []any {
	d := compareValues(before, after)
	switch d.kind {
	case wordsDiffer:
		return []any{name, "w", utf8.RuneCountInString(d.a), utf8.RuneCountInString(d.b), pagePieces(comparePieces(d.a, d.b))}
	case pathsDiffer:
		var list []any
		for i, p := range d.paths {
			if i == pagePaths {
				break
			}
			list = append(list, pageDifference(p.path, p.before, p.after))
		}
		return []any{name, "o", list, len(d.paths) - len(list)}
	case elementsDiffer:
		gone, hiddenGone := pageElements(d.removed)
		come, hiddenCome := pageElements(d.added)
		return []any{name, "l", d.before, d.after, gone, come, hiddenGone, hiddenCome}
	}
	value := func(v plans.Value) string {
		if v == "" {
			return ""
		}
		return cut(v, pageText)
	}
	return []any{name, "v", value(before), value(after)}
}

func pageElements(all []plans.Value) (shown []string, hidden int) {
	shown = []string{}
	for i, v := range all {
		if i == pagePaths {
			return shown, len(all) - i
		}
		shown = append(shown, cut(v, pageText))
	}
	return shown, 0
}

// pagePieces are the pieces of a text; of what is in both only what stands next
// to a difference.
func pagePieces(all []piece) [][2]any {
	out := [][2]any{}
	room := 20 * pageText
	say := func(op, text string) {
		if text != "" {
			out = append(out, [2]any{op, text})
		}
	}
	hide := func(n int) {
		if n > 0 {
			out = append(out, [2]any{"…", n})
		}
	}
	for i, p := range all {
		if room < 0 {
			hide(remaining(all[i:]))
			break
		}
		if op, ok := map[diffmatchpatch.Operation]string{diffmatchpatch.DiffDelete: "-", diffmatchpatch.DiffInsert: "+"}[p.op]; ok {
			head, rest := cutText(p.text, 2*pageText)
			say(op, shownLines(head))
			hide(rest)
			room -= len(head)
			continue
		}
		const around = 3 * contextSize
		n := utf8.RuneCountInString(p.text)
		if n <= 2*around+20 {
			say("=", shownLines(p.text))
			continue
		}
		kept := 0
		if i > 0 {
			head, _ := cutText(p.text, around)
			say("=", shownLines(head))
			kept += around
		}
		if i == len(all)-1 {
			hide(n - kept)
			continue
		}
		hide(n - kept - around)
		say("=", shownLines(lastText(p.text, around)))
	}
	return out
}

// shownLines is a text with its line breaks; everything else that acts is
// escaped.
func shownLines(s string) string {
	all := strings.Split(s, "\n")
	for i := range all {
		all[i] = visible(all[i])
	}
	return strings.Join(all, "\n")
}
