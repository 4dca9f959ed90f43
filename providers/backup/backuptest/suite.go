// Package backuptest is the suites that each reader of backup packages passes,
// Suite, and each writer, RunWriter. An adapter's test wires itself to them in a
// few lines.
package backuptest

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// Suite is a reader and a package to read with it.
type Suite struct {
	// Format is the format under test.
	Format backup.Format
	// Path is a sound package of it with several models.
	Path string
	// Records are all of the package's records in its order, by their model.
	// Nil leaves their content unexamined.
	Records []Record
}

// Record is what a scan must yield.
type Record struct {
	Model  string
	PK     schema.Literal
	Fields []schema.Field
}

// Run runs the suite.
func (s Suite) Run(t *testing.T) {
	t.Run("is recognised", func(t *testing.T) {
		if ok, err := s.Format.Sniff(s.Path); !ok || err != nil {
			t.Fatalf("Sniff = %v, %v", ok, err)
		}
	})
	t.Run("says what it is", s.info)
	t.Run("contents match scans and numbers ascend", s.contents)
	t.Run("records are as written", s.records)
	t.Run("scans repeat and may stop early", s.repeat)
	t.Run("models are described in the order of the contents", s.models)
	t.Run("an unknown model has no records", s.unknown)
	t.Run("a cancelled context ends opening and scanning", s.cancelled)
	t.Run("close removes temporary files", s.closed)
}

func (s Suite) open(t *testing.T) backup.Package {
	t.Helper()
	p, err := s.Format.Open(context.Background(), s.Path, backup.DefaultLimits())
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func (s Suite) info(t *testing.T) {
	p := s.open(t)
	i := p.Info()
	if i.Format != s.Format.Name || i.Path != s.Path || len(i.Digest) != 64 {
		t.Errorf("Info = %+v", i)
	}
	if p.Name() == "" {
		t.Error("the package has no name")
	}
	if again := s.open(t).Info(); !cmp.Equal(i, again) {
		t.Errorf("opened again, Info differs:\n%s", cmp.Diff(i, again))
	}
}

func (s Suite) contents(t *testing.T) {
	p := s.open(t)
	seen := map[int]string{}
	first := 0
	for _, c := range p.Contents() {
		last, n := 0, 0
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 1 && r.Number <= first {
				t.Errorf("%s begins at record %d, a model before it at %d", c.Model, r.Number, first)
			} else if n == 1 {
				first = r.Number
			}
			if r.Number <= last {
				t.Errorf("%s: record %d after %d", c.Model, r.Number, last)
			}
			last = r.Number
			if other, ok := seen[r.Number]; ok {
				t.Errorf("record %d is one of %s and of %s", r.Number, other, c.Model)
			}
			seen[r.Number] = c.Model
		}
		// Only a package that describes its models can tell of one without records.
		if _, typed := p.(schema.Typed); n != c.Records || n == 0 && !typed {
			t.Errorf("%s: %d records in the contents, %d scanned", c.Model, c.Records, n)
		}
	}
	total := p.Info().Records
	if len(seen) != total {
		t.Errorf("%d records scanned, Info says %d", len(seen), total)
	}
	for number := range seen {
		if number < 1 || number > total {
			t.Errorf("record number %d of %d", number, total)
		}
	}
}

func (s Suite) records(t *testing.T) {
	if s.Records == nil {
		t.Skip("the suite was not told the records")
	}
	if diff := cmp.Diff(s.Records, Read(t, s.open(t))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func (s Suite) repeat(t *testing.T) {
	p := s.open(t)
	before := Read(t, p)
	for _, c := range p.Contents() {
		for _, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		n := 0
		for _, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model, Limit: 1}) {
			if err != nil {
				t.Error(err)
			}
			n++
		}
		if n != min(1, c.Records) {
			t.Errorf("%s: %d records with a limit of 1", c.Model, n)
		}
	}
	if diff := cmp.Diff(before, Read(t, p)); diff != "" {
		t.Errorf("read again, the records differ:\n%s", diff)
	}
}

// models asks of a Typed package that records have their model's fields in its
// order, spelt canonically, and many-to-many fields as schema.Members has them.
func (s Suite) models(t *testing.T) {
	p := s.open(t)
	typed, ok := p.(schema.Typed)
	if !ok {
		t.Skip("the package does not describe its models")
	}
	contents, models := p.Contents(), typed.Models()
	if len(contents) != len(models) {
		t.Fatalf("%d models described, %d in the contents", len(models), len(contents))
	}
	for i, m := range models {
		if m.Label != contents[i].Model {
			t.Errorf("%s is described where the contents have %s", m.Label, contents[i].Model)
		}
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: m.Label}) {
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Fields) != len(m.Fields) || r.PK.Kind != schema.NullLiteral {
				t.Fatalf("%s record %d has %d fields and the key %v", m.Label, r.Number, len(r.Fields), r.PK)
			}
			for n, f := range r.Fields {
				if f.Name != m.Fields[n].Name {
					t.Errorf("%s record %d: field %s in place of %s", m.Label, r.Number, f.Name, m.Fields[n].Name)
				}
				spelling(t, m.Fields[n], f.Value)
			}
		}
	}
}

func spelling(t *testing.T, f schema.ModelField, v schema.Literal) {
	t.Helper()
	if f.Link != nil {
		if _, err := schema.ParseMembers(v); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		return
	}
	if v.Kind != schema.NullLiteral && v.Kind != schema.CanonicalLiteral {
		t.Errorf("%s is not spelt canonically", f.Name)
	}
}

func (s Suite) unknown(t *testing.T) {
	for r, err := range s.open(t).Scan(context.Background(), schema.Selection{Model: "no.such"}) {
		t.Errorf("got %v, %v", r, err)
	}
}

func (s Suite) cancelled(t *testing.T) {
	p := s.open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if p, err := s.Format.Open(ctx, s.Path, backup.DefaultLimits()); !errors.Is(err, context.Canceled) {
		if err == nil {
			_ = p.Close()
		}
		t.Errorf("opening: %v, want the context's error", err)
	}
	var last error
	for _, last = range p.Scan(ctx, schema.Selection{Model: p.Contents()[0].Model}) {
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("scanning: %v, want the context's error", last)
	}
}

func (s Suite) closed(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := s.open(t)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	Empty(t, dir)
	var last error
	for _, last = range p.Scan(context.Background(), schema.Selection{Model: p.Contents()[0].Model}) {
	}
	if last == nil {
		t.Error("a closed package was scanned")
	}
	if err := p.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// Empty fails the test when the folder is not empty.
func Empty(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left behind", e.Name())
	}
}

// Read returns all records of a package in its order. The test may be a
// property's.
func Read(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, p backup.Package,
) []Record {
	t.Helper()
	out := make([]Record, p.Info().Records)
	for _, c := range p.Contents() {
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: c.Model}) {
			if err != nil {
				t.Fatalf("scanning %s: %v", c.Model, err)
			}
			out[r.Number-1] = Record{Model: c.Model, PK: r.PK, Fields: append([]schema.Field{}, r.Fields...)}
		}
	}
	return out
}
