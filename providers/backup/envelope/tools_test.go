package envelope_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

// tool skips the test unless the programs are installed: they are Debian's
// packages age, minisign and bsdutils (script).
func tool(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed: what it makes of our files, and we of its, is not tested", name)
		}
	}
}

// run runs a program and returns what it printed.
func run(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestAgeReadsOursAndWeReadItsOwn(t *testing.T) {
	tool(t, "age", "age-keygen")
	dir := t.TempDir()
	identity, ours, theirs, plain := filepath.Join(dir, "key.txt"), filepath.Join(dir, "ours"), filepath.Join(dir, "theirs"), filepath.Join(dir, "plain")
	run(t, "", "age-keygen", "-o", identity)
	recipient := strings.TrimSpace(run(t, "", "age-keygen", "-y", identity))
	content := noise(2*piece+9, 11)
	k := &envelope.Keys{Recipients: []string{recipient, newIdentity(t).Recipient().String()}, IdentityFiles: []string{identity}}

	overwrite(t, ours, encrypt(t, k, content))
	run(t, "", "age", "-d", "-i", identity, "-o", plain, ours)
	if got := read(t, plain); !bytes.Equal(got, content) {
		t.Errorf("age read %d bytes", len(got))
	}
	run(t, "", "age", "-r", recipient, "-o", theirs, plain)
	if got, err := decrypt(t, read(t, theirs), identities(t, k)); err != nil || !bytes.Equal(got, content) {
		t.Errorf("we read %d bytes of age's: %v", len(got), err)
	}
}

// age asks a terminal for a passphrase, so script gives it one.
func TestAgeAndWeAgreeOnPassphrases(t *testing.T) {
	if testing.Short() {
		t.Skip("a passphrase costs seconds: skipped with -short")
	}
	tool(t, "age", "script")
	dir := t.TempDir()
	ours, theirs, plain := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs"), filepath.Join(dir, "plain")
	k := byPassphrase(passphrase)
	k.WorkFactor = 0
	overwrite(t, ours, encrypt(t, k, []byte("content")))
	run(t, passphrase+"\n", "script", "-qec", "age -d -o '"+plain+"' '"+ours+"'", os.DevNull)
	if got := read(t, plain); string(got) != "content" {
		t.Errorf("age read %q", got)
	}
	run(t, passphrase+"\n"+passphrase+"\n", "script", "-qec", "age -p -o '"+theirs+"' '"+plain+"'", os.DevNull)
	r, n, err := envelope.Decrypt(bytes.NewReader(read(t, theirs)), int64(len(read(t, theirs))), identities(t, k))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, n)
	if _, err := r.ReadAt(got, 0); string(got) != "content" {
		t.Errorf("we read %q of age's: %v", got, err)
	}
}

func TestMinisignAcceptsOursAndWeItsOwn(t *testing.T) {
	tool(t, "minisign")
	content := noise(100_000, 13)
	for name, c := range map[string]struct{ key, password string }{
		"a key of minisign's own":  {"", ""},
		"a key with a password":    {lockedKey, lockedPassword},
		"a key made by the module": {minisignKey(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			secret, public, file := filepath.Join(dir, "key"), filepath.Join(dir, "key.pub"), filepath.Join(dir, "päckage.edmspkg")
			if c.key == "" {
				run(t, "", "minisign", "-G", "-W", "-s", secret, "-p", public)
			} else {
				overwrite(t, secret, []byte(c.key))
			}
			k := envelope.Keys{SignKeyFile: secret, Env: env(envelope.EnvSignPassword, c.password)}
			key, err := k.SignKey()
			if err != nil {
				t.Fatal(err)
			}
			if c.key == "" {
				k.PublicKeys = []string{public}
			} else {
				k.PublicKeys = []string{key.Public().String()}
			}
			trusted, err := k.TrustedKeys()
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, file, content)

			said := comment
			said.File = filepath.Base(file)
			overwrite(t, file+envelope.SignatureSuffix, signed(t, string(content), key, said))
			out := run(t, "", "minisign", "-V", "-m", file, "-P", key.Public().String())
			if !strings.Contains(out, "Trusted comment: timestamp:1700000000\tfile:p\\u00e4ckage.edmspkg\thashed\tdigest:sha256:abc") {
				t.Errorf("minisign says %s", out)
			}

			run(t, c.password+"\n", "minisign", "-S", "-s", secret, "-m", file, "-t", "their comment")
			s, err := envelope.ReadSignature(file)
			if err != nil {
				t.Fatal(err)
			}
			by, err := verify(string(content), s, trusted...)
			if err != nil || by.Text != "their comment" || by.Key.String() != key.Public().String() {
				t.Errorf("of minisign's signature we say %+v, %v", by, err)
			}
			run(t, c.password+"\n", "minisign", "-S", "-l", "-s", secret, "-m", file)
			if s, err = envelope.ReadSignature(file); err != nil {
				t.Fatal(err)
			}
			if _, err := verify(string(content), s, trusted...); code(err) != "package.signature.legacy" {
				t.Errorf("of a legacy signature we say %v", err)
			}
		})
	}
}

func overwrite(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
