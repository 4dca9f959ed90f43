package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

const piece = 64 << 10

func noise(n int, seed uint64) []byte {
	content := make([]byte, n)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	return content
}

func TestWhatIsEncryptedComesBack(t *testing.T) {
	id := newIdentity(t)
	ids := identities(t, keysOf(id))
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.OneOf(
			rapid.IntRange(0, 100),
			rapid.Map(rapid.IntRange(-2, 2), func(d int) int { return piece + d }),
			rapid.Map(rapid.IntRange(-2, 2), func(d int) int { return 2*piece + d }),
			rapid.IntRange(0, 3*piece),
		).Draw(r, "size")
		content := noise(size, rapid.Uint64().Draw(r, "seed"))
		file := encrypt(t, keysOf(id), content)
		got, err := decrypt(t, file, ids)
		if err != nil || !bytes.Equal(got, content) {
			r.Fatalf("%d bytes came back as %d: %v", size, len(got), err)
		}
		at, n, err := envelope.Decrypt(bytes.NewReader(file), int64(len(file)), ids)
		if err != nil || n != int64(size) {
			r.Fatalf("size %d: %v", n, err)
		}
		for range 5 {
			off := rapid.IntRange(0, size+10).Draw(r, "offset")
			p := make([]byte, rapid.IntRange(0, 2*piece).Draw(r, "length"))
			want := make([]byte, len(p))
			gotN, gotErr := at.ReadAt(p, int64(off))
			wantN, wantErr := bytes.NewReader(content).ReadAt(want, int64(off))
			if gotN != wantN || !bytes.Equal(p[:gotN], want[:wantN]) || wantErr == nil && gotErr != nil && gotErr != io.EOF || wantN < len(p) && gotErr != io.EOF {
				r.Fatalf("ReadAt(%d bytes, %d) of %d: %d, %v; want %d, %v", len(p), off, size, gotN, gotErr, wantN, wantErr)
			}
		}
	})
}

func TestAllWaysToAKey(t *testing.T) {
	content := noise(100, 1)
	a, b := newIdentity(t), newIdentity(t)
	publicB := write(t, "team.txt", "# the team\n\n"+a.Recipient().String()+"  \r\n"+b.Recipient().String())
	secretB := write(t, "b.key", "# created: today\r\n"+b.String()+"\r\n")
	phrase := write(t, "phrase", passphrase+"\r\nanother line\n")
	for name, c := range map[string]struct{ to, from envelope.Keys }{
		"recipient and environment":          {*keysOf(a), *keysOf(a)},
		"recipients' file and identity file": {envelope.Keys{RecipientFiles: []string{publicB}}, envelope.Keys{IdentityFiles: []string{secretB}}},
		"several identities in the environment": {
			envelope.Keys{Recipients: []string{b.Recipient().String()}},
			envelope.Keys{Env: env(envelope.EnvIdentity, a.String()+"\n# mine\n"+b.String()+"\n")},
		},
		"two recipients, one has the key": {
			envelope.Keys{Recipients: []string{a.Recipient().String(), b.Recipient().String()}},
			envelope.Keys{IdentityFiles: []string{secretB}},
		},
		"passphrase in the environment":       {*byPassphrase(passphrase), envelope.Keys{Env: env(envelope.EnvPassphrase, passphrase)}},
		"passphrase in a file":                {envelope.Keys{Passphrase: true, PassphraseFile: phrase, WorkFactor: 4}, *byPassphrase(passphrase)},
		"the file goes before the variable":   {*byPassphrase(passphrase), envelope.Keys{PassphraseFile: phrase, Env: env(envelope.EnvPassphrase, "x")}},
		"a passphrase beside a key not asked": {*keysOf(a), envelope.Keys{Env: env(envelope.EnvPassphrase, "x", envelope.EnvIdentity, a.String())}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decrypt(t, encrypt(t, &c.to, content), identities(t, &c.from))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// The writer of a package has no secret key and yet checks what it wrote.
func TestTheWriterReadsBackItsOwnFileOnly(t *testing.T) {
	for name, k := range map[string]*envelope.Keys{"a key": keysOf(newIdentity(t)), "a passphrase": byPassphrase(passphrase)} {
		t.Run(name, func(t *testing.T) {
			to, err := k.EncryptTo()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			w, err := envelope.Encrypt(&out, to)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, "content"); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got, err := decrypt(t, out.Bytes(), w.ReadBack()); err != nil || string(got) != "content" {
				t.Errorf("%q, %v", got, err)
			}
			if got, err := decrypt(t, encrypt(t, k, []byte("other")), w.ReadBack()); err == nil {
				t.Errorf("it opens another file: %q", got)
			}
			if got, err := decrypt(t, out.Bytes(), identities(t, k)); err != nil || string(got) != "content" {
				t.Errorf("for the recipient: %q, %v", got, err)
			}
		})
	}
}

func TestOnlyTheKindsOfRecipientsAreReadable(t *testing.T) {
	a, b := newIdentity(t), newIdentity(t)
	file := encrypt(t, &envelope.Keys{Recipients: []string{a.Recipient().String(), b.Recipient().String()}}, []byte("hidden content"))
	for _, s := range []string{"hidden", a.Recipient().String(), b.Recipient().String()} {
		if bytes.Contains(file, []byte(s)) {
			t.Errorf("%s is readable", s)
		}
	}
	other := strings.Replace(string(file), "-> X25519", "-> ssh-rsa", 1)
	for name, c := range map[string]struct{ file, want string }{
		"two keys":            {string(file), "encrypted for 2 age keys"},
		"a key and something": {other, "encrypted for one age key and recipients of the kind ssh-rsa"},
		"a passphrase":        {string(encrypt(t, byPassphrase(passphrase), nil)), "encrypted with a passphrase"},
	} {
		t.Run(name, func(t *testing.T) {
			if !envelope.IsEncrypted([]byte(c.file)[:40]) {
				t.Error("it is not seen to be encrypted")
			}
			h, err := envelope.Describe(strings.NewReader(c.file))
			if err != nil || h.String() != c.want {
				t.Errorf("%q, %v", h, err)
			}
		})
	}
	if envelope.IsEncrypted([]byte("PK\x03\x04")) || envelope.IsEncrypted(nil) {
		t.Error("what is not encrypted is taken for it")
	}
}

func TestReadsMeetEachOther(t *testing.T) {
	content := noise(3*piece+5, 7)
	k := keysOf(newIdentity(t))
	file := encrypt(t, k, content)
	r, n, err := envelope.Decrypt(bytes.NewReader(file), int64(len(file)), identities(t, k))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			got, err := io.ReadAll(io.NewSectionReader(r, 0, n))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	all.Wait()
}

// failing fails at the byte at.
type failing struct {
	content []byte
	at      int64
	err     error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.at {
		return 0, f.err
	}
	return bytes.NewReader(f.content).ReadAt(p, off)
}

func TestAnErrorOfTheDiskIsNotTheFilesFault(t *testing.T) {
	k := keysOf(newIdentity(t))
	file := encrypt(t, k, noise(3*piece, 3))
	broken := errors.New("input/output error")
	for _, at := range []int64{0, 100, piece, int64(len(file)) - 1} {
		r := failing{file, at, broken}
		if _, _, err := envelope.Decrypt(r, int64(len(file)), identities(t, k)); err != broken {
			t.Errorf("at %d: %v", at, err)
		}
		s, err := envelope.DecryptStream(io.NewSectionReader(r, 0, int64(len(file))), identities(t, k))
		if err == nil {
			_, err = io.ReadAll(s)
		}
		if err != broken {
			t.Errorf("stream, at %d: %v", at, err)
		}
	}
	to, err := k.EncryptTo()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := envelope.Encrypt(fullDisk{broken}, to); !errors.Is(err, broken) {
		t.Errorf("writing: %v", err)
	}
}

type fullDisk struct{ err error }

func (f fullDisk) Write([]byte) (int, error) { return 0, f.err }
