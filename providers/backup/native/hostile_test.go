package native_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// refused wants a refusal that says so.
func refused(t *testing.T, err error, say ...string) {
	t.Helper()
	if !errors.Is(err, backup.ErrRefused) {
		t.Fatalf("not a refusal: %v", err)
	}
	for _, s := range say {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("says %v, not %q", err, s)
		}
	}
}

func folder(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package")
	w, err := native.NewFolderWriter(path, sample().header, native.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sample().fill(w); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFoldersThatAreNotPackages(t *testing.T) {
	rows := func(path string) string {
		found, err := filepath.Glob(filepath.Join(path, "rows", "users.user", "*.zst"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		return found[0]
	}
	for name, c := range map[string]struct {
		change func(path string) error
		say    string
	}{
		"a file more":          {func(p string) error { return os.WriteFile(filepath.Join(p, "notes.txt"), nil, 0o600) }, "notes.txt"},
		"a file more in files": {func(p string) error { return os.WriteFile(filepath.Join(p, "files", "x"), nil, 0o600) }, "files/x"},
		"a missing chunk":      {func(p string) error { return os.Remove(rows(p)) }, "missing"},
		"a missing catalogue":  {func(p string) error { return os.Remove(filepath.Join(p, "catalogue.json")) }, "missing"},
		"a missing manifest":   {func(p string) error { return os.Remove(filepath.Join(p, "manifest.json")) }, "missing"},
		"a missing head":       {func(p string) error { return os.Remove(filepath.Join(p, "head.sha256")) }, "missing"},
		"a link for a chunk": {func(p string) error {
			return errors.Join(os.Rename(rows(p), p+".zst"), os.Symlink(p+".zst", filepath.Join(p, "rows", "users.user", "x.zst")))
		}, "x.zst"},
		"a link for a manifest": {func(p string) error {
			m := filepath.Join(p, "manifest.json")
			return errors.Join(os.Rename(m, p+".m"), os.Symlink(p+".m", m))
		}, "manifest.json"},
		"a chunk cut off": {func(p string) error { return os.Truncate(rows(p), 9) }, "damaged"},
		"a catalogue with a space": {func(p string) error {
			f, err := os.OpenFile(filepath.Join(p, "catalogue.json"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString(" ")
			return errors.Join(err, f.Close())
		}, "catalogue.json"},
	} {
		t.Run(name, func(t *testing.T) {
			path := folder(t)
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			_, err := native.OpenFolder(context.Background(), path, options())
			refused(t, err, c.say)
		})
	}
}

func TestAFolderThatChangesAfterItWasOpened(t *testing.T) {
	path := folder(t)
	p, err := native.OpenFolder(context.Background(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	found, _ := filepath.Glob(filepath.Join(path, "rows", "*", "*.zst"))
	for _, f := range found {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-1] ^= 1
		if err := os.WriteFile(f, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var last error
	for r, err := range p.Scan(context.Background(), schema.Selection{Model: "users.user"}) {
		if r != nil {
			t.Error("a record of a damaged chunk was yielded")
		}
		last = err
	}
	refused(t, last, "damaged")
}

func TestAFolderAppearsWhenItIsFinished(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "package")
	w, err := native.NewFolderWriter(path, sample().header, native.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("it is there before it is finished")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	backuptest.Empty(t, dir)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := native.NewFolderWriter(path, sample().header, native.WriterOptions{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("a folder that is there: %v", err)
	}
}

func TestLimitsHold(t *testing.T) {
	s := sample()
	s.records["users.user"][0].Fields[4].Value = text(strings.Repeat("long ", 10_000))
	b := s.pack(t, native.WriterOptions{})
	for name, c := range map[string]struct {
		limits backup.Limits
		say    string
	}{
		"members": {backup.Limits{Members: 3}, "more than 3 members"},
		"bytes":   {backup.Limits{Bytes: 1000}, "more than 1000 bytes"},
		"record":  {backup.Limits{Record: 1000}, "a row of more than 1000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := open(b, native.Options{Limits: c.limits})
			if err == nil {
				defer p.Close()
				_, err = p.Verify(context.Background(), nil, nil)
			}
			refused(t, err, c.say)
		})
	}
	t.Run("ratio", func(t *testing.T) {
		s := sample()
		s.records["users.user"][0].Fields[4].Value = text(strings.Repeat("0", 20<<20))
		b := s.pack(t, native.WriterOptions{})
		if got, _, err := readAll(b); err != nil || len(got["users.user"][0]) < 20<<20 {
			t.Errorf("a text of zeros under the default limits: %v", err)
		}
		s.records["users.user"][0].Fields[4].Value = text(loosely(20 << 20))
		_, err := open(s.pack(t, native.WriterOptions{}), native.Options{Limits: backup.Limits{Ratio: 2}})
		refused(t, err, "impossible size")
	})
}

// loosely is a text that becomes some ten times smaller.
func loosely(size int) string {
	random := rand.New(rand.NewPCG(7, 8))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%016x%s", random.Uint64(), strings.Repeat("x", 100))
	}
	return b.String()
}

func TestParentsThatAreNotThere(t *testing.T) {
	full := sample().pack(t, native.WriterOptions{})
	parent := mustOpen(t, full, options())
	b := later().pack(t, native.WriterOptions{Parent: parent, ParentName: "full.edmspkg"})
	other := later().pack(t, native.WriterOptions{})
	give := func(b []byte) native.ParentFunc {
		return func(ctx context.Context, name, _ string) (*native.Package, error) {
			return native.Open(ctx, bytes.NewReader(b), int64(len(b)), name, options())
		}
	}
	for name, c := range map[string]struct {
		find native.ParentFunc
		say  string
	}{
		"nobody looks for it":    {nil, "full.edmspkg"},
		"it is not found":        {func(context.Context, string, string) (*native.Package, error) { return nil, os.ErrNotExist }, "file does not exist"},
		"there is none":          {func(context.Context, string, string) (*native.Package, error) { return nil, nil }, "parent was not found"},
		"it is another package":  {give(other), "not the package that was looked for"},
		"it is damaged":          {give(full[:len(full)-1]), "cut off"},
		"it is the child itself": {give(b), "not the package that was looked for"},
		"whoever looks forgets which": {func(context.Context, string, string) (*native.Package, error) {
			return open(other, options())
		}, "not the package that was looked for"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(b, native.Options{Limits: backup.DefaultLimits(), Parent: c.find})
			refused(t, err, c.say, parent.Info().Digest)
		})
	}
	p := mustOpen(t, b, native.Options{Limits: backup.DefaultLimits(), Parent: give(full)})
	if name, digest, ok := p.Parent(); name != "full.edmspkg" || digest != parent.Info().Digest || !ok {
		t.Errorf("the parent is %s %s", name, digest)
	}
}

// Of a long chain the package is named that lacks its parent, and no other.
func TestAParentThatIsNotThereFarAbove(t *testing.T) {
	full := sample().pack(t, native.WriterOptions{})
	b := later().pack(t, native.WriterOptions{Parent: mustOpen(t, full, options()), ParentName: "full.edmspkg"})
	finds := func(b []byte, above native.ParentFunc) native.ParentFunc {
		return func(ctx context.Context, name, _ string) (*native.Package, error) {
			return native.Open(ctx, bytes.NewReader(b), int64(len(b)), name, native.Options{Limits: backup.DefaultLimits(), Parent: above})
		}
	}
	parent := mustOpen(t, b, native.Options{Limits: backup.DefaultLimits(), Parent: finds(full, nil)})
	c := sample().pack(t, native.WriterOptions{Parent: parent, ParentName: "b.edmspkg"})
	lost := func(context.Context, string, string) (*native.Package, error) { return nil, os.ErrNotExist }
	_, err := open(c, native.Options{Limits: backup.DefaultLimits(), Parent: finds(b, lost)})
	refused(t, err, "b.edmspkg: its parent was not found", `since "full.edmspkg"`)
	if strings.Count(err.Error(), "its parent was not found") > 1 {
		t.Error(err)
	}
}

// A package that fails to open closes what it was given, and closing twice
// closes once.
func TestWhatIsGivenIsClosed(t *testing.T) {
	b := sample().pack(t, native.WriterOptions{})
	for _, content := range [][]byte{b, b[:100]} {
		c := &counted{}
		o := options()
		o.Close = c
		if p, err := open(content, o); err == nil {
			_ = p.Close()
			_ = p.Close()
		}
		if c.n != 1 {
			t.Errorf("closed %d times", c.n)
		}
	}
}

type counted struct{ n int }

func (c *counted) Close() error {
	c.n++
	return nil
}

// An error of reading is no refusal: the package is not to blame.
func TestAReaderThatFails(t *testing.T) {
	b := sample().pack(t, native.WriterOptions{})
	broken := errors.New("the network broke")
	for n := range 40 {
		p, err := native.Open(context.Background(), &flaky{bytes.NewReader(b), n, broken}, int64(len(b)), "x", options())
		if err == nil {
			_, err = p.Verify(context.Background(), nil, nil)
			_ = p.Close()
		}
		if err != nil && (!errors.Is(err, broken) || errors.Is(err, backup.ErrRefused)) {
			t.Errorf("after %d reads: %v", n, err)
		}
	}
}

type flaky struct {
	r     *bytes.Reader
	after int
	err   error
}

func (f *flaky) ReadAt(p []byte, off int64) (int, error) {
	if f.after--; f.after < 0 {
		return 0, f.err
	}
	return f.r.ReadAt(p, off)
}

func TestASalvagedPackageSaysSo(t *testing.T) {
	s := large()
	b := s.pack(t, native.WriterOptions{})
	list := split(t, b)
	cut := len(b)
	for i := len(list) - 1; ; i-- { // in the middle of the last chunk
		cut -= 512 + (len(list[i].content)+511)/512*512
		if strings.HasPrefix(list[i].name, "rows/") {
			break
		}
	}
	var out bytes.Buffer
	got, err := native.Salvage(context.Background(), io.MultiReader(bytes.NewReader(b[:cut]), bytes.NewReader(make([]byte, 100))), &out, backup.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if got.Stopped == nil || got.LostFiles != -1 || got.Models[0].Missing != -1 || got.Models[0].Records != int64(len(s.records["users.user"])) {
		t.Errorf("got %+v", got)
	}
	p := mustOpen(t, out.Bytes(), options())
	if !p.Salvaged() || !strings.Contains(fmt.Sprint(p.Info().Warnings), "salvaged from a damaged one: records are missing") {
		t.Errorf("warnings: %v", p.Info().Warnings)
	}
	whole, err := native.Salvage(context.Background(), bytes.NewReader(b), nil, backup.DefaultLimits())
	if err != nil || whole.Stopped != nil || whole.LostFiles != 0 || whole.Files != len(s.files) || whole.Models[1].Missing != 0 {
		t.Errorf("of a sound one: %+v, %v", whole, err)
	}
}

// What a SQLite column holds against its type is kept, counted and told.
func TestValuesThatAreNotOfTheirType(t *testing.T) {
	s := sample()
	s.header.Source.Dialect = "sqlite"
	s.records["users.user"][1].Fields[2].Value = text("\xffblob:00ff")
	s.records["users.user"][2].Fields[3].Value = text("yesterday")
	p := mustOpen(t, s.pack(t, native.WriterOptions{}), options())
	if got := fmt.Sprint(p.Info().Warnings); !strings.Contains(got, "users.user.active: 1 values") || !strings.Contains(got, "users.user.joined: 1 values") {
		t.Errorf("warnings: %v", got)
	}
	if got := lines(backuptest.Read(t, p)); fmt.Sprint(got) != fmt.Sprint(lines(s.all())) {
		t.Error("the records differ")
	}
}
