package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/database"
)

func TestRehearsalLeavesNothing(t *testing.T) {
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		o := fresh(t)
		pol := orchardPolicy(t, "prevent_destroy = false", "check \"c\" {\n query = \"SELECT count(*) FROM apples\"\n condition = result == 2\n}\n")
		p, before := o.reinit(t, pol), look(t, o.db)
		for range 2 {
			done, err := o.engine.Rehearse(t.Context(), p, pol, nil, lockWait)
			must(t, err)
			if done.Summary != p.Summary {
				t.Errorf("rehearsed %+v, want %+v", done.Summary, p.Summary)
			}
		}
		identical(t, before, look(t, o.db))
		if o.dialect == "postgres" {
			err := o.exec("DO $$ BEGIN IF EXISTS (SELECT FROM pg_class WHERE relname LIKE 'edmsplan%') THEN RAISE 'left behind'; END IF; END $$")
			if err != nil {
				t.Error(err)
			}
		}
		logged(t, o.site, 0)
		if got := protected(t, o); got != nil {
			t.Errorf("protected after a rehearsal: %v", got)
		}
		// The application's next apple has the key that it would have had.
		o.run(t, "INSERT INTO apples (name) VALUES ('next')")
		found := false
		for key, r := range look(t, o.db).rows["apples"] {
			found = found || key == "4" && r["name"].Text == "next"
		}
		if !found {
			t.Error("a sequence moved")
		}
		o.run(t, "DELETE FROM apples WHERE name = 'next'")
		if o.dialect == "sqlite" { // its sequence is what the plan's new key comes from
			o.run(t, "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'apples'")
		} else {
			o.run(t, "SELECT setval('apples_id_seq', 3)")
		}
		_, err := o.apply(t, p, pol)
		must(t, err)
		logged(t, o.site, 1)
	})
}

// What only the database or a check can judge is judged.
func TestRehearsalIsRefusedAsAnApplyWouldBe(t *testing.T) {
	const function = "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no'; END$$;"
	cases := map[string]struct {
		sqlite, postgres, check string
		want                    error
	}{
		"by a trigger": {
			"CREATE TRIGGER late BEFORE INSERT ON apples BEGIN SELECT RAISE(ABORT, 'no'); END",
			function + "CREATE TRIGGER late BEFORE INSERT ON apples FOR EACH ROW EXECUTE FUNCTION late()", "", database.ErrConstraint,
		},
		"by what waits until the commit": {
			"CREATE TABLE follower (id integer PRIMARY KEY, kind_id integer REFERENCES kinds (id) DEFERRABLE INITIALLY DEFERRED);" +
				"CREATE TRIGGER late AFTER INSERT ON apples BEGIN INSERT INTO follower (kind_id) VALUES (99); END",
			function + "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON apples DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()",
			"", database.ErrConstraint,
		},
		"by a check": {"SELECT 1", "SELECT 1", "check \"c\" {\n query = \"SELECT 1\"\n condition = result == 2\n}\n", engine.ErrRefused},
	}
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				o := fresh(t)
				o.run(t, o.only(test.sqlite, test.postgres))
				pol := orchardPolicy(t, "", test.check)
				p, before := o.reinit(t, pol), look(t, o.db)
				if done, err := o.engine.Rehearse(t.Context(), p, pol, nil, lockWait); !errors.Is(err, test.want) || done != nil {
					t.Errorf("rehearsed %v, error %v, want %v", done, err, test.want)
				}
				if _, err := o.apply(t, p, pol); !errors.Is(err, test.want) {
					t.Errorf("applied: error %v, want %v", err, test.want)
				}
				identical(t, before, look(t, o.db))
				logged(t, o.site, 0)
			})
		}
	})
}

func TestRehearsalOfAnAppliedPlanIsRefused(t *testing.T) {
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		o := fresh(t)
		pol := orchardPolicy(t, "", "")
		p := o.reinit(t, pol)
		_, err := o.apply(t, p, pol)
		must(t, err)
		if _, err := o.engine.Rehearse(t.Context(), p, pol, nil, lockWait); err == nil || !strings.Contains(err.Error(), "applied before") {
			t.Errorf("error %v, want that it was applied before", err)
		}
	})
}
