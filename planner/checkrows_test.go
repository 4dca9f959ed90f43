package planner

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckRows(t *testing.T) {
	const tables = "users: id serial, login text ! unique, boss_id int -> users\npapers: id serial, user_id int -> users, n int, unique(user_id, n)"
	const models = "model \"v.user\" {\n table = users\n natural_key = [login]\n}\n" +
		"model \"v.paper\" {\n table = papers\n natural_key = [user, n]\n}\n"
	const live = `users {"id":1,"login":"ada"}
		users {"id":2,"login":"bob","boss_id":1}
		papers {"id":1,"user_id":1,"n":1}
		papers {"id":2,"user_id":1,"n":2}
		papers {"id":3,"user_id":2,"n":3}
		papers {"id":4,"user_id":2,"n":4}
		papers {"id":5,"user_id":2,"n":5}
		papers {"id":6,"user_id":2,"n":6}`
	cases := map[string]struct {
		model, rows string
		violations  int
		first       []string
		problems    []string
	}{
		"all satisfy":                  {"v.paper", "self.n > 0", 0, nil, nil},
		"one does not":                 {"v.paper", "self.n != 3", 1, []string{`["bob",3]`}, nil},
		"the first few are named":      {"v.paper", "self.n > 9", 6, []string{`["ada",1]`, `["ada",2]`, `["bob",3]`, `["bob",4]`, `["bob",5]`}, nil},
		"a reference is a natural key": {"v.paper", `self.user == "ada" || self.n > 3`, 1, []string{`["bob",3]`}, nil},
		"a reference to the same model": {
			"v.user", `self.boss == null || self.boss == "bob"`, 1, []string{`["bob"]`}, nil,
		},
		"a condition that is no truth": {"v.paper", "self.n", 0, nil, []string{`error policy.expression v.paper ["ada",1]`}},
		"a field that is not there":    {"v.paper", "self.m > 0", 0, nil, []string{"error policy.unknown_field"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cat := catalogue(t, tables, "")
			pol := parsePolicy(t, models+"check \"c\" {\n model = "+c.model+"\n rows = "+c.rows+"\n}\n")
			n, first, list, err := CheckRows(context.Background(), pol, cat, newLive(t, cat, live), pol.Checks[0])
			if err != nil {
				t.Fatal(err)
			}
			var problems []string
			for _, d := range list {
				problems = append(problems, strings.TrimSpace(problemText(d)))
			}
			if n != c.violations {
				t.Errorf("%d violations, want %d", n, c.violations)
			}
			if diff := cmp.Diff(c.first, first) + cmp.Diff(c.problems, problems); diff != "" {
				t.Error(diff)
			}
		})
	}
}
