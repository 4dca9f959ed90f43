package planner

import (
	"fmt"
	"strings"
	"testing"
)

func TestCycles(t *testing.T) {
	const heads = `
model "t.team" {
  table = teams
  natural_key = [name]
  TEAM
}
model "t.user" {
  table = users
  natural_key = [login]
  USER
}`
	const waiting = "teams: id serial, name text ! unique, lead_id int -> users\nusers: id serial, login text ! unique, team_id int ! -> teams"
	const strict = "teams: id serial, name text ! unique, lead_id int -> users now\nusers: id serial, login text ! unique, team_id int ! -> teams now"
	const adds = `t.team {"pk":1,"name":"x","lead":["ada"]}
		t.user {"pk":1,"login":"ada","team":1}`
	both := []string{`+ t.team ["x"] pk 1 name "x" lead ["ada"]`, `+ t.user ["ada"] pk 1 login "ada" team ["x"]`}
	cases := map[string]referenceCase{
		"two tables that refer to each other, constraints wait":        {tables: waiting, pkg: adds, want: wants{changes: both}},
		"two tables that refer to each other, constraints do not wait": {tables: strict, pkg: adds, want: wants{changes: both}},
		"the required reference decides which table comes first": {
			tables: "teams: id serial, name text ! unique, lead_id int ! -> users now\nusers: id serial, login text ! unique, team_id int -> teams now",
			pkg:    adds,
			want:   wants{changes: []string{both[1], both[0]}},
		},
		"both are destroyed, constraints do not wait": {
			tables: strict, paper: "", policy: fill(heads, "TEAM", "absent = destroy", "USER", "absent = destroy"),
			live: `teams {"id":1,"name":"x","lead_id":1}
				users {"id":1,"login":"ada","team_id":1}`,
			want: wants{changes: []string{`- t.user ["ada"] id 1 login "ada" team ["x"]`, `- t.team ["x"] id 1 name "x" lead ["ada"]`}},
		},
		"a row moves away from what is destroyed, constraints wait": {
			tables: waiting, policy: fill(heads, "TEAM", "absent = destroy", "USER", ""),
			live: `teams {"id":1,"name":"x"}
				users {"id":1,"login":"ada","team_id":1}`,
			pkg: `t.team {"pk":2,"name":"y"}
				t.user {"pk":1,"login":"ada","team":["y"]}`,
			want: wants{changes: []string{`- t.team ["x"] id 1 name "x" lead null`, `+ t.team ["y"] pk 2 name "y"`, `~ t.user ["ada"] team ["x"] -> ["y"]`}},
		},
		"a row moves away from what is destroyed, constraints do not wait": {
			tables: strict, policy: fill(heads, "TEAM", "absent = destroy", "USER", ""),
			live: `teams {"id":1,"name":"x"}
				users {"id":1,"login":"ada","team_id":1}`,
			pkg: `t.team {"pk":2,"name":"y"}
				t.user {"pk":1,"login":"ada","team":["y"]}`,
			want: wants{
				changes:  []string{`- t.team ["x"] id 1 name "x" lead null`, `+ t.team ["y"] pk 2 name "y"`, `~ t.user ["ada"] team ["x"] -> ["y"]`},
				problems: []string{`error predicted.order.users.team_id`},
			},
		},
		"skips cascade through a circle of tables": {
			tables: "teams: id serial, name text ! unique, lead_id int -> users\nusers: id serial, login text ! unique, team_id int -> teams",
			policy: fill(heads, "TEAM", `reference "lead" { on_missing = skip }`, "USER", `reference "team" { on_missing = skip }`),
			pkg: `t.team {"pk":1,"name":"x","lead":["bob"]}
				t.user {"pk":1,"login":"ada","team":["x"]}
				t.user {"pk":2,"login":"bob","team":["y"]}
				t.team {"pk":2,"name":"y","lead":["eve"]}`,
			want: wants{skips: []string{
				`t.team ["x"]: its reference lead leads to no record, and on_missing = skip`,
				`t.team ["y"]: its reference lead leads to no record, and on_missing = skip`,
				`t.user ["ada"]: its reference team leads to no record, and on_missing = skip`,
				`t.user ["bob"]: its reference team leads to no record, and on_missing = skip`,
			}},
		},
		"a renamed row keeps those that refer to it": {
			tables: "users: id serial, login text ! unique, uuid uuid unique, boss_id int -> users",
			policy: "model \"t.user\" {\n table = users\n natural_key = [login]\n surrogate = [uuid]\n on_collision = rename\n}",
			live: `users {"id":1,"login":"old","uuid":"` + one + `"}
				users {"id":2,"login":"ada","uuid":"` + two + `","boss_id":1}`,
			pkg: `t.user {"pk":1,"login":"new","uuid":"` + one + `"}
				t.user {"pk":2,"login":"ada","uuid":"` + two + `","boss":["new"]}`,
			want: wants{changes: []string{`~ t.user ["new"] was ["old"] login "old" -> "new"`}},
		},
		"a reference to the name that a renamed row had": {
			tables: "users: id serial, login text ! unique, uuid uuid unique, boss_id int -> users",
			policy: "model \"t.user\" {\n table = users\n natural_key = [login]\n surrogate = [uuid]\n on_collision = rename\n}",
			live:   `users {"id":1,"login":"old","uuid":"` + one + `"}`,
			pkg: `t.user {"pk":1,"login":"new","uuid":"` + one + `"}
				t.user {"pk":2,"login":"ada","uuid":"` + two + `","boss":["old"]}`,
			want: wants{
				changes: []string{
					`+ t.user ["ada"] pk 2 login "ada" uuid "` + two + `" boss ["old"]`,
					`~ t.user ["new"] was ["old"] login "old" -> "new"`,
				},
				problems: []string{`error predicted.value.boss t.user ["ada"]`},
			},
		},
		"a renamed record with members and fields of its own": {
			tables: "users: id serial, login text ! unique, uuid uuid unique\nusers_friends: id serial, from_user_id int ! -> users, to_user_id int ! -> users",
			policy: "model \"t.user\" {\n table = users\n natural_key = [login]\n surrogate = [uuid]\n on_collision = rename\n}",
			live: `users {"id":1,"login":"old","uuid":"` + one + `"}
				users {"id":2,"login":"ada","uuid":"` + two + `"}
				users_friends {"id":1,"from_user_id":1,"to_user_id":1}`,
			pkg: `t.user {"pk":1,"login":"new","uuid":"` + one + `","friends":[["ada"]]}`,
			want: wants{
				changes: []string{`~ t.user ["new"] was ["old"] login "old" -> "new" friends [["new"]] -> [["ada"]]`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.policy == "" {
				c.policy = fill(heads, "TEAM", "", "USER", "")
			}
			c.run(t)
		})
	}
}

func TestALongChainOfSkipsIsJudgedOnce(t *testing.T) {
	const records = 20_000
	var pkg strings.Builder
	for i := range records {
		fmt.Fprintf(&pkg, "t.user {\"login\":\"u%d\",\"boss\":[\"u%d\"]}\n", i, i+1)
	}
	o := plan(t, world{
		tables: "users: id serial, login text ! unique, boss_id int -> users",
		policy: "model \"t.user\" {\n table = users\n natural_key = [login]\n reference \"boss\" { on_missing = skip }\n}",
		pkg:    pkg.String(),
	}.input(t))
	if n := len(o.skips); n != records {
		t.Errorf("%d of %d records are skipped", n, records)
	}
}

func TestRowsThatLetGoTooLateAreToldWhatWaits(t *testing.T) {
	for name, c := range map[string]struct{ onDelete, want string }{
		"a constraint that does not wait": {"", "Let it wait: ALTER TABLE notes ALTER CONSTRAINT notes_team_id DEFERRABLE."},
		"an action that is taken at once": {"restrict", "The foreign key says ON DELETE RESTRICT; with NO ACTION and DEFERRABLE it waits."},
	} {
		t.Run(name, func(t *testing.T) {
			in := world{
				tables: "teams: id serial, name text ! unique\nnotes: id serial, code text ! unique, team_id int -> teams now",
				policy: "model \"t.team\" {\n table = teams\n natural_key = [name]\n absent = destroy\n}\nmodel \"t.note\" {\n table = notes\n natural_key = [code]\n reference \"team\" { on_destroy = unset }\n}",
				live:   "teams {\"id\":1,\"name\":\"x\"}\nnotes {\"id\":1,\"code\":\"n\",\"team_id\":1}",
				pkg:    `t.team {"pk":2,"name":"y"}`,
			}.input(t)
			fk := in.Catalogue.Table("notes").ForeignKeyOf("team_id")
			fk.Name, fk.OnDelete = "notes_team_id", c.onDelete
			if got := describe(plan(t, in).result.Diagnostics); !strings.Contains(got, c.want) {
				t.Error(got)
			}
		})
	}
}
