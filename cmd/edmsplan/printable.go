package main

import (
	"fmt"
	"strings"
	"unicode"
)

// printable shows a text that comes from a package or a database so that it
// cannot move a cursor, reorder a line or end it.
func printable(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, unprintable) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unprintable(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unprintable includes what Unicode calls format characters, such as those
// that change the direction of writing.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// counted is "1 record" or "2 records".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
