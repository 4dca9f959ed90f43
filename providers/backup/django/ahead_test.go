package django

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// Whatever the text is and wherever it is cut for the goroutines, they find what
// one loop over it finds: the same index and digest, or the same refusal.
func TestGoroutinesFindWhatOneLoopFinds(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.SampledFrom([]syntax{jsonSyntax, jsonlSyntax}).Draw(r, "syntax")
		text := genText(r, s)
		l := backup.Limits{Record: rapid.SampledFrom([]int64{0, 90}).Draw(r, "record"), Depth: 4}
		path := filepath.Join(dir, "x")
		put(r, path, text)
		want := newCheck(path, s, l)
		wantErr := inOneLoop(r, want)
		if rapid.Bool().Draw(r, "gzip") {
			put(r, path, zip(r, text, gzip.BestSpeed))
		}
		got := newCheck(path, s, l)
		got.chunk = rapid.IntRange(1, 40).Draw(r, "chunk")
		got.batch = rapid.IntRange(0, 200).Draw(r, "batch")
		same(r, text, want, got, wantErr, inGoroutines(r, t.Context(), got))
	})
	goleak.VerifyNone(t)
}

// genText is a fixture of which some records and separators are not sound, and
// whose bytes may be damaged.
func genText(r *rapid.T, s syntax) string {
	between := ","
	if s == jsonlSyntax {
		between = "\n"
	}
	piece := rapid.Custom(func(r *rapid.T) string {
		if rapid.IntRange(0, 15).Draw(r, "odd") == 0 {
			return rapid.SampledFrom([]string{
				`{"model": "a.b", "fields": {"x": NaN}}`, `{"model": "a.b", "fields": {"x": 1, "x": 2}}`, `{"model": "a.b"}`,
				`{"model": "a.b", "fields": {"x": [[[[]]]]}}`, `{"model": "a.b", "fields": {"x": "\ud800"}}`, `7`, `{`, `]`, `[`, `"`, ``,
			}).Draw(r, "unsound")
		}
		return fmt.Sprintf(`{"model": "%s", "pk": %d, "fields": {"x": "%s"}}`, rapid.SampledFrom([]string{"a.b", "a.c", "A.B"}).Draw(r, "model"),
			rapid.IntRange(0, 99).Draw(r, "pk"), strings.Repeat("é", rapid.SampledFrom([]int{0, 3, 30, 90}).Draw(r, "long")))
	})
	text := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(r, "records"), rapid.SampledFrom([]string{between, between + "\n ", between}).Draw(r, "between"))
	if s == jsonSyntax {
		text = "[" + text + rapid.SampledFrom([]string{"]", "]\n", "", "] []", "\n]"}).Draw(r, "end")
	}
	if b := []byte(text); len(b) > 0 && rapid.IntRange(0, 3).Draw(r, "damaged") == 0 {
		b[rapid.IntRange(0, len(b)-1).Draw(r, "at")] = rapid.SampledFrom([]byte(`"\{}[],: x`+"\xff")).Draw(r, "byte")
		text = string(b)
	}
	return rapid.SampledFrom([]string{"", "", bom}).Draw(r, "mark") + text
}

// inOneLoop is check.run as a single goroutine does it.
func inOneLoop(t rapid.TB, c *check) error {
	f, err := os.Open(c.p.info.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c.p.data = f
	text := bufio.NewReader(io.TeeReader(f, c.sum))
	head, _ := text.Peek(4096)
	if err := c.judgeHead(head, text); err != nil {
		return err
	}
	base := 0
	if bytes.HasPrefix(head, []byte(bom)) {
		base, _ = text.Discard(len(bom))
	}
	r := newReader(c.p.syntax == jsonSyntax, c.p.limits.Record)
	c.reader = r
	if err := r.start(text, int64(base)); err != nil {
		return c.explain(err)
	}
	for {
		c.number++
		raw, at, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return c.explain(err)
		}
		if err := c.add(raw, at); err != nil {
			return err
		}
	}
	if r.array {
		if err := r.rest(); err != io.EOF {
			return c.trailing(err)
		}
	}
	return c.finish()
}

func inGoroutines(t rapid.TB, ctx context.Context, c *check) error {
	in, err := backup.OpenStream(ctx, c.p.info.Path, c.p.limits)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	err = c.run(ctx, in)
	if c.p.temp != "" {
		_ = c.p.Close()
	}
	return err
}

func same(t rapid.TB, text string, want, got *check, wantErr, err error) {
	t.Helper()
	if diff := cmp.Diff(said(wantErr), said(err)); diff != "" {
		t.Fatalf("error (-want +got):\n%s\n%q", diff, text)
	}
	if err != nil {
		return
	}
	opts := cmp.Options{cmp.AllowUnexported(model{}, run{}, keyOrder{}), cmpopts.IgnoreFields(backup.Info{}, "Facts")}
	if diff := cmp.Diff(want.p.order, got.p.order, opts); diff != "" {
		t.Fatalf("index (-want +got):\n%s\n%q", diff, text)
	}
	if diff := cmp.Diff(want.p.info, got.p.info, opts); diff != "" {
		t.Fatalf("info (-want +got):\n%s\n%q", diff, text)
	}
}

// said is all that an error says.
func said(err error) any {
	var r *backup.Refusal
	if !errors.As(err, &r) {
		return fmt.Sprint(err)
	}
	out := *r
	out.Cause = nil
	return []any{out, fmt.Sprint(r.Cause)}
}

func put(t rapid.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func zip(t rapid.TB, content string, level int) string {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Of two problems the one that stands first is told, whichever goroutine finds
// it and whichever finds its own first; nothing goes on running.
func TestTheFirstProblemIsTold(t *testing.T) {
	const (
		sound   = `{"model": "a.b", "fields": {}}`
		layout  = `{"model": "a.b"}`
		grammar = `{"model": "a.b", "fields": {"x": NaN}}`
	)
	many := strings.Repeat(sound+",", 20_000)
	for name, c := range map[string]struct {
		text, code string
		number     int
	}{
		"a layout before a syntax error":           {sound + "," + layout + "," + grammar, "package.record", 2},
		"a syntax error before a layout":           {sound + "," + grammar + "," + layout, "package.not_a_number", 2},
		"a layout far before a syntax error":       {layout + "," + many + grammar, "package.record", 1},
		"a syntax error far before a layout":       {grammar + "," + many + layout, "package.not_a_number", 1},
		"a layout far down":                        {many + layout + "," + many + grammar, "package.record", 20_001},
		"a syntax error far down":                  {many + grammar + "," + many + layout, "package.not_a_number", 20_001},
		"a layout, and the end is missing":         {layout + "," + many, "package.record", 1},
		"a record after a string like a boundary":  {`{"model": "a.b", "fields": {"x": "}},\n{"}},` + layout, "package.record", 2},
		"a syntax error after one more than large": {`{"model": "a.b", "fields": {"x": "` + strings.Repeat("x", 1<<19) + `"}},` + grammar, "package.not_a_number", 2},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.json")
			for _, text := range []string{"[" + c.text + "]", zip(t, "["+c.text+"]", gzip.BestSpeed)} {
				put(t, path, text)
				_, err := Open(t.Context(), path, backup.DefaultLimits())
				var r *backup.Refusal
				if !errors.As(err, &r) || r.Code != c.code || r.Number != c.number {
					t.Errorf("%v, want %s of record %d", err, c.code, c.number)
				}
			}
			goleak.VerifyNone(t)
		})
	}
}

// Cancelling ends the reading, which then tells nothing any more.
func TestCancellingEndsTheGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	put(t, path, "["+strings.Repeat(`{"model": "a.b", "fields": {}},`, 200_000)+"]")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := 0
	_, err := Open(backup.Watch(ctx, func(string, int64, int64) { told++; cancel() }), path, backup.DefaultLimits())
	if !errors.Is(err, context.Canceled) || told != 1 {
		t.Errorf("%v, told %d times", err, told)
	}
	goleak.VerifyNone(t)
}

// What is told of damage does not depend on how far the stream was read by then.
func TestDamageIsLookedAtWhole(t *testing.T) {
	text := "[" + strings.Repeat(`{"model": "a.b", "fields": {}},`, 25_000) + `{"model": "a.b", "fields": {"x": `
	path := filepath.Join(t.TempDir(), "x.json.gz")
	put(t, path, zip(t, text+"NaN}}"+strings.Repeat(" ", 1<<20)+"]", gzip.NoCompression))
	c := newCheck(path, jsonSyntax, backup.DefaultLimits())
	c.chunk = len(text) + 1
	slow := backup.Watch(t.Context(), func(string, int64, int64) { time.Sleep(50 * time.Millisecond) })
	var r *backup.Refusal
	if err := inGoroutines(t, slow, c); !errors.As(err, &r) || r.Code != "package.not_a_number" || r.Number != 25_001 {
		t.Error(err)
	}
}

// A batch is no longer than it may be. A record that is longer is not copied,
// and done with before the next is read over it.
func TestBatchesAreBounded(t *testing.T) {
	text := strings.Repeat(`{"a": 1} {} {"long": "long long"} `, 2000) + strings.Repeat("1 ", 5000)
	for _, size := range []int{0, 16, 1 << 20} {
		r := newReader(false, 0)
		if err := r.start(strings.NewReader(text), 0); err != nil {
			t.Fatal(err)
		}
		records, busy := 0, 0
		for b := range r.batches(size) {
			records += len(b.records)
			if busy > 0 && len(b.records) > 0 {
				t.Fatal("a long record's memory is used again before its time")
			}
			busy--
			if len(b.text) > size {
				busy = depth + 1
			}
			if busy > depth && len(b.records) != 1 || len(b.records) > manyRecords {
				t.Fatalf("%d bytes, %d records in a batch", len(b.text), len(b.records))
			}
		}
		if records != 11_000 {
			t.Errorf("%d records of 11,000", records)
		}
	}
}
