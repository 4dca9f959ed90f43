package export

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"

	"github.com/edmsplan/edmsplan/schema"
)

// A pseudonym in a text has 5 bits a character: as many as the column has room
// for, up to 130, and no fewer than 80, so that no two values get one.
const (
	maxPseudonym = 26
	minPseudonym = 16
)

// pseudonymLength is the length of pseudonyms in a column, 0 where they are
// uuids. It reports false for a column that cannot hold them.
func pseudonymLength(t schema.Type) (int, bool) {
	switch {
	case t.Kind == schema.UUID:
		return 0, true
	case t.Kind != schema.Text || t.Length > 0 && t.Length < minPseudonym:
		return 0, false
	case t.Length > 0:
		return min(t.Length, maxPseudonym), true
	}
	return maxPseudonym, true
}

// pseudonym stands for a text: the HMAC-SHA256 of it under the export key, in
// lower-case base32 cut to a length, or with length 0 as a version 8 UUID. It
// depends on nothing else, so that what is equal in two tables stays equal.
// The empty text is nobody's value and stays what it is: a pseudonym in its
// place would invent a value.
func pseudonym(key []byte, text string, length int) string {
	if text == "" {
		return ""
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	sum := h.Sum(nil)
	if length == 0 {
		return uuid8(sum)
	}
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").EncodeToString(sum)[:length]
}

// uuid8 is a version 8 UUID of the first 122 bits that are free in it.
func uuid8(sum []byte) string {
	b := [16]byte(sum)
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	x := hex.EncodeToString(b[:])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
