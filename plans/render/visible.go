package render

import (
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/edmsplan/edmsplan/plans"
)

// visible is plans.Visible.
func visible(s string) string { return plans.Visible(s) }

func acts(r rune) bool { return plans.Acts(r) }

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
