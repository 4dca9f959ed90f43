package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// draft begins a draft and closes it at the end of the test.
func draft(t *testing.T, s storage.Store, name string, ifAbsent bool) storage.Draft {
	t.Helper()
	drafter, ok := s.(storage.Drafter)
	if !ok {
		t.Skip("this store has no drafts")
	}
	d, err := drafter.Draft(t.Context(), name, ifAbsent)
	if err != nil {
		t.Fatalf("Draft: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

func write(t *testing.T, d storage.Draft, content string) {
	t.Helper()
	if _, err := io.WriteString(d, content); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func drafted(t *testing.T, s storage.Store) {
	d := draft(t, s, "d/e/a", true)
	write(t, d, "01234")
	write(t, d, "56789")
	holds(t, s, map[string]string{})
	if _, _, err := s.Open(t.Context(), "d/e/a"); !errors.Is(err, storage.ErrNotExist) {
		t.Errorf("Open of a draft = %v, want ErrNotExist", err)
	}
	if d.Size() != 10 {
		t.Errorf("Size = %d, want 10", d.Size())
	}
	var readers sync.WaitGroup
	for off := range 8 {
		readers.Go(func() {
			buf := make([]byte, 3)
			if _, err := d.ReadAt(buf, int64(off)); err != nil && err != io.EOF || string(buf) != "0123456789"[off:off+3] {
				t.Errorf("ReadAt(%d) = %q, %v", off, buf, err)
			}
		})
	}
	readers.Wait()
	if n, err := d.ReadAt(make([]byte, 3), 8); n != 2 || err != io.EOF {
		t.Errorf("ReadAt over the end = %d, %v, want 2 and EOF", n, err)
	}
	// What was read does not change where the next bytes go.
	write(t, d, "!")
	info, err := d.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Name != "d/e/a" || info.Size != 11 || info.Digest != digest("0123456789!") || info.ModTime.IsZero() {
		t.Errorf("Publish returned %+v", info)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	holds(t, s, map[string]string{"d/e/a": "0123456789!"})
}

func draftDropped(t *testing.T, s storage.Store) {
	create(t, s, "old", "old")
	for _, name := range []string{"old", "new", "d/new", storage.StageFolder + "/x/1"} {
		d := draft(t, s, name, false)
		write(t, d, "draft")
		for range 2 {
			if err := d.Close(); err != nil {
				t.Errorf("Close = %v", err)
			}
		}
		if _, err := d.Write([]byte("x")); err == nil {
			t.Error("Write after Close returned no error")
		}
		if _, err := d.Publish(t.Context()); err == nil {
			t.Error("Publish after Close returned no error")
		}
	}
	holds(t, s, map[string]string{"old": "old"})
}

func oneDraftWins(t *testing.T, s storage.Store) {
	early := draft(t, s, "a", true)
	write(t, early, "early")
	create(t, s, "a", "created meanwhile")
	if _, err := early.Publish(t.Context()); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Publish over a file = %v, want ErrExists", err)
	}
	if _, err := s.(storage.Drafter).Draft(t.Context(), "a", true); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Draft of a name that is taken = %v, want ErrExists", err)
	}
	if got := read(t, s, "a"); got != "created meanwhile" {
		t.Errorf("read %q", got)
	}
	for round := range 5 {
		name := fmt.Sprintf("d/%d", round)
		drafts := make([]storage.Draft, 6)
		for i := range drafts {
			drafts[i] = draft(t, s, name, true)
			write(t, drafts[i], fmt.Sprint("draft ", i))
		}
		var won, wins atomic.Int32
		var all sync.WaitGroup
		for i, d := range drafts {
			all.Go(func() {
				switch _, err := d.Publish(context.Background()); {
				case err == nil:
					wins.Add(1)
					won.Store(int32(i))
				case !errors.Is(err, storage.ErrExists):
					t.Errorf("a loser's error = %v, want ErrExists", err)
				}
			})
		}
		all.Wait()
		if got := read(t, s, name); wins.Load() != 1 || got != fmt.Sprint("draft ", won.Load()) {
			t.Fatalf("%d drafts won, the last one is %d, and the file has %q", wins.Load(), won.Load(), got)
		}
	}
}

func draftReplaces(t *testing.T, s storage.Store) {
	create(t, s, "a", "the old contents, which are longer")
	first, second, empty := draft(t, s, "a", false), draft(t, s, "a", false), draft(t, s, "empty", true)
	write(t, first, "first")
	write(t, second, "second")
	for _, d := range []storage.Draft{second, first, empty} {
		if _, err := d.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, s, map[string]string{"a": "first", "empty": ""})
}

func draftEnds(t *testing.T, s storage.Store) {
	d := draft(t, s, "a", false)
	write(t, d, "published")
	if _, err := d.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("more")); err == nil {
		t.Error("Write after Publish returned no error")
	}
	if _, err := d.Publish(t.Context()); err == nil {
		t.Error("a second Publish returned no error")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	holds(t, s, map[string]string{"a": "published"})
}

func draftCancelled(t *testing.T, s storage.Store) {
	d := draft(t, s, "a", false)
	write(t, d, "draft")
	if _, err := s.(storage.Drafter).Draft(cancelledContext(), "b", false); !errors.Is(err, context.Canceled) {
		t.Errorf("Draft = %v, want context.Canceled", err)
	}
	if _, err := d.Publish(cancelledContext()); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish = %v, want context.Canceled", err)
	}
	holds(t, s, map[string]string{})
}

func largeDraft(t *testing.T, s storage.Store) {
	d := draft(t, s, "large", true)
	h := sha256.New()
	const piece = 1<<20 + 1
	for i := range 35 {
		content := bytes.Repeat([]byte{byte(i)}, piece)
		h.Write(content)
		write(t, d, string(content))
	}
	want := hex.EncodeToString(h.Sum(nil))
	if got := sectionDigest(t, d); got != want {
		t.Errorf("the draft reads back as %s, want %s", got, want)
	}
	info, err := d.Publish(t.Context())
	if err != nil || info.Size != 35*piece || info.Digest != want {
		t.Fatalf("Publish = %+v, %v, want the digest %s", info, err, want)
	}
	if found, err := storage.Digest(t.Context(), s, "large"); err != nil || found.Size != 35*piece || found.Digest != want {
		t.Errorf("read back %+v, %v", found, err)
	}
}

// sectionDigest reads a draft from its beginning to its end.
func sectionDigest(t *testing.T, d storage.Draft) string {
	t.Helper()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(d, 0, d.Size())); err != nil {
		t.Fatalf("read the draft: %v", err)
	}
	return hex.EncodeToString(h.Sum(nil))
}
