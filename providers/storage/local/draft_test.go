package local_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// A process that was killed closes nothing.
func TestADraftOfAKilledProcessIsSwept(t *testing.T) {
	folder := t.TempDir()
	s := openLocal(t, folder)
	var drafts []storage.Draft
	for _, name := range []string{"a", "d/a"} {
		d, err := s.Draft(t.Context(), name, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(d, "secret"); err != nil {
			t.Fatal(err)
		}
		drafts = append(drafts, d)
	}
	for _, at := range []string{folder, filepath.Join(folder, "d")} {
		entries, err := filepath.Glob(filepath.Join(at, storage.HiddenPrefix+"temp-*"))
		if err != nil || len(entries) != 1 {
			t.Fatalf("%s has the hidden files %q, %v, want one", at, entries, err)
		}
		if i, err := os.Stat(entries[0]); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("a draft has the mode %v, %v, want 0600", i.Mode(), err)
		}
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("Sweep of what is old = %d, %v, want nothing", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("Sweep = %d, %v, want 2", n, err)
	}
	// The draft knows now that it is gone.
	for _, d := range drafts {
		if _, err := d.Publish(t.Context()); err == nil {
			t.Error("a swept draft was published")
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, err := range s.List(t.Context(), "") {
		t.Errorf("something is in the store: %v", err)
	}
}

func TestADraftThatIsClosedLeavesNoFile(t *testing.T) {
	folder := t.TempDir()
	s := openLocal(t, folder)
	d, err := s.Draft(t.Context(), storage.StageFolder+"/one/1", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("the folder has %v, %v, want nothing", entries, err)
	}
}
