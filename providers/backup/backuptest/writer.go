package backuptest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// WriterAdapter is a writer of packages and the reader of the same format.
type WriterAdapter struct {
	// Format reads what was written.
	Format backup.Format
	// Name is the base name of a package to be written.
	Name string
	// Create begins a package at the path, where nothing is yet. For a writer
	// over an io.Writer, see InFile.
	Create func(path string, h backup.Header) (backup.Writer, error)
	// Files says that the format holds files, below storage/.
	Files bool
	// JoinRows says that the format keeps the primary keys of the rows in join
	// tables.
	JoinRows bool
}

// RunWriter runs the suite of writers: what is written through the Writer is
// read back, and what was not finished is no package.
func RunWriter(t *testing.T, a WriterAdapter) {
	t.Run("what was written is read back", a.roundTrip)
	t.Run("the same records make the same package", a.same)
	t.Run("an error of the records ends it", a.recordError)
	t.Run("a cancelled context ends it", a.cancelled)
	t.Run("a package that is not finished is none", a.unfinished)
	t.Run("models are those announced, each once", a.announced)
	t.Run("a model left out is no package", a.leftOut)
	if !a.Files {
		t.Run("files are refused", a.noFiles)
		return
	}
	t.Run("files are read back", a.files)
	t.Run("a file that cannot be read ends it", a.fileError)
	t.Run("names that lead elsewhere are refused", a.fileNames)
}

// InFile makes a Writer over an io.Writer one of the file at path, which its
// Close closes.
func InFile(path string, create func(io.Writer) (backup.Writer, error)) (backup.Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	w, err := create(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &inFile{Writer: w, file: f}, nil
}

type inFile struct {
	backup.Writer
	file *os.File // nil once it is closed
}

func (w *inFile) Close() error {
	err := w.Writer.Close()
	if w.file != nil {
		err = errors.Join(err, w.file.Close())
		w.file = nil
	}
	return err
}

// create begins a package and sees that nothing temporary is left of it.
func (a WriterAdapter) create(t *testing.T, h backup.Header) (w backup.Writer, path string) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	path = filepath.Join(t.TempDir(), a.Name)
	w, err := a.Create(path, h)
	if err != nil {
		t.Fatalf("creating: %v", err)
	}
	t.Cleanup(func() {
		_ = w.Close()
		Empty(t, temp)
	})
	return w, path
}

// write writes all of the sample's records.
func write(t *testing.T, w backup.Writer) {
	t.Helper()
	for _, m := range SampleHeader().Models {
		n, err := w.WriteModel(context.Background(), m, rows(m, SampleRows(m.Label)))
		if err != nil || n != int64(len(SampleRows(m.Label))) {
			t.Fatalf("%s: %d records written, %v", m.Label, n, err)
		}
	}
}

// finish completes the package and closes the writer.
func finish(t *testing.T, w backup.Writer) {
	t.Helper()
	if err := w.Finish(context.Background()); err != nil {
		t.Fatalf("finishing: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatalf("closing: %v", err)
	}
}

// nothing closes the writer and fails the test if there is a package.
func (a WriterAdapter) nothing(t *testing.T, w backup.Writer, path string) {
	t.Helper()
	if err := w.Finish(context.Background()); err == nil {
		t.Error("it was finished")
	}
	if err := w.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	a.none(t, path)
}

func (a WriterAdapter) none(t *testing.T, path string) {
	t.Helper()
	p, err := a.Format.Open(context.Background(), path, backup.DefaultLimits())
	if err == nil {
		_ = p.Close()
		t.Error("there is a package")
	} else if !errors.Is(err, backup.ErrRefused) && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is there is not refused: %v", err)
	}
}

func (a WriterAdapter) open(t *testing.T, path string) backup.Package {
	t.Helper()
	return Suite{Format: a.Format, Path: path}.open(t)
}

func (a WriterAdapter) roundTrip(t *testing.T) {
	w, path := a.create(t, SampleHeader())
	write(t, w)
	finish(t, w)
	if ok, err := a.Format.Sniff(path); !ok || err != nil {
		t.Errorf("Sniff = %v, %v", ok, err)
	}
	p := a.open(t, path)
	if warnings := p.Info().Warnings; len(warnings) > 0 {
		t.Errorf("the package opens with warnings: %q", warnings)
	}
	counts := map[string]int{}
	for _, c := range p.Contents() {
		counts[c.Model] = c.Records
	}
	for _, m := range SampleHeader().Models {
		want := a.kept(t, m)
		if counts[m.Label] != len(want) {
			t.Errorf("%s: %d records in the contents, want %d", m.Label, counts[m.Label], len(want))
		}
		if diff := cmp.Diff(want, alike(m, want, ReadRows(t, p, m))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", m.Label, diff)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// kept is what the format keeps of the sample's records.
func (a WriterAdapter) kept(t *testing.T, m *schema.Model) []Row {
	t.Helper()
	list := SampleRows(m.Label)
	for _, row := range list {
		for i, f := range m.Fields {
			if f.Link == nil || a.JoinRows {
				continue
			}
			members, err := schema.ParseMembers(row[i])
			if err != nil {
				t.Fatal(err)
			}
			for n := range members {
				members[n].Row = ""
			}
			row[i] = schema.Members(members)
		}
	}
	return list
}

// alike returns got with each value as want has it where both are the same to a
// database: a duration of a day and one of 24 hours.
func alike(m *schema.Model, want, got []Row) []Row {
	for n := range min(len(want), len(got)) {
		for i, f := range m.Fields {
			w, g := want[n][i], got[n][i]
			if w.Kind == schema.CanonicalLiteral && g.Kind == w.Kind && f.Type.Equal(schema.NewValue(w.Text), schema.NewValue(g.Text)) {
				got[n][i] = w
			}
		}
	}
	return got
}

func (a WriterAdapter) same(t *testing.T) {
	var sums [2][sha256.Size]byte
	for i := range sums {
		w, path := a.create(t, SampleHeader())
		write(t, w)
		finish(t, w)
		sums[i] = contents(t, path)
	}
	if sums[0] != sums[1] {
		t.Error("the two packages differ")
	}
}

// contents digests a file or a folder with its names.
func contents(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		all.WriteString(strings.TrimPrefix(name, path) + "\x00")
		all.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(all.Bytes())
}

var errSource = errors.New("the source failed")

func (a WriterAdapter) recordError(t *testing.T) {
	h := SampleHeader()
	w, path := a.create(t, h)
	last := h.Models[len(h.Models)-1]
	for _, m := range h.Models[:len(h.Models)-1] {
		if _, err := w.WriteModel(context.Background(), m, rows(m, SampleRows(m.Label))); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.WriteModel(context.Background(), last, func(yield func(*schema.Record, error) bool) {
		for r, err := range rows(last, SampleRows(last.Label)) {
			if !yield(r, err) {
				t.Error("the writer stopped before the error")
				return
			}
		}
		if yield(nil, errSource) {
			t.Error("the writer goes on after the error")
		}
	})
	if !errors.Is(err, errSource) {
		t.Errorf("got %v, want the error of the records", err)
	}
	a.nothing(t, w, path)
}

func (a WriterAdapter) cancelled(t *testing.T) {
	h := SampleHeader()
	w, path := a.create(t, h)
	ctx, cancel := context.WithCancel(context.Background())
	m := h.Models[0]
	asked := 0
	_, err := w.WriteModel(ctx, m, func(yield func(*schema.Record, error) bool) {
		for r, err := range rows(m, SampleRows(m.Label)) {
			if asked++; asked == 2 {
				cancel()
			}
			if !yield(r, err) {
				return
			}
		}
	})
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	a.nothing(t, w, path)

	w, path = a.create(t, h)
	write(t, w)
	if err := w.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("finishing: %v, want the context's error", err)
	}
	a.nothing(t, w, path)
}

func (a WriterAdapter) unfinished(t *testing.T) {
	w, path := a.create(t, SampleHeader())
	write(t, w)
	a.none(t, path)
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatalf("closing: %v", err)
		}
	}
	a.none(t, path)
}

func (a WriterAdapter) announced(t *testing.T) {
	h := SampleHeader()
	first := h.Models[0]
	stranger := *first
	stranger.Label = "lib.stranger"
	for name, second := range map[string]*schema.Model{"twice": first, "never announced": &stranger} {
		t.Run(name, func(t *testing.T) {
			w, path := a.create(t, h)
			if _, err := w.WriteModel(context.Background(), first, rows(first, SampleRows(first.Label))); err != nil {
				t.Fatal(err)
			}
			if _, err := w.WriteModel(context.Background(), second, rows(first, SampleRows(first.Label))); err == nil {
				t.Error("it was written")
			}
			a.nothing(t, w, path)
		})
	}
}

func (a WriterAdapter) leftOut(t *testing.T) {
	h := SampleHeader()
	w, path := a.create(t, h)
	for _, m := range h.Models[:2] {
		if _, err := w.WriteModel(context.Background(), m, rows(m, SampleRows(m.Label))); err != nil {
			t.Fatal(err)
		}
	}
	a.nothing(t, w, path)
}

func (a WriterAdapter) noFiles(t *testing.T) {
	w, path := a.create(t, SampleHeader())
	write(t, w)
	if _, err := w.WriteFile(context.Background(), backup.StoredFile{Name: "storage/a"}, strings.NewReader("a")); err == nil {
		t.Error("a file was taken")
	}
	a.nothing(t, w, path)
}

// rows yields the rows as records: one that is used again and again, as a
// database's are.
func rows(m *schema.Model, list []Row) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		r := schema.Record{Fields: make([]schema.Field, len(m.Fields))}
		for _, row := range list {
			for i := range m.Fields {
				r.Fields[i] = schema.Field{Name: m.Fields[i].Name, Value: row[i]}
			}
			if !yield(&r, nil) {
				return
			}
		}
		clear(r.Fields)
	}
}

// sortedNames are the names of files in the order in which they are written.
func sortedNames(files map[string]string) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
