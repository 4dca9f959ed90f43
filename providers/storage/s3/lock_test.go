package s3_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

func TestTheStoresOwnLockIsSeen(t *testing.T) {
	b := server.LockedBucket(t)
	s := open(t, b, b.URL)
	for _, name := range []string{"free", "retained", "held"} {
		if _, err := s.Create(t.Context(), name, strings.NewReader(name), storage.CreateOptions{IfAbsent: true}); err != nil {
			t.Fatal(err)
		}
	}
	until, mode := time.Now().Add(time.Hour).UTC().Truncate(time.Second), minio.Governance
	if err := b.Client.PutObjectRetention(t.Context(), b.Name, "retained", minio.PutObjectRetentionOptions{RetainUntilDate: &until, Mode: &mode}); err != nil {
		t.Fatal(err)
	}
	hold := minio.LegalHoldEnabled
	if err := b.Client.PutObjectLegalHold(t.Context(), b.Name, "held", minio.PutObjectLegalHoldOptions{Status: &hold}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		until time.Time
		held  bool
	}{"free": {}, "retained": {until, false}, "held": {time.Time{}, true}} {
		got, held, err := s.Locked(t.Context(), name)
		if err != nil || !got.Equal(want.until) || held != want.held {
			t.Errorf("Locked(%q) = %v, %v, %v, want %+v", name, got, held, err, want)
		}
	}
	for _, name := range []string{"retained", "held"} {
		if err := s.Remove(t.Context(), name); err == nil {
			t.Errorf("%s was removed", name)
		}
	}
	if _, _, err := s.Locked(t.Context(), "none"); !errors.Is(err, storage.ErrNotExist) {
		t.Errorf("Locked of nothing = %v, want ErrNotExist", err)
	}
}

func TestNothingIsLockedInAPlainBucket(t *testing.T) {
	b := server.Bucket(t)
	s := open(t, b, b.URL)
	put(t, b, "a", "x")
	if until, held, err := s.Locked(t.Context(), "a"); err != nil || !until.IsZero() || held {
		t.Errorf("Locked = %v, %v, %v, want nothing", until, held, err)
	}
}

func TestASweepAbortsOldUploadsOfItsOwnPrefix(t *testing.T) {
	b := server.Bucket(t)
	core := minio.Core{Client: b.Client}
	for _, key := range []string{"mine/a", "mine/a", "mine/d/b", "other/a"} {
		if _, err := core.NewMultipartUpload(t.Context(), b.Name, key, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, b, b.URL+"/mine")
	if n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("Sweep of what is old = %d, %v, want nothing", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 3 || err != nil {
		t.Errorf("Sweep = %d, %v, want 3", n, err)
	}
	if n := incomplete(t, b); n != 1 {
		t.Errorf("%d uploads are left, want the other's", n)
	}
}

func TestADraftHasNoNameOnThisComputer(t *testing.T) {
	b := server.Bucket(t)
	s := open(t, b, b.URL)
	t.Setenv("TMPDIR", t.TempDir())
	d, err := s.Draft(t.Context(), "a", false)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(os.TempDir())
	if err != nil || len(entries) > 0 {
		t.Errorf("the folder for temporary files has %v, %v, want nothing", entries, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
