package edms_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/schema"
)

// records writes the fixture as the program does.
func records(w io.Writer, h backup.Header) (backup.Writer, error) {
	return django.NewWriter(w, h, django.Options{})
}

func archiveAt(path string, h backup.Header) (backup.Writer, error) {
	return backuptest.InFile(path, func(w io.Writer) (backup.Writer, error) { return edms.NewArchiveWriter(w, h, records) })
}

func folderAt(path string, h backup.Header) (backup.Writer, error) {
	return edms.NewFolderWriter(path, h, records)
}

func TestTheWritersPassTheSuite(t *testing.T) {
	formats := edms.Formats(django.Open)
	t.Run("folder", func(t *testing.T) {
		backuptest.RunWriter(t, backuptest.WriterAdapter{Format: formats[0], Name: "package", Create: folderAt, Files: true})
	})
	t.Run("archive", func(t *testing.T) {
		backuptest.RunWriter(t, backuptest.WriterAdapter{Format: formats[1], Name: "package.tar.gz", Create: archiveAt, Files: true})
	})
}

// fill writes the sample and one file.
func fill(t *testing.T, w backup.Writer) {
	t.Helper()
	h := backuptest.SampleHeader()
	for _, m := range h.Models {
		if _, err := w.WriteModel(context.Background(), m, backuptest.SampleRecords(m)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.WriteFile(context.Background(), backup.StoredFile{Name: "storage/documents/a.docx", Mode: 0o644}, strings.NewReader("a document")); err != nil {
		t.Fatal(err)
	}
}

func written(t *testing.T, create func(string, backup.Header) (backup.Writer, error), path string) {
	t.Helper()
	w, err := create(path, backuptest.SampleHeader())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w)
	if err := errors.Join(w.Finish(context.Background()), w.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAWrittenPackageHasTheLayoutOfTheMigrationPackage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "package")
	written(t, folderAt, dir)
	var names []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(dir, path)
			info, _ := e.Info()
			names = append(names, info.Mode().String()+" "+filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"-rw------- configuration/config_manifest.json",
		"-rw------- database/backup_metadata.json",
		"-rw------- database/checksum.txt",
		"-rw------- database/database_backup.json",
		"-rw------- database/restore_instructions.sh",
		"-rw------- database/schema_info.txt",
		"-rw------- metadata.json",
		"-rw-r--r-- storage/documents/a.docx",
		"-rw------- storage/manifest.json",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if sum, err := exec.LookPath("sha256sum"); err == nil {
		c := exec.Command(sum, "--check", "--strict", "checksum.txt")
		c.Dir = filepath.Join(dir, "database")
		if out, err := c.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") != 4 {
			t.Errorf("sha256sum: %v\n%s", err, out)
		}
	}
	facts := map[string]string{}
	for _, f := range open(t, dir).Info().Facts {
		facts[f.Name] = f.Value
	}
	wantFacts := map[string]string{
		"exported": "2026-03-01T02:00:00.123456+00:00", "records read": "2026-03-01T02:00:01.123456+00:00", "export type": "migration_package",
		"database engine": "django.db.backends.postgresql", "database name": "library",
	}
	if diff := cmp.Diff(wantFacts, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// Each member that is taken out of a written package or altered in it is
// noticed.
func TestWhatIsAlteredInAWrittenPackageIsNoticed(t *testing.T) {
	for _, name := range []string{
		"database/backup_metadata.json", "database/database_backup.json", "database/restore_instructions.sh", "database/schema_info.txt", "storage/documents/a.docx",
	} {
		for how, spoil := range map[string]func(path string) error{
			"removed": os.Remove,
			"altered": func(path string) error {
				b, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				b[len(b)/2] ^= 1
				return os.WriteFile(path, b, 0o600)
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "package")
				written(t, folderAt, dir)
				if err := spoil(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
					t.Fatal(err)
				}
				refused(t, dir, "")
			})
		}
	}
}

func TestTheFolderAndTheArchiveHoldTheSame(t *testing.T) {
	dir, file := filepath.Join(t.TempDir(), "package"), filepath.Join(t.TempDir(), "package.tar.gz")
	written(t, folderAt, dir)
	written(t, archiveAt, file)
	if diff := cmp.Diff(backuptest.Read(t, open(t, dir)), backuptest.Read(t, open(t, file))); diff != "" {
		t.Errorf("records (-folder +archive):\n%s", diff)
	}
	if a, b := open(t, dir).Info().Digest, open(t, file).Info().Digest; a != b {
		t.Errorf("the digests are %s and %s", a, b)
	}
}

func TestAFolderWithSomethingInItIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file} {
		if w, err := folderAt(path, backuptest.SampleHeader()); err == nil {
			_ = w.Close()
			t.Errorf("%s was taken", path)
		}
	}
	// What came there meanwhile is not touched either.
	late := filepath.Join(t.TempDir(), "late")
	w, err := folderAt(late, backuptest.SampleHeader())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w)
	if err := os.MkdirAll(filepath.Join(late, "mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(context.Background()); err == nil {
		t.Error("it was finished")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(late); err != nil {
		t.Fatal(err)
	}
	backuptest.Empty(t, filepath.Dir(late))
}

// broken is a file that takes so many bytes.
type broken struct{ left int }

var errFull = errors.New("no space left")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A full disk under the archive, wherever it strikes, is an error in the end
// and leaves nothing in the temporary folder.
func TestAFullDiskIsAnError(t *testing.T) {
	var whole bytes.Buffer
	h := backuptest.SampleHeader()
	try := func(w io.Writer) error {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		a, err := edms.NewArchiveWriter(w, h, records)
		if err != nil {
			return err
		}
		for _, m := range h.Models {
			if _, err := a.WriteModel(context.Background(), m, backuptest.SampleRecords(m)); err != nil {
				t.Fatal(err) // the records are spooled
			}
		}
		_, err = a.WriteFile(context.Background(), backup.StoredFile{Name: "storage/a"}, strings.NewReader("x"))
		if err == nil {
			err = a.Finish(context.Background())
		}
		err = errors.Join(err, a.Close())
		backuptest.Empty(t, temp)
		return err
	}
	if err := try(&whole); err != nil {
		t.Fatal(err)
	}
	for left := 0; left < whole.Len(); left += 97 {
		if err := try(&broken{left}); !errors.Is(err, errFull) {
			t.Fatalf("after %d of %d bytes: %v", left, whole.Len(), err)
		}
	}
}

func TestFilesOutsideStorageAreRefused(t *testing.T) {
	for _, name := range []string{"documents/a", "storage", "storage/manifest.json", "database/x", "storage/\xff"} {
		w, err := folderAt(filepath.Join(t.TempDir(), "p"), backuptest.SampleHeader())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteFile(context.Background(), backup.StoredFile{Name: name}, strings.NewReader("x")); err == nil {
			t.Errorf("%q was taken", name)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// An error of the fixture's writer is the package's.
func TestAnErrorOfTheFixtureEndsThePackage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	_, err := edms.NewFolderWriter(path, backuptest.SampleHeader(), func(io.Writer, backup.Header) (backup.Writer, error) { return nil, errFull })
	if !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	backuptest.Empty(t, filepath.Dir(path))
	empty := *backuptest.SampleHeader().Models[1]
	h := backup.Header{Models: []*schema.Model{&empty}, Tables: backuptest.SampleHeader().Tables}
	w, err := folderAt(path, h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteModel(context.Background(), &empty, backuptest.SampleRecords(&empty)); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(context.Background()); err == nil || !strings.Contains(err.Error(), "no records") {
		t.Errorf("got %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	backuptest.Empty(t, filepath.Dir(path))
}

// However many files there are, one at a time is in the temporary folder of an
// archive, beside the records and the list of files.
func TestFilesAreSpooledOneByOne(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	w, err := edms.NewArchiveWriter(io.Discard, backuptest.SampleHeader(), records)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"storage/a", "storage/b", "storage/c"} {
		if _, err := w.WriteFile(context.Background(), backup.StoredFile{Name: name}, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		if spooled, err := filepath.Glob(filepath.Join(temp, "*", "*")); err != nil || len(spooled) != 2 {
			t.Errorf("after %s there are %q, %v", name, spooled, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	backuptest.Empty(t, temp)
}
