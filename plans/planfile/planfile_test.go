package planfile

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

func encode(t testing.TB, p *plans.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// save writes bytes where Open finds them.
func save(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func decompress(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compress(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(b, nil)
}

func collect(t testing.TB, p *plans.Plan) []plans.Record {
	t.Helper()
	var all []plans.Record
	for r, err := range p.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		s := r.Sealed()
		s.Rule.Start.Byte, s.Rule.End.Byte = 0, 0
		all = append(all, s)
	}
	return all
}

func comparePlans(t testing.TB, want, got *plans.Plan) {
	t.Helper()
	opts := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(plans.Plan{}, "Changes")}
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
	for range 2 { // changes can be read more than once
		if diff := cmp.Diff(collect(t, want), collect(t, got), opts...); diff != "" {
			t.Errorf("changes differ (-want +got):\n%s", diff)
		}
	}
}

func TestOpenReadsWhatSaveWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan")
	want := planstest.Example()
	if err := Save(path, want); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	comparePlans(t, want, f.Plan())
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestSaveMakesOneFileThatOnlyItsOwnerCanRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan")
	if err := os.WriteFile(path, []byte("an older plan"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, planstest.Example()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode())
	}
	only(t, dir, "plan")
}

func TestSaveThatFailsLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan")
	if err := os.WriteFile(path, []byte("an older plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := planstest.Example()
	broken := errors.New("the spool is gone")
	p.Changes = func() iter.Seq2[*plans.Record, error] {
		return func(yield func(*plans.Record, error) bool) { yield(nil, broken) }
	}
	if err := Save(path, p); !errors.Is(err, broken) {
		t.Fatalf("Save() = %v, want the error of the changes", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "an older plan" {
		t.Errorf("the old file is now %q, %v", b, err)
	}
	only(t, dir, "plan")
}

func only(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder holds %v, want %q alone", entries, name)
	}
}

func TestWriteRefusesAPlanThatDoesNotAddUp(t *testing.T) {
	tests := map[string]func(p *plans.Plan){
		"a summary that counts otherwise": func(p *plans.Plan) { p.Summary.Add-- },
		"a digest of other changes":       func(p *plans.Plan) { p.Digests.ChangeSet = strings.Repeat("0", 64) },
		"no digest":                       func(p *plans.Plan) { p.Digests.ChangeSet = "" },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			p := planstest.Example()
			spoil(p)
			if err := Write(io.Discard, p); err == nil {
				t.Error("Write accepted it")
			}
		})
	}
}

func TestASavedPlanHoldsNoSecret(t *testing.T) {
	p := planstest.Example()
	p.Header.LiveURL = "postgres://edms:" + planstest.Secret + "@db.internal/edms"
	p.Header.Variables = []plans.Variable{{Name: "key", Sensitive: true, Value: planstest.Secret}}
	if text := decompress(t, encode(t, p)); bytes.Contains(text, []byte(planstest.Secret)) {
		t.Errorf("the file holds a sensitive value:\n%s", text)
	}
}

func TestTheSamePlanMakesTheSameFile(t *testing.T) {
	large := planstest.Large(40_000) // many blocks, which are compressed beside the writing
	for _, p := range []*plans.Plan{planstest.Example(), large} {
		first := encode(t, p)
		for range 3 {
			if !bytes.Equal(first, encode(t, p)) {
				t.Error("the same plan made another file")
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	whole := encode(t, planstest.Example())
	text := string(decompress(t, whole))
	edit := func(old, replacement string) []byte {
		changed := strings.Replace(text, old, replacement, 1)
		if changed == text {
			t.Fatalf("the file does not hold %q", old)
		}
		return compress(t, []byte(changed))
	}
	tests := map[string]struct {
		file []byte
		want error
		says string
	}{
		"an empty file":            {nil, ErrNotPlan, ""},
		"JSON":                     {[]byte(`{"format":"edmsplan-plan","version":1}`), ErrNotPlan, "zstd"},
		"something compressed":     {compress(t, []byte("hello\nworld\n")), ErrNotPlan, "edmsplan-plan"},
		"another format":           {edit("edmsplan-plan", "edmsplan-pack"), ErrNotPlan, ""},
		"version 0":                {edit(`"version":1`, `"version":0`), ErrNotPlan, ""},
		"a future version":         {edit(`"version":1`, `"version":7`), ErrVersion, "version 7"},
		"a header that is altered": {edit("postgres://edms@db.internal", "postgres://edms@db.external"), ErrAltered, "digest"},
		"a changed change":         {edit(`"after":17`, `"after":18`), ErrAltered, "digest"},
		"a changed summary":        {edit(`{"summary":{"add":`, `{"summary":{"add":1`), ErrAltered, "digest"},
		"a diagnostic less":        {edit(`"severity":"error"`, `"severity":"warning"`), ErrAltered, "digest"},
		"no trailer":               {compress(t, []byte(text[:strings.LastIndex(text, `{"summary"`)])), ErrAltered, ""},
		"no last newline":          {compress(t, []byte(strings.TrimSuffix(text, "\n"))), ErrAltered, ""},
		"a line after the trailer": {compress(t, []byte(text+"{}\n")), ErrAltered, "follows"},
		"bytes after the end":      {append(bytes.Clone(whole), "more"...), ErrAltered, "follows"},
		"a cut in the middle":      {whole[:len(whole)/2], ErrAltered, ""},
		"a cut of one byte":        {whole[:len(whole)-1], ErrAltered, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := save(t, tt.file)
			f, err := Open(path)
			if err == nil {
				t.Fatal("Open accepted it", f.Close())
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("error is %q, want one that wraps %q", err, tt.want)
			}
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %q does not say %q and the path", err, tt.says)
			}
		})
	}
}

func TestOpenOfAMissingFileSaysSo(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open() = %v", err)
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNotPlan) {
		t.Errorf("Open() of a folder = %v", err)
	}
}

func TestChangesNoticeAFileThatIsAlteredAfterOpen(t *testing.T) {
	path := save(t, encode(t, planstest.Example()))
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := bytes.Replace(decompress(t, encode(t, planstest.Example())), []byte(`"after":17`), []byte(`"after":18`), 1)
	if err := os.WriteFile(path, compress(t, text), 0o600); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range f.Plan().Changes() {
		last = err
	}
	if !errors.Is(last, ErrAltered) {
		t.Errorf("the changes ended with %v", last)
	}
}

func TestChangesCanBeLeftEarly(t *testing.T) {
	f, err := Open(save(t, encode(t, planstest.Example())))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r, err := range f.Plan().Changes() {
		if err != nil || r.Key != `["temp01"]` {
			t.Errorf("first change is %v, %v", r, err)
		}
		break
	}
}

func TestAnyPlanComesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := planstest.Random(8).Draw(rt, "plan")
		f, err := Open(save(t, encode(t, want)))
		if err != nil {
			rt.Fatal(err)
		}
		defer f.Close()
		if diff := cmp.Diff(collect(t, want), collect(t, f.Plan()), cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("changes differ (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want.Remaps, f.Plan().Remaps, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("remaps differ (-want +got):\n%s", diff)
		}
	})
}

func FuzzOpen(f *testing.F) {
	whole := encode(f, planstest.New(planstest.Header(), nil, nil, nil))
	f.Add(whole, true)
	f.Add(whole[:len(whole)/2], true)
	f.Add(decompress(f, whole), false)
	f.Fuzz(func(t *testing.T, b []byte, asIs bool) {
		if !asIs {
			b = compress(t, b)
		}
		opened, err := Open(save(t, b))
		if err != nil {
			if !errors.Is(err, ErrNotPlan) && !errors.Is(err, ErrAltered) && !errors.Is(err, ErrVersion) {
				t.Errorf("error of no kind: %v", err)
			}
			return
		}
		defer opened.Close()
		for _, err := range opened.Plan().Changes() {
			if err != nil {
				t.Errorf("Open accepted the file, Changes did not: %v", err)
			}
		}
	})
}
