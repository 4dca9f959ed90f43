package s3_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

func TestAnOpenObjectCanBeReadAnywhere(t *testing.T) {
	b := server.Bucket(t)
	s := open(t, b, b.URL)
	if _, err := s.Create(t.Context(), "a", strings.NewReader("0123456789"), storage.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, info, err := s.Open(ctx, "a")
	if err != nil || info.Digest == "" {
		t.Fatalf("Open = %+v, %v, want a digest", info, err)
	}
	defer func() { _ = r.Close() }()
	at := r.(io.ReaderAt)
	var readers sync.WaitGroup
	for off := range 8 {
		readers.Go(func() {
			buf := make([]byte, 3)
			if n, err := at.ReadAt(buf, int64(off)); n != min(3, 10-off) || err != nil || string(buf[:n]) != "0123456789"[off:off+n] {
				t.Errorf("ReadAt(%d) = %q, %v", off, buf[:n], err)
			}
		})
	}
	readers.Wait()
	for off, want := range map[int64]string{8: "89", 10: "", 11: ""} {
		buf := make([]byte, 3)
		if n, err := at.ReadAt(buf, off); err != io.EOF || string(buf[:n]) != want {
			t.Errorf("ReadAt(%d) = %q, %v, want %q and EOF", off, buf[:n], err, want)
		}
	}
	if _, err := at.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("ReadAt(-1) = %v, want an error", err)
	}
	for _, step := range []struct {
		offset int64
		whence int
		want   string
	}{{0, io.SeekCurrent, "0123456789"}, {-2, io.SeekEnd, "89"}, {3, io.SeekStart, "3456789"}, {5, io.SeekEnd, ""}, {0, io.SeekStart, "0123456789"}} {
		if _, err := r.(io.Seeker).Seek(step.offset, step.whence); err != nil {
			t.Error(err)
		}
		if rest, err := io.ReadAll(r); err != nil || string(rest) != step.want {
			t.Errorf("after Seek(%d, %d): %q, %v, want %q", step.offset, step.whence, rest, err, step.want)
		}
	}
	if _, err := r.(io.Seeker).Seek(-1, io.SeekStart); err == nil {
		t.Error("Seek to before the beginning returned no error")
	}
	cancel()
	if _, err := at.ReadAt(make([]byte, 1), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadAt = %v, want context.Canceled", err)
	}
}

func TestARangeOfAnObjectThatWasReplacedIsRefused(t *testing.T) {
	b := server.Bucket(t)
	s := open(t, b, b.URL)
	put(t, b, "a", "the old contents")
	r, info, err := s.Open(t.Context(), "a")
	if err != nil || info.Digest != "" {
		t.Fatalf("Open = %+v, %v, want no digest of another program's object", info, err)
	}
	defer func() { _ = r.Close() }()
	buf := make([]byte, 3)
	if _, err := r.(io.ReaderAt).ReadAt(buf, 4); err != nil || string(buf) != "old" {
		t.Errorf("ReadAt = %q, %v", buf, err)
	}
	put(t, b, "a", "the new contents")
	_, err = r.(io.ReaderAt).ReadAt(buf, 4)
	if err == nil || errors.Is(err, storage.ErrExists) || !strings.Contains(err.Error(), "replaced") {
		t.Errorf("ReadAt of a replaced object = %v, want an error that says so", err)
	}
	if rest, err := io.ReadAll(r); err == nil {
		t.Errorf("Read of a replaced object = %q, want an error", rest)
	}
}

func TestContentsThatAreNotWhatWasStoredAreFound(t *testing.T) {
	b := server.Bucket(t)
	s := open(t, b, b.URL)
	made, err := s.Create(t.Context(), "a", strings.NewReader("good"), storage.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := minio.PutObjectOptions{UserMetadata: map[string]string{"edmsplan-sha256": made.Digest}}
	if _, err := b.Client.PutObject(t.Context(), b.Name, "a", strings.NewReader("evil"), 4, o); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Digest(t.Context(), s, "a"); !errors.Is(err, storage.ErrDigest) {
		t.Errorf("reading = %v, want ErrDigest", err)
	}
}

func TestAListingShowsWhatOthersPutThere(t *testing.T) {
	b := server.Bucket(t)
	for _, key := range []string{"backup/a", "backup/d/b", "backup2/c", "elsewhere", "backup/d/.edmsplan-x", "backup/a\tb"} {
		put(t, b, key, key)
	}
	// Folders as consoles make them. The body is not signed in chunks: the server
	// leaves the last, empty chunk of a folder unread and takes it for the next
	// request of the connection.
	plain := minio.PutObjectOptions{DisableContentSha256: true}
	for _, folder := range []string{"backup/", "backup/empty/"} {
		if _, err := b.Client.PutObject(t.Context(), b.Name, folder, strings.NewReader(""), 0, plain); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, b, b.URL+"/backup/")
	if _, err := s.Create(t.Context(), "d/c", strings.NewReader("new"), storage.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for info, err := range s.List(t.Context(), "") {
		if err != nil && !errors.Is(err, storage.ErrName) {
			t.Fatal(err)
		}
		got[info.Name] = err == nil
	}
	if d := cmp.Diff(map[string]bool{"a": true, "a\tb": false, "d/b": true, "d/c": true}, got); d != "" {
		t.Errorf("List (-want +got):\n%s", d)
	}
	if _, err := b.Client.StatObject(t.Context(), b.Name, "backup/d/c", minio.StatObjectOptions{}); err != nil {
		t.Errorf("the prefix is not used: %v", err)
	}
	long := strings.Repeat("d/", storage.MaxName/2-2) + "a"
	if _, err := s.Create(t.Context(), long, strings.NewReader("x"), storage.CreateOptions{}); !errors.Is(err, storage.ErrName) {
		t.Errorf("Create of a name that is too long with its prefix = %v, want ErrName", err)
	}
}
