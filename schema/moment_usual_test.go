package schema

import (
	"testing"

	"pgregory.net/rapid"
)

// What is parsed at a glance is what parsing it gives.
func TestUsualMomentsAreParsedAlike(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		of := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
		day := of("year", "2025", "2024", "0001", "9999", "0000", "10000") + "-" + of("month", "01", "02", "04", "12", "00", "13") + "-" +
			of("day", "01", "28", "29", "30", "31", "00", "32", "1x")
		clock := of("between", " ", "T", "") + of("hour", "00", "23", "24") + ":" + of("minute", "00", "59", "60") + ":" + of("second", "00", "59", "60")
		fraction := of("fraction", "", ".", ".5", ".50", ".545", ".540", ".000", ".123456", ".1234560", ".12345x", ".000000")
		return of("shape", day, day+clock+fraction+of("zone", "", "Z", "+00", "+00:00", "+02", "-00", "+00:00:00", " BC"))
	})
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		for _, kind := range []Kind{Date, Time, Timestamp, TimestampTZ} {
			fast, ok := usualMoment(kind, s)
			if !ok {
				continue
			}
			m, err := readMoment(kind, s, errTimestamp)
			want := NewValue("")
			if err == nil {
				want.Text = m.text(kind)
			}
			if m.digits == 3 {
				want.Digits = 3
			}
			if err != nil || fast != want {
				t.Fatalf("%s %q: %+v at a glance, else %+v, %v", kind, s, fast, want, err)
			}
		}
	})
}

func BenchmarkParseMoment(b *testing.B) {
	typ := Type{Kind: TimestampTZ}
	l := Literal{Kind: StringLiteral, Text: "2025-12-31T08:19:38.545000Z"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := typ.Parse(l); err != nil {
			b.Fatal(err)
		}
	}
}
