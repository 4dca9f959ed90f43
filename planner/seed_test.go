package planner

import (
	"strings"
	"testing"
)

const typeSeed = `
seed "o.type" {
  on = reinit
  MATCH
  records = [{ code = "A", name = "Alpha", maker = "admin" }, { code = "B", name = "Beta", maker = ["admin"] }]
}
`

// userSeed is a seed of one user with these fields.
func userSeed(fields string) string {
	return "seed \"o.user\" {\n on = reinit\n records = [{ login = \"admin\", " + fields + " }]\n}\n"
}

func TestSeeds(t *testing.T) {
	update := fill(typeSeed, "MATCH", "match = update")
	keep := fill(typeSeed, "MATCH", "")
	a := `types {"id":1,"code":"A","name":"Old","maker_id":1}` + "\n"
	addA := `+ o.type ["A"] code "A" name "Alpha" maker ["admin"] because the policy declares it`
	addB := `+ o.type ["B"] code "B" name "Beta" maker ["admin"] because the policy declares it`
	cases := map[string]officeCase{
		"what is missing is added, what is there is kept": {
			rest: keep, live: admin + a, wants: officeWants{changes: []string{addB}},
		},
		"or changed": {
			rest: update, live: admin + a,
			wants: officeWants{changes: []string{`~ o.type ["A"] name "Old" -> "Alpha" because the policy declares it`, addB}},
		},
		"ignored fields are written on add only": {
			rest: fill(typeSeed, "MATCH", "match = update\n ignore = [name]"), live: admin + a, wants: officeWants{changes: []string{addB}},
		},
		"one that is skipped is none of the package's records": {
			typ: "reference \"maker\" { on_missing = skip }", rest: keep, live: a[:0],
			in:    func(in *Input) { in.Target = []string{"o.type"} },
			wants: officeWants{problems: []string{`warning partial`}},
		},
		"without reinit no seed of a reinit takes part": {rest: keep, live: admin, plain: true},
		"always": {
			rest: strings.Replace(keep, "on = reinit", "on = always", 1), live: admin + a, plain: true, wants: officeWants{changes: []string{addB}},
		},
		"the package's record wins": {
			rest: update, live: admin + a, pkg: `o.type {"code":"B","name":"Package","maker":["admin"]}`,
			wants: officeWants{changes: []string{
				`~ o.type ["A"] name "Old" -> "Alpha" because the policy declares it`, `+ o.type ["B"] code "B" name "Package" maker ["admin"]`,
			}},
		},
		"a seed for a cleared row keeps it": {
			typ: clearAll, rest: keep, live: admin + a + `types {"id":2,"code":"Z","name":"Z","maker_id":1}`,
			wants: officeWants{changes: []string{`- o.type ["Z"] because the policy clears o.type on reinit`, addB}},
		},
		"a unique constraint that a live row holds": {
			rest: keep, live: admin + `types {"id":1,"code":"X","name":"Beta","maker_id":1}`,
			wants: officeWants{changes: []string{addA, addB}, problems: []string{`error predicted.unique.types_name o.type ["B"]`}},
		},
		"a unique constraint that a cleared row gives up": {
			typ: clearAll, rest: keep, live: admin + `types {"id":1,"code":"X","name":"Beta","maker_id":1}`,
			wants: officeWants{changes: []string{`- o.type ["X"] because the policy clears o.type on reinit`, addA, addB}},
		},
		"a unique constraint that a record of the package holds": {
			rest: keep, live: admin, pkg: `o.type {"code":"X","name":"Beta","maker":["admin"]}`,
			wants: officeWants{
				changes:  []string{addA, addB, `+ o.type ["X"] code "X" name "Beta" maker ["admin"]`},
				problems: []string{`error predicted.unique.types_name o.type ["X"]`},
			},
		},
		"a reference to nobody": {
			rest: keep, live: ada, wants: officeWants{problems: []string{`error reference.missing.maker o.type ["A"]`, `error reference.missing.maker o.type ["B"]`}},
		},
		"seeds refer to seeds": {
			rest: userSeed("active = true, password = django_unusable_password()") + keep,
			wants: officeWants{changes: []string{
				`+ o.user ["admin"] login "admin" active true password "(sensitive value)" because the policy declares it`, addA, addB,
			}},
		},
		"members are natural keys, also where they look like primary keys of the package": {
			rest: "seed \"o.paper\" {\n on = reinit\n records = [{ number = \"P\", readers = [\"7\", [\"8\"]] }]\n}\n",
			pkg: `o.user {"pk":7,"login":"8","active":true}
				o.user {"pk":8,"login":"7","active":true}`,
			live: ada,
			wants: officeWants{changes: []string{
				`+ o.user ["7"] pk 8 login "7" active true`, `+ o.user ["8"] pk 7 login "8" active true`,
				`+ o.paper ["P"] number "P" readers [["7"],["8"]] because the policy declares it`,
			}},
		},
		"a field that the table lacks": {
			rest: userSeed("actve = true"), wants: officeWants{problems: []string{`error policy.unknown_column`}},
		},
		"a value that does not fit": {
			rest: userSeed(`active = "perhaps"`), wants: officeWants{problems: []string{`error policy.seed`}},
		},
		"two records of one seed collide": {
			rest: strings.Replace(keep, "Beta", "Alpha", 1), live: admin,
			wants: officeWants{
				changes:  []string{addA, strings.Replace(addB, "Beta", "Alpha", 1)},
				problems: []string{`error predicted.unique.types_name o.type ["B"]`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, c.run)
	}
}
