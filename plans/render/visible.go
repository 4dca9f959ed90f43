package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/edmsplan/edmsplan/plans"
)

// visible escapes what a terminal or a browser would act on instead of showing
// it: control characters of both sets, line and paragraph separators, marks
// that reorder text, and characters without a shape. The escapes are JSON's,
// so that JSON text stays JSON text.
func visible(s string) string {
	if !strings.ContainsFunc(s, acts) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // bytes that are no UTF-8 arrive as U+FFFD
		if !acts(r) {
			b.WriteRune(r)
			continue
		}
		if r > 0xffff {
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

func acts(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f: // C0, DEL, C1
		return true
	case r < 0xad:
		return false
	case r == 0xad, r == 0x061c, r == 0x180e, r == 0xfeff, r == utf8.RuneError:
		return true
	case r == 0x200b, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e: // separators and bidi overrides
		return true
	case r >= 0x2060 && r <= 0x206f: // invisible operators and bidi isolates
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f: // annotations, tags
		return true
	}
	return false
}

// lines is visible for text of our own that may have several lines.
func lines(s string) []string {
	all := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range all {
		all[i] = visible(all[i])
	}
	return all
}

// jsonText is a value as people see it: its JSON, on one line.
func jsonText(v plans.Value) string {
	if v == "" {
		v = plans.Null
	}
	return visible(string(v.AppendTo(nil)))
}

// plainText is a value without quotes where these would only be in the way, as
// around a uuid.
func plainText(v plans.Value) string {
	text, ok := v.Text()
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
	}
	if ok && text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return cut(v, cellWidth)
}

// address is how a plan names a record: documents.document["SOP-0042"].
func address(model string, key plans.Value) string {
	if key == "" {
		return visible(model)
	}
	return visible(model) + jsonText(key)
}

// thousands is 4,812.
func thousands(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted is "1 record" or "4,812 records".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// width is how many columns a text takes on a terminal.
func width(s string) int { return uniseg.StringWidth(s) }

func padded(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-width(s)))
}
