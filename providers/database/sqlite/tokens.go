package sqlite

import "strings"

// tokenKind is what a token of SQL is.
type tokenKind uint8

const (
	wordToken   tokenKind = iota + 1 // a keyword or a bare identifier
	nameToken                        // an identifier in quotes, backticks or brackets
	stringToken                      // '…', also an identifier where SQLite tolerates it
	numberToken
	punctToken // one character: ( ) , ; + …
)

// token is one token of SQL. Text is without quotes; Start and End are its
// place in the source.
type token struct {
	Kind       tokenKind
	Text       string
	Start, End int
}

// is reports whether the token is this keyword, given in upper case. A quoted
// word is never a keyword.
func (t token) is(keyword string) bool {
	return t.Kind == wordToken && strings.EqualFold(t.Text, keyword)
}

// punct reports whether the token is this character.
func (t token) punct(c string) bool { return t.Kind == punctToken && t.Text == c }

// tokenize takes SQL apart, without comments and white space. SQLite has
// checked what it keeps in sqlite_schema, but a damaged file may hold
// anything: an unclosed quote or comment ends with the text.
func tokenize(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		if n := blank(sql[i:]); n > 0 {
			i += n
			continue
		}
		t := next(sql, i)
		out = append(out, t)
		i = t.End
	}
	return out
}

// blank is the length of the white space or the comment that s begins with.
func blank(s string) int {
	switch {
	case strings.IndexByte(" \t\n\v\f\r", s[0]) >= 0:
		return 1
	case strings.HasPrefix(s, "--"):
		return until(s, 2, "\n")
	case strings.HasPrefix(s, "/*"):
		return until(s, 2, "*/")
	}
	return 0
}

// until is the end of the first end in s at or after from, or the end of s.
func until(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// next reads the token at i, which is not blank.
func next(sql string, i int) token {
	c := sql[i]
	switch {
	case c == '\'':
		text, end := quoted(sql, i, '\'')
		return token{stringToken, text, i, end}
	case c == '"' || c == '`':
		text, end := quoted(sql, i, c)
		return token{nameToken, text, i, end}
	case c == '[':
		end := until(sql, i+1, "]")
		return token{nameToken, strings.TrimSuffix(sql[i+1:end], "]"), i, end}
	case isDigit(c), c == '.' && i+1 < len(sql) && isDigit(sql[i+1]):
		end := run(sql, i, func(c byte) bool { return isWord(c) || c == '.' })
		return token{numberToken, sql[i:end], i, end}
	case isWord(c):
		end := run(sql, i, isWord)
		return token{wordToken, sql[i:end], i, end}
	}
	return token{punctToken, sql[i : i+1], i, i + 1}
}

// quoted reads what stands in quotes at i, in which a doubled quote is one.
func quoted(sql string, i int, quote byte) (text string, end int) {
	var b strings.Builder
	for j := i + 1; j < len(sql); j++ {
		if sql[j] == quote {
			if j+1 == len(sql) || sql[j+1] != quote {
				return b.String(), j + 1
			}
			j++
		}
		b.WriteByte(sql[j])
	}
	return b.String(), len(sql)
}

// run is the end of the bytes from i on that are in.
func run(sql string, i int, in func(byte) bool) int {
	for i < len(sql) && in(sql[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWord holds for what an identifier is made of; SQLite counts every byte
// beyond ASCII among it.
func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}
