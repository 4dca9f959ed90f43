package envelope

import (
	"errors"
	"fmt"
	"strings"

	"aead.dev/minisign"
)

// PublicKey is a minisign public key.
type PublicKey struct{ key minisign.PublicKey }

// ParsePublicKey reads a public key: the line RW… alone, or the text of a
// minisign .pub file, which is that line below a comment.
func ParsePublicKey(text string) (PublicKey, error) {
	if looksSecret(text) || looksSecret(afterComment(text)) {
		return PublicKey{}, errors.New("it is a secret key: give the public one, from the .pub file")
	}
	var k PublicKey
	if err := k.key.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
		return PublicKey{}, errors.New("it is no public key of minisign: one is a line of 56 characters that begins with RW")
	}
	return k, nil
}

// String is the key as one line, RW….
func (k PublicKey) String() string { return k.key.String() }

// ID is the key's number as minisign prints it: up to 16 hexadecimal digits in
// upper case. It is only a hint which key it is: anyone can make a key with any
// number.
func (k PublicKey) ID() string { return keyID(k.key.ID()) }

func keyID(id uint64) string { return fmt.Sprintf("%X", id) }

// afterComment is the text without its first line when that is a comment.
func afterComment(text string) string {
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(first, "untrusted comment: ") {
		return rest
	}
	return text
}
