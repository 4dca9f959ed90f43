package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
)

func TestTheFirstFormatThatRecognisesAPackageOpensIt(t *testing.T) {
	asked := ""
	format := func(name string, recognises bool) backup.Format {
		return backup.Format{
			Name:  name,
			Sniff: func(string) (bool, error) { asked += name; return recognises, nil },
			Open: func(context.Context, string, backup.Limits) (backup.Package, error) {
				return nil, &backup.Refusal{Member: name, Summary: "refused"}
			},
		}
	}
	_, err := backup.Open(context.Background(), "p", []backup.Format{format("a", false), format("b", true), format("c", true)}, backup.Limits{})
	if asked != "ab" || !errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), "package p (b): package refused: b: refused.") {
		t.Errorf("asked %q, error %v", asked, err)
	}
}

func TestWhatIsNoPackageIsSaidToBeSo(t *testing.T) {
	formats := append(edms.Formats(django.Open), django.Formats()...)
	dir := t.TempDir()
	file := filepath.Join(dir, "thing")
	if err := os.WriteFile(file, []byte("\xfd7zXZ\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"a folder":          {dir, "a folder without database/database_backup.json"},
		"a compressed file": {file, "xz-compressed data"},
		"a device":          {os.DevNull, "neither a file nor a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := backup.Open(context.Background(), c.path, formats, backup.DefaultLimits())
			if !errors.Is(err, backup.ErrUnknown) || errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "edms-archive, django-json") {
				t.Errorf("got %v", err)
			}
		})
	}
	_, err := backup.Open(context.Background(), filepath.Join(dir, "none"), formats, backup.DefaultLimits())
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that is not there: %v", err)
	}
}

func TestIdentify(t *testing.T) {
	for name, c := range map[string]struct{ head, want string }{
		"nothing":                   {"", "an empty file"},
		"spaces":                    {" \n", "blank text"},
		"text":                      {"héllo", "text"},
		"text cut in a character":   {"h\xc3", "text"},
		"text with a stray byte":    {"h\xe9llo", "binary data"},
		"a zero byte":               {"abc\x00", "binary data"},
		"UTF-16":                    {"\xff\xfe[\x00", "UTF-16 text"},
		"UTF-16 without a mark":     {"[\x00{\x00", "UTF-16 text"},
		"big-endian without a mark": {"\x00[\x00{", "UTF-16 text"},
		"SQLite":                    {"SQLite format 3\x00", "an SQLite database"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := backup.Identify([]byte(c.head)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestARefusalIsADiagnostic(t *testing.T) {
	cause := errors.New("cause with a hidden value")
	r := &backup.Refusal{Member: "x.json", Number: 3, Model: "a.b", Summary: "it is odd", Detail: "Found so.", Remedy: "Do this.", Cause: cause}
	if got, want := r.Error(), "package refused: x.json record 3 (a.b): it is odd. Found so. Do this."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(r, cause) || !errors.Is(r, backup.ErrRefused) {
		t.Error("the causes are lost")
	}
	var moved *backup.Refusal
	if !errors.As(backup.InMember(r, "database/x.json"), &moved) || moved.Diagnostic().Record.Member != "database/x.json" || r.Member != "x.json" {
		t.Errorf("moved to %+v, the original is %+v", moved, r)
	}
	r.Model = ""
	if got, want := r.Diagnostic().Summary, "x.json record 3: it is odd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
