package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
)

func TestCellsOfAChange(t *testing.T) {
	long := strings.Repeat("word ", 40)
	tests := map[string]struct {
		before, after plans.Value
		want          []string
	}{
		"short values stand side by side": {`"a"`, `"b"`, []string{`~ f = "a" -> "b"`}},
		"a value instead of null":         {"null", "17", []string{"+ f = 17"}},
		"an empty text is not null":       {`""`, "null", []string{`- f = "" -> null`}},
		"a long text that begins is cut and says so": {
			"null", quoteText(long),
			[]string{`+ f = "` + strings.Repeat("word ", 20) + `…" (100 characters cut)`},
		},
		"long texts are compared by words, whole ones": {
			quoteText(long + "within five days. " + long), quoteText(long + "within fifteen days. " + long),
			[]string{
				"~ f = (418 -> 421 characters)",
				"    (177 characters cut) …rd word word word word within [-five-]{+fifteen+} days. word word word word wor… (177 characters cut)",
			},
		},
		"numbers keep their text": {"12.30", "12.31", []string{"~ f = 12.30 -> 12.31"}},
		"objects are compared by path, however spelt": {
			`{"a":{"b":1.0,"c":"\u0041"},"d":[1,{"e":2}]}`, `{"d":[1,{"e":3}],"a":{"c":"A","b":1}}`,
			[]string{"~ f { d[1].e: 2 -> 3 }"},
		},
		"members that come and go": {
			`{"gone":1}`, `{"new":{"x":[]}}`, []string{`~ f { - gone: 1, + new: {"x":[]} }`},
		},
		"a name with a dot is quoted": {`{"a.b":1}`, `{"a.b":2}`, []string{`~ f { "a.b": 1 -> 2 }`}},
		"many paths stand in lines": {
			`{"a":1,"b":1,"c":1,"d":1}`, `{"a":2,"b":2,"c":2,"d":2}`,
			[]string{"~ f {", "    a: 1 -> 2", "    b: 1 -> 2", "    c: 1 -> 2", "    d: 1 -> 2", "  }"},
		},
		"objects equal but for spelling are shown whole": {
			`{"a":1}`, `{"a":1.0}`, []string{`~ f = {"a":1} -> {"a":1.0}`},
		},
		"long lists are compared as sets": {
			plans.Value(`["a",` + strings.Repeat(`"x",`, 60) + `"b"]`), plans.Value(`["b",` + strings.Repeat(`"x",`, 60) + `"c"]`),
			[]string{"~ f = (62 -> 62 elements)", `    - "a"`, `    + "c"`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newChanges(&plans.Plan{}, nil, Options{})
			var b strings.Builder
			c.fieldLines(&b, &plans.Record{
				Action: plans.Change, Fields: []plans.Field{{Name: "f", Before: tt.before, After: tt.after}},
			})
			got := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], "      ")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("cell differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAHugeDifferenceIsCut(t *testing.T) {
	c := newChanges(&plans.Plan{}, nil, Options{})
	var a, b strings.Builder
	for i := range 200_000 {
		a.WriteString("old " + thousands(i) + " ")
		b.WriteString("new " + thousands(i) + " ")
	}
	for what, got := range map[string][]string{
		"a stretch too long to compare": c.words(a.String(), b.String()),
		"many differences":              c.words(a.String()[:5000], b.String()[:5000]),
	} {
		text := strings.Join(got, "\n")
		if len(text) > 3000 || !strings.Contains(text, "cut)") && !strings.Contains(text, "more differences") {
			t.Errorf("%s takes %d bytes: %.300s", what, len(text), text)
		}
	}
}

func TestVisible(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain text stays":                       {"Größe 日本 é", "Größe 日本 é"},
		"an escape sequence":                     {"\x1b[31m", `\u001b[31m`},
		"a control character of the second set":  {"\u009b2J", `\u009b2J`},
		"delete":                                 {"\x7f", `\u007f`},
		"an override of the direction":           {"a\u202eb\u2069", `a\u202eb\u2069`},
		"a line separator":                       {"a\u2028b", `a\u2028b`},
		"a tag character, as JSON spells it":     {"\U000e0041", `\udb40\udc41`},
		"bytes that are no UTF-8":                {"a\xffb", `a\ufffdb`},
		"a character that joins others, as text": {"👩\u200d🔬", "👩\u200d🔬"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := visible(tt.text); got != tt.want {
				t.Errorf("visible(%+q) = %+q, want %+q", tt.text, got, tt.want)
			}
		})
	}
}
