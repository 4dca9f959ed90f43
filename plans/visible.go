package plans

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Visible escapes what a terminal or a browser would act on instead of showing
// it: control characters of both sets, line and paragraph separators, marks
// that reorder text, and characters without a shape. The escapes are JSON's,
// so that JSON text stays JSON text.
func Visible(s string) string {
	if !strings.ContainsFunc(s, Acts) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // bytes that are no UTF-8 arrive as U+FFFD
		if !Acts(r) {
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

// Acts reports whether a terminal or a browser acts on the character.
func Acts(r rune) bool {
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
