package planner

import (
	"cmp"
	"testing"
)

// club is a world where people are referred to in each way that is not a plain
// foreign key: as members, by a type and an id, and inside of a document.
const club = `
types: id serial, app_label text !, model text !, unique(app_label, model)
people: id serial, login text ! unique, uuid uuid unique
teams: id serial, code text ! unique, label text unique
teams_members: id serial, team_id int ! -> teams, person_id int ! -> people, unique(team_id, person_id)
marks: id serial, code text ! unique, type_id int -> types, object_id text, doc json
`

const clubPolicy = `
model "c.type" {
  table = types
  natural_key = [app_label, model]
}
model "p.person" {
  table = people
  natural_key = [login]
  surrogate = [uuid]
}
model "p.team" {
  table = teams
  natural_key = [code]
  surrogate = [label]
  MEMBERS
}
model "p.mark" {
  table = marks
  natural_key = [code]
  generic_reference "object" {
    type = type
    id = object_id
    OBJECT
  }
  json_reference "doc" { paths = { owner = p.person, "all.*" = p.person } }
}
`

const clubLive = `types {"id":8,"app_label":"p","model":"person"}
	people {"id":7,"login":"ada","uuid":"` + one + `"}
	people {"id":8,"login":"bob","uuid":"` + two + `"}
	teams {"id":1,"code":"T","label":"L"}
	teams_members {"id":1,"team_id":1,"person_id":8}`

func TestReferencesOfOtherKindsToDecidedRecords(t *testing.T) {
	const robert = `p.person {"pk":3,"login":"robert","uuid":"` + two + `"}` + "\n"
	cases := map[string]struct {
		members, object, live, pkg, decisions string
		forGood                               bool
		want                                  wants
	}{
		"members, by primary key and by natural key, are the row that is mapped to": {
			pkg: robert + `p.team {"code":"T","members":[3]}
				p.team {"code":"U","members":[["robert"],["ada"]]}`,
			decisions: `map p.person ["robert"] -> 8`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `+ p.team ["U"] code "U" members [["ada"],["bob"]]`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 1`},
			},
		},
		"a member that is named twice, under both names, is one member": {
			pkg: robert + `p.team {"code":"T","members":[["robert"],["bob"]]}
				p.team {"code":"U","members":[["bob"],3]}`,
			decisions: `map p.person ["robert"] -> 8`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `+ p.team ["U"] code "U" members [["bob"]]`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 1`},
			},
		},
		"members of a renamed row stay": {
			pkg:       robert + `p.team {"code":"T","members":[["robert"]]}`,
			decisions: `rename p.person ["robert"] collision.uuid -> 8`,
			forGood:   true,
			want: wants{
				changes: []string{`~ p.person ["robert"] was ["bob"] login "bob" -> "robert"`},
				remaps:  []string{`p.person ["robert"] id 3 is 8, 0`},
			},
		},
		"a reminted record is a member of its own": {
			pkg:       robert + `p.team {"code":"T","members":[3]}`,
			decisions: `remint p.person ["robert"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.person ["robert"] pk 3 login "robert" uuid "37da22eb-2733-5bc7-8325-4a9f120a50e5"`, `~ p.team ["T"] members [["bob"]] -> [["robert"]]`},
			},
		},
		"a skipped member is missing": {
			pkg:       robert + `p.team {"code":"T","members":[3]}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want: wants{
				skips:    []string{`p.person ["robert"]: it was decided to skip it`},
				problems: []string{`error reference.missing.members p.team ["T"]`},
			},
		},
		"a skipped member is left out where the policy says so": {
			members:   `reference "members" { on_missing = unset }`,
			pkg:       robert + `p.team {"code":"T","members":[3]}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want: wants{
				changes: []string{`~ p.team ["T"] members [["bob"]] -> []`},
				skips:   []string{`p.person ["robert"]: it was decided to skip it`},
			},
		},
		"a skipped record whose natural key is live means that row": {
			pkg: `p.person {"pk":3,"login":"bob","uuid":"` + one + `"}
				p.team {"code":"U","members":[3]}
				p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"3","doc":{"owner":3}}`,
			decisions: `skip p.person ["bob"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.team ["U"] code "U" members [["bob"]]`, `+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id ["bob"] doc {"owner":8}`},
				skips:   []string{`p.person ["bob"]: it was decided to skip it`},
			},
		},
		"the members of a mapped team become those of the package's": {
			pkg: robert + `p.team {"pk":4,"code":"V","members":[3,["ada"]]}`,
			decisions: `map p.person ["robert"] -> 8
				map p.team ["V"] -> ["T"]`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `~ p.team ["T"] members [["bob"]] -> [["ada"],["bob"]]`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 1`, `p.team ["T"] id 4 is 1, 0`},
			},
		},
		"the members of a renamed team": {
			pkg:       `p.team {"pk":4,"code":"V","label":"L","members":[["ada"]]}`,
			decisions: `rename p.team ["V"] collision.label -> 1`,
			forGood:   true,
			want: wants{
				changes: []string{`~ p.team ["V"] was ["T"] code "T" -> "V" members [["bob"]] -> [["ada"]]`},
				remaps:  []string{`p.team ["V"] id 4 is 1, 0`},
			},
		},
		"the members of a skipped team stay": {
			members:   "match = fail",
			pkg:       `p.team {"pk":4,"code":"T","label":"M","members":[["ada"]]}`,
			decisions: `skip p.team ["T"] match.fail`,
			want: wants{
				skips: []string{`p.team ["T"]: it was decided to skip it`},
			},
		},
		"an object by type and id is the row that is mapped to": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"3"}`,
			decisions: `map p.person ["robert"] -> 8`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id ["bob"]`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 1`},
			},
		},
		"an object by type and id is the renamed row": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"3"}`,
			decisions: `rename p.person ["robert"] collision.uuid -> 8`,
			forGood:   true,
			want: wants{
				changes: []string{`~ p.person ["robert"] was ["bob"] login "bob" -> "robert"`, `+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id ["robert"]`},
				remaps:  []string{`p.person ["robert"] id 3 is 8, 1`},
			},
		},
		"an object by type and id is the reminted record": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"3"}`,
			decisions: `remint p.person ["robert"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.person ["robert"] pk 3 login "robert" uuid "37da22eb-2733-5bc7-8325-4a9f120a50e5"`, `+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id ["robert"]`},
			},
		},
		"an object that is skipped is missing": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"3"}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want: wants{
				changes:  []string{`+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id "3"`},
				skips:    []string{`p.person ["robert"]: it was decided to skip it`},
				problems: []string{`warning generic.skipped`},
			},
		},
		"an object that is skipped, with an id that is another's here": {
			pkg: `p.person {"pk":7,"login":"robert","uuid":"` + two + `"}
				p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"7"}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want: wants{
				skips:    []string{`p.person ["robert"]: it was decided to skip it`},
				problems: []string{`error generic.wrong_record p.mark ["a"]`, `warning generic.skipped`},
			},
		},
		"an object that is skipped is unset where the policy says so": {
			object:    "on_missing = unset",
			pkg:       robert + `p.mark {"pk":1,"code":"a","type":["p","person"],"object_id":"3"}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want: wants{
				changes:  []string{`+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id null`},
				skips:    []string{`p.person ["robert"]: it was decided to skip it`},
				problems: []string{`warning generic.unset`},
			},
		},
		"an object of a type that is mapped is of the live type": {
			live: `types {"id":8,"app_label":"p","model":"person"}
				people {"id":7,"login":"ada"}`,
			pkg: `c.type {"pk":5,"app_label":"q","model":"human"}
				p.person {"pk":3,"login":"ada"}
				p.mark {"pk":1,"code":"a","type":5,"object_id":"3"}`,
			decisions: `map c.type ["q","human"] -> 8`,
			want: wants{
				changes: []string{`<> c.type ["p","person"]`, `<> p.person ["ada"]`, `+ p.mark ["a"] pk 1 code "a" type ["p","person"] object_id ["ada"]`},
				remaps:  []string{`c.type ["p","person"] id 5 is 8, 1`, `p.person ["ada"] id 3 is 7, 1`},
			},
		},
		"ids in a document are the row that is mapped to": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","doc":{"owner":3,"all":[3,"3"],"other":3}}`,
			decisions: `map p.person ["robert"] -> 8`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `+ p.mark ["a"] pk 1 code "a" doc {"owner":8,"all":[8,"8"],"other":3}`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 3`},
			},
		},
		"ids in a document are the renamed row": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","doc":{"owner":3,"all":[3]}}`,
			decisions: `rename p.person ["robert"] collision.uuid -> 8`,
			forGood:   true,
			want: wants{
				changes: []string{`~ p.person ["robert"] was ["bob"] login "bob" -> "robert"`, `+ p.mark ["a"] pk 1 code "a" doc {"owner":8,"all":[8]}`},
				remaps:  []string{`p.person ["robert"] id 3 is 8, 2`},
			},
		},
		"ids in a document are the reminted record": {
			pkg: `p.person {"pk":7,"login":"robert","uuid":"` + two + `"}
				p.mark {"pk":1,"code":"a","doc":{"owner":7,"all":["7"]}}`,
			decisions: `remint p.person ["robert"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.person ["robert"] login "robert" uuid "37da22eb-2733-5bc7-8325-4a9f120a50e5"`, `+ p.mark ["a"] pk 1 code "a" doc {"owner":9,"all":["9"]}`},
			},
		},
		"ids in a document of a skipped record": {
			pkg:       robert + `p.mark {"pk":1,"code":"a","doc":{"owner":3}}`,
			decisions: `skip p.person ["robert"] collision.uuid`,
			want: wants{
				changes:  []string{`+ p.mark ["a"] pk 1 code "a" doc {"owner":3}`},
				skips:    []string{`p.person ["robert"]: it was decided to skip it`},
				problems: []string{`warning generic.json_skipped`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			live := c.live
			if live == "" {
				live = clubLive
			}
			w := world{tables: club, policy: fill(clubPolicy, "MEMBERS", c.members, "OBJECT", c.object), live: live, pkg: c.pkg}
			c.want.compare(t, w.decide(t, decisions(t, c.decisions), c.forGood))
		})
	}
}

// A seed is a record of the policy's own. Where a decision makes a record of
// the package the row that a seed declares, the package's record wins, as it
// does under the seed's own name.
func TestSeedsAndDecidedRecords(t *testing.T) {
	const kinds = `
people: id serial, login text ! unique, uuid uuid unique
types: id serial, code text !, uuid uuid unique, name text, maker_id int -> people
`
	const pol = `
model "p.person" {
  table = people
  natural_key = [login]
  surrogate = [uuid]
}
model "p.type" {
  table = types
  natural_key = [KEY]
  surrogate = [uuid]
}
seed "p.type" {
  on = always
  match = update
  records = [{ code = "A", name = "Seed", maker = "ada" }]
}
`
	const ada = `people {"id":7,"login":"ada","uuid":"` + one + `"}` + "\n"
	const liveA = ada + `types {"id":1,"code":"A","uuid":"` + two + `","name":"Old","maker_id":7}`
	cases := map[string]struct {
		key, live, pkg, decisions string // key is the types' natural key, code if empty
		want                      wants
	}{
		"a record that is mapped to the seed's row wins over it": {
			live: liveA, pkg: `p.type {"pk":5,"code":"Z","name":"Package"}`,
			decisions: `map p.type ["Z"] -> 1`,
			want: wants{
				changes: []string{`~ p.type ["A"] name "Old" -> "Package"`},
				remaps:  []string{`p.type ["A"] id 5 is 1, 0`},
			},
		},
		"a row that a seed declares is not renamed": {
			live: liveA, pkg: `p.type {"pk":5,"code":"Z","uuid":"` + two + `","name":"Package"}`,
			decisions: `rename p.type ["Z"] collision.uuid -> 1`,
			want: wants{
				changes:  []string{`~ p.type ["A"] name "Old" -> "Seed"`},
				problems: []string{`error decision.unsettled p.type ["Z"]`, `error collision.uuid p.type ["Z"]`},
			},
		},
		"a seed stands in for a skipped record of its name": {
			live: ada + `types {"id":1,"code":"B","uuid":"` + two + `"}`, pkg: `p.type {"pk":5,"code":"A","uuid":"` + two + `","name":"Package"}`,
			decisions: `skip p.type ["A"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.type ["A"] code "A" name "Seed" maker ["ada"]`},
				skips:   []string{`p.type ["A"]: it was decided to skip it`},
			},
		},
		"a seed changes the row of a skipped record of its name": {
			live: liveA + "\n" + `types {"id":2,"code":"B","uuid":"` + one + `"}`, pkg: `p.type {"pk":5,"code":"A","uuid":"` + one + `","name":"Package"}`,
			decisions: `skip p.type ["A"] collision.uuid`,
			want: wants{
				changes: []string{`~ p.type ["A"] name "Old" -> "Seed"`},
				skips:   []string{`p.type ["A"]: it was decided to skip it`},
			},
		},
		"a reminted record of the seed's name wins over it": {
			live: ada + `types {"id":1,"code":"B","uuid":"` + two + `"}`, pkg: `p.type {"pk":5,"code":"A","uuid":"` + two + `","name":"Package"}`,
			decisions: `remint p.type ["A"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.type ["A"] pk 5 code "A" uuid "d0752c16-2d3f-532e-9f9f-4fa1db024405" name "Package"`},
			},
		},
		"a seed refers to the row that a record is mapped to": {
			live: ada, pkg: `p.person {"pk":3,"login":"root"}`,
			decisions: `map p.person ["root"] -> 7`,
			want: wants{
				changes: []string{`<> p.person ["ada"]`, `+ p.type ["A"] code "A" name "Seed" maker ["ada"]`},
				remaps:  []string{`p.person ["ada"] id 3 is 7, 0`},
			},
		},
		"a seed refers to a row that was renamed": {
			live: ada, pkg: `p.person {"pk":3,"login":"root","uuid":"` + one + `"}`,
			decisions: `rename p.person ["root"] collision.uuid -> 7`,
			want: wants{
				changes:  []string{`~ p.person ["root"] was ["ada"] login "ada" -> "root"`},
				remaps:   []string{`p.person ["root"] id 3 is 7, 0`},
				problems: []string{`error reference.missing.maker p.type ["A"]`},
			},
		},
		"a seed refers to a name that the package gives to another": {
			live: ada + `people {"id":8,"login":"bob","uuid":"` + two + `"}`, pkg: `p.person {"pk":3,"login":"ada","uuid":"` + two + `"}`,
			decisions: `map p.person ["ada"] collision.uuid -> 8`,
			want: wants{
				changes: []string{`<> p.person ["bob"]`, `+ p.type ["A"] code "A" name "Seed" maker ["ada"]`},
				remaps:  []string{`p.person ["bob"] id 3 is 8, 0`},
			},
		},
		"a seed's key has a name in it that the package gives to another": {
			key:  "maker, code",
			live: ada + `people {"id":8,"login":"bob","uuid":"` + two + `"}`,
			pkg: `p.person {"pk":3,"login":"ada","uuid":"` + two + `"}
				p.type {"pk":1,"code":"A","maker":["ada"],"name":"Package"}`,
			decisions: `map p.person ["ada"] collision.uuid -> 8`,
			want: wants{
				changes: []string{
					`<> p.person ["bob"]`, `+ p.type ["ada","A"] code "A" name "Seed" maker ["ada"]`,
					`+ p.type ["bob","A"] pk 1 code "A" name "Package" maker ["bob"]`,
				},
				remaps: []string{`p.person ["bob"] id 3 is 8, 0`},
			},
		},
		"a seed refers to a reminted record": {
			live: `people {"id":8,"login":"bob","uuid":"` + two + `"}`, pkg: `p.person {"pk":3,"login":"ada","uuid":"` + two + `"}`,
			decisions: `remint p.person ["ada"] collision.uuid`,
			want: wants{
				changes: []string{`+ p.person ["ada"] pk 3 login "ada" uuid "86da73a6-1489-5352-a6dd-5e0d13669ddb"`, `+ p.type ["A"] code "A" name "Seed" maker ["ada"]`},
			},
		},
		"a seed refers to a skipped record": {
			live: `people {"id":8,"login":"bob","uuid":"` + two + `"}`, pkg: `p.person {"pk":3,"login":"ada","uuid":"` + two + `"}`,
			decisions: `skip p.person ["ada"] collision.uuid`,
			want: wants{
				skips:    []string{`p.person ["ada"]: it was decided to skip it`},
				problems: []string{`error reference.missing.maker p.type ["A"]`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{tables: kinds, policy: fill(pol, "KEY", cmp.Or(c.key, "code")), live: c.live, pkg: c.pkg}
			c.want.compare(t, w.decide(t, decisions(t, c.decisions), false))
		})
	}
}
