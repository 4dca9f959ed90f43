package engine_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// libraryPolicy is for the Django site of the fixture writer's tests.
const libraryPolicy = `
policy {
  name = "library"
}
model "contenttypes.contenttype" {
  table       = django_content_type
  natural_key = [app_label, model]
}
model "auth.permission" {
  table       = auth_permission
  natural_key = [codename, content_type]
}
model "auth.group" {
  table       = auth_group
  natural_key = [name]
}
model "people.user" {
  table       = users
  natural_key = [username]
  sensitive   = [password]
  export {
    hash = [username, uuid]
    replace "password" { value = "!" }
    replace "email" { value = "someone@example.test" }
    unset = [phone]
  }
}
model "people.profile" {
  table       = people_profile
  natural_key = [user]
}
model "library.state" {
  table       = library_state
  natural_key = [code]
}
model "library.tag" {
  table       = library_tag
  natural_key = [id]
}
model "library.document" {
  table       = library_document
  natural_key = [uuid]
  sensitive   = [body]
  export {
    unset = [supersedes, took]
    replace "title" { value = "A document" }
  }
}
model "library.version" {
  table       = library_version
  natural_key = [document, number]
}
model "library.note" {
  table       = library_note
  natural_key = [id]
  generic_reference "about" {
    type = content_type
    id   = object_id
  }
  export {
    include = self.id == 97 || self.id == 100
  }
}
`

// libraryRun runs the site's program, or skips where no Python has Django.
func libraryRun(t *testing.T, args ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Django: skipped with -short")
	}
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django").Run() != nil {
			continue
		}
		c := exec.Command(python, append([]string{filepath.Join("..", "providers", "backup", "django", "testdata", "site", "run.py")}, args...)...)
		c.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return
	}
	t.Skip("no python3 here imports django: install Debian's python3-django")
}

// A redacted export of a real Django's database is loaded by Django's own
// loaddata into a migrated one. No original secret is anywhere in it.
func TestDjangoLoadsARedactedExport(t *testing.T) {
	t.Parallel()
	source, target := filepath.Join(t.TempDir(), "source.sqlite"), filepath.Join(t.TempDir(), "target.sqlite")
	libraryRun(t, "make", source)
	db, err := sqlite.Open(t.Context(), source)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	pol, list := policy.Parse([]policy.File{{Name: "library.hcl", Content: []byte(libraryPolicy)}}, policy.Options{})
	must(t, list.Err())
	e := &engine.Engine{Live: db, TempDir: t.TempDir()}
	r := engine.BackupRequest{Policy: pol, Kind: backup.Export, ExportKey: bytes.Repeat([]byte("k"), 32)}
	fixture := filepath.Join(t.TempDir(), "export.json")
	r.Create = func(h backup.Header) (backup.Writer, error) {
		f, err := os.Create(fixture)
		must(t, err)
		t.Cleanup(func() { must(t, f.Close()) })
		return django.NewWriter(f, h, django.Options{})
	}
	done, err := e.Backup(t.Context(), r)
	must(t, err)
	libraryRun(t, "load", target, fixture)

	loaded, err := sqlite.Open(t.Context(), target)
	must(t, err)
	defer func() { must(t, loaded.Close()) }()
	after := look(t, loaded)
	if len(after.rows["users"]) != 2 || len(after.rows["library_document"]) == 0 {
		t.Errorf("%d users, %d documents were loaded of %+v", len(after.rows["users"]), len(after.rows["library_document"]), done.Models)
	}
	for _, u := range after.rows["users"] {
		if u["password"].Text != "!" || u["email"].Text != "someone@example.test" || len(u["username"].Text) < 16 {
			t.Errorf("a user was loaded as %v", u)
		}
	}
	own, _ := bytesOf(t, e, r, native.WriterOptions{})
	text := append([]byte(strings.Join(valuesOf(t, openBytes(t, own, nil)), "\x00")), append(own, read(t, fixture)...)...)
	for _, secret := range []string{"pbkdf2$x", `"bob"`, "\x00bob\x00", `"ann"`, "\x00ann\x00", "<b>", `\u003cb`, "\ttab\x01"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the original value %q is in the export", secret)
		}
	}
}
