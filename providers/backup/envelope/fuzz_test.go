package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

// Any file is decrypted, refused, or needs another key; at random and as a
// stream alike.
func FuzzDecrypt(f *testing.F) {
	k := keysOf(fixedIdentity(f))
	ids := identities(f, k)
	sound := encrypt(f, k, []byte("content"))
	f.Add(sound)
	f.Add(encrypt(f, byPassphrase(passphrase), nil))
	f.Add(sound[:len(sound)-1])
	f.Add([]byte("age-encryption.org/v1\n-> X25519 a\n\n--- \n"))
	f.Add([]byte("age-encryption.org/v1\n-> 0\n\n--- 0000000000000000000000000000000000000000000\n"))
	f.Add([]byte("-----BEGIN AGE ENCRYPTED FILE-----\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<20 {
			return
		}
		got, err := decrypt(t, file, ids)
		if err == nil && string(got) != "content" {
			t.Fatalf("forged: %q", got)
		}
		h, err := envelope.Describe(bytes.NewReader(file))
		if err != nil && !errors.Is(err, backup.ErrRefused) {
			t.Fatal(err)
		}
		if len(h.Others) > 8 || len(h.String()) > 600 {
			t.Fatalf("described as %s", h)
		}
	})
}

// fixedIdentity is one key for all processes of a fuzzing; it opens nothing
// else.
func fixedIdentity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.ParseX25519Identity("AGE-SECRET-KEY-1USN6LF6LLLV4MDDTPYXV4ZS7KXZVGGVSEHU635GZTFSRYPQE4S9SG97G8P")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Any signature is refused or of the file and by the key.
func FuzzSignature(f *testing.F) {
	key := signKey(f, lockedKey)
	s := signed(f, "content", key, comment)
	f.Add(s, "content")
	f.Add(s, "other")
	f.Add([]byte("untrusted comment: \n\ntrusted comment: \n\n"), "")
	f.Fuzz(func(t *testing.T, signature []byte, content string) {
		by, err := verify(content, signature, key.Public())
		switch {
		case err == nil && (content != "content" || by.Text != comment.String()):
			t.Fatalf("forged: %+v of %q", by, content)
		case err != nil && !strings.HasPrefix(code(err), "package.signature."):
			t.Fatal(err)
		}
	})
}

// Whatever stands in a file of keys, it is read or refused without a quotation.
func FuzzKeys(f *testing.F) {
	f.Add(newIdentity(f).String())
	f.Add(newIdentity(f).Recipient().String())
	f.Add("# comment\r\n\nage1pq1\nAGE-SECRET-KEY-PQ-1\nage1yubikey1\n")
	f.Add(lockedPublic)
	f.Add(strings.Replace(minisignKey(), "RWQ", "RWR", 1))
	f.Fuzz(func(t *testing.T, text string) {
		k := &envelope.Keys{Recipients: []string{text}, PublicKeys: []string{text}, Env: env(envelope.EnvIdentity, text)}
		to, err := k.EncryptTo()
		if err == nil {
			if _, err := envelope.Encrypt(io.Discard, to); err != nil {
				t.Fatal(err)
			}
		}
		_, idErr := k.Identities()
		if key, err := envelope.ParsePublicKey(text); err == nil {
			if again, err := envelope.ParsePublicKey(key.String()); err != nil || again.String() != key.String() {
				t.Fatalf("%s, read again: %s, %v", key, again, err)
			}
		}
		if len(text) >= 30 {
			quotesNothing(t, err, text)
			quotesNothing(t, idErr, text)
		}
	})
}
