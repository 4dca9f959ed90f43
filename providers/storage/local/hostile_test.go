//go:build unix

package local_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

// hostileTree is a folder in which everything is that a store must not touch,
// and beside it what it must not reach.
func hostileTree(t *testing.T) (inside, outside string) {
	t.Helper()
	outside, inside = filepath.Join(t.TempDir(), "outside"), filepath.Join(t.TempDir(), "inside")
	must(t, os.MkdirAll(outside, 0o750))
	must(t, os.MkdirAll(filepath.Join(inside, "d"), 0o750))
	must(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600))
	must(t, os.WriteFile(filepath.Join(inside, "d", "plain"), []byte("plain"), 0o600))
	for name, target := range map[string]string{
		"out":          outside,
		"out-relative": "../" + filepath.Base(outside),
		"secret":       filepath.Join(outside, "secret"),
		"in":           "d",
		"plain":        "d/plain",
		"loop":         "loop",
		"up":           ".",
		"dangling":     "nowhere",
		"d/out":        outside,
	} {
		must(t, os.Symlink(target, filepath.Join(inside, name)))
	}
	must(t, syscall.Mkfifo(filepath.Join(inside, "pipe"), 0o600))
	return inside, outside
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLinksAndDevicesAreNotTouched(t *testing.T) {
	for _, name := range []string{
		"out", "out/secret", "out/new", "out-relative", "out-relative/secret", "secret", "in", "in/plain", "in/new", "plain",
		"loop", "loop/x", "up", "up/d/plain", "dangling", "dangling/x", "d/out", "d/out/secret", "d/out/x/y", "pipe", "pipe/x",
	} {
		t.Run(name, func(t *testing.T) {
			inside, outside := hostileTree(t)
			s := openLocal(t, inside)
			refused := func(method string, err error) {
				t.Helper()
				// Below a pipe there is nothing, and it is no folder.
				if !errors.Is(err, storage.ErrIrregular) {
					t.Errorf("%s = %v, want ErrIrregular", method, err)
				}
			}
			before := everything(t, inside, outside)
			_, _, err := s.Open(t.Context(), name)
			refused("Open", err)
			for _, o := range []storage.CreateOptions{{}, {IfAbsent: true}} {
				_, err = s.Create(t.Context(), name, strings.NewReader("new"), o)
				refused("Create", err)
			}
			refused("Remove", s.Remove(t.Context(), name))
			refused("Rename from", s.Rename(t.Context(), name, "other"))
			refused("Rename to", s.Rename(t.Context(), "d/plain", name))
			for info, err := range s.List(t.Context(), name) {
				refused("List of "+info.Name, err)
			}
			if d := cmp.Diff(before, everything(t, inside, outside)); d != "" {
				t.Errorf("something changed (-before +after):\n%s", d)
			}
		})
	}
}

// everything describes all that is in the folders, without following links.
func everything(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, folder := range folders {
		must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			found[path] = d.Type().String()
			if d.Type().IsRegular() {
				content, err := os.ReadFile(path)
				found[path] += string(content)
				return err
			}
			return nil
		}))
	}
	return found
}

func TestAListingNamesWhatIsNoFileAndGoesOn(t *testing.T) {
	inside, _ := hostileTree(t)
	must(t, os.WriteFile(filepath.Join(inside, "line\nfeed"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(inside, "bytes\xff"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(inside, storage.HiddenPrefix+"temp-x"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(inside, "z"), nil, 0o600))
	got := map[string]string{}
	for info, err := range openLocal(t, inside).List(t.Context(), "") {
		switch {
		case errors.Is(err, storage.ErrIrregular):
			got[info.Name] = "irregular"
		case errors.Is(err, storage.ErrName):
			got[info.Name] = "bad name"
		case err == nil:
			got[info.Name] = "file"
		default:
			t.Error(err)
		}
	}
	want := map[string]string{"d/plain": "file", "z": "file", "line\nfeed": "bad name", "bytes\xff": "bad name"}
	for _, name := range []string{"out", "out-relative", "secret", "in", "plain", "loop", "up", "dangling", "d/out", "pipe"} {
		want[name] = "irregular"
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("listed (-want +got):\n%s", d)
	}
}

func TestBadNamesReachNothing(t *testing.T) {
	inside, outside := hostileTree(t)
	s := openLocal(t, inside)
	before := everything(t, filepath.Dir(inside), outside)
	for what, name := range storagetest.BadNames() {
		if _, err := s.Create(t.Context(), name, strings.NewReader("x"), storage.CreateOptions{}); err == nil {
			t.Errorf("%s was created", what)
		}
	}
	if d := cmp.Diff(before, everything(t, filepath.Dir(inside), outside)); d != "" {
		t.Errorf("something changed (-before +after):\n%s", d)
	}
}

func TestASweepFindsWhatAKilledCreateLeft(t *testing.T) {
	folder := t.TempDir()
	s := openLocal(t, folder)
	old := time.Now().Add(-2 * time.Hour)
	leftover := func(name string, at time.Time) {
		path := filepath.Join(folder, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o750))
		must(t, os.WriteFile(path, []byte("half of i"), 0o600))
		must(t, os.Chtimes(path, at, at))
	}
	leftover(".edmsplan-temp-A", old)
	leftover("d/e/.edmsplan-temp-B", old)
	leftover(".edmsplan-stage/one/.edmsplan-temp-C", old)
	leftover("d/.edmsplan-temp-young", time.Now())
	leftover("d/file", old)
	leftover(".edmsplan-other/D", old)
	must(t, os.MkdirAll(filepath.Join(folder, ".edmsplan-stage/two"), 0o750))
	n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour))
	if err != nil || n != 3 {
		t.Errorf("Sweep = %d, %v, want 3", n, err)
	}
	var left []string
	for path, kind := range everything(t, folder) {
		if name, _ := filepath.Rel(folder, path); kind[0] == '-' || strings.HasPrefix(name, storage.StageFolder) {
			left = append(left, name)
		}
	}
	want := []string{".edmsplan-other/D", "d/.edmsplan-temp-young", "d/file"}
	if d := cmp.Diff(want, sorted(left)); d != "" {
		t.Errorf("left after the sweep (-want +got):\n%s", d)
	}
}
