package planner

import (
	"fmt"
	"strings"
	"testing"
)

func TestGuardsAndProtection(t *testing.T) {
	guard := func(level, condition string) string {
		return fmt.Sprintf("guard \"few\" {\n level = %s\n condition = %s\n error_message = \"no\"\n}", level, condition)
	}
	gone := []string{`- o.user ["ada"] because the policy clears o.user on reinit`, `- o.user ["bob"] because the policy clears o.user on reinit`}
	kept := []string{`o.user 1: the condition of reinit.clear does not hold for it`}
	trail := `- o.trail ["t"] because its user is destroyed, and on_destroy = destroy; o.user["ada"]: the policy clears o.user on reinit (here)`
	all := admin + ada + bob
	problems := func(list ...string) officeWants { return officeWants{changes: gone, kept: kept, problems: list} }
	few := `plan.total.destroy < 2`
	cases := map[string]officeCase{
		"a guard that holds": {
			user: clearUsers, live: all, wants: problems(),
			rest: guard("mandatory", `(plan.destroy["o.user"] == 2 || plan.total.destroy == 0) && plan.total.keep == 1 && plan.live["o.user"] <= 3 && plan.add["o.trail"] == 0`),
		},
		"mandatory": {user: clearUsers, live: all, rest: guard("mandatory", few), wants: problems(`error guard.mandatory.few`)},
		"mandatory, with a name that looks overridable": {
			user: clearUsers, live: all, rest: strings.Replace(guard("mandatory", few), `"few"`, `"overridable.few"`, 1),
			wants: problems(`error guard.mandatory.overridable.few`),
		},
		"overridable":                  {user: clearUsers, live: all, rest: guard("overridable", few), wants: problems(`error guard.overridable.few`)},
		"advisory":                     {user: clearUsers, live: all, rest: guard("advisory", few), wants: problems(`warning guard.advisory.few`)},
		"max_destroy that is reached":  {user: clearUsers + "\nmax_destroy = 2", live: all, wants: problems()},
		"max_destroy that is exceeded": {user: clearUsers + "\nmax_destroy = 1", live: all, wants: problems(`error guard.max_destroy o.user`)},
		"max_destroy counts consequences": {
			user: clearUsers, live: all + `trail {"id":1,"code":"t","user_id":2}`, trail: onDestroy("user", "destroy") + "max_destroy = 0",
			wants: officeWants{changes: append([]string{trail}, gone...), kept: kept, problems: []string{`error guard.max_destroy o.trail`}},
		},
		"prevent_destroy": {
			user: clearUsers + "\nprevent_destroy = true", live: all,
			wants: problems(`error destroy.prevented o.user ["ada"]`, `error destroy.prevented o.user ["bob"]`),
		},
		"protected by the live database": {
			user: clearUsers, live: all, in: func(in *Input) { in.Protected = []string{"O.User"} },
			wants: problems(`error destroy.prevented o.user ["ada"]`, `error destroy.prevented o.user ["bob"]`),
		},
		"prevent_destroy of a consequence": {
			user: clearUsers, live: admin + ada + `trail {"id":1,"code":"t","user_id":2}`, trail: onDestroy("user", "destroy") + "prevent_destroy = true",
			wants: officeWants{changes: []string{trail, gone[0]}, kept: kept, problems: []string{`error destroy.prevented o.trail ["t"]`}},
		},
	}
	for name, c := range cases {
		t.Run(name, c.run)
	}
}
