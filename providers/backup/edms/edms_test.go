package edms_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
)

const fixture = `[
{"model": "auth.group", "fields": {"name": "editors"}},
{"model": "users.user", "fields": {"username": "ann", "groups": [["editors"]]}},
{"model": "users.user", "fields": {"username": "bob", "groups": []}}
]`

// sound is a sound migration package by member.
func sound() map[string]string {
	m := map[string]string{
		"metadata.json":                      `{"export_timestamp": "2026-01-01T00:00:00+00:00", "edms_version": "1.0.0", "components": {"storage_files": true}}`,
		"database/database_backup.json":      fixture,
		"database/backup_metadata.json":      `{"total_records": 3, "model_counts": {"auth.group": 1, "users.user": 2}}`,
		"database/schema_info.txt":           "schema\n",
		"configuration/settings.json":        "{}",
		"configuration/app.env":              "SECRET_KEY=hidden\n",
		"storage/documents/a.docx":           "a document",
		"scripts/restore.sh":                 "exit 0\n",
		"configuration/config_manifest.json": `{"config_files": [{"backup_name": "app.env", "checksum": "` + sum("SECRET_KEY=hidden\n") + `"}]}`,
		"storage/manifest.json":              `{"created_at": "x", "files": {"documents/a.docx": {"size": 10, "checksum": "` + sum("a document") + `"}}}`,
	}
	seal(m)
	return m
}

// seal writes the list of checksums.
func seal(m map[string]string) {
	delete(m, "database/checksum.txt")
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if rest, ok := strings.CutPrefix(name, "database/"); ok {
			fmt.Fprintf(&list, "%s  %s\n", sum(m[name]), rest)
		}
	}
	m["database/checksum.txt"] = list.String()
}

func sum(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// inFolder writes the members into a folder.
func inFolder(t testing.TB, members map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range members {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// inTar writes the members as Python's tarfile does of a folder added as root,
// followed by more entries.
func inTar(t testing.TB, root string, members map[string]string, more ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	entry := func(h tar.Header, content string) {
		h.Size, h.Mode = int64(len(content)), 0o600
		if h.Typeflag == tar.TypeDir {
			h.Mode = 0o700
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	entry(tar.Header{Name: root + "/", Typeflag: tar.TypeDir}, "")
	for _, name := range slices.Sorted(maps.Keys(members)) {
		entry(tar.Header{Name: root + "/" + name, Typeflag: tar.TypeReg}, members[name])
	}
	for _, h := range more {
		content := ""
		if h.Typeflag == tar.TypeReg {
			content = "more"
		}
		entry(h, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inFile(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// formats are what the program lists.
func formats() []backup.Format { return append(edms.Formats(django.Open), django.Formats()...) }

func TestEachLayoutPassesTheSuite(t *testing.T) {
	folder, archive := edms.Formats(django.Open)[0], edms.Formats(django.Open)[1]
	nested := map[string]string{}
	for name, content := range sound() {
		nested["package/"+name] = content
	}
	for name, c := range map[string]struct {
		format backup.Format
		path   string
	}{
		"a folder":                   {folder, inFolder(t, sound())},
		"a folder in a folder":       {folder, inFolder(t, nested)},
		"a .tar":                     {archive, inFile(t, "x.tar", inTar(t, ".", sound()))},
		"a .tar.gz":                  {archive, inFile(t, "x.tar.gz", zipped(t, inTar(t, ".", sound())))},
		"a .tgz with one top folder": {archive, inFile(t, "x.tgz", zipped(t, inTar(t, "edms_export", sound())))},
	} {
		t.Run(name, func(t *testing.T) {
			backuptest.Suite{Format: c.format, Path: c.path, Records: backuptest.Read(t, open(t, inFolder(t, sound())))}.Run(t)
			p := open(t, c.path)
			if p.Name() != "database/database_backup.json" || p.Info().Digest != sum(fixture) || len(p.Info().Warnings) != 0 {
				t.Errorf("Name %q, Info %+v", p.Name(), p.Info())
			}
		})
	}
}

func open(t testing.TB, path string) backup.Package {
	t.Helper()
	p, err := backup.Open(context.Background(), path, formats(), backup.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// change is a way to spoil a package.
type change func(m map[string]string)

func TestSpoiltPackagesAreRefused(t *testing.T) {
	set := func(name, content string) change {
		return func(m map[string]string) { m[name] = content }
	}
	resealed := func(changes ...change) change {
		return func(m map[string]string) {
			for _, c := range changes {
				c(m)
			}
			seal(m)
		}
	}
	without := func(name string) change {
		return func(m map[string]string) { delete(m, name) }
	}
	sums := func(f func(list string) string) change {
		return func(m map[string]string) { m["database/checksum.txt"] = f(m["database/checksum.txt"]) }
	}
	for name, c := range map[string]struct {
		change change
		want   []string
	}{
		"an altered fixture":            {set("database/database_backup.json", strings.Replace(fixture, "bob", "eve", 1)), []string{"database/database_backup.json: the checksum is wrong", sum(fixture)}},
		"an altered note":               {set("database/schema_info.txt", "x"), []string{"database/schema_info.txt: the checksum is wrong"}},
		"an added file":                 {set("database/extra.json", "x"), []string{"database/extra.json: checksum.txt does not list it"}},
		"a missing file":                {without("database/schema_info.txt"), []string{"database/checksum.txt", `"schema_info.txt" that it lists is missing`}},
		"no checksums":                  {without("database/checksum.txt"), []string{"the list of checksums is missing"}},
		"a list that is none":           {set("database/checksum.txt", "hello\n"), []string{"line 1 is not of the form"}},
		"two checksums of one file":     {sums(func(s string) string { return s + sum("x") + "  database/schema_info.txt\n" }), []string{"gives database/schema_info.txt another checksum"}},
		"a checksum outside":            {sums(func(s string) string { return s + sum("x") + "  ../../etc/passwd\n" }), []string{"database/checksum.txt", `"../../etc/passwd" leads outside`}},
		"an altered configuration":      {set("configuration/app.env", "x"), []string{"configuration/app.env: the checksum is wrong"}},
		"a missing configuration":       {without("configuration/app.env"), []string{"configuration/config_manifest.json", `"app.env" that it lists is missing`}},
		"a manifest that leads outside": {set("configuration/config_manifest.json", `{"config_files": [{"backup_name": "../../x"}]}`), []string{"leads outside"}},
		"a manifest without a checksum": {set("configuration/config_manifest.json", `{"config_files": [{"backup_name": "app.env"}]}`), []string{"no checksum of"}},
		"a manifest that is no JSON":    {set("configuration/config_manifest.json", `hidden`), []string{"configuration/config_manifest.json: it is not the JSON document"}},
		"an altered document":           {set("storage/documents/a.docx", "x"), []string{"storage/documents/a.docx: the checksum is wrong"}},
		"a missing document":            {without("storage/documents/a.docx"), []string{"storage/manifest.json", "is missing"}},
		"a storage manifest cut off":    {set("storage/manifest.json", `{"files": {`), []string{"storage/manifest.json: it is not the JSON document"}},
		"a wrong total":                 {resealed(set("database/backup_metadata.json", `{"total_records": 4}`)), []string{"database/backup_metadata.json", "It counts 4 records, database/database_backup.json holds 3"}},
		"a wrong count":                 {resealed(set("database/backup_metadata.json", `{"total_records": 3, "model_counts": {"auth.group": 2, "users.user": 1}}`)), []string{"It counts 2 records of auth.group"}},
		"a model that is not there":     {resealed(set("database/backup_metadata.json", `{"total_records": 3, "model_counts": {"auth.group": 1, "users.user": 2, "x.y": 1}}`)), []string{"It counts 1 records of x.y", "holds 0"}},
		"a model that is not counted":   {resealed(set("database/backup_metadata.json", `{"total_records": 3, "model_counts": {"users.user": 2}}`)), []string{"It counts 0 records of auth.group"}},
		"metadata that is no JSON":      {set("metadata.json", "["), []string{"metadata.json: it is not the JSON document"}},
		"a fixture of metadata":         {resealed(set("database/database_backup.json", `{"backup_type": "edms_metadata_fallback"}`)), []string{"database/database_backup.json", "metadata only", "edms_metadata_fallback"}},
		"a fixture that is not closed":  {resealed(set("database/database_backup.json", strings.TrimSuffix(fixture, "]"))), []string{"database/database_backup.json", "not closed"}},
		"a fixture with console output": {resealed(set("database/database_backup.json", "Loading\n"+fixture)), []string{"database/database_backup.json", "begins on line 2"}},
		"a damaged record":              {resealed(set("database/database_backup.json", strings.Replace(fixture, `"bob"`, "NaN", 1))), []string{`database/database_backup.json record 3 (users.user)`, "NaN"}},
		"no fixture":                    {without("database/database_backup.json"), []string{"holds no records"}},
		"a FULL backup": {func(m map[string]string) {
			clear(m)
			m["database.sql.gz"] = string(zipped(t, []byte(`{"tables": {}}`)))
			m["media/x"] = "x"
		}, []string{"database.sql.gz", "FULL backup", "without a row"}},
		"a FULL backup with a real dump": {func(m map[string]string) { clear(m); m["database.sql.gz"] = string(zipped(t, []byte(`-- PostgreSQL`))) }, []string{"database.sql.gz", "Load the dump"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := sound()
			c.change(m)
			t.Run("folder", func(t *testing.T) { refused(t, inFolder(t, m), c.want...) })
			t.Run("archive", func(t *testing.T) { refused(t, inFile(t, "x.tar.gz", zipped(t, inTar(t, ".", m))), c.want...) })
		})
	}
}

// refused opens the package and checks the error, and that nothing is left.
func refused(t *testing.T, path string, want ...string) {
	t.Helper()
	refusedWithin(t, path, backup.DefaultLimits(), want...)
}

func refusedWithin(t *testing.T, path string, l backup.Limits, want ...string) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	p, err := backup.Open(context.Background(), path, formats(), l)
	if err == nil {
		_ = p.Close()
		t.Fatal("the package was opened")
	}
	var r *backup.Refusal
	if !errors.Is(err, backup.ErrRefused) || !errors.As(err, &r) || r.Code == "" || r.Remedy == "" {
		t.Fatalf("%v is no complete refusal", err)
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), temp) {
		t.Errorf("%q tells too much", err)
	}
	backuptest.Empty(t, temp)
}

func TestOddButSoundPackagesOpen(t *testing.T) {
	for name, c := range map[string]struct {
		change change
		want   string // part of a warning, empty for none
	}{
		"checksums relative to the package": {func(m map[string]string) {
			m["database/checksum.txt"] = strings.ReplaceAll(m["database/checksum.txt"], "  ", "  database/")
		}, ""},
		"both spellings, with stars": {func(m map[string]string) {
			list := m["database/checksum.txt"]
			m["database/checksum.txt"] = strings.ReplaceAll(list, "  ", " *./") + strings.ReplaceAll(strings.ToUpper(list[:64])+list[64:], "  ", "  ./database/")
		}, ""},
		"no storage": {func(m map[string]string) {
			delete(m, "storage/documents/a.docx")
			delete(m, "storage/manifest.json")
		}, "documents are without their files"},
		"a document that is not listed": {func(m map[string]string) { m["storage/documents/b.docx"] = "x" }, "does not list 1 of the 2 files"},
		"no metadata":                   {func(m map[string]string) { delete(m, "metadata.json") }, "metadata.json is missing"},
		"no counts": {func(m map[string]string) {
			m["database/backup_metadata.json"] = "{}"
			seal(m)
		}, "does not count the records"},
	} {
		t.Run(name, func(t *testing.T) {
			m := sound()
			c.change(m)
			for _, path := range []string{inFolder(t, m), inFile(t, "x.tar", inTar(t, ".", m))} {
				warnings := strings.Join(open(t, path).Info().Warnings, "\n")
				if !strings.Contains(warnings, c.want) || c.want == "" && warnings != "" {
					t.Errorf("warnings %q, want %q", warnings, c.want)
				}
			}
		})
	}
}

func TestFactsCannotWriteToTheTerminal(t *testing.T) {
	m := sound()
	m["metadata.json"] = `{"edms_version": "1\u001b[2J\n` + strings.Repeat("x", 200) + `"}`
	for _, f := range open(t, inFolder(t, m)).Info().Facts {
		if strings.ContainsAny(f.Value, "\x1b\n") || len(f.Value) > 110 {
			t.Errorf("fact %q", f.Value)
		}
	}
}
