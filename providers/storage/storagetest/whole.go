package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/edmsplan/edmsplan/providers/storage"
)

func protected(t *testing.T, s storage.Store) {
	ifAbsent := storage.CreateOptions{IfAbsent: true}
	if _, err := s.Create(t.Context(), "d/a", strings.NewReader("old"), ifAbsent); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), "d/a", strings.NewReader("new"), ifAbsent); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Create over a file = %v, want ErrExists", err)
	}
	holds(t, s, map[string]string{"d/a": "old"})
}

func oneWins(t *testing.T, s storage.Store) {
	for round := range 10 {
		name := fmt.Sprintf("lock/%d", round)
		var won atomic.Pointer[string]
		var wins atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				content := fmt.Sprint("writer ", i)
				_, err := s.Create(context.Background(), name, strings.NewReader(content), storage.CreateOptions{IfAbsent: true})
				switch {
				case err == nil:
					wins.Add(1)
					won.Store(&content)
				case !errors.Is(err, storage.ErrExists):
					t.Errorf("a loser's error = %v, want ErrExists", err)
				}
			})
		}
		all.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d writers won, want 1", wins.Load())
		}
		if got := read(t, s, name); got != *won.Load() {
			t.Errorf("the file is of %q, and %q won", got, *won.Load())
		}
	}
}

func neverMixed(t *testing.T, s storage.Store) {
	contents := func(c string) string { return strings.Repeat(c, 300_000) }
	create(t, s, "a", contents("0"))
	early, _, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, c := range []string{"1", "2"} {
		writers.Go(func() {
			for range 5 {
				if _, err := s.Create(context.Background(), "a", strings.NewReader(contents(c)), storage.CreateOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	whole := 0
	for range 10 {
		switch got, err := tryRead(t, s, "a"); {
		case err != nil: // allowed, but not every time
		case got == "" || got != contents(got[:1]):
			t.Errorf("read %d bytes of several contents", len(got))
		default:
			whole++
		}
	}
	if whole == 0 {
		t.Error("no reading succeeded while the file was replaced")
	}
	writers.Wait()
	if got, err := io.ReadAll(early); err == nil && string(got) != contents("0") {
		t.Error("a reader that was open got other contents and no error")
	}
	if err := early.Close(); err != nil {
		t.Error(err)
	}
}

// tryRead opens a file, which is there, and returns what reading it gives.
func tryRead(t *testing.T, s storage.Store, name string) (string, error) {
	t.Helper()
	r, _, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	content, err := io.ReadAll(r)
	return string(content), errors.Join(err, r.Close())
}

func otherDigest(t *testing.T, s storage.Store) {
	create(t, s, "old", "old")
	for _, bad := range []string{digest("other"), "no digest", strings.ToUpper(digest("new"))} {
		for _, name := range []string{"old", "d/new"} {
			_, err := s.Create(t.Context(), name, strings.NewReader("new"), storage.CreateOptions{Digest: bad})
			if !errors.Is(err, storage.ErrDigest) {
				t.Errorf("Create = %v, want ErrDigest", err)
			}
		}
	}
	holds(t, s, map[string]string{"old": "old"})
	if _, err := s.Create(t.Context(), "old", strings.NewReader("new"), storage.CreateOptions{Digest: digest("new")}); err != nil {
		t.Errorf("Create with the right digest = %v", err)
	}
	holds(t, s, map[string]string{"old": "new"})
}

func failingReader(t *testing.T, s storage.Store) {
	create(t, s, "old", "old")
	broken := errors.New("the source broke")
	for _, name := range []string{"old", "new", "d/new"} {
		source := io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(broken))
		if _, err := s.Create(t.Context(), name, source, storage.CreateOptions{}); !errors.Is(err, broken) {
			t.Errorf("Create = %v, want the reader's error", err)
		}
	}
	holds(t, s, map[string]string{"old": "old"})
}

func cancelled(t *testing.T, s storage.Store) {
	create(t, s, "old", "old")
	for _, name := range []string{"old", "new", "d/new", storage.StageFolder + "/x/1"} {
		if _, err := s.Create(cancelledContext(), name, strings.NewReader("new"), storage.CreateOptions{}); !errors.Is(err, context.Canceled) {
			t.Errorf("Create = %v, want context.Canceled", err)
		}
		// Cancelled in the middle, and with the last byte.
		for _, size := range []int{1, 1 << 20} {
			ctx, cancel := context.WithCancel(t.Context())
			source := io.MultiReader(bytes.NewReader(make([]byte, size)), cancels{cancel})
			if _, err := s.Create(ctx, name, source, storage.CreateOptions{}); !errors.Is(err, context.Canceled) {
				t.Errorf("Create = %v, want context.Canceled", err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	endless := &endless{cancel: cancel}
	if _, err := s.Create(ctx, "new", endless, storage.CreateOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Create of endless contents = %v, want context.Canceled", err)
	}
	if err := s.Remove(cancelledContext(), "old"); !errors.Is(err, context.Canceled) {
		t.Errorf("Remove = %v, want context.Canceled", err)
	}
	holds(t, s, map[string]string{"old": "old"})
}

// endless has contents without end, cancels a context as it is first read, and
// gives up when it is read far beyond what a store may have in its buffers.
type endless struct {
	cancel context.CancelFunc
	n      int
}

func (e *endless) Read(p []byte) (int, error) {
	e.cancel()
	if e.n += len(p); e.n > 64<<20 {
		return 0, errors.New("read on after the context was cancelled")
	}
	return len(p), nil
}

// cancels is an empty reader that cancels a context.
type cancels struct{ cancel context.CancelFunc }

func (c cancels) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}

func cancelledReading(t *testing.T, s storage.Store) {
	create(t, s, "a", strings.Repeat("x", 100_000))
	create(t, s, "b", "")
	if _, _, err := s.Open(cancelledContext(), "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want context.Canceled", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, _, err := s.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, last = range s.List(ctx, "") {
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("List ended with %v, want context.Canceled", last)
	}
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("reading = %v, want context.Canceled", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func large(t *testing.T, s storage.Store) {
	const size = 24 << 20
	pattern := strings.NewReader(strings.Repeat("0123456789abcdef", size/16))
	info, err := s.Create(t.Context(), "large", iotest.HalfReader(pattern), storage.CreateOptions{})
	if err != nil || info.Size != size {
		t.Fatalf("Create = %+v, %v", info, err)
	}
	found, err := storage.Digest(t.Context(), s, "large")
	if err != nil || found.Size != size || found.Digest != info.Digest {
		t.Errorf("read back %+v, %v; created %+v", found, err, info)
	}
}
