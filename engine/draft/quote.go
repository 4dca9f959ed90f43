package draft

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a database or a package calls things, and what its records hold, may be
// anything. Here it becomes text that is safe in a policy and in its comments.

// longText bounds what is quoted of a value.
const longText = 48

var (
	identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	keyword    = regexp.MustCompile(`^(null|true|false|for|in|if|else|endif|endfor)$`)
)

// bare is a name as it is written in a policy: without quotes where it can be.
func bare(name string) string {
	if identifier.MatchString(name) && !keyword.MatchString(name) {
		return name
	}
	return quote(name)
}

// bareTable is the name of a table, which may have its schema before it.
func bareTable(name string) string {
	for _, part := range strings.Split(name, ".") {
		if !identifier.MatchString(part) || keyword.MatchString(part) {
			return quote(name)
		}
	}
	return name
}

func bareList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = bareTable(n)
		if !strings.Contains(n, ".") {
			out[i] = bare(n)
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// quote is a text as HCL writes it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == utf8.RuneError || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// quotedTuple is a key as a package spells it, shortened.
func quotedTuple(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = quoted(p)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// quoted is a value, shortened.
func quoted(s string) string {
	if r := []rune(s); len(r) > longText {
		s = string(r[:longText]) + "…"
	}
	return quote(s)
}

// plainText is a text on one line of a comment.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// comment writes a text as lines of comment.
func comment(b *strings.Builder, indent, text string) {
	const width = 100
	line := ""
	for _, word := range strings.Fields(plainText(text)) {
		if line != "" && len(line)+1+len(word) > width {
			fmt.Fprintf(b, "%s# %s\n", indent, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		fmt.Fprintf(b, "%s# %s\n", indent, line)
	}
}
