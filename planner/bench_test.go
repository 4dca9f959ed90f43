package planner

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPlan plans 100,000 records that refer to 100 others: all unchanged,
// all added, all remapped, all with other members.
func BenchmarkPlan(b *testing.B) {
	const records = 100_000
	const tables = `
owners: id serial, login text ! unique
papers: id serial, code text ! unique, uuid uuid ! unique, title text, owner_id int -> owners, n int, at ts, slot text unique
`
	const pol = "model \"b.owner\" {\n table = owners\n natural_key = [login]\n}\nmodel \"b.paper\" {\n table = papers\n natural_key = [code]\n surrogate = [uuid]\n surrogate \"uuid\" { adopt = true }\n match = %s\n}"
	var live, pkg, moved strings.Builder
	var owners string
	for i := range 100 {
		fmt.Fprintf(&live, "owners {\"id\":%d,\"login\":\"u%d\"}\n", i+1, i)
		owners += fmt.Sprintf("b.owner {\"pk\":%d,\"login\":\"u%d\"}\n", i+1, i)
	}
	for i := range records {
		const common = `"code":"paper-%d","title":"A title of some length, number %d","n":%d,"at":"2025-01-02T03:04:05.123456Z","slot":"slot-%d","uuid":"00000000-0000-0000-%04x-%012x"`
		fmt.Fprintf(&live, "papers {\"id\":%d,\"owner_id\":%d,"+common+"}\n", i+1, i%100+1, i, i, i, i, 0, i)
		fmt.Fprintf(&pkg, "b.paper {\"pk\":%d,\"owner\":[\"u%d\"],"+common+"}\n", i+1, i%100, i, i, i, i, 0, i)
		fmt.Fprintf(&moved, "b.paper {\"pk\":%d,\"owner\":[\"u%d\"],"+common+"}\n", i+1, i%100, i, i, i, i, 1, i)
	}
	cases := []struct{ name, match, live, pkg string }{
		{"unchanged", "update", live.String(), owners + pkg.String()},
		{"added", "update", "", owners + pkg.String()},
		{"remapped", "keep", live.String(), owners + moved.String()},
		{"adopted", "update", live.String(), owners + moved.String()},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			in := world{tables: tables, policy: fmt.Sprintf(pol, c.match), live: c.live, pkg: c.pkg}.input(b)
			in.TempDir = b.TempDir()
			b.ReportAllocs()
			for b.Loop() {
				r, err := Plan(context.Background(), in)
				if err != nil {
					b.Fatal(err)
				}
				if r.Diagnostics.HasErrors() {
					b.Fatal(describe(r.Diagnostics))
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		})
	}
}
