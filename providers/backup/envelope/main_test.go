package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

const passphrase = "correct horse battery staple"

// env is an environment of the variables given as name, value, name, value.
func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func newIdentity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// keysOf are Keys that encrypt for the identity and decrypt with it.
func keysOf(id *age.X25519Identity) *envelope.Keys {
	return &envelope.Keys{Recipients: []string{id.Recipient().String()}, Env: env(envelope.EnvIdentity, id.String())}
}

// byPassphrase are Keys that encrypt and decrypt with a passphrase, cheaply.
func byPassphrase(p string) *envelope.Keys {
	return &envelope.Keys{Passphrase: true, WorkFactor: 4, Env: env(envelope.EnvPassphrase, p)}
}

func encrypt(t testing.TB, k *envelope.Keys, content []byte) []byte {
	t.Helper()
	to, err := k.EncryptTo()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := envelope.Encrypt(&out, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func identities(t testing.TB, k *envelope.Keys) *envelope.Identities {
	t.Helper()
	ids, err := k.Identities()
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// decrypt reads the whole content at random and as a stream, which must agree
// on whether it is sound, and returns it.
func decrypt(t testing.TB, file []byte, ids *envelope.Identities) ([]byte, error) {
	t.Helper()
	var content []byte
	r, n, err := envelope.Decrypt(bytes.NewReader(file), int64(len(file)), ids)
	if err == nil {
		content, err = io.ReadAll(io.NewSectionReader(r, 0, n))
		if err == nil && int64(len(content)) != n {
			t.Fatalf("%d bytes read of %d", len(content), n)
		}
	}
	var streamed []byte
	s, streamErr := envelope.DecryptStream(bytes.NewReader(file), ids)
	if streamErr == nil {
		streamed, streamErr = io.ReadAll(s)
	}
	switch {
	case (err == nil) != (streamErr == nil):
		t.Fatalf("at random: %v; as a stream: %v", err, streamErr)
	case err == nil && !bytes.Equal(content, streamed):
		t.Fatal("the stream differs")
	}
	for _, err := range []error{err, streamErr} {
		if err != nil && !errors.Is(err, backup.ErrRefused) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("neither a refusal nor for want of a key: %v", err)
		}
	}
	return content, err
}

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wants fails unless the error says the text and, in no error underneath,
// anything secret.
func wants(t *testing.T, err error, text string, secrets ...string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got error %v, want %q", err, text)
	}
	quotesNothing(t, err, secrets...)
}

func quotesNothing(t *testing.T, err error, secrets ...string) {
	t.Helper()
	if err == nil {
		return
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(s)) {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		quotesNothing(t, e.Unwrap(), secrets...)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			quotesNothing(t, err, secrets...)
		}
	}
}

func code(err error) string {
	var r *backup.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}
