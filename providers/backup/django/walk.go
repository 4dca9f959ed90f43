package django

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// span is a stretch of a record's text.
type span struct{ from, to int }

func (s span) of(b []byte) []byte { return b[s.from:s.to] }

// walker goes over JSON text that the decoder has found sound. On other text
// it stops early, which shows as a missing member, and never panics.
type walker struct {
	b      []byte
	i      int
	depth  int  // deepest nesting seen
	closed bool // the last object that members went over has its end
}

// space skips white space and the given delimiter, and returns the next byte,
// 0 at the end.
func (w *walker) space(delim byte) byte {
	for ; w.i < len(w.b); w.i++ {
		switch c := w.b[w.i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			if c != delim || delim == 0 {
				return c
			}
			delim = 0
		}
	}
	return 0
}

const shortText = 24

// str passes over a string, quotes included.
func (w *walker) str() span {
	from := w.i
	w.i++
	// Most are short and hold no escape.
	for i, c := range w.b[w.i:min(len(w.b), w.i+shortText)] {
		if c == '"' {
			w.i += i + 1
			return span{from, w.i}
		}
		if c == '\\' {
			break
		}
	}
	for w.i < len(w.b) {
		n := bytes.IndexByte(w.b[w.i:], '"')
		if n < 0 {
			w.i = len(w.b)
			break
		}
		slashes := 0
		for j := w.i + n - 1; j > from && w.b[j] == '\\'; j-- {
			slashes++
		}
		w.i += n + 1
		if slashes%2 == 0 {
			return span{from, w.i}
		}
	}
	return span{from, w.i}
}

// value passes over a value of any kind.
func (w *walker) value() span {
	from := w.i
	if w.i >= len(w.b) {
		return span{from, from}
	}
	switch w.b[w.i] {
	case '"':
		return w.str()
	case '{', '[':
		w.nested()
	default:
		for w.i < len(w.b) && !endsScalar(w.b[w.i]) {
			w.i++
		}
	}
	return span{from, w.i}
}

func endsScalar(c byte) bool {
	switch c {
	case ',', '}', ']', ' ', '\t', '\r', '\n', ':':
		return true
	}
	return false
}

// nested passes over an object or a list.
func (w *walker) nested() {
	open := 0
	for w.i < len(w.b) {
		switch w.b[w.i] {
		case '"':
			w.str()
			continue
		case '{', '[':
			open++
			w.depth = max(w.depth, open)
		case '}', ']':
			if open--; open == 0 {
				w.i++
				return
			}
		}
		w.i++
	}
}

// members calls f for each member of the object at the walker's place, with
// the walker before the member's value, which f passes over. It stops when f
// returns false. It returns false if there is no object.
func (w *walker) members(f func(name span) bool) bool {
	w.closed = false
	if w.space(0) != '{' {
		return false
	}
	w.i++
	for w.space(',') == '"' {
		name := w.str()
		if w.space(':') == 0 || !f(name) {
			w.closed = false
			return true
		}
	}
	w.closed = w.space(0) == '}'
	if w.closed {
		w.i++
	}
	return true
}

// unquote appends the text of a quoted string.
func unquote(dst, quoted []byte) []byte {
	if len(quoted) < 2 {
		return dst
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return append(dst, quoted[1:len(quoted)-1]...)
	}
	dst, _ = jsontext.AppendUnquote(dst, quoted) // sound: the decoder read it
	return dst
}

// compact appends a list or an object without white space and with each
// string in its shortest spelling, so that equal lists have equal texts.
// Numbers stay as they are written.
func compact(dst, text []byte) []byte {
	w := walker{b: text}
	done := 0 // what is before it was appended or left out
	for w.i < len(text) {
		switch text[w.i] {
		case ' ', '\t', '\r', '\n':
			dst = append(dst, text[done:w.i]...)
			w.i++
			done = w.i
		case '"':
			s := w.str()
			if bytes.IndexByte(s.of(text), '\\') < 0 {
				continue
			}
			dst = append(dst, text[done:s.from]...)
			plain, err := jsontext.AppendUnquote(nil, s.of(text))
			if err == nil {
				dst, err = jsontext.AppendQuote(dst, plain)
			}
			if done = w.i; err != nil { // not text that the decoder has read
				done = s.from
			}
		default:
			w.i++
		}
	}
	return append(dst, text[done:]...)
}
