package planner

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
)

// A mapped record is found by whatever refers to it, however that is spelt and
// whatever the models look like.
func TestMappedRecordsAreFound(t *testing.T) {
	const live = `people {"id":7,"login":"bob","mail":"b@x"}
		people {"id":8,"login":"cy","mail":"c@x"}`
	cases := map[string]struct {
		tables, policy, live, pkg, decisions string
		target, exclude                      []string
		want                                 wants
	}{
		"in a natural key": {
			tables: "people: id serial, login text ! unique, mail text\nroles: id serial, person_id int ! -> people, name text !, note text, unique(person_id, name)",
			policy: "model \"p.person\" {\n table = people\n natural_key = [login]\n}\nmodel \"p.role\" {\n table = roles\n natural_key = [person, name]\n}",
			live:   live + "\nroles {\"id\":1,\"person_id\":7,\"name\":\"author\",\"note\":\"old\"}",
			pkg: `p.person {"pk":3,"login":"robert","mail":"b@x"}
				p.role {"pk":1,"person":3,"name":"author","note":"new"}
				p.role {"pk":2,"person":["robert"],"name":"viewer"}`,
			decisions: `map p.person ["robert"] -> 7`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `~ p.role ["bob","author"] note "old" -> "new"`, `+ p.role ["bob","viewer"] pk 2 person ["bob"] name "viewer"`},
				remaps:  []string{`p.person ["bob"] id 3 is 7, 1`},
			},
		},
		"by a package_key": {
			tables: "people: id serial, login text ! unique, mail text ! unique\npapers: id serial, code text ! unique, owner_id int -> people",
			policy: "model \"p.person\" {\n table = people\n natural_key = [login]\n package_key = [mail]\n}\nmodel \"p.paper\" {\n table = papers\n natural_key = [code]\n}",
			live:   live,
			pkg: `p.person {"login":"robert","mail":"r@x"}
				p.paper {"pk":1,"code":"A","owner":["r@x"]}`,
			decisions: `map p.person ["robert"] -> ["bob"]`,
			want:      wants{changes: []string{`~ p.person ["bob"] mail "b@x" -> "r@x"`, `+ p.paper ["A"] pk 1 code "A" owner ["bob"]`}},
		},
		"within its own model": {
			tables: "people: id serial, login text ! unique, mail text, boss_id int -> people",
			policy: "model \"p.person\" {\n table = people\n natural_key = [login]\n}",
			live:   live,
			pkg: `p.person {"pk":1,"login":"ann","boss":["robert"]}
				p.person {"pk":3,"login":"robert","mail":"b@x","boss":4}
				p.person {"pk":4,"login":"cyrus","mail":"c@x"}`,
			decisions: `map p.person ["robert"] -> 7
				map p.person 4 -> 8`,
			want: wants{
				changes: []string{`+ p.person ["ann"] pk 1 login "ann" boss ["bob"]`, `~ p.person ["bob"] boss null -> ["cy"]`, `<> p.person ["cy"]`},
				remaps:  []string{`p.person ["bob"] id 3 is 7, 0`, `p.person ["cy"] id 4 is 8, 1`},
			},
		},
		"within its own model, where several rows have the natural key": {
			tables: "people: id serial, login text, mail text, boss_id int -> people",
			policy: "model \"p.person\" {\n table = people\n natural_key = [login]\n}",
			live: `people {"id":7,"login":"bob","mail":"b@x"}
				people {"id":8,"login":"bob","mail":"c@x"}
				people {"id":9,"login":"ann","boss_id":7}`,
			pkg: `p.person {"pk":1,"login":"ann","boss":3}
				p.person {"pk":3,"login":"bob","mail":"c@x"}`,
			decisions: `map p.person ["bob"] key.duplicate_live -> 8`,
			want: wants{
				changes: []string{`~ p.person ["ann"] boss ["row 7"] -> ["bob"]`, `<> p.person ["bob"]`},
				remaps:  []string{`p.person ["ann"] id 1 is 9, 0`, `p.person ["bob"] id 3 is 8, 1`},
			},
		},
		"outside of what the plan is about": {
			tables: "people: id serial, login text ! unique, mail text\npapers: id serial, code text ! unique, owner_id int -> people",
			policy: "model \"p.person\" {\n table = people\n natural_key = [login]\n}\nmodel \"p.paper\" {\n table = papers\n natural_key = [code]\n}",
			live:   live, exclude: []string{"p.person"},
			pkg: `p.person {"pk":3,"login":"robert","mail":"r@x"}
				p.paper {"pk":1,"code":"A","owner":3}`,
			decisions: `map p.person ["robert"] -> 7`,
			want: wants{
				changes:  []string{`+ p.paper ["A"] pk 1 code "A" owner ["bob"]`},
				problems: []string{"warning partial"},
			},
		},
		"by a key that is no text": {
			tables: "people: id serial, number int ! unique, day ts, mail text",
			policy: "model \"p.person\" {\n table = people\n natural_key = [number]\n}",
			live:   `people {"id":7,"number":12,"mail":"b@x"}`,
			pkg:    `p.person {"number":99,"mail":"r@x"}`, decisions: `map p.person [99] -> [12]`,
			want: wants{changes: []string{`~ p.person [12] mail "b@x" -> "r@x"`}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{tables: c.tables, policy: c.policy, live: c.live, pkg: c.pkg}
			in := w.input(t)
			in.Exclude, in.Decisions, in.Conflicts = c.exclude, decisions(t, c.decisions), true
			o := plan(t, in)
			balanced(t, o)
			c.want.compare(t, o)
			turned := in
			turned.Package = in.Package.(*memoryPackage).reversed()
			if other := plan(t, turned); other.digest != o.digest {
				t.Errorf("in reverse:\n%v", other.changes)
			}
			sameAside(t, in)
			converges(t, in, o)
		})
	}
}

func TestWhatIsLeftToDecideIsListed(t *testing.T) {
	w := world{
		tables: twins, policy: person("sensitive = [card]"),
		live: `people {"id":6,"login":"bob","uuid":"` + one + `","mail":"b@x","card":"c1"}
			people {"id":7,"login":"ada","mail":"a@x","card":"` + secret + `"}
			people {"id":8,"login":"ada","mail":"b@x"}`,
		pkg: `p.person {"pk":1,"login":"ada","mail":"b@x","card":"` + secret + `1"}
			p.person {"pk":2,"login":"robert","uuid":"` + one + `","card":"` + secret + `"}
			p.person {"pk":3,"login":null}
			p.person {"pk":4,"login":"eve","mail":"x"}
			p.person {"pk":5,"login":"eve","mail":"y"}`,
	}
	in := w.input(t)
	in.Conflicts = true
	o := plan(t, in)
	var got []string
	for _, c := range o.result.Conflicts {
		got = append(got, fmt.Sprintf("%s #%d %v %v: %v %s", c.Key, c.Number, c.Codes, c.Package, c.Do, c.Live))
		for _, x := range c.Candidates {
			got = append(got, fmt.Sprintf("  %d %s %s %v", x.Number, x.Live, x.Key, x.Fields))
		}
	}
	masked := string(plans.Masked)
	want := []string{
		` #3 [key.incomplete.login] [{id  3 false}]: skip `,
		`["ada"] #0 [key.duplicate_live] [{id  1 false} {card  ` + masked + ` true}]: map 8`,
		`  0 7 ["ada"] [{mail "a@x" "b@x" false} {card ` + masked + ` ` + masked + ` true}]`,
		`  0 8 ["ada"] [{card ` + masked + ` ` + masked + ` true}]`,
		`["eve"] #4 [key.duplicate_package] [{id  4 false}]:  `,
		`  5  ["eve"] [{mail "y" "x" false}]`,
		`["eve"] #5 [key.duplicate_package] [{id  5 false}]: skip `,
		`  4  ["eve"] [{mail "x" "y" false}]`,
		`["robert"] #0 [collision.card collision.uuid] [{id  2 false} {uuid  "` + one + `" false} {card  ` + masked + ` true}]:  `,
		`  0 6 ["bob"] [{login "bob" "robert" false} {card ` + masked + ` ` + masked + ` true}]`,
		`  0 7 ["ada"] [{login "ada" "robert" false} {uuid null "` + one + `" false}]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
		t.Log(describe(o.result.Diagnostics))
	}
	in.Conflicts = false
	if o := plan(t, in); len(o.result.Conflicts) > 0 {
		t.Error("conflicts are listed where nobody asked")
	}
}

// Whether a role is in conflict can only be told once it is known who has it.
func TestConflictsThatFollowAreLookedAtAfter(t *testing.T) {
	w := world{
		tables: "people: id serial, login text ! unique, uuid uuid unique\nroles: id serial, person_id int ! -> people, name text !, uuid uuid unique, unique(person_id, name)",
		policy: "model \"p.person\" {\n table = people\n natural_key = [login]\n surrogate = [uuid]\n}\nmodel \"p.role\" {\n table = roles\n natural_key = [person, name]\n surrogate = [uuid]\n}",
		live: `people {"id":7,"login":"bob","uuid":"` + one + `"}
			roles {"id":1,"person_id":7,"name":"author","uuid":"` + two + `"}`,
		pkg: `p.person {"login":"robert","uuid":"` + one + `"}
			p.role {"person":["robert"],"name":"author","uuid":"` + two + `"}`,
	}
	in := w.input(t)
	in.Conflicts = true
	r := plan(t, in).result
	if len(r.Conflicts) != 1 || r.Conflicts[0].Model != "p.person" || r.FollowingConflicts != 1 {
		t.Errorf("listed: %+v, following: %d", r.Conflicts, r.FollowingConflicts)
	}
	in.Decisions = decisions(t, `rename p.person ["robert"] collision.uuid`)
	if o := plan(t, in); o.result.Diagnostics.HasErrors() || o.result.Summary.Change != 1 {
		t.Errorf("%v\n%s", o.changes, describe(o.result.Diagnostics))
	}
}

func TestManyConflictsAreCounted(t *testing.T) {
	w := world{tables: twins, policy: person(""), pkg: `p.person {"login":null}`}
	in := w.input(t)
	p := in.Package.(*memoryPackage)
	first := p.records["p.person"][0]
	for i := range maxConflicts + 6 {
		again := *first
		again.Number = i + 2
		p.records["p.person"] = append(p.records["p.person"], &again)
	}
	in.Conflicts = true
	r := plan(t, in).result
	if len(r.Conflicts) != maxConflicts || r.MoreConflicts != 7 {
		t.Errorf("%d conflicts are listed and %d counted", len(r.Conflicts), r.MoreConflicts)
	}
}

// Decisions are part of what the change set's digest seals; where they were
// written down is not.
func TestDecisionsAreSealed(t *testing.T) {
	w := world{tables: people, policy: person(""), live: folk, pkg: `p.person {"login":"ada","uuid":"` + one + `","mail":"a@x","card":"hunter2"}`}
	digest := func(text string, line int) string {
		in := w.input(t)
		in.Decisions = decisions(t, text)
		for i := range in.Decisions {
			in.Decisions[i].Place.Start.Line = line
		}
		o := plan(t, in)
		if o.result.Diagnostics.HasErrors() || o.result.Summary.Any() {
			t.Fatal(describe(o.result.Diagnostics))
		}
		return o.digest
	}
	none, pair := digest("", 2), digest(`map p.person ["ada"] -> 7`, 2)
	if none != plans.NewSeal().Sum() {
		t.Error("without changes and decisions the digest is not that of nothing")
	}
	if pair == none {
		t.Error("a decision leaves the digest as it is")
	}
	if pair != digest(`map p.person ["ada"] -> 7`, 9) {
		t.Error("the digest tells in which line a decision stands")
	}
	if pair == digest(`map p.person ["ada"] -> ["ada"]`, 2) {
		t.Error("the digest does not tell what was decided")
	}
}
