package planner

import (
	"strconv"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// decisions reads lines `DO MODEL RECORD[#NUMBER] [CODE…] [-> LIVE]`. The line
// is the decision's place.
func decisions(t testing.TB, text string) []plans.Decision {
	t.Helper()
	var out []plans.Decision
	for line := range lines(text) {
		said, live, _ := strings.Cut(line, " -> ")
		words := strings.Fields(said)
		if len(words) < 3 {
			t.Fatalf("decision %q", line)
		}
		name, number, _ := strings.Cut(words[2], "#")
		at := diag.Pos{Line: len(out) + 2, Column: 9}
		d := plans.Decision{
			Do: plans.Verdict(words[0]), Model: words[1], Package: name, Codes: words[3:], Live: live,
			Place: diag.Range{File: "conflicts.csv", Start: at, End: at},
		}
		d.Number, _ = strconv.Atoi(number)
		out = append(out, d)
	}
	return out
}

// decide plans a world under decisions. The package's order and the
// decisions' make no difference. A plan that can be applied is applied, and
// then there is nothing left to do: under the same decisions, or without them
// where they settled it for good.
func (w world) decide(t testing.TB, list []plans.Decision, forGood bool) *outcome {
	t.Helper()
	in := w.input(t)
	in.Decisions, in.Conflicts = list, true
	o := plan(t, in)
	balanced(t, o)
	silent(t, o)
	turned := in
	turned.Package = in.Package.(*memoryPackage).reversed()
	turned.Decisions = nil
	for i := range list {
		turned.Decisions = append(turned.Decisions, list[len(list)-1-i])
	}
	if other := plan(t, turned); other.digest != o.digest && !o.result.Diagnostics.HasErrors() {
		t.Errorf("the package in reverse gives another change set:\n%s\n%s", strings.Join(o.changes, "\n"), strings.Join(other.changes, "\n"))
	}
	sameAside(t, in)
	if o.result.Diagnostics.HasErrors() {
		return o
	}
	if len(o.result.Conflicts) > 0 {
		t.Errorf("conflicts of a plan that can be applied: %+v", o.result.Conflicts)
	}
	if forGood {
		in.Decisions = nil
	}
	converges(t, in, o)
	return o
}

// folk is two people here and a table that refers to them.
const folk = `people {"id":7,"login":"ada","uuid":"` + one + `","mail":"a@x","card":"hunter2"}
	people {"id":8,"login":"bob","uuid":"` + two + `","mail":"b@x"}
	papers {"id":1,"code":"A","owner_id":7}
	papers {"id":2,"code":"B","owner_id":8}`

const hexUUID = "abcdefab-cdef-abcd-efab-cdefabcdefab"

// twins is a table where two rows have the same login.
const twins = `
people: id serial, login text, uuid uuid unique, mail text, card text
papers: id serial, code text ! unique, owner_id int -> people
`

func TestDecisions(t *testing.T) {
	cases := map[string]struct {
		attributes, live, pkg, decisions string
		tables                           string // empty: people
		forGood                          bool
		want                             wants
	}{
		"map: the record is the row that has its surrogate, which keeps its name": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"robert","uuid":"` + two + `","mail":"r@x"}
				p.paper {"pk":2,"code":"B","owner":3}
				p.paper {"pk":9,"code":"C","owner":["robert"]}`,
			decisions: `map p.person ["robert"] collision.uuid -> 8`,
			want: wants{
				changes: []string{`~ p.person ["bob"] mail "b@x" -> "r@x"`, `+ p.paper ["C"] pk 9 code "C" owner ["bob"]`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 1`},
			},
		},
		"map: the record is the row of its natural key, which keeps its surrogate": {
			live:      folk,
			pkg:       `p.person {"login":"ada","uuid":"` + two + `"}`,
			decisions: `map p.person ["ada"] collision.uuid -> 7`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`},
				remaps:  []string{`p.person ["ada"] uuid "` + two + `" is "` + one + `", 0`},
			},
		},
		"map: natural key and surrogate hit two rows, and the record is the surrogate's": {
			live:      folk,
			pkg:       `p.person {"login":"ada","uuid":"` + two + `","mail":"new@x"}`,
			decisions: `map p.person ["ada"] collision.uuid -> 8`,
			want:      wants{changes: []string{`~ p.person ["bob"] mail "b@x" -> "new@x"`}},
		},
		"map: references by its natural key mean the row that it is mapped to, not the one that has the key here": {
			live: folk,
			pkg: `p.person {"login":"ada","uuid":"` + two + `","mail":"b@x"}
				p.paper {"code":"A","owner":["ada"]}
				p.paper {"code":"B","owner":["ada"]}`,
			decisions: `map p.person ["ada"] collision.uuid -> 8`,
			want:      wants{changes: []string{`~ p.paper ["A"] owner ["ada"] -> ["bob"]`}},
		},
		"map: two records are each the row that has the other's natural key": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"ada","uuid":"` + two + `","mail":"b@x"}
				p.person {"pk":4,"login":"bob","uuid":"` + one + `","mail":"a@x","card":"hunter2"}
				p.paper {"code":"A","owner":["ada"]}
				p.paper {"code":"B","owner":["bob"]}`,
			decisions: "map p.person [\"ada\"] collision.uuid -> 8\nmap p.person [\"bob\"] collision.uuid -> 7",
			want: wants{
				changes: []string{`<> p.person ["ada"]`, `<> p.person ["bob"]`, `~ p.paper ["A"] owner ["ada"] -> ["bob"]`, `~ p.paper ["B"] owner ["bob"] -> ["ada"]`},
				remaps:  []string{`p.person ["ada"] id 4 is 7, 0`, `p.person ["bob"] id 3 is 8, 0`},
			},
		},
		"map: one of two live rows with the natural key, the other stays as it is": {
			tables: twins,
			live: `people {"id":7,"login":"ada","mail":"a@x"}
				people {"id":8,"login":"ada","mail":"b@x"}
				papers {"id":1,"code":"A","owner_id":7}
				papers {"id":2,"code":"B","owner_id":8}`,
			pkg: `p.person {"pk":3,"login":"ada","mail":"c@x"}
				p.paper {"code":"A","owner":3}
				p.paper {"code":"B","owner":3}`,
			decisions: `map p.person ["ada"] key.duplicate_live -> 8`,
			want: wants{
				changes: []string{`~ p.person ["ada"] mail "b@x" -> "c@x"`, `~ p.paper ["A"] owner ["row 7"] -> ["ada"]`},
				remaps:  []string{`p.person ["ada"] id 3 is 8, 2`},
			},
		},
		"map: of two live rows with the natural key, absent = destroy takes the other": {
			tables: twins, attributes: "absent = destroy",
			live: `people {"id":7,"login":"ada","mail":"a@x"}
				people {"id":8,"login":"ada","mail":"b@x"}`,
			pkg:       `p.person {"login":"ada","mail":"b@x"}`,
			decisions: `map p.person ["ada"] key.duplicate_live -> 8`,
			forGood:   true,
			want:      wants{changes: []string{`- p.person ["row 7"] id 7 login "ada" uuid null mail "a@x" card null`}},
		},
		"rename: the row gets the record's name": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"robert","uuid":"` + two + `","mail":"b@x"}
				p.paper {"pk":2,"code":"B","owner":3}`,
			decisions: `rename p.person ["robert"] collision.uuid`,
			forGood:   true,
			want: wants{
				changes: []string{`~ p.person ["robert"] was ["bob"] login "bob" -> "robert"`},
				remaps:  []string{`p.person ["robert"] id 3 is 8, 1`},
			},
		},
		"rename: the target says which row": {
			live:      folk,
			pkg:       `p.person {"login":"robert","uuid":"` + two + `"}`,
			decisions: `rename p.person ["robert"] collision.uuid -> 8`,
			forGood:   true,
			want:      wants{changes: []string{`~ p.person ["robert"] was ["bob"] login "bob" -> "robert"`}},
		},
		"remint: a new record with a uuid of its own": {
			live:      folk,
			pkg:       `p.person {"login":"robert","uuid":"` + two + `"}`,
			decisions: `remint p.person ["robert"] collision.uuid`,
			want:      wants{changes: []string{`+ p.person ["robert"] login "robert" uuid "` + newUUID("p.person", "uuid", "\x06robert") + `"`}},
		},
		"remint: of two records of the package with one uuid, one gets another": {
			pkg: `p.person {"login":"ada","uuid":"` + one + `"}
				p.person {"login":"bob","uuid":"` + one + `"}`,
			decisions: `remint p.person ["bob"] surrogate.duplicate`,
			want: wants{changes: []string{
				`+ p.person ["ada"] login "ada" uuid "` + one + `"`,
				`+ p.person ["bob"] login "bob" uuid "` + newUUID("p.person", "uuid", "\x03bob") + `"`,
			}},
		},
		"skip: a record whose surrogate another row has": {
			live:      folk,
			pkg:       `p.person {"login":"robert","uuid":"` + two + `"}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want:      wants{skips: []string{`p.person ["robert"]: it was decided to skip it`}},
		},
		"skip: one of two records with the natural key, references to it mean the other": {
			pkg: `p.person {"pk":3,"login":"ada","mail":"a@x"}
				p.person {"pk":4,"login":"ada","mail":"b@x"}
				p.paper {"pk":1,"code":"A","owner":3}
				p.paper {"pk":2,"code":"B","owner":4}`,
			decisions: `skip p.person ["ada"]#2 key.duplicate_package`,
			want: wants{
				changes: []string{
					`+ p.person ["ada"] pk 3 login "ada" uuid "` + newUUID("p.person", "uuid", "\x03ada") + `" mail "a@x"`,
					`+ p.paper ["A"] pk 1 code "A" owner ["ada"]`, `+ p.paper ["B"] pk 2 code "B" owner ["ada"]`,
				},
				skips: []string{`p.person ["ada"]: it was decided to skip it`},
			},
		},
		"skip: all records with the natural key": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"ada","mail":"a@x"}
				p.person {"pk":4,"login":"ada","mail":"b@x"}
				p.paper {"code":"A","owner":3}`,
			decisions: `skip p.person ["ada"]#1 key.duplicate_package
				skip p.person ["ada"]#2 key.duplicate_package`,
			want: wants{skips: []string{`p.person ["ada"]: it was decided to skip it`, `p.person ["ada"]: it was decided to skip it`}},
		},
		"skip: one of two records with the same primary key": {
			pkg: `p.person {"pk":3,"login":"ada","uuid":"` + one + `"}
				p.person {"pk":3,"login":"bob","uuid":"` + two + `"}
				p.paper {"pk":1,"code":"A","owner":3}`,
			decisions: `skip p.person ["ada"] key.duplicate_primary`,
			want: wants{
				changes: []string{`+ p.person ["bob"] pk 3 login "bob" uuid "` + two + `"`, `+ p.paper ["A"] pk 1 code "A" owner ["bob"]`},
				skips:   []string{`p.person ["ada"]: it was decided to skip it`},
			},
		},
		"skip: a record without a natural key, by its number": {
			pkg: `p.person {"pk":3,"login":null,"uuid":"` + one + `"}
				p.person {"pk":4,"login":"bob","uuid":"` + two + `"}`,
			decisions: `skip p.person #1 key.incomplete.login`,
			want: wants{
				changes: []string{`+ p.person ["bob"] pk 4 login "bob" uuid "` + two + `"`},
				skips:   []string{`p.person : it was decided to skip it`},
			},
		},
		"skip: a record that several live rows could be": {
			tables: twins,
			live: `people {"id":7,"login":"ada"}
				people {"id":8,"login":"ada"}`,
			pkg:       `p.person {"login":"ada","mail":"c@x"}`,
			decisions: `skip p.person ["ada"] key.duplicate_live`,
			want:      wants{skips: []string{`p.person ["ada"]: it was decided to skip it`}},
		},
		"skip: which of several live rows a reference then means cannot be told": {
			tables: twins,
			live: `people {"id":7,"login":"ada"}
				people {"id":8,"login":"ada"}`,
			pkg: `p.person {"pk":3,"login":"ada","mail":"c@x"}
				p.paper {"code":"A","owner":3}`,
			decisions: `skip p.person ["ada"] key.duplicate_live`,
			want: wants{
				skips:    []string{`p.person ["ada"]: it was decided to skip it`},
				problems: []string{`error reference.missing.owner p.paper ["A"]`},
			},
		},
		"skip: a record that differs where match = fail": {
			attributes: "match = fail",
			live:       folk,
			pkg:        `p.person {"login":"ada","mail":"new@x"}`,
			decisions:  `skip p.person ["ada"] match.fail`,
			want:       wants{skips: []string{`p.person ["ada"]: it was decided to skip it`}},
		},
		"a known pair, by natural keys: the row keeps its own, references lead to it": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"a.lovelace","uuid":"` + three + `","mail":"a@x"}
				p.paper {"pk":1,"code":"A","owner":["a.lovelace"]}
				p.paper {"pk":9,"code":"C","owner":3}`,
			decisions: `map p.person ["a.lovelace"] -> ["ada"]`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`, `+ p.paper ["C"] pk 9 code "C" owner ["ada"]`},
				remaps:  []string{`p.person ["ada"] id 3 is 7, 1`, `p.person ["ada"] uuid "` + three + `" is "` + one + `", 0`},
			},
		},
		"a known pair, by primary keys": {
			live:      folk,
			pkg:       `p.person {"pk":3,"login":"a.lovelace","mail":"new@x"}`,
			decisions: `map p.person 3 -> 7`,
			want: wants{
				changes: []string{`~ p.person ["ada"] mail "a@x" -> "new@x"`},
				remaps:  []string{`p.person ["ada"] id 3 is 7, 0`},
			},
		},
		"a known pair, by uuids in any spelling": {
			live:      folk,
			pkg:       `p.person {"login":"a.love","uuid":"` + hexUUID + `","mail":"new@x"}`,
			decisions: `map p.person ` + strings.ToUpper(hexUUID) + ` -> ` + one,
			want: wants{
				changes: []string{`~ p.person ["ada"] mail "a@x" -> "new@x"`},
				remaps:  []string{`p.person ["ada"] uuid "` + hexUUID + `" is "` + one + `", 0`},
			},
		},
		"a known pair where one of two records with the natural key is another": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"ada","mail":"a@x"}
				p.person {"pk":4,"login":"ada","mail":"new@x"}
				p.paper {"code":"B","owner":4}`,
			decisions: `map p.person 4 -> 8`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`, `~ p.person ["bob"] mail "b@x" -> "new@x"`},
				remaps:  []string{`p.person ["ada"] id 3 is 7, 0`, `p.person ["bob"] id 4 is 8, 1`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{tables: people, policy: person(c.attributes), live: c.live, pkg: c.pkg}
			if c.tables != "" {
				w.tables = c.tables
			}
			c.want.compare(t, w.decide(t, decisions(t, c.decisions), c.forGood))
		})
	}
}

// A change names the decision that it comes of, and a missing reference the
// one that skips what it leads to.
func TestChangesNameTheDecision(t *testing.T) {
	w := world{tables: people, policy: person(""), live: folk, pkg: `p.person {"pk":3,"login":"robert","uuid":"` + two + `"}
		p.person {"pk":4,"login":"eve","uuid":"` + one + `"}
		p.paper {"code":"C","owner":4}`}
	in := w.input(t)
	in.Decisions = decisions(t, "rename p.person [\"robert\"] collision.uuid\nskip p.person [\"eve\"] collision.uuid")
	o := plan(t, in)
	for r, err := range o.result.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		if r.OldKey != "" && (r.Reason != "because it has the surrogate of a live record and it was decided to rename that" || r.Rule.File != "conflicts.csv") {
			t.Errorf("%s; %s", r.Reason, r.Rule)
		}
	}
	if got := describe(o.result.Diagnostics); !strings.Contains(got, `The package's p.person with the identifier 4 is skipped by a decision.`) {
		t.Error(got)
	}
}
