package planner

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDecisionsThatDoNotFit shows that each of them refuses the plan and names
// its place, and that a conflict which it does not settle stays one.
func TestDecisionsThatDoNotFit(t *testing.T) {
	const collides = `p.person {"pk":3,"login":"robert","uuid":"` + two + `"}`
	cases := map[string]struct {
		attributes, live, pkg, decisions string
		tables                           string // empty: people
		problems                         []string
	}{
		"a model that the policy does not have": {
			pkg: `p.person {"login":"ada"}`, decisions: `skip p.nobody ["ada"] key.duplicate_package`,
			problems: []string{`conflicts.csv:2 error decision.model p.nobody ["ada"]`},
		},
		"a natural key that the package does not have": {
			live: folk, pkg: collides, decisions: `skip p.person ["alan"] collision.uuid`,
			problems: []string{`error collision.uuid p.person ["robert"]`, `conflicts.csv:2 error decision.record p.person ["alan"]`},
		},
		"a number that another record has": {
			live: folk, pkg: collides, decisions: `skip p.person ["robert"]#7 collision.uuid`,
			problems: []string{`error collision.uuid p.person ["robert"]`, `conflicts.csv:2 error decision.record p.person ["robert"]`},
		},
		"a key that two records have, without the number": {
			pkg: `p.person {"login":"ada","mail":"a@x"}
				p.person {"login":"ada","mail":"b@x"}`,
			decisions: `skip p.person ["ada"] key.duplicate_package`,
			problems:  []string{`conflicts.csv:2 error decision.record p.person ["ada"]`},
		},
		"a target that does not exist": {
			live: folk, pkg: collides, decisions: `map p.person ["robert"] collision.uuid -> 99`,
			problems: []string{`conflicts.csv:2 error decision.target p.person ["robert"]`, `error collision.uuid p.person ["robert"]`},
		},
		"a target that is not among the candidates": {
			live: folk, pkg: collides, decisions: `map p.person ["robert"] collision.uuid -> 7`,
			problems: []string{`conflicts.csv:2 error decision.target p.person ["robert"]`},
		},
		"a target that several rows are": {
			tables: twins,
			live: `people {"id":7,"login":"ada"}
				people {"id":8,"login":"ada"}`,
			pkg:       `p.person {"login":"ada"}`,
			decisions: `map p.person ["ada"] key.duplicate_live -> ["ada"]`,
			problems:  []string{`conflicts.csv:2 error decision.target p.person ["ada"]`, `error key.duplicate_live p.person ["ada"]`},
		},
		"a target without a natural key": {
			tables: twins,
			live:   `people {"id":7,"login":null,"uuid":"` + two + `"}`,
			pkg:    `p.person {"login":"ada","uuid":"` + two + `"}`, decisions: `map p.person ["ada"] collision.uuid -> 7`,
			problems: []string{`conflicts.csv:2 error decision.target p.person ["ada"]`, `error collision.uuid p.person ["ada"]`},
		},
		"two decisions about one record": {
			live: folk, pkg: collides,
			decisions: `skip p.person ["robert"] collision.uuid
				remint p.person ["robert"] collision.uuid`,
			problems: []string{`conflicts.csv:3 error decision.twice p.person ["robert"]`},
		},
		"two decisions about one record that call it otherwise": {
			live: folk, pkg: collides,
			decisions: `skip p.person ["robert"] collision.uuid
				map p.person 3 -> 8`,
			problems: []string{`conflicts.csv:3 error decision.twice p.person `},
		},
		"two records are mapped to one row": {
			live: folk,
			pkg: `p.person {"login":"al"}
				p.person {"login":"fred"}`,
			decisions: `map p.person ["al"] -> 7
				map p.person ["fred"] -> 7`,
			problems: []string{`conflicts.csv:3 error decision.row p.person ["fred"]`},
		},
		"a record is mapped to a row that another one is by its natural key": {
			live: folk,
			pkg: `p.person {"login":"ada"}
				p.person {"login":"robert"}`,
			decisions: `map p.person ["robert"] -> 7`,
			problems:  []string{`conflicts.csv:2 error decision.row p.person ["robert"]`},
		},
		"two records are mapped to rows that have one natural key": {
			tables: twins,
			live: `people {"id":7,"login":"ada"}
				people {"id":8,"login":"ada"}`,
			pkg: `p.person {"login":"al"}
				p.person {"login":"fred"}`,
			decisions: `map p.person ["al"] -> 7
				map p.person ["fred"] -> 8`,
			problems: []string{`conflicts.csv:3 error decision.row p.person ["fred"]`},
		},
		"a collision that is not there any more": {
			live: folk, pkg: `p.person {"login":"ada","uuid":"` + one + `"}`, decisions: `map p.person ["ada"] collision.uuid -> 7`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person ["ada"]`},
		},
		"live rows that are not several any more": {
			live: folk, pkg: `p.person {"login":"ada"}`, decisions: `map p.person ["ada"] key.duplicate_live -> 7`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person ["ada"]`},
		},
		"records that are not several any more": {
			live: folk, pkg: `p.person {"login":"ada"}`, decisions: `skip p.person ["ada"]#1 key.duplicate_package`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person ["ada"]`},
		},
		"primary keys that are not the same any more": {
			live: folk, pkg: `p.person {"pk":1,"login":"ada"}`, decisions: `skip p.person ["ada"] key.duplicate_primary`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person ["ada"]`},
		},
		"surrogates that are not the same any more": {
			live: folk, pkg: `p.person {"login":"ada","uuid":"` + one + `"}`, decisions: `remint p.person ["ada"] surrogate.duplicate`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person ["ada"]`},
		},
		"a difference that is not there any more": {
			attributes: "match = fail",
			live:       folk, pkg: `p.person {"login":"ada","mail":"a@x"}`, decisions: `skip p.person ["ada"] match.fail`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person ["ada"]`},
		},
		"a record that has a natural key": {
			live: folk, pkg: `p.person {"login":"ada"}`, decisions: `skip p.person #1 key.incomplete.login`,
			problems: []string{`conflicts.csv:2 error decision.stale p.person `},
		},
		"a verdict that does not settle the conflict": {
			live: folk, pkg: collides, decisions: `rename p.person ["robert"] key.duplicate_live`,
			problems: []string{`conflicts.csv:2 error decision.code p.person ["robert"]`, `error collision.uuid p.person ["robert"]`},
		},
		"a conflict that nobody knows": {
			live: folk, pkg: collides, decisions: `skip p.person ["robert"] reference.missing.owner`,
			problems: []string{`conflicts.csv:2 error decision.code p.person ["robert"]`, `error collision.uuid p.person ["robert"]`},
		},
		"rename where the record has a row of its own": {
			live: folk, pkg: `p.person {"login":"ada","uuid":"` + two + `"}`, decisions: `rename p.person ["ada"] collision.uuid`,
			problems: []string{`conflicts.csv:2 error decision.unsettled p.person ["ada"]`, `error collision.uuid p.person ["ada"]`},
		},
		"rename of a row that is another record of the package": {
			live: folk,
			pkg: `p.person {"login":"bob"}
				` + collides, decisions: `rename p.person ["robert"] collision.uuid`,
			problems: []string{`conflicts.csv:2 error decision.unsettled p.person ["robert"]`, `error collision.uuid p.person ["robert"]`},
		},
		"rename of another row than the target": {
			live: folk, pkg: collides, decisions: `rename p.person ["robert"] collision.uuid -> 7`,
			problems: []string{`conflicts.csv:2 error decision.unsettled p.person ["robert"]`, `error collision.uuid p.person ["robert"]`},
		},
		"remint of what is no uuid": {
			live: `people {"id":7,"login":"ada","uuid":"` + one + `","card":"A1"}`,
			pkg:  `p.person {"login":"bob","card":"A1"}`, decisions: `remint p.person ["bob"] collision.card`,
			problems: []string{`conflicts.csv:2 error decision.unsettled p.person ["bob"]`, `error collision.card p.person ["bob"]`},
		},
		"a reference by a natural key that a mapped record shares with another": {
			live: folk,
			pkg: `p.person {"pk":3,"login":"ada","mail":"a@x"}
				p.person {"pk":4,"login":"ada","mail":"b@x"}
				p.paper {"code":"B","owner":["ada"]}`,
			decisions: `map p.person 4 -> 8`,
			problems:  []string{`error reference.missing.owner p.paper ["B"]`},
		},
		"a sensitive surrogate names nothing and is not told": {
			attributes: "sensitive = [card]",
			live:       folk, pkg: `p.person {"login":"zed","card":"` + secret + `"}`, decisions: `map p.person ` + secret + ` -> ` + secret,
			problems: []string{`conflicts.csv:2 error decision.target p.person `, `error collision.card p.person ["zed"]`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{tables: people, policy: person(c.attributes), live: c.live, pkg: c.pkg}
			if c.tables != "" {
				w.tables = c.tables
			}
			o := w.decide(t, decisions(t, c.decisions), false)
			var got []string
			for _, d := range o.result.Diagnostics {
				if strings.HasPrefix(d.Code, "package.no_keys") || strings.HasPrefix(d.Code, "predicted.") {
					continue
				}
				text := strings.TrimSpace(problemText(d))
				if strings.HasPrefix(d.Code, "decision.") {
					text = fmt.Sprintf("%s:%d %s", d.Range.File, d.Range.Start.Line, text)
				}
				got = append(got, text)
			}
			for i := range c.problems {
				c.problems[i] = strings.TrimSpace(c.problems[i])
			}
			if diff := cmp.Diff(c.problems, got); diff != "" {
				t.Error(diff)
				t.Log(describe(o.result.Diagnostics))
			}
			for _, d := range o.result.Decisions {
				if strings.Contains(d.Package+d.Live, secret) {
					t.Errorf("a secret is in the plan: %+v", d)
				}
			}
		})
	}
}
