package plans_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func at(file string, line, from, to int) diag.Range {
	return diag.Range{File: file, Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}}
}

func TestAppendJSON(t *testing.T) {
	tests := map[string]struct {
		record plans.Record
		want   string
	}{
		"an add has its content but not its fields": {
			plans.Record{
				Model: "users.role", Key: `["Author"]`, Action: plans.Add, PrimaryKey: "17", Content: "ab12",
				Fields: []plans.Field{{Name: "name", After: `"Author"`}},
			},
			`{"action":"add","model":"users.role","key":["Author"],"primary_key":17,"content":"ab12"}`,
		},
		"a stub has its fields, its reason and its rule": {
			plans.Record{
				Model: "users.user", Key: `["ghost"]`, Action: plans.Add, Stub: true,
				Reason: "referred to", Rule: at("edms.hcl", 31, 3, 18),
				Fields: []plans.Field{{Name: "username", After: `"ghost"`}},
			},
			`{"action":"add","model":"users.user","key":["ghost"],"stub":true,"reason":"referred to",` +
				`"rule":"edms.hcl:31,3-18","fields":[{"name":"username","after":"ghost"}]}`,
		},
		"a destroy has no fields": {
			plans.Record{
				Model: "users.user", Key: `["temp01"]`, Action: plans.Destroy,
				Fields: []plans.Field{{Name: "username", Before: `"temp01"`}},
			},
			`{"action":"destroy","model":"users.user","key":["temp01"]}`,
		},
		"a sensitive value is masked on both sides, null as well": {
			plans.Record{
				Model: "users.user", Key: `["u"]`, OldKey: `["v"]`, Action: plans.Change, Hidden: 3,
				Fields: []plans.Field{
					{Name: "password", Before: `"hunter2"`, After: "null", Sensitive: true},
					{Name: "age", Before: "null", After: "12.30"},
				},
			},
			`{"action":"change","model":"users.user","key":["u"],"old_key":["v"],"hidden":3,"fields":[` +
				`{"name":"password","before":"(sensitive value)","after":"(sensitive value)","sensitive":true},` +
				`{"name":"age","before":null,"after":12.30}]}`,
		},
		"a value that is not JSON becomes a string, and a line stays a line": {
			plans.Record{
				Model: "m.m", Key: "[\n1]", Action: plans.Change,
				Fields: []plans.Field{{Name: "f", Before: `{"a":`, After: plans.Value("[1,\r\n2]")}},
			},
			`{"action":"change","model":"m.m","key":[ 1],"fields":[{"name":"f","before":"{\"a\":","after":[1,  2]}]}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(tt.record.AppendJSON(nil))); diff != "" {
				t.Errorf("line differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSealIsTheSHA256OfTheLines(t *testing.T) {
	a := plans.Record{Model: "a.a", Key: "[1]", Action: plans.Add}
	b := plans.Record{Model: "b.b", Key: "[2]", Action: plans.Destroy}
	s := plans.NewSeal()
	s.Add(&a)
	s.Add(&b)
	sum := sha256.Sum256([]byte(string(a.AppendJSON(nil)) + "\n" + string(b.AppendJSON(nil)) + "\n"))
	if want := hex.EncodeToString(sum[:]); s.Sum() != want {
		t.Errorf("Sum() = %s, want %s", s.Sum(), want)
	}
}

func values() *rapid.Generator[plans.Value] {
	text := rapid.Map(rapid.String(), func(s string) plans.Value {
		return plans.Value(plans.Value("x" + s).AppendTo(nil)) // quotes what is no JSON
	})
	return rapid.OneOf(text, rapid.SampledFrom([]plans.Value{
		"null", "true", "12.30", "-1e400", `["a","b"]`, `{"a":1,"a":2}`, `"\ud800"`, "[]", `[["a"],null]`,
	}))
}

func fields() *rapid.Generator[plans.Field] {
	return rapid.Custom(func(t *rapid.T) plans.Field {
		return plans.Field{
			Name:   rapid.String().Draw(t, "name"),
			Before: values().Draw(t, "before"), After: values().Draw(t, "after"),
			Sensitive: rapid.Bool().Draw(t, "sensitive"),
		}
	})
}

func records() *rapid.Generator[plans.Record] {
	return rapid.Custom(func(t *rapid.T) plans.Record {
		r := plans.Record{
			Model: rapid.String().Draw(t, "model"), Key: values().Draw(t, "key"),
			Action: rapid.SampledFrom([]plans.Action{plans.Add, plans.Change, plans.Destroy, plans.Remap}).Draw(t, "action"),
			Hidden: rapid.IntRange(0, 40).Draw(t, "hidden"), Stub: rapid.Bool().Draw(t, "stub"),
			Reason: rapid.String().Draw(t, "reason"), Content: rapid.StringMatching(`[0-9a-f]{0,8}`).Draw(t, "content"),
			Fields: rapid.SliceOfN(fields(), 0, 4).Draw(t, "fields"),
		}
		if rapid.Bool().Draw(t, "ruled") {
			n := rapid.IntRange(1, 9999)
			r.Rule = at(rapid.StringMatching(`[a-z:,-]{1,9}`).Draw(t, "file"), n.Draw(t, "l"), n.Draw(t, "c"), n.Draw(t, "d"))
			if rapid.Bool().Draw(t, "several lines") {
				r.Rule.End.Line++
			}
		}
		return r
	})
}

func TestDecodeRecordReadsWhatAppendJSONWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		line := r.AppendJSON(nil)
		if strings.ContainsAny(string(line), "\r\n") {
			t.Fatalf("not one line: %q", line)
		}
		got, err := plans.DecodeRecord(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if diff := cmp.Diff(r.Sealed(), *got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("record differs (-want +got):\n%s", diff)
		}
		if again := got.AppendJSON(nil); string(again) != string(line) {
			t.Fatalf("encoded again:\n%s\n%s", line, again)
		}
	})
}

func TestAppendToSurvivesDeepNesting(t *testing.T) {
	deep := plans.Value(strings.Repeat("[", 9998) + strings.Repeat("]", 9998))
	r := plans.Record{Model: "m.m", Key: "[1]", Action: plans.Change, Fields: []plans.Field{{Name: "f", Before: deep, After: "1"}}}
	if _, err := plans.DecodeRecord(r.AppendJSON(nil)); err != nil {
		t.Errorf("a deeply nested value cannot be read again: %v", err)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(`{"action":"change","model":"m","key":[1],"rule":"a:1,2-3","fields":[{"name":"a","before":1,"after":2}]}`))
	f.Add([]byte(`{"action":"add","rule":":"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := plans.DecodeRecord(line)
		if err != nil {
			return
		}
		if _, err := plans.DecodeRecord(r.AppendJSON(nil)); err != nil {
			t.Errorf("decoded %q, encoded it and could not decode that: %v", line, err)
		}
	})
}
