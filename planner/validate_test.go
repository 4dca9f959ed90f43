package planner

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValidate(t *testing.T) {
	const users = "model \"v.user\" {\n table = users\n natural_key = [login]\n sensitive = [pin]\n}\n"
	cases := map[string]struct {
		tables, policy, live string
		want                 []string
		says                 string
	}{
		"nothing is wrong": {
			tables: "users: id serial, login text ! unique, pin text",
			policy: users,
			live:   `users {"id":1,"login":"ada"}`,
		},
		"a misspelt table": {
			tables: "usres: id serial, login text",
			policy: users,
			want:   []string{"error policy.unknown_table"}, says: `Did you mean "usres"?`,
		},
		"a misspelt column": {
			tables: "users: id serial, logon text, pin text",
			policy: users,
			want:   []string{"error policy.unknown_column"}, says: `Did you mean "logon"?`,
		},
		"no constraint backs the key": {
			tables: "users: id serial, login text, pin text",
			policy: users,
			want:   []string{"warning key.unbacked"}, says: "No unique constraint backs",
		},
		"duplicates and nulls in the live rows": {
			tables: "users: id serial, login text, pin text",
			policy: users,
			live: `users {"id":1,"login":"ada"}
				users {"id":2,"login":"ada"}
				users {"id":3,"login":null}`,
			want: []string{"warning key.unbacked", `error key.duplicate_live v.user ["ada"]`, "error key.null_live v.user"},
			says: "Row (id) = (2). The other one is (1).",
		},
		"a key through a reference": {
			tables: "users: id serial, login text ! unique, pin text\npapers: id serial, user_id int -> users, n int, unique(user_id, n)",
			policy: users + "model \"v.paper\" {\n table = papers\n natural_key = [user, n]\n}",
			live: `users {"id":1,"login":"ada"}
				papers {"id":1,"user_id":1,"n":1}
				papers {"id":2,"user_id":1,"n":1}`,
			want: []string{`error key.duplicate_live v.paper ["ada",1]`}, says: "Two live rows of papers",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cat := catalogue(t, c.tables, "")
			list, err := Validate(context.Background(), parsePolicy(t, c.policy), cat, newLive(t, cat, c.live))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range list {
				got = append(got, problemText(d))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(describe(list), c.says) {
				t.Errorf("%q is not said:\n%s", c.says, describe(list))
			}
		})
	}
}

func TestTablesAreThoseOfModelsAndTheirMembers(t *testing.T) {
	c := catalogue(t, docs+"\nother: id serial", "")
	pol := parsePolicy(t, fill(docsPolicy, "USER", "", "PAPER", "", "VERSION", ""))
	var got []string
	for _, table := range Tables(pol, c) {
		got = append(got, table.Name)
	}
	if diff := cmp.Diff([]string{"papers", "papers_readers", "types", "users", "versions"}, got); diff != "" {
		t.Error(diff)
	}
}
