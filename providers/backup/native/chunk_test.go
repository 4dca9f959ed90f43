package native_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// A record more shifts no chunk but its own.
func TestAnInsertLeavesTheOtherChunksAlone(t *testing.T) {
	s := sample()
	users := s.header.Models[0]
	for id := 1000; id < 21000; id++ {
		s.records[users.Label] = append(s.records[users.Label], user(users, id, "user"))
	}
	full := s.pack(t, native.WriterOptions{})
	parent := mustOpen(t, full, options())
	s.records[users.Label] = slices.Insert(s.records[users.Label], 5, user(users, 500, "early"))
	b := s.pack(t, native.WriterOptions{Parent: parent, ParentName: "full.edmspkg"})
	stored := 0
	for _, m := range split(t, b) {
		if strings.HasPrefix(m.name, "rows/") {
			stored++
		}
	}
	if chunks := mustVerify(t, parent).Chunks; stored != 1 || chunks < 10 {
		t.Errorf("%d of %d chunks are stored again", stored, chunks)
	}
}

func mustVerify(t tester, p *native.Package) backup.Checked {
	t.Helper()
	v, err := p.Verify(context.Background(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Models are written by several goroutines: the manifest does not tell.
func TestModelsWrittenAtOnceMakeTheSamePackage(t *testing.T) {
	s := large()
	parent := mustOpen(t, sample().pack(t, native.WriterOptions{}), options())
	w := native.WriterOptions{Parent: parent, ParentName: "parent"}
	o := options()
	o.Parent = func(context.Context, string, string) (*native.Package, error) { return parent, nil }
	want := mustOpen(t, s.pack(t, w), o)
	for range 5 {
		var b bytes.Buffer
		w, err := native.NewWriter(&b, s.header, native.WriterOptions{Parent: mustOpen(t, sample().pack(t, native.WriterOptions{}), options()), ParentName: "parent"})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for _, m := range s.header.Models {
			group.Go(func() {
				if _, err := w.WriteModel(context.Background(), m, each(s.records[m.Label])); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, f := range s.files {
			stored, ok := want.Stored(f.name)
			if !ok {
				t.Fatalf("no %s", f.name)
			}
			if _, err := w.WriteFile(context.Background(), stored, strings.NewReader(f.content)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Finish(context.Background()); err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
		p := mustOpen(t, b.Bytes(), o)
		if p.Info().Digest != want.Info().Digest {
			t.Fatal("the digest depends on the order of writing")
		}
		mustVerify(t, p)
	}
}

// generated yields so many records without keeping any.
func generated(m *schema.Model, n int) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for id := range n {
			r := user(m, id, "user")
			if !yield(&r, nil) {
				return
			}
		}
	}
}

func TestMemoryDoesNotGrowWithTheRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 300,000 records")
	}
	heap := func(n int) uint64 {
		s := sample()
		file := &spool{}
		w, err := native.NewWriter(file, s.header, native.WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		most := peak{}
		for _, m := range s.header.Models {
			records := each(s.records[m.Label])
			if m.Label == "users.user" {
				records = most.watch(generated(m, n))
			}
			if _, err := w.WriteModel(context.Background(), m, records); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Finish(context.Background()); err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
		p, err := native.Open(context.Background(), file, int64(file.n), "x.edmspkg", options())
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		for _, err := range most.watch(p.Scan(context.Background(), schema.Selection{Model: "users.user"})) {
			if err != nil {
				t.Fatal(err)
			}
		}
		return most.bytes
	}
	few, many := heap(20_000), heap(300_000)
	t.Logf("heap with the package: %d and %d", few, many)
	if many > few+6<<20 { // 20 bytes of each record; a busy machine collects late
		t.Errorf("the heap grew from %d to %d bytes", few, many)
	}
}

// spool is a package in memory in one piece, which the peak does not count.
type spool struct {
	b []byte
	n int
}

func (s *spool) Write(p []byte) (int, error) {
	if s.b == nil {
		s.b = make([]byte, 64<<20)
	}
	s.n += copy(s.b[s.n:], p)
	return len(p), nil
}

func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, s.b[off:s.n])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// peak is the most that was live.
type peak struct{ bytes uint64 }

func (p *peak) watch(records iter.Seq2[*schema.Record, error]) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		n := 0
		for r, err := range records {
			if n++; n%15_000 == 500 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				p.bytes = max(p.bytes, m.HeapAlloc)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestWhatAWriterRefuses(t *testing.T) {
	s := sample()
	users := s.header.Models[0]
	good := s.records[users.Label]
	broken := errors.New("the connection broke")
	with := func(field int, l schema.Literal) []schema.Record {
		r := schema.Record{Fields: slices.Clone(good[0].Fields)}
		r.Fields[field].Value = l
		return []schema.Record{r}
	}
	for name, c := range map[string]struct {
		records iter.Seq2[*schema.Record, error]
		say     string
	}{
		"a field too few":             {each([]schema.Record{{Fields: good[0].Fields[:2]}}), "2 fields where the model has 5"},
		"a field of another name":     {each([]schema.Record{{Fields: slices.Concat(good[0].Fields[1:], good[0].Fields[:1])}}), "the field username where the model has id"},
		"a value of a fixture":        {each(with(1, schema.Literal{Kind: schema.StringLiteral, Text: "secret"})), "username is not spelt canonically"},
		"a value of another type":     {each(with(2, text("secret"))), "not one of a column of type bool"},
		"an integer with a zero":      {each(with(0, text("01"))), "not one of a column of type integer"},
		"a text too long":             {each(with(1, text(strings.Repeat("secret", 10)))), "not one of a column of type text"},
		"a primary key that repeats":  {each([]schema.Record{good[0], good[0]}), "record 2: the primary key of the row before it"},
		"an error of the database's":  {func(y func(*schema.Record, error) bool) { y(nil, broken) }, broken.Error()},
		"an instant with an offset":   {each(with(3, text("2025-12-10 08:19:38+02"))), "not one of a column of type timestamptz"},
		"an instant with zeros after": {each(with(3, text("2025-12-10 08:19:38.500+00"))), "not one of a column of type timestamptz"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := native.NewWriter(io.Discard, s.header, native.WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.WriteModel(context.Background(), users, c.records)
			if err == nil || !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "secret") {
				t.Errorf("says %v, not %q", err, c.say)
			}
			if err := w.Finish(context.Background()); err == nil {
				t.Error("finished after an error")
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a model that was not written", func(t *testing.T) {
		w, err := native.NewWriter(io.Discard, s.header, native.WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(context.Background()); err == nil || !strings.Contains(err.Error(), "users.user") {
			t.Errorf("got %v", err)
		}
	})
	for name, list := range map[string][]string{
		"files out of order": {"b", "a"}, "a file twice": {"a", "a"}, "a file outside": {"../a"}, "an absolute file": {"/a"}, "a control character": {"a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := native.NewWriter(io.Discard, s.header, native.WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var last error
			for _, f := range list {
				_, last = w.WriteFile(context.Background(), backup.StoredFile{Name: f}, strings.NewReader("x"))
			}
			if last == nil {
				t.Error("written")
			}
		})
	}
}

func TestADiskThatIsFullIsToldOnce(t *testing.T) {
	s := sample()
	full := fmt.Errorf("no space left")
	w, err := native.NewWriter(&failing{after: 6, err: full}, s.header, native.WriterOptions{})
	for _, m := range s.header.Models {
		if err == nil {
			_, err = w.WriteModel(context.Background(), m, each(s.records[m.Label]))
		}
	}
	if err == nil {
		err = w.Finish(context.Background())
	}
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// failing is a writer that fails after so many writes.
type failing struct {
	after int
	err   error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, f.err
	}
	return len(p), nil
}
