package engine

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// Other versions read what one has sealed, and it must be as hard to guess as
// theirs.
func TestSecretsAreSealedInManyRounds(t *testing.T) {
	key, err := pbkdf2.Key(sha256.New, "digest", []byte("edmsplan secrets plan"), 200_000, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := new(Engine).sealSecrets("digest", "plan"); err != nil || got != hex.EncodeToString(key) {
		t.Errorf("sealed as %s, error %v, want %x", got, err, key)
	}
	if got, err := new(Engine).sealSecrets("", "plan"); err != nil || got != "" {
		t.Errorf("nothing is sealed as %q, error %v", got, err)
	}
}
