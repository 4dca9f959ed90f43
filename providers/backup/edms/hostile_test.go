package edms_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
)

func TestHostileMembersAreRefused(t *testing.T) {
	file := func(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg} }
	for name, c := range map[string]struct {
		more tar.Header
		want string
	}{
		"a parent":             {file("../evil"), `"../evil" leads outside`},
		"a parent inside":      {file("./database/../../evil"), "leads outside"},
		"a parent that stays":  {file("./storage/../database/x"), "leads outside"},
		"an absolute path":     {file("/etc/evil"), "leads outside"},
		"a Windows path":       {file(`database\..\..\evil`), "leads outside"},
		"a drive":              {file(`C:/evil`), "leads outside"},
		"a parent folder":      {tar.Header{Name: "../evil/", Typeflag: tar.TypeDir}, "leads outside"},
		"a symbolic link":      {tar.Header{Name: "./link", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, `"./link" is a symbolic link`},
		"a hard link":          {tar.Header{Name: "./link", Linkname: "metadata.json", Typeflag: tar.TypeLink}, "is a hard link"},
		"a device":             {tar.Header{Name: "./dev", Typeflag: tar.TypeBlock}, "is a device"},
		"a character device":   {tar.Header{Name: "./dev", Typeflag: tar.TypeChar}, "is a device"},
		"a named pipe":         {tar.Header{Name: "./pipe", Typeflag: tar.TypeFifo}, "is a named pipe"},
		"a member twice":       {file("./metadata.json"), "stands in it twice"},
		"twice, spelt anew":    {file("database//database_backup.json"), "stands in it twice"},
		"a file as the folder": {file("."), "in place of the package's folder"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, inFile(t, "x.tar.gz", zipped(t, inTar(t, ".", sound(), c.more))), c.want)
		})
	}
}

func TestLinksInAFolderAreRefused(t *testing.T) {
	for name, target := range map[string]string{"a file": "/etc/passwd", "a folder": "/etc", "nothing": "nowhere", "itself": "."} {
		t.Run(name, func(t *testing.T) {
			dir := inFolder(t, sound())
			if err := os.Symlink(target, filepath.Join(dir, "storage", "link")); err != nil {
				t.Skip(err)
			}
			refused(t, dir, `"storage/link" is a symbolic link`)
		})
	}
}

func TestALinkToAPackageIsFollowed(t *testing.T) {
	link := filepath.Join(t.TempDir(), "latest")
	if err := os.Symlink(inFolder(t, sound()), link); err != nil {
		t.Skip(err)
	}
	if p := open(t, link); p.Info().Records != 3 || p.Info().Path != link {
		t.Errorf("Info = %+v", p.Info())
	}
}

func TestBoundlessArchivesAreRefused(t *testing.T) {
	big := sound()
	big["storage/documents/zeros"] = strings.Repeat("\x00", 32<<20)
	archive := inTar(t, ".", big)
	bomb, plain := inFile(t, "x.tar.gz", zipped(t, archive)), inFile(t, "x.tar", archive)
	folder := inFolder(t, big)
	for name, c := range map[string]struct {
		path   string
		limits backup.Limits
		want   string
	}{
		"a ratio":               {bomb, backup.DefaultLimits(), "expands without bound"},
		"bytes":                 {bomb, backup.Limits{Bytes: 1 << 20}, "more than 1048576 bytes"},
		"bytes, uncompressed":   {plain, backup.Limits{Bytes: 1 << 20}, "more than 1048576 bytes"},
		"bytes, folder":         {folder, backup.Limits{Bytes: 1 << 20}, "more than 1048576 bytes"},
		"members":               {plain, backup.Limits{Members: 5}, "more than 5 members"},
		"members, folder":       {folder, backup.Limits{Members: 5}, "more than 5 members"},
		"a record of a fixture": {folder, backup.Limits{Record: 10}, "database/database_backup.json record 1"},
	} {
		t.Run(name, func(t *testing.T) { refusedWithin(t, c.path, c.limits, c.want) })
	}
}

func TestDamagedArchivesAreRefused(t *testing.T) {
	archive := inTar(t, ".", sound())
	z := zipped(t, archive)
	broken := bytes.Clone(archive)
	copy(broken[512:], "XXXXXXXX") // a header, whose checksum no longer holds
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"cut off in a member":    {"x.tar", archive[:bytes.Index(archive, []byte("ann"))], "the archive is cut off"},
		"cut off compressed":     {"x.tar.gz", z[:len(z)-10], "the gzip stream is cut off"},
		"cut off at a boundary":  {"x.tar", archive[:512], "holds no records"},
		"a damaged header":       {"x.tar", broken, "not a sound tar archive"},
		"another archive behind": {"x.tar", append(bytes.Clone(archive), archive...), "follows the end of the archive"},
		"a flipped checksum":     {"x.tar.gz", flipped(z, len(z)-6), "not a sound gzip stream"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, inFile(t, c.file, c.content), c.want) })
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// FuzzArchive opens any bytes as an archive: they are a package or refused,
// nothing is written but in the private folder, and that is gone afterwards.
func FuzzArchive(f *testing.F) {
	f.Add(inTar(f, ".", sound()))
	f.Add(inTar(f, "top", sound(), tar.Header{Name: "../x", Typeflag: tar.TypeReg}))
	f.Add(zipped(f, inTar(f, ".", sound())))
	f.Add(inTar(f, ".", map[string]string{"database.sql.gz": "x"}))
	top := f.TempDir()
	temp, path := filepath.Join(top, "a", "b"), filepath.Join(f.TempDir(), "x.tar")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		f.Fatal(err)
	}
	if err := os.Setenv("TMPDIR", temp); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = os.Unsetenv("TMPDIR") })
	archive := formats()[1]
	limits := backup.Limits{Bytes: 1 << 22, Ratio: 100, Members: 1000, Record: 1 << 20, Depth: 64}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := archive.Open(context.Background(), path, limits)
		if err != nil && !errors.Is(err, backup.ErrRefused) {
			t.Fatalf("not a refusal: %v", err)
		}
		if err == nil {
			if n := len(backuptest.Read(t, p)); n == 0 {
				t.Fatal("no records")
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
		backuptest.Empty(t, temp)
		if entries, err := os.ReadDir(filepath.Join(top, "a")); err != nil || len(entries) != 1 {
			t.Fatalf("something was written outside: %v, %v", entries, err)
		}
	})
}
