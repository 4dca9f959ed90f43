package storagetest

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// BadNames are names that no store may take, keyed by what is wrong with them.
func BadNames() map[string]string {
	return map[string]string{
		"nothing":                       "",
		"the root":                      ".",
		"the parent":                    "..",
		"a way out":                     "../a",
		"a way out from inside":         "a/../../b",
		"a detour":                      "a/../b",
		"a dot":                         "a/./b",
		"a dot first":                   "./a",
		"a slash first":                 "/a",
		"an absolute path":              "/etc/passwd",
		"a slash last":                  "a/",
		"two slashes":                   "a//b",
		"a backslash":                   `a\b`,
		"a way out for Windows":         `..\a`,
		"a NUL":                         "a\x00b",
		"a NUL at the end":              "a\x00",
		"a line feed":                   "a\nb",
		"a carriage return":             "a\r",
		"an escape":                     "a\x1b[2Jb",
		"a delete":                      "a\x7f",
		"a control character of C1":     "a\u0085b",
		"bytes that are no UTF-8":       "a\xff\xfe",
		"half of a surrogate pair":      "a\xed\xa0\x80",
		"an overlong slash":             "a\xc0\xafb",
		"a name too long":               strings.Repeat("a/", storage.MaxName/2) + "a",
		"a part too long":               "d/" + strings.Repeat("a", storage.MaxElement+1),
		"a temporary file's name":       storage.HiddenPrefix + "temp-x",
		"a hidden folder":               "d/" + storage.HiddenPrefix + "x/a",
		"a hidden name in capitals":     strings.ToUpper(storage.HiddenPrefix) + "x",
		"the stage folder as a file":    storage.StageFolder,
		"the stage folder inside":       "d/" + storage.StageFolder + "/a",
		"the stage folder in itself":    storage.StageFolder + "/" + storage.StageFolder + "/a",
		"a way out of the stage folder": storage.StageFolder + "/../../a",
		"the stage folder in capitals":  strings.ToUpper(storage.StageFolder) + "/a",
	}
}

func namesAreBad(t *testing.T, _ storage.Store) {
	for what, name := range BadNames() {
		if err := storage.CheckName(name); !errors.Is(err, storage.ErrName) {
			t.Errorf("CheckName of %s = %v, want ErrName", what, err)
		}
	}
}

// unread fails the test when something reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the contents were read before the name was judged")
	return 0, io.EOF
}

func badNames(t *testing.T, s storage.Store) {
	create(t, s, "d/kept", "kept")
	refused := func(t *testing.T, method string, err error) {
		t.Helper()
		if !errors.Is(err, storage.ErrName) {
			t.Errorf("%s = %v, want ErrName", method, err)
		}
	}
	for what, name := range BadNames() {
		t.Run(what, func(t *testing.T) {
			_, err := s.Create(t.Context(), name, unread{t}, storage.CreateOptions{})
			refused(t, "Create", err)
			_, _, err = s.Open(t.Context(), name)
			refused(t, "Open", err)
			refused(t, "Remove", s.Remove(t.Context(), name))
			if name != "" && name != storage.StageFolder {
				for _, err := range s.List(t.Context(), name) {
					refused(t, "List", err)
				}
			}
			if d, ok := s.(storage.Drafter); ok {
				_, err := d.Draft(t.Context(), name, false)
				refused(t, "Draft", err)
			}
			if l, ok := s.(storage.Locker); ok {
				_, _, err := l.Locked(t.Context(), name)
				refused(t, "Locked", err)
			}
			if r, ok := s.(storage.Renamer); ok {
				refused(t, "Rename from", r.Rename(t.Context(), name, "d/other"))
				refused(t, "Rename to", r.Rename(t.Context(), "d/kept", name))
			}
		})
	}
	holds(t, s, map[string]string{"d/kept": "kept"})
}

func strangeNames(t *testing.T, s storage.Store) {
	files := map[string]string{}
	long := strings.Repeat(strings.Repeat("n", storage.MaxElement)+"/", 4)
	for _, name := range []string{
		"Qualitätshandbuch Änderung.docx",
		"品質マニュアル/第1版.pdf",
		"руководство/файл",
		"emoji 🗎",
		"caf\u00e9", // composed
		"space at end ",
		" space at start",
		"-rf",
		"~",
		"...",
		"a/.hidden",
		".edmsplan", // not quite the prefix
		"CON",
		"nul.txt",
		"a:b*c?d\"e<f>g|h",
		"%2e%2e%2fa",
		"$(touch x)`;'&",
		"right\u202eto left",
		strings.Repeat("é", storage.MaxElement/2),
		long[:storage.MaxName-2] + "/x",
	} {
		if len(name) > storage.MaxName {
			t.Fatalf("%d bytes", len(name))
		}
		create(t, s, name, "contents of "+name)
		files[name] = "contents of " + name
	}
	holds(t, s, files)
	for name := range files {
		if err := s.Remove(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	lists(t, s, "")
}
