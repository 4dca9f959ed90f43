package planner

import (
	"strings"
	"testing"
)

// Each of these worlds has the secret somewhere; world.run looks for it in all
// that a plan says.
func TestSecretsStayOut(t *testing.T) {
	const tables = `
users: id serial, login text ! unique, password varchar(5) !, token uuid unique, pin int, keys json, card text unique, boss_id int -> users
cards: id serial, name text ! unique, user_id text -> users.card
rows: id text pk, code text ! unique
notes: id serial, name text ! unique, row_id text -> rows
`
	const attributes = `
 sensitive = [password, token, pin, keys, card, boss]
 surrogate = [token, card]
`
	const cards = "model \"s.card\" {\n table = cards\n natural_key = [name]\n}\n"
	user := func(more string) string {
		return "model \"s.user\" {\n table = users\n natural_key = [login]\n" + attributes + more + "\n}\n" + cards
	}
	cases := map[string]struct{ policy, live, pkg string }{
		"added": {
			policy: user(""),
			pkg:    `s.user {"pk":1,"login":"ada","password":"hunter2","keys":{"a":"hunter2"},"card":"hunter2"}`,
		},
		"changed and remapped": {
			policy: user(""),
			live:   `users {"id":1,"login":"ada","password":"old","keys":{"a":"hunter2"},"card":"x"}`,
			pkg:    `s.user {"pk":2,"login":"ada","password":"hunter2","keys":{"b":"hunter2"},"card":"hunter2"}`,
		},
		"destroyed": {
			policy: user("absent = destroy"),
			live:   `users {"id":1,"login":"ada","password":"hunter2","keys":{"a":"hunter2"},"card":"hunter2"}`,
		},
		"a collision and a violated constraint": {
			policy: user(""),
			live:   `users {"id":1,"login":"ada","password":"old","card":"hunter2"}`,
			pkg: `s.user {"pk":2,"login":"bob","password":"x","card":"hunter2"}
				s.user {"pk":3,"login":"eve","password":"x","card":"hunter2"}`,
		},
		"values that do not fit": {
			policy: user(""),
			pkg:    `s.user {"pk":2,"login":"bob","password":["hunter2"],"token":"hunter2","pin":"hunter2","keys":"hunter2"}`,
		},
		"a missing reference by a sensitive identifier": {
			policy: user(""),
			pkg: `s.card {"pk":1,"name":"c","user":"hunter2"}
				s.user {"pk":2,"login":"bob","password":"x","boss":["hunter2"]}`,
		},
		"an expression that fails": {
			policy: user(`derive "pin" { value = parseint(self.password, 10) }`),
			pkg:    `s.user {"pk":2,"login":"bob","password":"hunter2"}`,
		},
		"a derived value that does not fit": {
			policy: user(`derive "pin" { value = self.password }`),
			pkg:    `s.user {"pk":2,"login":"bob","password":"hunter2"}`,
		},
		"duplicates": {
			policy: user(""),
			pkg: `s.user {"pk":2,"login":"bob","password":"hunter2"}
				s.user {"pk":3,"login":"bob","password":"hunter3"}`,
		},
	}
	keys := "model \"s.row\" {\n table = rows\n natural_key = [code]\n sensitive = [id]\n}\nmodel \"s.note\" {\n table = notes\n natural_key = [name]\n}\n"
	cases["a primary key, added and missing"] = struct{ policy, live, pkg string }{
		policy: keys,
		pkg: `s.row {"pk":"hunter2","code":"a"}
			s.note {"pk":1,"name":"x","row":"hunter2"}
			s.note {"pk":2,"name":"y","row":"hunter22"}`,
	}
	cases["a primary key, remapped and destroyed"] = struct{ policy, live, pkg string }{
		policy: strings.Replace(keys, "sensitive", "absent = destroy\nsensitive", 1),
		live: `rows {"id":"hunter2","code":"a"}
			rows {"id":"hunter22","code":"b"}
			notes {"id":1,"name":"x","row_id":"hunter22"}`,
		pkg: `s.row {"pk":"hunter23","code":"a"}`,
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { world{tables: tables, policy: c.policy, live: c.live, pkg: c.pkg}.run(t) })
	}
}

// How long a secret is says something of it.
func TestTheLengthOfASecretIsNotTold(t *testing.T) {
	in := world{
		tables: "users: id serial, login varchar(5) ! unique, password varchar(5)",
		policy: "model \"s.user\" {\n table = users\n natural_key = [login]\n sensitive = [password]\n}",
		pkg:    `s.user {"pk":1,"login":"ada","password":"hunter2"}`,
	}.input(t)
	got := describe(plan(t, in).result.Diagnostics)
	if !strings.Contains(got, "predicted.value.password") || strings.Contains(got, "characters") {
		t.Error(got)
	}
}
