package storage_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

func TestCheckFolder(t *testing.T) {
	tests := map[string]struct {
		folder string
		ok     bool
	}{
		"the whole store":       {"", true},
		"the stage folder":      {storage.StageFolder, true},
		"an apply's folder":     {storage.StageFolder + "/one", true},
		"a folder":              {"d/e", true},
		"a slash at the end":    {"d/", false},
		"another hidden folder": {storage.HiddenPrefix + "x", false},
		"a way out":             {"..", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := storage.CheckFolder(tt.folder); (err == nil) != tt.ok || err != nil && !errors.Is(err, storage.ErrName) {
				t.Errorf("CheckFolder(%q) = %v", tt.folder, err)
			}
		})
	}
}

func TestALongNameIsCutInTheMessage(t *testing.T) {
	err := storage.CheckName(strings.Repeat("x", 1<<20))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("the message has %d bytes", len(err.Error()))
	}
}

// FuzzCheckName demands of a good name, by other means than CheckName's own,
// that it stays below its root and can be printed.
func FuzzCheckName(f *testing.F) {
	for _, name := range storagetest.BadNames() {
		f.Add(name)
	}
	for _, name := range []string{"a", "a/b.c", "…/ü", ".hidden", storage.StageFolder + "/one/1"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		err := storage.CheckName(name)
		if err != nil {
			if !errors.Is(err, storage.ErrName) || !utf8.ValidString(err.Error()) {
				t.Errorf("CheckName(%q) = %q", name, err)
			}
			return
		}
		switch {
		case !fs.ValidPath(name), !filepath.IsLocal(name), filepath.ToSlash(filepath.Clean(name)) != name, name == ".":
			t.Errorf("%q is no plain path", name)
		case len(name) > storage.MaxName:
			t.Errorf("%d bytes", len(name))
		case !utf8.ValidString(name):
			t.Errorf("%q is no UTF-8", name)
		}
		for _, r := range name {
			if r == '\\' || unicode.Is(unicode.Cc, r) {
				t.Errorf("%q has %q", name, r)
			}
		}
		// A name that is not hidden stays good below any folder that is short.
		if !storage.Hidden(name) && len(name) < storage.MaxName-2 && storage.CheckName("d/"+name) != nil {
			t.Errorf("%q is good and d/%q is not", name, name)
		}
	})
}
