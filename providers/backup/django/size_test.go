package django_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/edmsplan/edmsplan/providers/backup/django"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// generate writes a fixture of so many records as dumpdata does, indented, and
// returns its path and uncompressed size.
func generate(t testing.TB, name string, records int) (string, int64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var out io.Writer = f
	z := gzip.NewWriter(f)
	if strings.HasSuffix(name, ".gz") {
		out = z
	}
	size := &counting{w: out}
	b := bufio.NewWriterSize(size, 1<<20)
	fmt.Fprint(b, "[\n")
	for i := range records {
		if i > 0 {
			fmt.Fprint(b, ",\n")
		}
		fmt.Fprintf(b, `{
  "model": "app%d.thing",
  "pk": %d,
  "fields": {
    "uuid": "%08x-0000-4000-8000-000000000000",
    "title": "Standard operating procedure number %d",
    "description": "Une proc\u00e9dure with a line\nbreak and some more text to be of a usual length.",
    "status": "EFFECTIVE",
    "author": ["author%02d"],
    "document_type": ["SOP"],
    "groups": [["viewers"], ["editors", "documents"]],
    "version": %d.%d,
    "is_active": true,
    "due_date": null,
    "created_at": "2025-12-12T16:36:38.265Z",
    "metadata": {"source": "import", "pages": %d}
  }
}`, i*10/records, i+1, i, i, i%50, i%9, i%10, i%300)
	}
	fmt.Fprint(b, "\n]\n")
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	if out == z {
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path, size.n
}

type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}

func TestMemoryDoesNotGrowWithTheFixture(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 200,000 records")
	}
	for _, name := range []string{"x.json", "x.json.gz"} {
		small, _ := generate(t, name, 1_000)
		large, size := generate(t, name, 200_000)
		few, many := heap(t, small), heap(t, large)
		t.Logf("%s: %d bytes of records, heap %d and %d", name, size, few, many)
		if many > few+2<<20 {
			t.Errorf("%s: heap grew from %d to %d bytes", name, few, many)
		}
	}
}

// heap opens and scans the fixture and returns the most that was live.
func heap(t *testing.T, path string) uint64 {
	t.Helper()
	var most, records uint64
	look := func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	p, err := django.Open(context.Background(), path, backup.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	look()
	for _, c := range p.Contents() {
		for _, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model}) {
			if err != nil {
				t.Fatal(err)
			}
			if records++; records%20_000 == 500 {
				look()
			}
		}
	}
	look()
	return most
}

func BenchmarkOpen(b *testing.B) {
	for _, name := range []string{"x.json", "x.json.gz"} {
		b.Run(name, func(b *testing.B) {
			path, size := generate(b, name, 50_000)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				p, err := django.Open(context.Background(), path, backup.DefaultLimits())
				if err != nil {
					b.Fatal(err)
				}
				_ = p.Close()
			}
		})
	}
}

func BenchmarkScan(b *testing.B) {
	path, size := generate(b, "x.json", 50_000)
	p := open(b, path)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range p.Contents() {
			for _, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// Records that are long, among others that are not, are all there.
func TestLongRecordsAreRead(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	path := filepath.Join(t.TempDir(), "long.json")
	var b strings.Builder
	for i := range 40 {
		title := "short"
		if i%3 == 0 {
			title = long
		}
		fmt.Fprintf(&b, `%s{"model": "a.thing", "pk": %d, "fields": {"title": "%s"}}`, map[bool]string{true: "[", false: ","}[i == 0], i+1, title)
	}
	b.WriteString("]")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p := open(t, path)
	n := 0
	for r, err := range p.Scan(t.Context(), schema.Selection{Model: "a.thing"}) {
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.Fields[0].Value.Text); got != len("short") && got != len(long) || r.PK.Text != fmt.Sprint(n+1) {
			t.Fatalf("record %d is %s with %d bytes", n+1, r.PK.Text, got)
		}
		n++
	}
	if n != 40 || p.Info().Records != 40 {
		t.Fatalf("%d records of 40", n)
	}
}
