package planner

import (
	"strings"
	"testing"
)

func TestScopes(t *testing.T) {
	scope := "scope \"people\" {\n models = [\"o.user\"]\n where \"o.user\" { rows = self.active }\n}"
	idle := `users {"id":5,"login":"idle","active":false}` + "\n"
	paper := `papers {"id":1,"number":"P"}`
	kept := []string{`o.user 1: the condition of reinit.clear does not hold for it`}
	gone := []string{`- o.user ["ada"] because the policy clears o.user on reinit`}
	partial := []string{`warning partial`}
	cases := map[string]officeCase{
		"a scope's models and rows": {
			user: clearUsers, paper: clearAll, rest: scope, live: admin + ada + idle + paper,
			in:    func(in *Input) { in.Scope = "people" },
			wants: officeWants{changes: gone, kept: kept, problems: partial},
		},
		"records of the package that a scope's rows leave out": {
			plain: true, rest: scope, live: ada + idle, in: func(in *Input) { in.Scope = "people" },
			pkg: `o.user {"login":"ada","active":true,"boss":["idle"]}
				o.user {"login":"idle","active":false,"boss":["ada"]}`,
			wants: officeWants{changes: []string{`~ o.user ["ada"] boss null -> ["idle"]`}, problems: partial},
		},
		"absent = destroy goes by a scope's rows, also where the model refers to itself": {
			plain: true, user: "absent = destroy", rest: scope, live: ada + idle, in: func(in *Input) { in.Scope = "people" },
			pkg: `o.user {"login":"eve","active":true,"boss":["idle"]}`,
			wants: officeWants{
				changes:  []string{`- o.user ["ada"] because the package lacks it and absent = destroy`, `+ o.user ["eve"] login "eve" active true boss ["idle"]`},
				problems: partial,
			},
		},
		"reinit and absent = destroy both go by a scope's rows": {
			user: "absent = destroy\n" + clearAll, rest: scope, live: ada + idle, in: func(in *Input) { in.Scope = "people" },
			pkg: `o.user {"login":"eve","active":true}`,
			wants: officeWants{
				changes:  []string{`- o.user ["ada"] because the policy clears o.user on reinit`, `+ o.user ["eve"] login "eve" active true`},
				problems: partial,
			},
		},
		"an unknown scope": {
			rest: scope, in: func(in *Input) { in.Scope = "peple" }, wants: officeWants{problems: []string{`error policy.unknown_scope`}},
		},
		"a target": {
			user: clearUsers, paper: clearAll, live: admin + ada + paper,
			in:    func(in *Input) { in.Target = []string{"o.us*"} },
			wants: officeWants{changes: gone, kept: kept, problems: partial},
		},
		"an unknown target": {
			in:    func(in *Input) { in.Target = []string{"o.usr"} },
			wants: officeWants{problems: []string{`error policy.unknown_model`, `warning partial`}},
		},
		"what is excluded stays": {
			user: clearUsers, paper: clearAll, live: admin + ada + paper,
			in:    func(in *Input) { in.Exclude = []string{"o.user"} },
			wants: officeWants{changes: []string{`- o.paper ["P"] because the policy clears o.paper on reinit`}, problems: partial},
		},
		"records outside are left out, and references to them lead to live rows": {
			plain: true, live: admin + ada, in: func(in *Input) { in.Target = []string{"o.trail"} },
			pkg: `o.user {"login":"ada","active":false}
				o.user {"login":"new","active":true}
				o.trail {"code":"t","user":["ada"]}`,
			wants: officeWants{changes: []string{`+ o.trail ["t"] code "t" user ["ada"]`}, problems: partial},
		},
		"nothing is destroyed for being absent from a package that lacks records": {
			plain: true, user: "absent = destroy", live: ada, pkg: `o.user {"login":"new","active":true}`,
			in:    func(in *Input) { in.Partial = "it is an export" },
			wants: officeWants{problems: []string{`error absent.partial`}},
		},
		"which concerns only what the plan is about": {
			plain: true, user: "absent = destroy", live: admin + ada, pkg: `o.trail {"code":"t","user":["ada"]}`,
			in:    func(in *Input) { in.Partial, in.Exclude = "it is an export", []string{"o.user"} },
			wants: officeWants{changes: []string{`+ o.trail ["t"] code "t" user ["ada"]`}, problems: partial},
		},
		"a reference to a record outside that is not live": {
			plain: true, live: admin, in: func(in *Input) { in.Target = []string{"o.trail"} },
			pkg: `o.user {"login":"new","active":true}
				o.trail {"code":"t","user":["new"]}`,
			wants: officeWants{problems: []string{`warning partial`, `error reference.missing.user o.trail ["t"]`}},
		},
	}
	for name, c := range cases {
		t.Run(name, c.run)
	}
}

// What is said of a reference that leads outside, and of a foreign key without
// a name, as those of SQLite are.
func TestWhatIsSaidOfReferences(t *testing.T) {
	cases := map[string]struct {
		c    officeCase
		live string
		want string
	}{
		"outside the plan": {
			officeCase{
				plain: true, in: func(in *Input) { in.Target = []string{"o.paper"} },
				pkg: `o.user {"pk":1,"login":"ada","active":true}
					o.paper {"pk":1,"number":"P","author":1}`,
			},
			"",
			"The package's o.user with the identifier 1 lies outside the plan, and the live database has no such record.",
		},
		"a foreign key without a name": {
			officeCase{user: clearUsers},
			admin + ada + `logins {"id":1,"user_id":2}`,
			`One of the destroyed records is o.user ["ada"]. The foreign key (user_id) would be violated, or the database would cascade.`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := c.c.input(t)
			w := world{tables: office + "logins: id serial, user_id int -> users\n", live: c.live}.input(t)
			in.Catalogue, in.Live = w.Catalogue, w.Live
			for _, table := range in.Catalogue.Tables {
				for i := range table.ForeignKeys {
					table.ForeignKeys[i].Name = ""
				}
			}
			o := plan(t, in)
			if text := describe(o.result.Diagnostics); !strings.Contains(text, c.want) {
				t.Error(text)
			}
		})
	}
}
