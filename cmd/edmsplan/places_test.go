package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage/s3/s3test"
)

// objects is this binary's object store; it starts with the first test that
// needs it.
var objects = s3test.New()

// edmsplan runs a command line and returns what it printed.
func edmsplan(t *testing.T, env map[string]string, args ...string) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	code = run(context.Background(), args, streams{in: strings.NewReader(""), out: &b, err: &b, env: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}})
	return code, b.String()
}

func succeeds(t *testing.T, env map[string]string, says string, args ...string) {
	t.Helper()
	if code, out := edmsplan(t, env, args...); code != 0 || !strings.Contains(out, says) {
		t.Fatalf("edmsplan %s: exit code %d, want %q in:\n%s", strings.Join(args, " "), code, says, out)
	}
}

// Packages in a bucket: written, listed, verified, planned from, built upon and
// pruned, and what the bucket itself has locked stays.
func TestPackagesInABucket(t *testing.T) {
	if testing.Short() {
		t.Skip("needs an object store: skipped with -short")
	}
	b := objects.LockedBucket(t)
	env := map[string]string{}
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if v, ok := b.Env(name); ok {
			env[name] = v
		}
	}
	db := newTestDatabase(t, "sqlite", t.TempDir())
	db.load(t)
	policy, place := filepath.Join(root(t), "examples", "edms", "policy"), strings.TrimSuffix(b.URL, "/")+"/edms"
	backUp := func(name string, more ...string) {
		succeeds(t, env, "Backup complete!", append([]string{"backup", "-policy", policy, "-live", db.url, "-kind", "database", "-out", place + "/" + name}, more...)...)
	}
	backUp("monday.edmspkg")
	backUp("tuesday.edmspkg", "-parent", place+"/monday.edmspkg")
	succeeds(t, env, "tuesday.edmspkg", "packages", "list", place)
	succeeds(t, env, "Planned again: no changes.", "verify", "-restore", place+"/tuesday.edmspkg")
	succeeds(t, env, "No changes.", "plan", "-policy", policy, "-live", db.url, "-package", place+"/tuesday.edmspkg")
	if code, out := edmsplan(t, env, "backup", "-policy", policy, "-live", db.url, "-kind", "database", "-out", place+"/monday.edmspkg"); code != 1 || !strings.Contains(out, "in the store already") {
		t.Errorf("a second package of one name: exit code %d, %s", code, out)
	}

	// A package of another format has its files there too.
	docs := filepath.Join(t.TempDir(), "docs")
	media := filepath.Join(t.TempDir(), "media")
	for _, dir := range []string{docs, media} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(docs, "a.docx"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EDMS_DOCUMENTS", docs)
	t.Setenv("EDMS_MEDIA", media)
	env["EDMS_DOCUMENTS"], env["EDMS_MEDIA"] = docs, media
	succeeds(t, env, "and 1 file", "backup", "-policy", policy, "-live", db.url, "-out", place+"/full.tar.gz")
	if err := os.Remove(filepath.Join(docs, "a.docx")); err != nil {
		t.Fatal(err)
	}
	if _, out := edmsplan(t, env, "plan", "-policy", policy, "-live", db.url, "-package", place+"/full.tar.gz"); !strings.Contains(out, `# files.documents["a.docx"] will be created`) {
		t.Errorf("the file of the package is not in the plan:\n%s", out)
	}

	until, mode := time.Now().Add(time.Hour), minio.Governance
	backUp("locked.edmspkg")
	err := b.Client.PutObjectRetention(t.Context(), b.Name, strings.TrimPrefix(place, "s3://"+b.Name+"/")+"/locked.edmspkg", minio.PutObjectRetentionOptions{Mode: &mode, RetainUntilDate: &until})
	if err != nil {
		t.Fatal(err)
	}
	backUp("last.edmspkg")
	succeeds(t, env, "locked until", "packages", "prune", "-keep-last", "1", "-dry-run", place)
	succeeds(t, env, "Removed monday.edmspkg.", "packages", "prune", "-keep-last", "1", "-auto-approve", place)
	code, out := edmsplan(t, env, "packages", "list", "-json", place)
	if code != 0 || strings.Contains(out, "monday") || strings.Contains(out, "tuesday") || !strings.Contains(out, `"name":"locked.edmspkg"`) || !strings.Contains(out, `"name":"last.edmspkg"`) {
		t.Errorf("after pruning: %s", out)
	}
}

// A policy that requires signatures takes no package without one, wherever the
// package is named.
func TestAPolicyMayRequireSignatures(t *testing.T) {
	dir := t.TempDir()
	db := newTestDatabase(t, "sqlite", dir)
	db.load(t)
	public, secret := signKeys(t)
	env := map[string]string{"EDMSPLAN_SIGN_KEY": secret}
	policy := filepath.Join(dir, "policy")
	if err := os.CopyFS(policy, os.DirFS(filepath.Join(root(t), "examples", "edms", "policy"))); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(policy, "edms.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	signed := strings.Replace(string(text), "  name     = \"edms\"\n", "  name     = \"edms\"\n  require_signature = [\""+public+"\"]\n", 1)
	if err := os.WriteFile(filepath.Join(policy, "edms.hcl"), []byte(signed), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, printed := edmsplan(t, nil, "plan", "-policy", policy, "-live", db.url, "-from", db.url); code != 1 || !strings.Contains(printed, "cannot be signed") {
		t.Errorf("a database as the package: exit code %d: %s", code, printed)
	}
	if code, printed := edmsplan(t, env, "backup", "-policy", policy, "-live", db.url, "-format", "edms", "-out", filepath.Join(dir, "folder")); code != 1 || !strings.Contains(printed, "cannot be signed") {
		t.Errorf("a folder whose signature seals nothing: exit code %d: %s", code, printed)
	}
	for _, format := range []string{"edmspkg", "edmspkg-folder"} {
		for name, keys := range map[string]map[string]string{"signed": env, "unsigned": {}} {
			out := filepath.Join(dir, format+"-"+name)
			succeeds(t, keys, "Backup complete!", "backup", "-policy", policy, "-live", db.url, "-kind", "database", "-format", format, "-out", out)
			code, printed := edmsplan(t, nil, "plan", "-policy", policy, "-live", db.url, "-package", out)
			switch {
			case name == "signed" && code != 0:
				t.Errorf("%s, signed: exit code %d: %s", format, code, printed)
			case name == "unsigned" && (code != 1 || !strings.Contains(printed, "it is not signed")):
				t.Errorf("%s, not signed: exit code %d: %s", format, code, printed)
			}
		}
	}
	// The bytes are no longer those that were signed.
	out := filepath.Join(dir, "edmspkg-signed")
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(out, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, printed := edmsplan(t, nil, "plan", "-policy", policy, "-live", db.url, "-package", out); code != 1 || !strings.Contains(printed, "the signature does not match") {
		t.Errorf("altered: exit code %d: %s", code, printed)
	}
}

// Nothing but the format and the kind of recipients is readable in an encrypted
// package, and only the passphrase opens it.
func TestAnEncryptedPackage(t *testing.T) {
	dir := t.TempDir()
	db := newTestDatabase(t, "sqlite", dir)
	db.load(t)
	policy, out := filepath.Join(root(t), "examples", "edms", "policy"), filepath.Join(dir, "x.edmspkg")
	env := map[string]string{"EDMSPLAN_PASSPHRASE": "correct horse"}
	succeeds(t, env, "  encrypted\n", "backup", "-policy", policy, "-live", db.url, "-kind", "database", "-passphrase", "-out", out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"edmspkg", "users", "manifest", "ustar"} {
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%q is readable in it", text)
		}
	}
	succeeds(t, env, "encrypted: yes", "inspect", out)
	succeeds(t, env, "No changes.", "plan", "-policy", policy, "-live", db.url, "-package", out)
	if code, printed := edmsplan(t, nil, "inspect", out); code != 1 || !strings.Contains(printed, "passphrase") {
		t.Errorf("without the passphrase: exit code %d: %s", code, printed)
	}
}

// signKeys makes a pair of minisign keys without a password.
func signKeys(t *testing.T) (public, secret string) {
	t.Helper()
	p, s, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return p.String(), string(text)
}

// What a killed backup left behind long ago goes with the next pruning; what is
// young may still be written.
func TestPruningSweeps(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, ".edmsplan-temp-OLD"), filepath.Join(dir, ".edmsplan-temp-YOUNG")
	for path, age := range map[string]time.Duration{old: 30 * 24 * time.Hour, young: time.Hour} {
		if err := os.WriteFile(path, []byte("part of a package"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	succeeds(t, nil, "Nothing is to be removed.", "packages", "prune", "-keep-last", "1", "-dry-run", dir)
	if _, err := os.Stat(old); err != nil {
		t.Errorf("a dry run: %v", err)
	}
	succeeds(t, nil, "Removed what 1 interrupted backup left behind.", "packages", "prune", "-keep-last", "1", dir)
	if _, err := os.Stat(old); err == nil {
		t.Error("it was not removed")
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a backup that may still be running: %v", err)
	}
}
