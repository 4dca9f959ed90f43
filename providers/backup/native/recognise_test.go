package native_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// told are the chunks that rows are told to be, -1 for one that is none, and
// where each ends.
func told(r schema.Recogniser, records []schema.Record) (chunks, ends []int) {
	for n, rec := range records {
		row := make([]schema.Literal, len(rec.Fields))
		for i, f := range rec.Fields {
			row[i] = f.Value
		}
		if ended := r.Next(row); ended || n == len(records)-1 {
			chunk, ok := r.Chunk()
			if !ok {
				chunk = -1
			}
			chunks, ends = append(chunks, chunk), append(ends, n+1)
		}
	}
	return chunks, ends
}

// A chunk is told by its rows, and only by all of them as they are.
func TestChunksAreKnownByTheirRows(t *testing.T) {
	s := sample()
	users := s.header.Models[0]
	for id := 1000; id < 21000; id++ {
		s.records[users.Label] = append(s.records[users.Label], user(users, id, "user"))
	}
	records := s.records[users.Label]
	p := mustOpen(t, s.pack(t, native.WriterOptions{}), options())
	chunks, ends := told(p.Recogniser(users.Label), records)
	var all []int
	for n := range ends {
		all = append(all, n)
	}
	if diff := cmp.Diff(all, chunks); diff != "" || len(ends) < 5 {
		t.Fatalf("%d chunks (-want +got):\n%s", len(ends), diff)
	}
	third := ends[2] // the first record of the fourth chunk
	strange := slices.Clone(all)
	strange[3] = -1
	for name, edit := range map[string]func([]schema.Record) []schema.Record{
		"another value":        func(r []schema.Record) []schema.Record { r[third] = user(users, 1000+third-3, "other"); return r },
		"a row less":           func(r []schema.Record) []schema.Record { return slices.Delete(r, third, third+1) },
		"a row more":           func(r []schema.Record) []schema.Record { return slices.Insert(r, third, r[third]) },
		"rows in another turn": func(r []schema.Record) []schema.Record { r[third], r[third+1] = r[third+1], r[third]; return r },
		"a text in another column": func(r []schema.Record) []schema.Record {
			one := user(users, 1000+third-3, "user")
			one.Fields[3].Value, one.Fields[4].Value = one.Fields[4].Value, one.Fields[3].Value
			r[third] = one
			return r
		},
		"a value that is not canonical": func(r []schema.Record) []schema.Record {
			one := user(users, 1000+third-3, "user")
			one.Fields[1].Value.Kind = schema.StringLiteral
			r[third] = one
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := told(p.Recogniser(users.Label), edit(slices.Clone(records)))
			if diff := cmp.Diff(strange, got); diff != "" {
				t.Errorf("chunks (-want +got):\n%s", diff)
			}
		})
	}

	skip := make([]bool, len(ends))
	for n := range skip {
		skip[n] = n != 1 && n != 3
	}
	var numbers []int
	for rec, err := range p.Scan(t.Context(), schema.Selection{Model: users.Label, Skip: skip[:4]}) {
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, rec.Number)
		if want := records[rec.Number-1].Fields[0].Value; rec.Fields[0].Value != want {
			t.Fatalf("record %d is %v, not %v", rec.Number, rec.Fields[0].Value, want)
		}
	}
	var want []int
	for n := ends[0] + 1; n <= len(records); n++ {
		if n <= ends[1] || n > ends[2] {
			want = append(want, n)
		}
	}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestChunksThatRowsCannotTell(t *testing.T) {
	s := sample()
	s.header.Source.Dialect = "sqlite"
	users := s.header.Models[0]
	s.records[users.Label][1].Fields[3].Value = text("some day") // no time
	p := mustOpen(t, s.pack(t, native.WriterOptions{}), options())
	for model, why := range map[string]string{
		users.Label: "it has irregular values", "docs.document": "it has a many-to-many field", "none": "there is no such model",
	} {
		if p.Recogniser(model) != nil {
			t.Errorf("%s can be told by rows, though %s", model, why)
		}
	}
	if p.Recogniser("docs.empty") == nil {
		t.Error("a model without records cannot be told")
	}
	s = sample()
	s.header.Tables[0].PrimaryKey = nil
	p = mustOpen(t, s.pack(t, native.WriterOptions{}), options())
	if p.Recogniser(users.Label) != nil {
		t.Error("a table without a primary key can be told by rows")
	}
}
