package schema

import (
	"strings"
	"unicode/utf8"
)

// UsualJSON reports whether a text is canonical for every JSON column, whatever
// the database, and is recognised as such at a glance. Of a text that it does
// not recognise it says nothing: see Type.Check.
func UsualJSON(text string) bool { return usualJSON(text) }

// usualJSON reports, at a tenth of what parsing costs, that a text is JSON of
// the usual sort: valid, without escapes, with short numbers, few members and
// little depth, no member twice. Nothing is wrong with such a text for any
// database. Of a text that it does not recognise it says nothing.
func usualJSON(text string) bool {
	u := usual{s: text}
	u.blanks()
	if !u.value(0) {
		return false
	}
	u.blanks()
	return u.i == len(text) && utf8.ValidString(text)
}

const (
	usualDepth   = 16
	usualMembers = 32
	usualDigits  = 15
)

type usual struct {
	s string
	i int
}

func (u *usual) blanks() {
	for u.i < len(u.s) && (u.s[u.i] == ' ' || u.s[u.i] == '\n' || u.s[u.i] == '\t' || u.s[u.i] == '\r') {
		u.i++
	}
}

// next takes the byte if it is the next one.
func (u *usual) next(c byte) bool {
	if u.i < len(u.s) && u.s[u.i] == c {
		u.i++
		return true
	}
	return false
}

func (u *usual) value(depth int) bool {
	if u.i == len(u.s) || depth > usualDepth {
		return false
	}
	switch u.s[u.i] {
	case '"':
		_, ok := u.text()
		return ok
	case '{':
		return u.object(depth)
	case '[':
		return u.list(depth)
	case 't':
		return u.word("true")
	case 'f':
		return u.word("false")
	case 'n':
		return u.word("null")
	}
	return u.number()
}

func (u *usual) word(w string) bool {
	ok := strings.HasPrefix(u.s[u.i:], w)
	u.i += len(w)
	return ok
}

// text passes over a string without escapes and control characters.
func (u *usual) text() (string, bool) {
	from := u.i + 1
	for i := from; i < len(u.s); i++ {
		switch c := u.s[i]; {
		case c == '"':
			u.i = i + 1
			return u.s[from:i], true
		case c == '\\' || c < ' ':
			return "", false
		}
	}
	return "", false
}

// number passes over an integer or a decimal fraction.
func (u *usual) number() bool {
	from := u.i
	u.next('-')
	whole := u.digits()
	if whole == 0 || whole > 1 && u.s[u.i-whole] == '0' {
		return false
	}
	if u.next('.') && u.digits() == 0 {
		return false
	}
	return u.i-from <= usualDigits
}

func (u *usual) digits() int {
	from := u.i
	for u.i < len(u.s) && u.s[u.i] >= '0' && u.s[u.i] <= '9' {
		u.i++
	}
	return u.i - from
}

func (u *usual) list(depth int) bool {
	u.i++
	u.blanks()
	if u.next(']') {
		return true
	}
	for {
		if !u.value(depth + 1) {
			return false
		}
		u.blanks()
		if u.next(']') {
			return true
		}
		if !u.next(',') {
			return false
		}
		u.blanks()
	}
}

func (u *usual) object(depth int) bool {
	u.i++
	u.blanks()
	if u.next('}') {
		return true
	}
	var names [usualMembers]string
	for n := 0; n < len(names); n++ {
		if u.i == len(u.s) || u.s[u.i] != '"' {
			return false
		}
		name, ok := u.text()
		if !ok {
			return false
		}
		for _, other := range names[:n] {
			if other == name {
				return false
			}
		}
		names[n] = name
		u.blanks()
		if !u.next(':') {
			return false
		}
		u.blanks()
		if !u.value(depth + 1) {
			return false
		}
		u.blanks()
		if u.next('}') {
			return true
		}
		if !u.next(',') {
			return false
		}
		u.blanks()
	}
	return false
}
