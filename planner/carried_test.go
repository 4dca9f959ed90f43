package planner

import (
	"strings"
	"testing"
)

// A plan lists what its package cannot give back.
func TestWhatThePackageDoesNotCarryIsListed(t *testing.T) {
	const tables = "notes: id serial, code text ! unique, at ts"
	const policy = "model \"n.note\" {\n table = notes\n natural_key = [code]\n}"
	cases := map[string]struct {
		live, pkg string
		want      []string
	}{
		"primary keys and microseconds of added records": {
			pkg:  `n.note {"code":"a","at":"2026-01-02T03:04:05.678Z"}` + "\n" + `n.note {"code":"b","at":null}`,
			want: []string{"2 added records get new primary keys", "The times of 1 added record are cut"},
		},
		"nothing of records with primary keys and whole times": {
			pkg: `n.note {"pk":7,"code":"a","at":"2026-01-02T03:04:05.678912Z"}`,
		},
		"nothing of records that are there already": {
			live: `notes {"id":1,"code":"a","at":"2026-01-02 03:04:05.678912+00"}`,
			pkg:  `n.note {"code":"a","at":"2026-01-02T03:04:05.678Z"}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := world{tables: tables, policy: policy, live: c.live, pkg: c.pkg}.run(t).lost
			if len(got) != len(c.want) {
				t.Fatalf("listed %q, want %q", got, c.want)
			}
			for i, w := range c.want {
				if !strings.Contains(got[i], w) || !strings.Contains(got[i], "They are n.note ") {
					t.Errorf("listed %q, want %q", got[i], w)
				}
			}
		})
	}
}
