package native_test

import (
	"context"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

const benchRecords = 50_000

func writeBench(b *testing.B) *spool {
	b.Helper()
	s := sample()
	out := &spool{}
	w, err := native.NewWriter(out, s.header, native.WriterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range s.header.Models {
		records := each(nil)
		if m.Label == "users.user" {
			records = generated(m, benchRecords)
		}
		if _, err := w.WriteModel(context.Background(), m, records); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Finish(context.Background()); err != nil {
		b.Fatal(err)
	}
	_ = w.Close()
	return out
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		writeBench(b)
	}
	b.ReportMetric(benchRecords*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkScan(b *testing.B) {
	file := writeBench(b)
	p, err := native.Open(context.Background(), file, int64(file.n), "x.edmspkg", options())
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range p.Scan(context.Background(), schema.Selection{Model: "users.user"}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(benchRecords*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
