package main

import (
	"context"
	"io"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/schema"
)

// microRows is the size of the benchmarks of single parts on these rows. Those
// of the join, of encoding and of our own format stand beside the code, in
// planner and providers/backup.
const microRows = 20_000

// drain reads all records of a model and gives their number.
func drain(b *testing.B, from schema.Source, s schema.Selection) int {
	n := 0
	for _, err := range from.Scan(context.Background(), s) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

func perRecord(b *testing.B, records int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

// BenchmarkGenerate is not of edmsplan: it is what a run waits for.
func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := writeFixture(io.Discard, tables(microRows), false); err != nil {
			b.Fatal(err)
		}
	}
	perRecord(b, b.N*microRows)
}

func BenchmarkScanPostgres(b *testing.B) {
	url := server.Database(b)
	server.Exec(b, url, schemaFor("postgres"))
	if err := load(b.Context(), url, tables(microRows), false); err != nil {
		b.Fatal(err)
	}
	db, err := postgres.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	view, err := db.View(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = view.Close() }()
	catalogue, err := view.Catalogue(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		for _, t := range catalogue.Tables {
			s := schema.Selection{Table: t}
			for _, c := range t.Columns {
				s.Columns = append(s.Columns, c.Name)
			}
			records += drain(b, view, s)
		}
	}
	perRecord(b, records)
}

func BenchmarkDecodeFixture(b *testing.B) {
	p := &place{dir: b.TempDir(), tables: tables(microRows)}
	fixture, err := p.fixture(b.Context(), false)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		pkg, err := django.Open(b.Context(), fixture, backup.DefaultLimits())
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range pkg.Contents() {
			records += drain(b, pkg, schema.Selection{Model: c.Model})
		}
		_ = pkg.Close()
	}
	perRecord(b, records)
}
