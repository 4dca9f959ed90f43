package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
)

// people is a table with one of each identifier.
const people = `
people: id serial, login varchar(8) ! unique, uuid uuid ! unique, mail text, born int, card text
papers: id serial, code text ! unique, owner_id int -> people, extra json
`

// loose is people without what keeps logins unique and given.
const loose = `
people: id serial, login text, uuid uuid unique, mail text, card text
papers: id serial, code text
`

const (
	one   = "11111111-1111-1111-1111-111111111111"
	two   = "22222222-2222-2222-2222-222222222222"
	three = "33333333-3333-3333-3333-333333333333"
)

func person(attributes string) string {
	return `
model "p.person" {
  table = people
  natural_key = [login]
  surrogate = [uuid, card]
` + attributes + `
}
model "p.paper" {
  table = papers
  natural_key = [code]
}
`
}

// outcomes are what a case wants; nil means none.
type wants struct{ changes, remaps, skips, problems []string }

func (w wants) compare(t *testing.T, o *outcome) {
	t.Helper()
	got := wants{o.changes, o.remaps, o.skips, o.problems}
	if diff := cmp.Diff(w, got, cmp.AllowUnexported(wants{})); diff != "" {
		t.Error(diff)
		t.Log(describe(o.result.Diagnostics))
	}
}

func TestMatching(t *testing.T) {
	cases := map[string]struct {
		attributes, live, pkg string
		tables                string // empty: people
		want                  wants
	}{
		"natural key and surrogate hit the same row, nothing differs": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a@x"}`,
			pkg:  `p.person {"pk":7,"login":"ada","uuid":"` + one + `","mail":"a@x"}`,
		},
		"natural key and surrogate hit the same row, a field differs": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a@x"}`,
			pkg:  `p.person {"pk":7,"login":"ada","uuid":"` + one + `","mail":"b@x"}`,
			want: wants{changes: []string{`~ p.person ["ada"] mail "a@x" -> "b@x"`}},
		},
		"natural key hits and surrogate differs: the live one stays": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg: `p.person {"pk":3,"login":"ada","uuid":"` + two + `"}
				p.paper {"pk":1,"code":"A","owner":3}`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`, `+ p.paper ["A"] pk 1 code "A" owner ["ada"]`},
				remaps:  []string{`p.person ["ada"] id 3 is 7, 1`, `p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
			},
		},
		"natural key hits, surrogate differs, adopt and it is free": {
			attributes: `surrogate "uuid" { adopt = true }`,
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg:        `p.person {"pk":7,"login":"ada","uuid":"` + two + `"}`,
			want:       wants{changes: []string{`~ p.person ["ada"] uuid "` + one + `" -> "` + two + `"`}},
		},
		"natural key hits, surrogate differs, adopt and another row has it": {
			attributes: `surrogate "uuid" { adopt = true }`,
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}
				people {"id":8,"login":"bob","uuid":"` + two + `"}`,
			pkg: `p.person {"pk":7,"login":"ada","uuid":"` + two + `"}`,
			want: wants{
				remaps:   []string{`p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
				problems: []string{`error collision.uuid p.person ["ada"]`},
			},
		},
		"adopt does not touch a row that match = keep leaves alone": {
			attributes: "match = keep\nsurrogate \"uuid\" { adopt = true }",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg:        `p.person {"pk":7,"login":"ada","uuid":"` + two + `"}`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`},
				remaps:  []string{`p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
			},
		},
		"surrogate hits another row than the natural key": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}
				people {"id":8,"login":"bob","uuid":"` + two + `"}`,
			pkg: `p.person {"login":"ada","uuid":"` + two + `"}`,
			want: wants{
				remaps:   []string{`p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
				problems: []string{`error collision.uuid p.person ["ada"]`},
			},
		},
		"surrogate hits another row than the natural key, remint": {
			attributes: "on_collision = remint",
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}
				people {"id":8,"login":"bob","uuid":"` + two + `"}`,
			pkg: `p.person {"login":"ada","uuid":"` + two + `"}`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`},
				remaps:  []string{`p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
			},
		},
		"surrogate hits and natural key nothing: fail": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg:  `p.person {"login":"eve","uuid":"` + one + `"}`,
			want: wants{problems: []string{
				`error collision.uuid p.person ["eve"]`,
			}},
		},
		"surrogate hits and natural key nothing: rename": {
			attributes: "on_collision = rename",
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a@x"}
				papers {"id":1,"code":"A","owner_id":7}`,
			pkg: `p.person {"pk":7,"login":"eve","uuid":"` + one + `","mail":"e@x"}
				p.paper {"pk":1,"code":"A","owner":["eve"]}`,
			want: wants{changes: []string{`~ p.person ["eve"] was ["ada"] login "ada" -> "eve" mail "a@x" -> "e@x"`}},
		},
		"surrogate hits and natural key nothing: rename under another primary key": {
			attributes: "on_collision = rename",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg: `p.person {"pk":3,"login":"eve","uuid":"` + one + `"}
				p.paper {"pk":1,"code":"A","owner":3}`,
			want: wants{
				changes: []string{`~ p.person ["eve"] was ["ada"] login "ada" -> "eve"`, `+ p.paper ["A"] pk 1 code "A" owner ["eve"]`},
				remaps:  []string{`p.person ["eve"] id 3 is 7, 1`},
			},
		},
		"rename takes the row that would have been destroyed": {
			attributes: "on_collision = rename\nabsent = destroy",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg:        `p.person {"pk":7,"login":"eve","uuid":"` + one + `"}`,
			want:       wants{changes: []string{`~ p.person ["eve"] was ["ada"] login "ada" -> "eve"`}},
		},
		"rename does not take a row that is another record of the package": {
			attributes: "on_collision = rename",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg: `p.person {"login":"ada","uuid":"` + two + `"}
				p.person {"login":"eve","uuid":"` + one + `"}`,
			want: wants{
				changes:  []string{`<> p.person ["ada"]`},
				remaps:   []string{`p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
				problems: []string{`error collision.uuid p.person ["eve"]`},
			},
		},
		"surrogate hits and natural key nothing: remint": {
			attributes: "on_collision = remint",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg:        `p.person {"pk":9,"login":"eve","uuid":"` + one + `"}`,
			want: wants{changes: []string{
				`+ p.person ["eve"] pk 9 login "eve" uuid "` + newUUID("p.person", "uuid", "\x03eve") + `"`,
			}},
		},
		"a uuid that the package lacks is made of model and key": {
			pkg: `p.person {"pk":9,"login":"eve"}`,
			want: wants{changes: []string{
				`+ p.person ["eve"] pk 9 login "eve" uuid "` + newUUID("p.person", "uuid", "\x03eve") + `"`,
			}},
		},
		"two records of the package with one surrogate": {
			attributes: "on_collision = rename",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg: `p.person {"pk":1,"login":"eve","uuid":"` + one + `"}
				p.person {"pk":2,"login":"eva","uuid":"` + one + `"}`,
			want: wants{problems: []string{`error surrogate.duplicate p.person ["eva"]`}},
		},
		"two records of the package have the surrogates of one live row": {
			attributes: "on_collision = rename",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `","card":"c"}`,
			pkg: `p.person {"login":"eve","uuid":"` + one + `","card":"d"}
				p.person {"login":"eva","uuid":"` + two + `","card":"c"}`,
			want: wants{
				changes:  []string{`~ p.person ["eve"] was ["ada"] login "ada" -> "eve"`},
				remaps:   []string{`p.person ["eve"] card "d" is "c", 0`},
				problems: []string{`error collision.card p.person ["eva"]`},
			},
		},
		"natural key hits several live rows": {
			tables: loose,
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}
				people {"id":8,"login":"ada","uuid":"` + two + `"}`,
			pkg:  `p.person {"login":"ada","uuid":"` + one + `"}`,
			want: wants{problems: []string{`error key.duplicate_live p.person ["ada"]`}},
		},
		"natural key hits several live rows of a record that match = keep skips": {
			tables:     loose,
			attributes: "match = keep",
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}
				people {"id":8,"login":"ada","uuid":"` + two + `"}`,
			pkg: `p.person {"login":"ada","uuid":"` + one + `","mail":"new"}`,
			want: wants{
				skips:    []string{`p.person ["ada"]: it differs from the live record, and match = keep`},
				problems: []string{`error key.duplicate_live p.person ["ada"]`},
			},
		},
		"natural key hits several records of the package": {
			pkg: `p.person {"login":"ada","uuid":"` + one + `","mail":"a"}
				p.person {"login":"ada","uuid":"` + one + `","mail":"b"}`,
			want: wants{problems: []string{`error key.duplicate_package p.person ["ada"]`}},
		},
		"records equal in every field, fail": {
			pkg: `p.person {"login":"ada","uuid":"` + one + `"}
				p.person {"login":"ada","uuid":"` + one + `"}`,
			want: wants{problems: []string{`error key.duplicate_package p.person ["ada"]`}},
		},
		"records equal in every field, first": {
			attributes: "on_duplicate = first",
			pkg: `p.person {"pk":4,"login":"ada","uuid":"` + one + `"}
				p.person {"pk":3,"login":"ada","uuid":"` + one + `"}
				p.paper {"pk":1,"code":"A","owner":3}
				p.paper {"pk":2,"code":"B","owner":4}`,
			want: wants{
				changes: []string{
					`+ p.person ["ada"] pk 3 login "ada" uuid "` + one + `"`,
					`+ p.paper ["A"] pk 1 code "A" owner ["ada"]`, `+ p.paper ["B"] pk 2 code "B" owner ["ada"]`,
				},
				skips: []string{`p.person ["ada"]: it equals record 2 in every field, and on_duplicate = first`},
			},
		},
		"the primary key is taken": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg: `p.person {"pk":7,"login":"bob","uuid":"` + two + `"}
				p.paper {"pk":1,"code":"A","owner":7}`,
			want: wants{changes: []string{`+ p.person ["bob"] login "bob" uuid "` + two + `"`, `+ p.paper ["A"] pk 1 code "A" owner ["bob"]`}},
		},
		"the primary key is free": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `"}`,
			pkg:  `p.person {"pk":3,"login":"bob","uuid":"` + two + `"}`,
			want: wants{changes: []string{`+ p.person ["bob"] pk 3 login "bob" uuid "` + two + `"`}},
		},
		"the primary key is new": {
			attributes: "primary_key = new",
			pkg:        `p.person {"pk":3,"login":"bob","uuid":"` + two + `"}`,
			want:       wants{changes: []string{`+ p.person ["bob"] login "bob" uuid "` + two + `"`}},
		},
		"two records of the package with one primary key": {
			pkg: `p.person {"pk":3,"login":"ada","uuid":"` + one + `"}
				p.person {"pk":3,"login":"bob","uuid":"` + two + `"}`,
			want: wants{problems: []string{`error key.duplicate_primary p.person ["bob"]`}},
		},
		"match = keep": {
			attributes: "match = keep",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a"}`,
			pkg:        `p.person {"login":"ada","uuid":"` + one + `","mail":"b"}`,
			want:       wants{skips: []string{`p.person ["ada"]: it differs from the live record, and match = keep`}},
		},
		"match = fail": {
			attributes: "match = fail",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a"}`,
			pkg:        `p.person {"login":"ada","uuid":"` + one + `","mail":"b"}`,
			want:       wants{problems: []string{`error match.fail p.person ["ada"]`}},
		},
		"ignore is compared never and written on add": {
			attributes: "ignore = [mail]",
			live:       `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a"}`,
			pkg: `p.person {"login":"ada","uuid":"` + one + `","mail":"b"}
				p.person {"pk":9,"login":"bob","uuid":"` + two + `","mail":"c"}`,
			want: wants{changes: []string{`+ p.person ["bob"] pk 9 login "bob" uuid "` + two + `" mail "c"`}},
		},
		"the empty text is not null": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","mail":null}
				people {"id":8,"login":"bob","uuid":"` + two + `","mail":""}`,
			pkg: `p.person {"login":"ada","uuid":"` + one + `","mail":""}
				p.person {"login":"bob","uuid":"` + two + `","mail":null}`,
			want: wants{changes: []string{`~ p.person ["ada"] mail null -> ""`, `~ p.person ["bob"] mail "" -> null`}},
		},
		"a field that the package lacks stays": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a","born":1}`,
			pkg:  `p.person {"login":"ada","mail":"b"}`,
			want: wants{changes: []string{`~ p.person ["ada"] mail "a" -> "b"`}},
		},
		"a part of the natural key is null": {
			pkg:  `p.person {"pk":1,"login":null}`,
			want: wants{problems: []string{`error key.incomplete.login p.person`}},
		},
		"a part of the natural key is missing": {
			pkg:  `p.person {"pk":1,"mail":"a"}`,
			want: wants{problems: []string{`error key.incomplete.login p.person`}},
		},
		"a missing part of the natural key is derived": {
			attributes: `derive "login" { value = lower(self.mail) }`,
			pkg:        `p.person {"pk":1,"mail":"ADA","uuid":"` + one + `"}`,
			want:       wants{changes: []string{`+ p.person ["ada"] pk 1 login "ada" uuid "` + one + `" mail "ADA"`}},
		},
		"a field that the table has not": {
			pkg:  `p.person {"pk":1,"login":"ada","uuid":"` + one + `","mial":"a"}`,
			want: wants{problems: []string{`error package.unknown_field.mial p.person`}},
		},
		"a field that the policy discards": {
			attributes: "discard = [mial]",
			pkg:        `p.person {"pk":1,"login":"ada","uuid":"` + one + `","mial":"a"}`,
			want:       wants{changes: []string{`+ p.person ["ada"] pk 1 login "ada" uuid "` + one + `"`}},
		},
		"a field given twice, by its name and its column's": {
			pkg: `p.person {"pk":1,"login":"ada","uuid":"` + one + `"}
				p.paper {"pk":1,"code":"A","owner":1,"owner_id":null}`,
			want: wants{
				changes:  []string{`+ p.person ["ada"] pk 1 login "ada" uuid "` + one + `"`},
				problems: []string{`error package.value.owner p.paper`},
			},
		},
		"a model that the policy does not know": {
			pkg:  `p.persno {"pk":1}`,
			want: wants{problems: []string{`error package.unknown_model`}},
		},
		"the package's labels in other letters": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a@x"}`,
			pkg:  `p.Person {"pk":7,"login":"ada","uuid":"` + one + `","mail":"b@x"}`,
			want: wants{changes: []string{`~ p.person ["ada"] mail "a@x" -> "b@x"`}},
		},
		"a live row whose natural key is null is kept": {
			tables:     loose,
			attributes: "absent = destroy",
			live:       `people {"id":7,"login":null,"uuid":"` + one + `"}`,
			want:       wants{problems: []string{`warning key.null_live p.person`}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.tables == "" {
				c.tables = people
			}
			c.want.compare(t, world{tables: c.tables, policy: person(c.attributes), live: c.live, pkg: c.pkg}.run(t))
		})
	}
}

// A remedy is not what the policy says already.
func TestACollisionThatARenameDoesNotSettle(t *testing.T) {
	for name, tt := range map[string]struct{ live, pkg string }{
		"two records have swapped their names": {
			live: `people {"id":1,"login":"ada","uuid":"` + one + `"}
				people {"id":2,"login":"eve","uuid":"` + two + `"}`,
			pkg: `p.person {"login":"eve","uuid":"` + one + `"}
				p.person {"login":"ada","uuid":"` + two + `"}`,
		},
		"the row is another record of the package": {
			live: `people {"id":1,"login":"ada","uuid":"` + one + `"}`,
			pkg: `p.person {"login":"ada","uuid":"` + two + `"}
				p.person {"login":"eve","uuid":"` + one + `"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := plan(t, world{tables: people, policy: person("on_collision = rename"), live: tt.live, pkg: tt.pkg}.input(t))
			for _, d := range o.result.Diagnostics {
				if d.Code == "collision.uuid" && !strings.HasPrefix(d.Remedy, "on_collision = rename does not settle it") {
					t.Errorf("the remedy is %q", d.Remedy)
				}
			}
			if len(o.problems) == 0 {
				t.Error("there is no collision")
			}
		})
	}
}

// Members of records that a rule leaves out are not among the unchanged.
func TestMembersOfKeptRowsAreNotCounted(t *testing.T) {
	in := world{
		tables: docs, policy: fill(docsPolicy, "USER", "", "PAPER", "match = keep", "VERSION", ""),
		live: `users {"id":1,"login":"ada","password":"x"}
			users {"id":2,"login":"bob","password":"x"}
			papers {"id":1,"number":"A"}
			papers_readers {"id":1,"paper_id":1,"user_id":2}`,
		pkg: `d.user {"pk":1,"login":"ada","password":"x"}
			d.paper {"pk":1,"number":"A","readers":[["ada"]]}`,
	}.input(t)
	for _, a := range plan(t, in).result.Accounting {
		if a.Model != "d.paper" {
			continue
		}
		want := []plans.Links{{Field: "readers", Table: "papers_readers", Live: 1}}
		if diff := cmp.Diff(want, a.Links); diff != "" {
			t.Errorf("links (-want +got):\n%s", diff)
		}
	}
}
