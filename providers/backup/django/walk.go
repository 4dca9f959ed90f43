package django

import (
	"bytes"
	"encoding/binary"
	"math/bits"

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
	plain  bool // the last string has its end and no escapes
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

// str passes over a string, quotes included.
func (w *walker) str() span {
	from := w.i
	w.i++
	w.plain = false
	plain := true
	for w.i < len(w.b) {
		w.i += plainLength(w.b[w.i:])
		if w.i < len(w.b) && w.b[w.i] == '"' {
			w.i++
			w.plain = plain
			break
		}
		plain = false
		w.i += 2
	}
	w.i = min(w.i, len(w.b))
	return span{from, w.i}
}

// text is the text of the string that was passed over last. It allocates only
// where there are escapes.
func (w *walker) text(s span) []byte {
	if w.plain && s.to-s.from >= 2 {
		return w.b[s.from+1 : s.to-1]
	}
	return unquote(nil, s.of(w.b))
}

// unquote appends that text.
func (w *walker) unquote(dst []byte, s span) []byte {
	if w.plain {
		return append(dst, w.text(s)...)
	}
	return unquote(dst, s.of(w.b))
}

// plainLength is how many bytes stand before the first quote or backslash. It
// takes eight at once: the lowest byte of q that is zero, where there is a quote,
// is the lowest whose high bit (q-ones)&^q sets; likewise s and backslashes.
func plainLength(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		q, s := x^ones*'"', x^ones*'\\'
		if found := ((q-ones)&^q | (s-ones)&^s) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
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
			if w.plain {
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
