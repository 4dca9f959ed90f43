package envelope_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

// lockedKey is a key that Debian's minisign made under a memory limit, so that
// unlocking it is cheap. Its password is lockedPassword, its public key
// lockedPublic; it signs nothing but these tests.
const (
	lockedKey = `untrusted comment: minisign encrypted secret key
RWRTY0IykR8hgDYUvGfKH1YBNn0j9LUtcRQ4IsLJjtY3eQj3DHAAABAAAAAAAAAAAAIAAAAAR/LR/+9out4ICVK7b26/ubV5suw4gQRVuzYD5txsYIGVHOuQfRERreHunesrKn9Ssbh9/eR5fYlfaFErCRlKSzykjmUfofNPIUXnApVCdTHJbqQ1CR/XvdK9N1lHPiGoJU/Gd4HQ0JU=
`
	lockedPassword = "pw"
	lockedPublic   = `untrusted comment: minisign public key A9D08DFAF0669EB
RWTraQav3widCpcT1TowFb/tu4l5Gxzs0iOU3lh8Zuh4boeEH9zyHAH/
`
)

// minisignKey is the text of a new secret key file without a password.
func minisignKey() string {
	_, key, err := minisign.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	text, err := key.MarshalText()
	if err != nil {
		panic(err)
	}
	return string(text)
}

func signKey(t testing.TB, text string) *envelope.SignKey {
	t.Helper()
	key, err := (&envelope.Keys{Env: env(envelope.EnvSignKey, text, envelope.EnvSignPassword, lockedPassword)}).SignKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signed(t testing.TB, content string, key *envelope.SignKey, c envelope.Comment) []byte {
	t.Helper()
	s, err := envelope.Sign(strings.NewReader(content), key, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verify(content string, signature []byte, keys ...envelope.PublicKey) (envelope.SignedBy, error) {
	return envelope.Verify(strings.NewReader(content), signature, keys)
}

var comment = envelope.Comment{Time: time.Unix(1_700_000_000, 0).UTC(), File: "full.edmspkg", Digest: "sha256:abc"}

func TestASignatureTellsWhoSignedWhat(t *testing.T) {
	a, b := signKey(t, minisignKey()), signKey(t, minisignKey())
	locked := signKey(t, lockedKey)
	strange := envelope.Comment{Time: comment.Time, File: "a\tdigest:sha256:\"ö\\\n.edmspkg"}
	for name, c := range map[string]struct {
		key     *envelope.SignKey
		comment envelope.Comment
	}{
		"the first key":          {a, comment},
		"another key":            {b, comment},
		"a key with a password":  {locked, comment},
		"an encrypted package":   {a, envelope.Comment{Time: comment.Time, File: comment.File}},
		"a name that would lie":  {a, strange},
		"a name of invalid text": {a, envelope.Comment{Time: comment.Time, File: "\xff\x00"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := signed(t, "content", c.key, c.comment)
			by, err := verify("content", s, a.Public(), b.Public(), locked.Public())
			if err != nil || by.Key.String() != c.key.Public().String() {
				t.Fatalf("%v, %v", by.Key, err)
			}
			if diff := cmp.Diff(c.comment, by.Comment); diff != "" {
				t.Error(diff)
			}
			if by.Text != c.comment.String() {
				t.Errorf("comment %q, want %q", by.Text, c.comment)
			}
		})
	}
	if got, err := envelope.ParsePublicKey(lockedPublic); err != nil || got.String() != locked.Public().String() || got.ID() != "A9D08DFAF0669EB" {
		t.Errorf("public key %v (%s), %v", got, got.ID(), err)
	}
	if _, err := envelope.Sign(strings.NewReader(""), a, envelope.Comment{File: strings.Repeat("x", 5000)}); err == nil {
		t.Error("a comment was signed that is too long")
	}
}

func TestKeysToTrust(t *testing.T) {
	key := signKey(t, minisignKey()).Public()
	for name, given := range map[string]string{
		"the line":         key.String(),
		"the line, padded": " " + key.String() + "\n",
		"a file":           write(t, "k.pub", "untrusted comment: mine\n"+key.String()+"\n"),
		"a file, CRLF":     write(t, "k.pub", "untrusted comment: mine\r\n"+key.String()+"\r\n"),
		"a file, one line": write(t, "k.pub", key.String()),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := (&envelope.Keys{PublicKeys: []string{lockedPublic, given}}).TrustedKeys()
			if err != nil || len(got) != 2 || got[1].String() != key.String() {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestSignaturesThatAreRefused(t *testing.T) {
	a, b := signKey(t, minisignKey()), signKey(t, minisignKey())
	s := signed(t, "content", a, comment)
	lines := strings.SplitAfter(string(s), "\n")
	impostor := minisignImpostor(t, a)
	for name, c := range map[string]struct {
		content   string
		signature string
		key       envelope.PublicKey
		code      string
		want      string
	}{
		"another file":            {"contents", string(s), a.Public(), "mismatch", "It claims to be by key " + a.Public().ID()},
		"an unknown key":          {"content", string(s), b.Public(), "unknown_key", "by key " + a.Public().ID() + "; key " + b.Public().ID() + " is trusted"},
		"a key with the same id":  {"content", string(s), impostor, "mismatch", "claims to be by key"},
		"another trusted comment": {"content", strings.Replace(string(s), "full", "diff", 1), a.Public(), "mismatch", "claims to be"},
		"an empty signature":      {"content", "", a.Public(), "malformed", "the four lines"},
		"without its last line":   {"content", strings.Join(lines[:3], ""), a.Public(), "malformed", "the four lines"},
		"more behind it":          {"content", string(s) + "x", a.Public(), "malformed", "the four lines"},
		"a signature without end": {"content", string(s) + strings.Repeat("\n", 20<<10), a.Public(), "malformed", "It is larger than 16384 bytes"},
		"something else":          {"content", "PK\x03\x04", a.Public(), "malformed", "the four lines"},
		"the legacy format":       {"content", string(legacy(t, "content")), envelope.PublicKey{}, "legacy", "minisign 0.10 or later"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify(c.content, []byte(c.signature), c.key)
			wants(t, err, c.want)
			if code(err) != "package.signature."+c.code {
				t.Errorf("code %s", code(err))
			}
		})
	}
	if _, err := verify("content", s); err == nil || errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), "require_signature") {
		t.Errorf("without a key: %v", err)
	}
	broken := errors.New("input/output error")
	if _, err := envelope.Verify(fullReader{broken}, s, []envelope.PublicKey{a.Public()}); !errors.Is(err, broken) || errors.Is(err, backup.ErrRefused) {
		t.Errorf("a file that cannot be read: %v", err)
	}
	if _, err := envelope.Sign(fullReader{broken}, a, comment); !errors.Is(err, broken) {
		t.Errorf("signing what cannot be read: %v", err)
	}
	many := make([]envelope.PublicKey, 20)
	if _, err := verify("content", s, many...); err == nil || !strings.Contains(err.Error(), "and 12 more are trusted") {
		t.Errorf("many keys: %v", err)
	}
}

type fullReader struct{ err error }

func (f fullReader) Read([]byte) (int, error) { return 0, f.err }

func legacy(t *testing.T, content string) []byte {
	t.Helper()
	_, key, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return minisign.Sign(key, []byte(content))
}

// minisignImpostor is another key with the number of the key.
func minisignImpostor(t *testing.T, key *envelope.SignKey) envelope.PublicKey {
	t.Helper()
	own, other := rawKey(t, key.Public()), rawKey(t, signKey(t, minisignKey()).Public())
	copy(other[2:10], own[2:10])
	return publicKey(t, other)
}

func TestEveryFlippedBitBreaksASignature(t *testing.T) {
	key := signKey(t, minisignKey())
	content := "a package"
	s := signed(t, content, key, comment)
	free := bytes.IndexByte(s, '\n') // the first line is not signed
	for i := range s {
		for bit := range 8 {
			altered := bytes.Clone(s)
			altered[i] ^= 1 << bit
			by, err := verify(content, altered, key.Public())
			switch {
			case err != nil && !errors.Is(err, backup.ErrRefused):
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			case err == nil && by.Text != comment.String():
				t.Fatalf("bit %d of byte %d: the comment is %q", bit, i, by.Text)
			case err == nil && i > free && altered[i] != '\n' && altered[i] != '\r' && !padding(s, i):
				t.Fatalf("bit %d of byte %d makes no difference", bit, i)
			}
		}
	}
	for i := range len(content) * 8 {
		altered := []byte(content)
		altered[i/8] ^= 1 << (i % 8)
		if _, err := verify(string(altered), s, key.Public()); code(err) != "package.signature.mismatch" {
			t.Fatalf("bit %d of the file: %v", i, err)
		}
	}
}

// padding reports whether the byte is the last of a line of base64: some of its
// bits stand for nothing, and the line may end otherwise.
func padding(s []byte, i int) bool {
	rest := bytes.TrimLeft(s[i:], "=")
	return s[i] == '\n' || len(rest) > 0 && rest[0] == '\n' || i+1 < len(s) && bytes.HasPrefix(s[i+1:], []byte("="))
}

func TestTheSignatureLiesBesideTheFile(t *testing.T) {
	dir := t.TempDir()
	key := signKey(t, minisignKey())
	file := filepath.Join(dir, "full.edmspkg")
	_, err := envelope.ReadSignature(file)
	wants(t, err, "full.edmspkg: it is not signed. There is no full.edmspkg.minisig beside it")
	if code(err) != "package.signature.missing" {
		t.Errorf("code %s", code(err))
	}
	s := signed(t, "content", key, comment)
	if err := os.WriteFile(file+envelope.SignatureSuffix, s, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := envelope.ReadSignature(file); err != nil || !bytes.Equal(got, s) {
		t.Errorf("%q, %v", got, err)
	}
	if got := envelope.SignedFile(dir, true); got != filepath.Join(dir, "manifest.json") {
		t.Error(got)
	}
	if got := envelope.SignedFile(file, false); got != file {
		t.Error(got)
	}
}

func rawKey(t *testing.T, k envelope.PublicKey) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(k.String())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func publicKey(t *testing.T, raw []byte) envelope.PublicKey {
	t.Helper()
	k, err := envelope.ParsePublicKey(base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	return k
}
