package django

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// A string ends at the first quote that no backslash stands before, wherever
// that is and whatever bytes are around it.
func TestStringsEndAtTheirQuote(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		// Bytes that differ in one bit from those looked for, or borrow from them.
		b := append([]byte{'"'}, rapid.SliceOfN(rapid.SampledFrom([]byte("aaaaaa#]!\x00\x01\x80\xa2\xdc\xff\"\\")), 0, 40).Draw(r, "bytes")...)
		end, plain, ended := len(b), true, false
		for i := 1; i < len(b); i++ {
			if b[i] == '"' {
				end, ended = i+1, true
				break
			}
			if b[i] == '\\' {
				plain = false
				i++
			}
		}
		w := walker{b: b}
		if got := w.str(); got != (span{0, end}) || w.i != end || w.plain != (plain && ended) {
			t.Fatalf("%q: %v, plain %v, want the end at %d, plain %v", b, got, w.plain, end, plain && ended)
		}
	})
}

// What a builder makes does not depend on the records it made before.
func TestABuilderForgetsTheRecordBefore(t *testing.T) {
	name := rapid.SampledFrom([]string{`a`, `b`, `long name`, `a\\b`, `a\\\\b`, `\u0061`, `é`, ``})
	value := rapid.SampledFrom([]string{`null`, `1`, `true`, `""`, `"x"`, `"\u0061\n"`, `[1, "\u0061"]`, `{"p": [ ]}`})
	record := rapid.Custom(func(r *rapid.T) string {
		var fields []string
		for _, n := range rapid.SliceOfN(name, 0, 5).Draw(r, "names") {
			fields = append(fields, fmt.Sprintf(`"%s": %s`, n, value.Draw(r, "value")))
		}
		members := []string{`"model": "a.b"`, `"fields": {` + strings.Join(fields, ", ") + `}`}
		if rapid.Bool().Draw(r, "keyed") {
			members = append(members, `"pk": `+rapid.SampledFrom([]string{`7`, `"k"`, `null`}).Draw(r, "pk"))
		}
		return "{" + strings.Join(rapid.Permutation(members).Draw(r, "members"), ", ") + "}"
	})
	rapid.Check(t, func(r *rapid.T) {
		var used builder
		for _, text := range rapid.SliceOfN(record, 1, 6).Draw(r, "records") {
			cut := rapid.IntRange(0, len(text)-1).Draw(r, "cut")
			if _, n, _ := used.build([]byte(text[:cut]), "a.b"); n != 0 {
				t.Fatalf("%s is taken for a record", text[:cut])
			}
			damaged := []byte(text)
			damaged[cut] = rapid.SampledFrom([]byte(`"\{}[]:,7 `)).Draw(r, "byte")
			used.build(damaged, "a.b") // which must not panic
			used.build([]byte(strings.Replace(text, `"a.b"`, "7", 1)), "a.b")
			var fresh builder
			got, n, ok := used.build([]byte(text), "a.b")
			want, _, _ := fresh.build([]byte(text), "a.b")
			if !ok || n != len(text) {
				t.Fatalf("%s: %d bytes, %v", text, n, ok)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-fresh +used):\n%s", text, diff)
			}
		}
	})
}

// The texts of a record are those that its fields have, in one string.
func TestABuilderReadsEachKindOfValue(t *testing.T) {
	var b builder
	rec, _, ok := b.build([]byte(`{"fields": {"n": null, "t": true, "i": -1.50, "s": "q\"\u00e9", "p": "plain", "\u006c": [ 1, "\u0061" ], "o": {"k": "}"}, "e": ""}, "pk": "k\\", "model": "A.B"}`), "a.b")
	if !ok {
		t.Fatal("it is not taken")
	}
	var got []string
	for _, f := range append(slices.Clone(rec.Fields), schema.Field{Name: "pk", Value: rec.PK}) {
		got = append(got, fmt.Sprintf("%s %d %s", f.Name, f.Value.Kind, f.Value.Text))
	}
	want := []string{
		fmt.Sprintf("n %d ", schema.NullLiteral), fmt.Sprintf("t %d true", schema.BoolLiteral), fmt.Sprintf("i %d -1.50", schema.NumberLiteral),
		fmt.Sprintf("s %d q\"é", schema.StringLiteral), fmt.Sprintf("p %d plain", schema.StringLiteral),
		fmt.Sprintf("l %d [1,\"a\"]", schema.ListLiteral), fmt.Sprintf("o %d {\"k\":\"}\"}", schema.ObjectLiteral),
		fmt.Sprintf("e %d ", schema.StringLiteral), fmt.Sprintf("pk %d k\\", schema.StringLiteral),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
