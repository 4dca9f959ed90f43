package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

func TestEveryCutAndEveryFlippedBitIsRefused(t *testing.T) {
	for name, k := range map[string]*envelope.Keys{"for a key": keysOf(newIdentity(t)), "with a passphrase": byPassphrase(passphrase)} {
		t.Run(name, func(t *testing.T) {
			file := encrypt(t, k, []byte("a small package"))
			ids := identities(t, k)
			header := bytes.Index(file, []byte("\n---"))
			for n := range file {
				if _, err := decrypt(t, file[:n], ids); !errors.Is(err, backup.ErrRefused) {
					t.Fatalf("cut after %d bytes: %v", n, err)
				}
			}
			if _, err := decrypt(t, append(bytes.Clone(file), 0), ids); !errors.Is(err, backup.ErrRefused) {
				t.Errorf("a byte more: %v", err)
			}
			altered := bytes.Clone(file)
			for i := range file {
				for bit := range 8 {
					altered[i] ^= 1 << bit
					// A recipient that was altered is another's: then no key opens it.
					if got, err := decrypt(t, altered, ids); err == nil || i > header && !errors.Is(err, backup.ErrRefused) {
						t.Fatalf("bit %d of byte %d: %q, %v", bit, i, got, err)
					}
					altered[i] ^= 1 << bit
				}
			}
		})
	}
}

func TestPiecesCannotBeCutOffOrSwapped(t *testing.T) {
	k := keysOf(newIdentity(t))
	content := noise(3*piece+100, 5)
	file := encrypt(t, k, content)
	ids := identities(t, k)
	const sealed = piece + 16
	start := len(file) - 3*sealed - 116
	for name, c := range map[string]struct {
		file []byte
		code string
		rest int // how much can be salvaged
	}{
		"the last piece":            {file[:start+3*sealed], "package.truncated", 3 * piece},
		"all pieces":                {file[:start], "package.truncated", 0},
		"in the middle of a piece":  {file[:start+2*sealed+1000], "package.truncated", 2 * piece},
		"one byte":                  {file[:len(file)-1], "package.truncated", 3 * piece},
		"the second piece":          {bytes.Join([][]byte{file[:start+sealed], file[start+2*sealed:]}, nil), "package.truncated", piece},
		"the first two are swapped": {bytes.Join([][]byte{file[:start], file[start+sealed : start+2*sealed], file[start : start+sealed], file[start+2*sealed:]}, nil), "package.damaged", 0},
		"a byte of the second":      {flip(file, start+sealed+9), "package.damaged", piece},
		"a byte of the last":        {flip(file, len(file)-30), "package.truncated", 3 * piece},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decrypt(t, c.file, ids); code(err) != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
			if c.code == "package.truncated" {
				if _, _, err := envelope.Decrypt(bytes.NewReader(c.file), int64(len(c.file)), ids); code(err) != c.code {
					t.Errorf("not found at once: %v", err)
				}
			}
			s, err := envelope.DecryptStream(bytes.NewReader(c.file), ids)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(s)
			if err == nil || !bytes.Equal(got, content[:c.rest]) {
				t.Errorf("salvaged %d bytes, want %d: %v", len(got), c.rest, err)
			}
		})
	}
}

func flip(file []byte, i int) []byte {
	altered := bytes.Clone(file)
	altered[i] ^= 1
	return altered
}

func TestWhatIsSaidOfAFileThatDoesNotOpen(t *testing.T) {
	id := newIdentity(t)
	forKey, forPhrase := string(encrypt(t, keysOf(id), []byte("x"))), string(encrypt(t, byPassphrase(passphrase), []byte("x")))
	none, phrase, key := &envelope.Keys{}, byPassphrase("wrong-secret"), keysOf(newIdentity(t))
	for name, c := range map[string]struct {
		file       string
		keys       *envelope.Keys
		code, want string
	}{
		"no key":                        {forKey, none, "", "the package is encrypted, and a secret key is needed (it is encrypted for one age key): name its file with -identity, or put it into EDMSPLAN_IDENTITY"},
		"only a passphrase":             {forKey, phrase, "", "a secret key is needed"},
		"another's key":                 {forKey, key, "", "the secret key of none of its recipients was given"},
		"no passphrase":                 {forPhrase, none, "", "encrypted with a passphrase: put it into EDMSPLAN_PASSPHRASE, or into a file and name that with -passphrase-file"},
		"a key, no passphrase":          {forPhrase, key, "", "encrypted with a passphrase: put it"},
		"a wrong passphrase":            {forPhrase, phrase, "", "encrypted with a passphrase, and the one given is wrong"},
		"for SSH keys":                  {strings.Replace(forKey, "-> X25519", "-> ssh-ed25519", 1), key, "", "for recipients that edmsplan cannot be (ssh-ed25519)"},
		"too much work":                 {strings.Replace(forPhrase, " 4\n", " 21\n", 1), phrase, "package.encryption", "The work factor is 21; up to 20 is accepted"},
		"two ways in":                   {strings.Replace(forPhrase, "\n-> scrypt", "\n-> X25519 AAAA\nAAAA\n-> scrypt", 1), phrase, "package.encryption", "A passphrase must be the only recipient"},
		"a recipient of one blank line": {"age-encryption.org/v1\n-> 0\n\n--- " + strings.Repeat("0", 43) + "\n", key, "", "edmsplan cannot be (0)"},
		"another version":               {strings.Replace(forKey, "/v1\n", "/v2\n", 1), key, "package.encryption", "a version of the age format that is not known"},
		"armored":                       {"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n", key, "package.encryption", "encrypt it again without -a"},
		"something else":                {"PK\x03\x04rest", key, "package.encryption", "it is no age file but a ZIP archive"},
		"nothing":                       {"", key, "package.encryption", "it is no age file but an empty file"},
		"cut in its first line":         {"age-encryption.org/v", key, "package.truncated", "The file ends within its header"},
		"a header without end":          {"age-encryption.org/v1\n-> X25519 " + strings.Repeat("a", 3<<20), key, "package.encryption", "It is not what age writes"},
		"too many recipients":           {"age-encryption.org/v1\n" + strings.Repeat("-> X25519 AAAA\nAAAA\n", 2000), key, "package.encryption", "It is not what age writes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decrypt(t, []byte(c.file), identities(t, c.keys))
			wants(t, err, c.want, "wrong-secret", "AGE-SECRET")
			if code(err) != c.code || errors.Is(err, envelope.ErrKey) != (c.code == "") {
				t.Errorf("code %q, want %q", code(err), c.code)
			}
		})
	}
}
