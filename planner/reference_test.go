package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs are documents with every kind of reference.
const docs = `
users: id serial, login text ! unique, password text !, boss_id int -> users
types: code text pk, name text
papers: id serial, number text ! unique, author_id int -> users, kind_id text -> types, parent_id int -> papers
versions: id serial, paper_id int ! -> papers, major int !, note text, unique(paper_id, major)
papers_readers: id serial, paper_id int ! -> papers, user_id int ! -> users, unique(paper_id, user_id)
`

const docsPolicy = `
model "d.user" {
  table = users
  natural_key = [login]
  sensitive = [password]
  USER
}
model "d.type" {
  table = types
  natural_key = [code]
}
model "d.paper" {
  table = papers
  natural_key = [number]
  PAPER
}
model "d.version" {
  table = versions
  natural_key = [paper, major]
  VERSION
}
`

type referenceCase struct {
	tables, policy string // empty: docs
	user, paper    string // attributes
	version        string
	live, pkg      string
	dialect        string
	want           wants
}

func TestReferences(t *testing.T) {
	cases := map[string]referenceCase{
		"natural keys at any depth": {
			pkg: `d.user {"pk":1,"login":"ada","password":"hunter2"}
				d.paper {"pk":1,"number":"A","author":["ada"]}
				d.version {"pk":5,"paper":["A"],"major":2}`,
			want: wants{changes: []string{
				`+ d.user ["ada"] pk 1 login "ada" password "(sensitive value)"`,
				`+ d.paper ["A"] pk 1 number "A" author ["ada"]`,
				`+ d.version ["A",2] pk 5 paper ["A"] major 2`,
			}},
		},
		"an integer means the package's record, not the live row": {
			live: `users {"id":1,"login":"bob","password":"x"}
				users {"id":2,"login":"ada","password":"x"}
				papers {"id":1,"number":"A","author_id":1}`,
			pkg: `d.user {"pk":1,"login":"ada","password":"x"}
				d.paper {"pk":1,"number":"A","author":1}`,
			want: wants{
				changes: []string{`<> d.user ["ada"]`, `~ d.paper ["A"] author ["bob"] -> ["ada"]`},
				remaps:  []string{`d.user ["ada"] id 1 is 2, 1`},
			},
		},
		"an integer that no record of the package has, though a live row has it": {
			live: `users {"id":1,"login":"bob","password":"x"}`,
			pkg:  `d.paper {"pk":1,"number":"A","author":1}`,
			want: wants{problems: []string{`error reference.missing.author d.paper ["A"]`}},
		},
		"integers and natural keys in one package, in foreign keys and lists": {
			live: `users {"id":11,"login":"ada","password":"x"}
				users {"id":12,"login":"bob","password":"x"}`,
			pkg: `d.user {"pk":1,"login":"ada","password":"x"}
				d.user {"pk":2,"login":"bob","password":"x"}
				d.paper {"pk":1,"number":"A","author":1,"readers":[1,["bob"],["ada"],2]}
				d.paper {"pk":2,"number":"B","author":["ada"],"readers":[]}`,
			want: wants{
				changes: []string{
					`<> d.user ["ada"]`, `<> d.user ["bob"]`,
					`+ d.paper ["A"] pk 1 number "A" author ["ada"] readers [["ada"],["bob"]]`,
					`+ d.paper ["B"] pk 2 number "B" author ["ada"] readers []`,
				},
				remaps: []string{`d.user ["ada"] id 1 is 11, 2`, `d.user ["bob"] id 2 is 12, 1`},
			},
		},
		"a text primary key, spelt as itself and as a natural key": {
			live: `types {"code":"POL"}`,
			pkg: `d.type {"pk":"SOP","name":"new"}
				d.paper {"pk":1,"number":"A","kind":"SOP"}
				d.paper {"pk":2,"number":"B","kind":["SOP"]}
				d.paper {"pk":3,"number":"C","kind":"POL"}
				d.paper {"pk":4,"number":"D","kind":""}
				d.type {"pk":"","name":"empty"}`,
			want: wants{changes: []string{
				`+ d.type [""] code "" name "empty"`, `+ d.type ["SOP"] code "SOP" name "new"`,
				`+ d.paper ["A"] pk 1 number "A" kind ["SOP"]`, `+ d.paper ["B"] pk 2 number "B" kind ["SOP"]`,
				`+ d.paper ["C"] pk 3 number "C" kind ["POL"]`, `+ d.paper ["D"] pk 4 number "D" kind [""]`,
			}},
		},
		"a natural key that neither side has": {
			pkg:  `d.paper {"pk":1,"number":"A","author":["eve"]}`,
			want: wants{problems: []string{`error reference.missing.author d.paper ["A"]`}},
		},
		"a natural key that only the live database has": {
			live: `users {"id":1,"login":"bob","password":"x"}`,
			pkg:  `d.paper {"pk":1,"number":"A","author":["bob"]}`,
			want: wants{changes: []string{`+ d.paper ["A"] pk 1 number "A" author ["bob"]`}},
		},
		"a missing part of the natural key": {
			pkg:  `d.version {"pk":1,"paper":["A"],"major":1}`,
			want: wants{problems: []string{`error reference.missing.paper d.version ["A",1]`}},
		},
		"missing and unset": {
			paper: `reference "author" { on_missing = unset }`,
			live:  `papers {"id":1,"number":"B","author_id":null}`,
			pkg: `d.paper {"pk":1,"number":"A","author":["eve"]}
				d.paper {"pk":1,"number":"B","author":77}`,
			want: wants{problems: []string{`error key.duplicate_primary d.paper ["B"]`}},
		},
		"missing and unset, added and unchanged": {
			paper: `reference "author" { on_missing = unset }`,
			live:  `papers {"id":1,"number":"B","author_id":null}`,
			pkg: `d.paper {"pk":2,"number":"A","author":["eve"]}
				d.paper {"pk":1,"number":"B","author":77}`,
			want: wants{changes: []string{`+ d.paper ["A"] pk 2 number "A" author null`}},
		},
		"missing and unset where the column takes no null": {
			tables:  "users: id serial, login text !\npapers: id serial, number text !, author_id int ! -> users",
			policy:  "model \"d.user\" {\n table = users\n natural_key = [login]\n}\nmodel \"d.paper\" {\n table = papers\n natural_key = [number]\n reference \"author\" { on_missing = unset }\n}",
			pkg:     `d.paper {"pk":2,"number":"A","author":["eve"]}`,
			want:    wants{problems: []string{`error reference.missing.author d.paper ["A"]`}},
			dialect: "sqlite",
		},
		"a member that is missing and unset is left out": {
			paper: `reference "readers" { on_missing = unset }`,
			pkg: `d.user {"pk":1,"login":"ada","password":"x"}
				d.paper {"pk":2,"number":"A","readers":[["eve"],1]}`,
			want: wants{changes: []string{`+ d.user ["ada"] pk 1 login "ada" password "(sensitive value)"`, `+ d.paper ["A"] pk 2 number "A" readers [["ada"]]`}},
		},
		"missing and skipped, and who refers to the skipped one": {
			paper: "reference \"author\" { on_missing = skip }\nreference \"parent\" { on_missing = skip }",
			pkg: `d.paper {"pk":1,"number":"C","parent":["B"]}
				d.paper {"pk":2,"number":"A","author":["eve"]}
				d.paper {"pk":3,"number":"B","parent":["A"]}
				d.paper {"pk":4,"number":"D"}`,
			want: wants{
				changes: []string{`+ d.paper ["D"] pk 4 number "D"`},
				skips: []string{
					`d.paper ["A"]: its reference author leads to no record, and on_missing = skip`,
					`d.paper ["B"]: its reference parent leads to no record, and on_missing = skip`,
					`d.paper ["C"]: its reference parent leads to no record, and on_missing = skip`,
				},
			},
		},
		"a reference to a record that a rule skips": {
			paper: `reference "author" { on_missing = skip }`,
			pkg: `d.paper {"pk":2,"number":"A","author":["eve"]}
				d.version {"pk":1,"paper":["A"],"major":1}`,
			want: wants{
				skips:    []string{`d.paper ["A"]: its reference author leads to no record, and on_missing = skip`},
				problems: []string{`error reference.missing.paper d.version ["A",1]`},
			},
		},
		"a reference to a skipped record that the live database has": {
			paper: `reference "author" { on_missing = skip }`,
			live:  `papers {"id":9,"number":"A"}`,
			pkg: `d.paper {"pk":2,"number":"A","author":["eve"]}
				d.version {"pk":1,"paper":["A"],"major":1}`,
			want: wants{
				changes: []string{`+ d.version ["A",1] pk 1 paper ["A"] major 1`},
				skips:   []string{`d.paper ["A"]: its reference author leads to no record, and on_missing = skip`},
			},
		},
		"skip comes before the complaints of other references": {
			paper: `reference "kind" { on_missing = skip }`,
			pkg:   `d.paper {"pk":2,"number":"A","author":["eve"],"kind":["NO"]}`,
			want:  wants{skips: []string{`d.paper ["A"]: its reference kind leads to no record, and on_missing = skip`}},
		},
		"missing and created, without a usable credential": {
			paper: `reference "author" { on_missing = create }`,
			pkg: `d.paper {"pk":2,"number":"A","author":["eve"]}
				d.paper {"pk":3,"number":"B","author":["eve"]}`,
			want: wants{
				changes: []string{
					`+ d.user ["eve"] stub login "eve" password "(sensitive value)"`,
					`+ d.paper ["A"] pk 2 number "A" author ["eve"]`, `+ d.paper ["B"] pk 3 number "B" author ["eve"]`,
				},
				problems: []string{`warning stub`},
			},
		},
		"missing and created by two rules: the first field's counts": {
			tables: "users: id serial, login text ! unique, name text\npapers: id serial, number text ! unique, author_id int -> users, editor_id int -> users",
			policy: `
model "d.user" {
  table = users
  natural_key = [login]
}
model "d.paper" {
  table = papers
  natural_key = [number]
  reference "author" {
    on_missing = create
    create = { name = "an author" }
  }
  reference "editor" {
    on_missing = create
    create = { name = "an editor" }
  }
}`,
			pkg: `d.paper {"pk":2,"number":"A","editor":["eve"]}
				d.paper {"pk":3,"number":"B","author":["eve"]}
				d.paper {"pk":4,"number":"C","editor":["bob"]}`,
			want: wants{
				changes: []string{
					`+ d.user ["bob"] stub login "bob" name "an editor"`, `+ d.user ["eve"] stub login "eve" name "an author"`,
					`+ d.paper ["A"] pk 2 number "A" editor ["eve"]`, `+ d.paper ["B"] pk 3 number "B" author ["eve"]`, `+ d.paper ["C"] pk 4 number "C" editor ["bob"]`,
				},
				problems: []string{`warning stub`},
			},
		},
		"a created record refers by natural key, not by the package's identifiers": {
			paper: "reference \"author\" {\n on_missing = create\n create = { boss = \"7\" }\n}",
			pkg: `d.user {"pk":7,"login":"8","password":"x"}
				d.user {"pk":8,"login":"7","password":"x"}
				d.paper {"pk":2,"number":"A","author":["eve"]}`,
			want: wants{
				changes: []string{
					`+ d.user ["7"] pk 8 login "7" password "(sensitive value)"`, `+ d.user ["8"] pk 7 login "8" password "(sensitive value)"`,
					`+ d.user ["eve"] stub login "eve" password "(sensitive value)" boss ["7"]`, `+ d.paper ["A"] pk 2 number "A" author ["eve"]`,
				},
				problems: []string{`warning stub`},
			},
		},
		"a derived reference is spelt as the one that it is made of": {
			paper:  `derive "parent" { value = self.author == "7" ? "B" : null }`,
			user:   `derive "boss" { value = self.deputy }`,
			tables: strings.Replace(docs, "boss_id int -> users", "boss_id int -> users, deputy_id int -> users", 1),
			pkg: `d.user {"pk":7,"login":"8","password":"x","boss":null}
				d.user {"pk":8,"login":"7","password":"x","deputy":["8"]}
				d.user {"pk":9,"login":"9","password":"x","deputy":8}
				d.paper {"pk":2,"number":"A","author":["7"]}
				d.paper {"pk":3,"number":"B","author":["8"]}`,
			want: wants{changes: []string{
				`+ d.user ["7"] pk 8 login "7" password "(sensitive value)" boss ["8"] deputy ["8"]`,
				`+ d.user ["8"] pk 7 login "8" password "(sensitive value)" boss null`,
				`+ d.user ["9"] pk 9 login "9" password "(sensitive value)" boss ["7"] deputy ["7"]`,
				`+ d.paper ["A"] pk 2 number "A" author ["7"] parent ["B"]`,
				`+ d.paper ["B"] pk 3 number "B" author ["8"] parent null`,
			}},
		},
		"a record made by one field is there for the others": {
			paper: `reference "readers" { on_missing = create }`,
			pkg: `d.paper {"pk":2,"number":"A","author":["eve"]}
				d.paper {"pk":3,"number":"B","readers":[["eve"]]}`,
			want: wants{
				changes: []string{
					`+ d.user ["eve"] stub login "eve" password "(sensitive value)"`,
					`+ d.paper ["A"] pk 2 number "A" author ["eve"]`, `+ d.paper ["B"] pk 3 number "B" readers [["eve"]]`,
				},
				problems: []string{`warning stub`},
			},
		},
		"missing and created in its own table": {
			user: `reference "boss" { on_missing = create }`,
			pkg: `d.user {"pk":2,"login":"ada","password":"x","boss":["eve"]}
				d.user {"pk":3,"login":"bob","password":"x","boss":["dan"]}`,
			want: wants{
				changes: []string{
					`+ d.user ["ada"] pk 2 login "ada" password "(sensitive value)" boss ["eve"]`,
					`+ d.user ["bob"] pk 3 login "bob" password "(sensitive value)" boss ["dan"]`,
					`+ d.user ["dan"] stub login "dan" password "(sensitive value)"`, `+ d.user ["eve"] stub login "eve" password "(sensitive value)"`,
				},
				problems: []string{`warning stub`},
			},
		},
		"missing, spelt as an integer, cannot be created": {
			paper: `reference "author" { on_missing = create }`,
			pkg:   `d.paper {"pk":2,"number":"A","author":5}`,
			want:  wants{problems: []string{`error reference.missing.author d.paper ["A"]`}},
		},
		"a skipped record is not created instead": {
			user:  `reference "boss" { on_missing = skip }`,
			paper: `reference "author" { on_missing = create }`,
			pkg: `d.user {"pk":2,"login":"ada","password":"x","boss":["eve"]}
				d.paper {"pk":2,"number":"A","author":["ada"]}`,
			want: wants{
				skips:    []string{`d.user ["ada"]: its reference boss leads to no record, and on_missing = skip`},
				problems: []string{`error reference.missing.author d.paper ["A"]`},
			},
		},
		"a destroyed record is not created again": {
			user:  `absent = destroy`,
			paper: `reference "author" { on_missing = create }`,
			live:  `users {"id":1,"login":"eve","password":"x"}`,
			pkg:   `d.paper {"pk":2,"number":"A","author":["eve"]}`,
			want: wants{
				changes:  []string{`- d.user ["eve"] id 1 login "eve" password "(sensitive value)" boss null`},
				problems: []string{`error reference.missing.author d.paper ["A"]`},
			},
		},
		"a created record whose own reference is missing": {
			version: `reference "paper" { on_missing = create }`,
			tables:  docs + "\nnotes: id serial, text text ! unique, version_id int -> versions",
			policy: docsPolicy + `
model "d.note" {
  table = notes
  natural_key = [text]
  reference "version" { on_missing = create }
}`,
			pkg: `d.note {"pk":1,"text":"n","version":["A",1]}`,
			want: wants{
				changes: []string{
					`+ d.version ["A",1] stub paper ["A"] major 1`,
					`+ d.note ["n"] pk 1 text "n" version ["A",1]`,
				},
				problems: []string{`error predicted.value.paper d.version ["A",1]`, `warning stub`},
			},
		},
		"self references forward and mutual": {
			pkg: `d.user {"pk":1,"login":"ada","password":"x","boss":["bob"]}
				d.user {"pk":2,"login":"bob","password":"x","boss":1}
				d.user {"pk":3,"login":"eve","password":"x","boss":["eve"]}`,
			want: wants{changes: []string{
				`+ d.user ["ada"] pk 1 login "ada" password "(sensitive value)" boss ["bob"]`,
				`+ d.user ["bob"] pk 2 login "bob" password "(sensitive value)" boss ["ada"]`,
				`+ d.user ["eve"] pk 3 login "eve" password "(sensitive value)" boss ["eve"]`,
			}},
		},
		"a self reference that moves": {
			live: `users {"id":1,"login":"ada","password":"x","boss_id":1}
				users {"id":2,"login":"bob","password":"x","boss_id":1}`,
			pkg: `d.user {"pk":9,"login":"bob","password":"x","boss":9}`,
			want: wants{
				changes: []string{`~ d.user ["bob"] boss ["ada"] -> ["bob"]`},
				remaps:  []string{`d.user ["bob"] id 9 is 2, 1`},
			},
		},
		"a self reference to a row that is destroyed": {
			user: `absent = destroy`,
			live: `users {"id":1,"login":"eve","password":"x"}`,
			pkg:  `d.user {"pk":2,"login":"ada","password":"x","boss":["eve"]}`,
			want: wants{
				changes:  []string{`- d.user ["eve"] id 1 login "eve" password "(sensitive value)" boss null`},
				problems: []string{`error reference.missing.boss d.user ["ada"]`},
			},
		},
		"a reference to a table without a model block": {
			tables: "users: id serial, login text !\npapers: id serial, number text ! unique, author_id int -> users",
			policy: "model \"d.paper\" {\n table = papers\n natural_key = [number]\n}",
			live:   `users {"id":1,"login":"ada"}`,
			pkg: `d.paper {"pk":2,"number":"A","author":1}
				d.paper {"pk":3,"number":"B","author":["ada"]}
				d.paper {"pk":4,"number":"C","author":null}`,
			want: wants{changes: []string{`+ d.paper ["C"] pk 4 number "C" author null`}, problems: []string{
				`error reference.missing.author d.paper ["A"]`, `error reference.missing.author d.paper ["B"]`,
			}},
		},
		"a reference to a table without a model block, unset": {
			tables: "users: id serial, login text !\npapers: id serial, number text ! unique, author_id int -> users",
			policy: "model \"d.paper\" {\n table = papers\n natural_key = [number]\n reference \"author\" { on_missing = unset }\n}",
			live:   `users {"id":1,"login":"ada"}`,
			pkg: `d.paper {"pk":2,"number":"A","author":1}
				d.paper {"pk":3,"number":"B","author":["ada"]}`,
			want: wants{changes: []string{`+ d.paper ["A"] pk 2 number "A" author null`, `+ d.paper ["B"] pk 3 number "B" author null`}},
		},
		"members added, removed and named twice": {
			live: `users {"id":1,"login":"ada","password":"x"}
				users {"id":2,"login":"bob","password":"x"}
				papers {"id":1,"number":"A"}
				papers_readers {"id":1,"paper_id":1,"user_id":1}`,
			pkg:  `d.paper {"pk":1,"number":"A","readers":[["bob"],["bob"]]}`,
			want: wants{changes: []string{`~ d.paper ["A"] readers [["ada"]] -> [["bob"]]`}},
		},
		"members that the record does not speak of stay": {
			live: `users {"id":1,"login":"ada","password":"x"}
				papers {"id":1,"number":"A"}
				papers_readers {"id":1,"paper_id":1,"user_id":1}`,
			pkg: `d.paper {"pk":1,"number":"A"}`,
		},
		"members of an owner with another primary key": {
			live: `users {"id":1,"login":"ada","password":"x"}
				papers {"id":7,"number":"A"}
				papers_readers {"id":1,"paper_id":7,"user_id":1}`,
			pkg: `d.paper {"pk":1,"number":"A","readers":[["ada"]]}`,
			want: wants{
				changes: []string{`<> d.paper ["A"]`},
				remaps:  []string{`d.paper ["A"] id 1 is 7, 0`},
			},
		},
		"members of a destroyed owner go with it": {
			paper: "absent = destroy",
			live: `users {"id":1,"login":"ada","password":"x"}
				papers {"id":7,"number":"A"}
				papers_readers {"id":1,"paper_id":7,"user_id":1}`,
			want: wants{changes: []string{`- d.paper ["A"] id 7 number "A" author null kind null parent null readers [["ada"]]`}},
		},
		"members of their own table, the join table named by the policy": {
			tables: "users: id serial, login text ! unique\nfriendships: id serial, from_user_id int ! -> users, to_user_id int ! -> users",
			policy: "model \"d.user\" {\n table = users\n natural_key = [login]\n reference \"friends\" { through = friendships }\n}",
			live: `users {"id":5,"login":"bob"}
				users {"id":6,"login":"eve"}
				friendships {"id":1,"from_user_id":5,"to_user_id":6}`,
			pkg: `d.user {"pk":1,"login":"ada","friends":[["bob"],1]}
				d.user {"pk":2,"login":"bob","friends":[["ada"]]}`,
			want: wants{
				changes: []string{`+ d.user ["ada"] pk 1 login "ada" friends [["ada"],["bob"]]`, `~ d.user ["bob"] friends [["eve"]] -> [["ada"]]`},
				remaps:  []string{`d.user ["bob"] id 2 is 5, 0`},
			},
		},
		"references spelt by a package_key of their own": {
			tables: "events: id serial, uuid uuid ! unique, at ts !\nnotes: id serial, text text ! unique, event_id int -> events",
			policy: `
model "d.event" {
  table = events
  natural_key = [uuid]
  package_key = [uuid, at]
}
model "d.note" {
  table = notes
  natural_key = [text]
}`,
			live: `events {"id":1,"uuid":"` + one + `","at":"2025-01-02T03:04:05.123456Z"}`,
			pkg: `d.event {"pk":4,"uuid":"` + two + `","at":"2025-01-02T03:04:05.123Z"}
				d.note {"pk":1,"text":"a","event":["` + two + `","2025-01-02T03:04:05.123456+00:00"]}
				d.note {"pk":2,"text":"b","event":["` + one + `","2025-01-02T03:04:05.123Z"]}`,
			want: wants{changes: []string{
				`+ d.event ["` + two + `"] pk 4 uuid "` + two + `" at "2025-01-02 03:04:05.123+00"`,
				`+ d.note ["a"] pk 1 text "a" event ["` + two + `"]`, `+ d.note ["b"] pk 2 text "b" event ["` + one + `"]`,
			}},
		},
		"a foreign key to a column that is not the primary key": {
			tables: "users: id serial, login text ! unique, card text unique\npapers: id serial, number text ! unique, owner_id text -> users.card",
			policy: "model \"d.user\" {\n table = users\n natural_key = [login]\n surrogate = [card]\n}\nmodel \"d.paper\" {\n table = papers\n natural_key = [number]\n}",
			live: `users {"id":1,"login":"ada","card":"live"}
				papers {"id":1,"number":"A","owner_id":"live"}`,
			pkg: `d.user {"pk":1,"login":"ada","card":"package"}
				d.user {"pk":2,"login":"bob","card":"bobs"}
				d.paper {"pk":1,"number":"A","owner":"package"}
				d.paper {"pk":2,"number":"B","owner":["ada"]}
				d.paper {"pk":3,"number":"C","owner":"bobs"}`,
			want: wants{
				changes: []string{
					`<> d.user ["ada"]`, `+ d.user ["bob"] pk 2 login "bob" card "bobs"`,
					`+ d.paper ["B"] pk 2 number "B" owner ["ada"]`, `+ d.paper ["C"] pk 3 number "C" owner ["bob"]`,
				},
				remaps: []string{`d.user ["ada"] card "package" is "live", 0`},
			},
		},
		"a foreign key to a surrogate of a record that changes otherwise": {
			tables: "users: id serial, login text ! unique, card text unique, mail text\npapers: id serial, number text ! unique, owner_id text -> users.card",
			policy: "model \"d.user\" {\n table = users\n natural_key = [login]\n surrogate = [card]\n}\nmodel \"d.paper\" {\n table = papers\n natural_key = [number]\n}",
			live:   `users {"id":1,"login":"ada","card":"live"}`,
			pkg: `d.user {"pk":1,"login":"ada","card":"package","mail":"m"}
				d.paper {"pk":1,"number":"A","owner":"package"}`,
			want: wants{
				changes: []string{`~ d.user ["ada"] mail null -> "m"`, `+ d.paper ["A"] pk 1 number "A" owner ["ada"]`},
				remaps:  []string{`d.user ["ada"] card "package" is "live", 0`},
			},
		},
		"a primary key that is a foreign key": {
			tables: "people: id serial, login text ! unique\nstaff: person_id int pk -> people, room text\ndesks: id serial, name text ! unique, staff_id int -> staff",
			policy: "model \"d.person\" {\n table = people\n natural_key = [login]\n}\nmodel \"d.staff\" {\n table = staff\n natural_key = [person]\n}\nmodel \"d.desk\" {\n table = desks\n natural_key = [name]\n}",
			live: `people {"id":7,"login":"ada"}
				people {"id":2,"login":"eve"}
				staff {"person_id":2,"room":"e"}`,
			pkg: `d.person {"pk":2,"login":"ada"}
				d.person {"pk":3,"login":"bob"}
				d.staff {"pk":2,"room":"a"}
				d.staff {"person":["bob"],"room":"b"}
				d.desk {"pk":1,"name":"x","staff":2}
				d.desk {"pk":2,"name":"y","staff":["bob"]}`,
			want: wants{
				changes: []string{
					`<> d.person ["ada"]`, `+ d.person ["bob"] pk 3 login "bob"`,
					`+ d.staff ["ada"] person ["ada"] room "a"`, `+ d.staff ["bob"] person ["bob"] room "b"`,
					`+ d.desk ["x"] pk 1 name "x" staff ["ada"]`, `+ d.desk ["y"] pk 2 name "y" staff ["bob"]`,
				},
				remaps: []string{`d.person ["ada"] id 2 is 7, 1`},
			},
		},
		"a composite primary key": {
			tables: "groups: name text pk\nmembers: group_id text pk -> groups, person text pk, role text",
			policy: "model \"d.group\" {\n table = groups\n natural_key = [name]\n}\nmodel \"d.member\" {\n table = members\n natural_key = [group, person]\n}",
			live: `groups {"name":"g"}
				members {"group_id":"g","person":"p","role":"old"}`,
			pkg: `d.member {"group":["g"],"person":"p","role":"new"}
				d.member {"group":"g","person":"q","role":"new"}`,
			want: wants{changes: []string{`~ d.member ["g","p"] role "old" -> "new"`, `+ d.member ["g","q"] group ["g"] person "q" role "new"`}},
		},
		"a composite primary key that is not the natural key, taken": {
			tables: "members: a int pk, b int pk, code text ! unique",
			policy: "model \"d.member\" {\n table = members\n natural_key = [code]\n}",
			live:   `members {"a":1,"b":2,"code":"x"}`,
			pkg:    `d.member {"a":1,"b":2,"code":"y"}`,
			want:   wants{changes: []string{`+ d.member ["y"] a 1 b 2 code "y"`}, problems: []string{`error predicted.unique.primary key d.member ["y"]`}},
		},
		"a table without a primary key": {
			tables: "facts: code text !, value text",
			policy: "model \"d.fact\" {\n table = facts\n natural_key = [code]\n absent = destroy\n}",
			live: `facts {"code":"a","value":"1"}
				facts {"code":"b","value":"1"}`,
			pkg: `d.fact {"code":"a","value":"2"}
				d.fact {"code":"c","value":"2"}`,
			want: wants{changes: []string{`- d.fact ["b"] code "b" value "1"`, `~ d.fact ["a"] value "1" -> "2"`, `+ d.fact ["c"] code "c" value "2"`}},
		},
		"tables of several schemas": {
			tables: "hr.people: id serial, login text ! unique\npeople: id serial, name text ! unique, hr_id int -> hr.people.id",
			policy: "model \"hr.person\" {\n table = hr.people\n natural_key = [login]\n}\nmodel \"d.person\" {\n table = people\n natural_key = [name]\n}",
			pkg: `hr.person {"pk":1,"login":"ada"}
				d.person {"pk":1,"name":"Ada","hr":1}`,
			want: wants{changes: []string{`+ hr.person ["ada"] pk 1 login "ada"`, `+ d.person ["Ada"] pk 1 name "Ada" hr ["ada"]`}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

func (c referenceCase) run(t *testing.T) *outcome {
	t.Helper()
	if c.tables == "" {
		c.tables = docs
	}
	if c.policy == "" {
		c.policy = docsPolicy
	}
	pol := fill(c.policy, "USER", c.user, "PAPER", c.paper, "VERSION", c.version)
	o := world{tables: c.tables, policy: pol, live: c.live, pkg: c.pkg, dialect: c.dialect}.run(t)
	c.want.compare(t, o)
	return o
}

func TestWhichModelsHaveAPrimaryKeyBesideTheirFields(t *testing.T) {
	in := world{
		tables: "users: id serial, login text ! unique\ncards: id serial, code text ! unique\ntypes: code text pk\nshelves: room text !, no int !, pk(room, no)\nseats: user_id int pk -> users, no int",
		policy: "model \"d.user\" {\n table = users\n natural_key = [login]\n}\nmodel \"d.card\" {\n table = cards\n natural_key = [code]\n sensitive = [id]\n}\n" +
			"model \"d.type\" {\n table = types\n natural_key = [code]\n}\nmodel \"d.shelf\" {\n table = shelves\n natural_key = [room, no]\n}\nmodel \"d.seat\" {\n table = seats\n natural_key = [user]\n}",
	}.input(t)
	got := map[string]bool{}
	for _, a := range plan(t, in).result.Accounting {
		got[a.Model] = a.KeyInFields
	}
	want := map[string]bool{"d.user": false, "d.card": true, "d.type": true, "d.shelf": true, "d.seat": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("key in fields (-want +got):\n%s", diff)
	}
}
