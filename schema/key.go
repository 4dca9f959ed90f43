package schema

import (
	"encoding/binary"
)

// Key is a natural key, or any other tuple of values, in a form that can be
// compared, sorted and used in a map: each part is its length (uvarint) and
// its canonical text. The parts of a reference stand in the key in its place,
// so a Key is flat. A Key holds no nulls: a record with a null in its natural
// key has none.
type Key string

// AppendKey appends a part to a key under construction.
func AppendKey(key []byte, part string) []byte {
	key = binary.AppendUvarint(key, uint64(len(part)))
	return append(key, part...)
}

// MakeKey makes a Key of parts.
func MakeKey(parts ...string) Key {
	var b []byte
	for _, p := range parts {
		b = AppendKey(b, p)
	}
	return Key(b)
}

// Parts takes the key apart.
func (k Key) Parts() []string {
	var parts []string
	for {
		part, rest, ok := k.Cut()
		if !ok {
			return parts
		}
		parts, k = append(parts, part), rest
	}
}

// Cut takes the first part off the key; false where it has none.
func (k Key) Cut() (part string, rest Key, ok bool) {
	n, w := uvarint(string(k))
	if w <= 0 || n > uint64(len(k)-w) {
		return "", k, false
	}
	end := w + int(n)
	return string(k[w:end]), k[end:], true
}

// uvarint is binary.Uvarint of a text.
func uvarint(s string) (n uint64, width int) {
	if len(s) > 0 && s[0] < 0x80 {
		return uint64(s[0]), 1
	}
	return binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
}
