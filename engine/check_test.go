package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/plans"
)

func TestChecksAreJudgedBeforeTheCommit(t *testing.T) {
	query := func(name, sql, condition string) string {
		return "check \"" + name + "\" {\n query = \"" + sql + "\"\n condition = " + condition + "\n error_message = \"Not good.\"\n}\n"
	}
	rows := func(condition string) string {
		return "check \"rows\" {\n model = o.apple\n rows = " + condition + "\n}\n"
	}
	cases := map[string]struct {
		checks string
		failed []string // name and detail, none if it is applied
	}{
		"a query that holds after the changes only": {query("two left", "SELECT count(*) FROM apples", "result == 2"), nil},
		"one that held before": {
			query("three left", "SELECT count(*) FROM apples", "result == 3"), []string{"three left: Not good. The result is 2."},
		},
		"a text": {query("text", "SELECT min(name) FROM apples", `result == "ann"`), nil},
		"all that fail are named": {
			query("one", "SELECT 1", "result == 2") + query("two", "SELECT 2", "result == 2") + query("three", "SELECT 'x'", `result == "y"`),
			[]string{"one: Not good. The result is 1.", `three: Not good. The result is "x".`},
		},
		"a message without a full stop": {
			"check \"bare\" {\n query = \"SELECT 1\"\n condition = result == 2\n error_message = \"Not good\"\n}\n", []string{"bare: Not good. The result is 1."},
		},
		"a query that writes": {
			query("hand", "DELETE FROM kinds RETURNING 1", "result == 1"), []string{"hand: Not good. cannot query: "},
		},
		"a query that cannot be run":              {query("typo", "SELECT nothing FROM nowhere", "result == 1"), []string{"typo: Not good. cannot query: "}},
		"rows that all satisfy":                   {rows(`self.weight < 6 && self.kind == "red"`), nil},
		"a row that does not":                     {rows(`self.weight > 1`), []string{`rows: The condition does not hold for 1 row: ["new"].`}},
		"a condition on rows that cannot be told": {rows(`self.kind > 1`), []string{"rows: "}},
	}
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				o := fresh(t)
				pol := orchardPolicy(t, "", test.checks)
				p, before := o.reinit(t, pol), look(t, o.db)
				_, err := o.apply(t, p, pol)
				if len(test.failed) == 0 {
					must(t, err)
					logged(t, o.site, 1)
					return
				}
				var failed *engine.CheckError
				if !errors.As(err, &failed) || !errors.Is(err, engine.ErrRefused) || len(failed.Failed) != len(test.failed) {
					t.Fatalf("error %v, want that the checks fail %v", err, test.failed)
				}
				for i, d := range failed.Diagnostics() {
					if got := strings.TrimPrefix(d.Code, "check.") + ": " + d.Detail; !strings.HasPrefix(got, test.failed[i]) {
						t.Errorf("failed %q, want %q", got, test.failed[i])
					}
				}
				identical(t, before, look(t, o.db))
				logged(t, o.site, 0)
			})
		}
	})
}

func TestGuardsAreOverriddenWithAReason(t *testing.T) {
	guard := func(name, level string) string {
		return "guard \"" + name + "\" {\n level = " + level + "\n condition = plan.total.destroy == 0\n error_message = \"no\"\n}\n"
	}
	cases := map[string]struct {
		apple, guards string
		overrides     map[string]string
		error         string // empty if it is applied
		refused       bool   // by guards alone
		logged        []string
	}{
		"not at all":    {"", guard("few", "overridable"), nil, `The guard "few" refuses the plan`, true, nil},
		"with a reason": {"", guard("few", "overridable"), map[string]string{"few": "it is so"}, "", false, []string{`["few"] {"overridden":true,"reason":"it is so","actor":"tester"}`}},
		"without one":   {"", guard("few", "overridable"), map[string]string{"few": " "}, "without a reason", false, nil},
		"one of two": {
			"", guard("few", "overridable") + guard("less", "overridable"), map[string]string{"few": "so"}, `The guard "less" refuses the plan`, true, nil,
		},
		"a mandatory one":                 {"", guard("few", "mandatory"), map[string]string{"few": "so"}, "the guard is mandatory", false, nil},
		"one that is unknown":             {"", guard("few", "overridable"), map[string]string{"fwe": "so"}, `those that can be overridden are "few"`, false, nil},
		"a mandatory one beside":          {"", guard("few", "overridable") + guard("all", "mandatory"), map[string]string{"few": "so"}, `The guard "all" refuses`, true, nil},
		"max_destroy":                     {"max_destroy = 1", "", nil, "max_destroy is 1", true, nil},
		"a guard beside what is no guard": {"prevent_destroy = true", guard("few", "mandatory"), nil, "prevent_destroy", false, nil},
	}
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				o := fresh(t)
				pol := orchardPolicy(t, test.apple, test.guards)
				p := o.reinit(t, pol)
				o.engine.Overrides = test.overrides
				before := look(t, o.db)
				done, err := o.apply(t, p, pol)
				if errors.Is(err, engine.ErrRefused) != test.refused {
					t.Errorf("error %v, want refused by guards: %v", err, test.refused)
				}
				if test.error != "" {
					if err == nil || !strings.Contains(err.Error(), test.error) {
						t.Errorf("error %v, want %q", err, test.error)
					}
					identical(t, before, look(t, o.db))
					return
				}
				must(t, err)
				must(t, p.CanApplyWith(test.overrides))
				logged(t, o.site, 1)
				if diff := cmp.Diff(test.logged, guardsLogged(t, o, done.ID)); diff != "" {
					t.Errorf("logged (-want +got):\n%s", diff)
				}
				if want := (plans.Summary{Add: 1, Destroy: 2, Keep: 2}); done.Summary != want {
					t.Errorf("summary %+v, want %+v", done.Summary, want)
				}
			})
		}
	})
}

func guardsLogged(t *testing.T, o *orchard, id string) []string {
	t.Helper()
	view, err := o.db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	var out []string
	for e, err := range changelog.Entries(t.Context(), view, id) {
		must(t, err)
		if e.Model == "edmsplan.guard" {
			out = append(out, e.Key+" "+e.After)
		}
	}
	slices.Sort(out)
	return out
}
