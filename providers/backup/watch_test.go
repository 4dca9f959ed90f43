package backup_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
)

func TestReadingAStreamIsWatched(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 5<<20/16) // 5 MiB
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(content[:100]); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bytes []byte
		told  int
	}{
		"a.json":    {content, 5},
		"a.json.gz": {zipped.Bytes(), 1}, // in bytes of the file
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, c.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			var last int64
			told := 0
			ctx := backup.Watch(context.Background(), func(file string, read, size int64) {
				if file != name || read <= last || size != int64(len(c.bytes)) {
					t.Errorf("told of %s: %d of %d, after %d", file, read, size, last)
				}
				last, told = read, told+1
			})
			s, err := backup.OpenStream(ctx, path, backup.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := io.Copy(io.Discard, s); err != nil {
				t.Fatal(err)
			}
			if last != int64(len(c.bytes)) || told < c.told || told > c.told+1 {
				t.Errorf("told %d times, at last of %d of %d bytes", told, last, len(c.bytes))
			}
		})
	}
}

func TestReadingAnyFileIsWatched(t *testing.T) {
	content := make([]byte, 3<<20+1)
	var told []int64
	ctx := backup.Watch(context.Background(), func(file string, read, size int64) {
		if file != "a" || size != int64(len(content)) {
			t.Errorf("told of %s, %d bytes", file, size)
		}
		told = append(told, read)
	})
	if _, err := io.Copy(io.Discard, backup.Watched(ctx, "a", int64(len(content)), bytes.NewReader(content))); err != nil {
		t.Fatal(err)
	}
	if n := len(told); n < 3 || n > 5 || told[n-1] != int64(len(content)) {
		t.Errorf("told %v", told)
	}
	r := bytes.NewReader(content)
	if backup.Watched(context.Background(), "a", 1, r) != io.Reader(r) {
		t.Error("who does not watch has another reader")
	}
}
