package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
)

const applesAside = "apply.set_aside.apples"

// loadedOrchard is an orchard on PostgreSQL whose apples have indexes of some
// kinds; a re-initialisation adds so many that they are rebuilt.
func loadedOrchard(t *testing.T) *orchard {
	t.Helper()
	s := postgresTemplate(t)(t)
	s.run(t, `CREATE TABLE kinds (id serial PRIMARY KEY, name varchar(20) NOT NULL UNIQUE);
		CREATE TABLE apples (id serial PRIMARY KEY, name varchar(20) NOT NULL UNIQUE, weight integer,
			kind_id integer REFERENCES kinds (id) DEFERRABLE INITIALLY DEFERRED);
		CREATE UNIQUE INDEX apples_lower ON apples (lower(name)) WHERE weight < 5;
		COMMENT ON INDEX apples_lower IS 'light ones';
		INSERT INTO kinds (name) VALUES ('red');
		INSERT INTO apples (name, weight, kind_id) VALUES ('ann', 5, 1), ('bob', 6, NULL), ('cox', 7, 1)`)
	o := &orchard{s, s.engine(t)}
	o.engine.RebuildFrom = 1
	return o
}

// indexes are the identifiers of the apples' indexes: one that is rebuilt has a
// new one.
func (o *orchard) indexes(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	tx, err := o.db.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	for _, name := range []string{"apples_pkey", "apples_name_key", "apples_lower"} {
		l, err := tx.(database.Querier).Query(t.Context(), "SELECT '"+name+"'::regclass::oid")
		must(t, err)
		out[name] = l.Text
	}
	return out
}

func announced(p *plans.Plan) bool { return slices.Contains(codes(p), applesAside) }

func TestIndexesAreRebuiltWhereThePlanSaysSo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// between is done after the plan was saved and before it is applied.
		between func(t *testing.T, o *orchard)
		stay    []string
	}{
		"all of them":                 {func(*testing.T, *orchard) {}, nil},
		"none if that is refused":     {func(_ *testing.T, o *orchard) { o.engine.KeepIndexes = true }, []string{"apples_lower", "apples_name_key", "apples_pkey"}},
		"none if it is not worth it":  {func(_ *testing.T, o *orchard) { o.engine.RebuildFrom = 0 }, []string{"apples_lower", "apples_name_key", "apples_pkey"}},
		"not what is needed meantime": {func(t *testing.T, o *orchard) { o.run(t, "CREATE VIEW v AS SELECT id, name FROM apples GROUP BY id") }, []string{"apples_pkey"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := loadedOrchard(t)
			pol := orchardPolicy(t, "", "")
			p := o.reinit(t, pol)
			if !announced(p) {
				t.Fatalf("the plan says %v", codes(p))
			}
			c.between(t, o)
			before, ids := server.Schema(t, o.url), o.indexes(t)
			if _, err := o.apply(t, p, pol); err != nil {
				t.Fatal(err)
			}
			var stay []string
			for name, id := range o.indexes(t) {
				if id == ids[name] {
					stay = append(stay, name)
				}
			}
			slices.Sort(stay)
			if diff := cmp.Diff(c.stay, stay); diff != "" {
				t.Errorf("in place: %s", diff)
			}
			if diff := cmp.Diff(before, withoutOurs(server.Schema(t, o.url))); diff != "" {
				t.Errorf("the schema differs: %s", diff)
			}
			if n := len(look(t, o.db).rows["apples"]); n != 2 {
				t.Errorf("%d apples", n)
			}
		})
	}
}

// withoutOurs leaves our own tables out of a dump.
func withoutOurs(dump string) string {
	const mark = "\n--\n-- Name: "
	parts := strings.Split(dump, mark)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return strings.HasPrefix(s, "edmsplan_") }), mark)
}

// What a plan does not say is not done, and what it says is no part of what it
// changes.
func TestNothingIsRebuiltThatWasNotAnnounced(t *testing.T) {
	o := loadedOrchard(t)
	pol := orchardPolicy(t, "", "")
	with := o.reinit(t, pol)
	o.engine.RebuildFrom = 0
	without := o.reinit(t, pol)
	if announced(without) || !announced(with) || with.Digests.ChangeSet != without.Digests.ChangeSet {
		t.Errorf("with %v, without %v", codes(with), codes(without))
	}
	o.engine.RebuildFrom = 1
	before := o.indexes(t)
	if _, err := o.apply(t, without, pol); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, o.indexes(t)); diff != "" {
		t.Error(diff)
	}
}

func TestARehearsalRebuildsAndTakesItBack(t *testing.T) {
	o := loadedOrchard(t)
	pol := orchardPolicy(t, "", "")
	p := o.reinit(t, pol)
	schema, state, ids := server.Schema(t, o.url), look(t, o.db), o.indexes(t)
	if _, err := o.engine.Rehearse(t.Context(), p, pol, nil, lockWait); err != nil {
		t.Fatal(err)
	}
	identical(t, state, look(t, o.db))
	if diff := cmp.Diff(schema, server.Schema(t, o.url)) + cmp.Diff(ids, o.indexes(t)); diff != "" {
		t.Error(diff)
	}
}

// An index over an expression is judged by the database alone: it refuses a
// row when it is built anew, and then nothing is written.
func TestARowThatARebuiltIndexRefusesIsRolledBack(t *testing.T) {
	o := loadedOrchard(t)
	o.run(t, "UPDATE apples SET weight = 1 WHERE name = 'ann'; DROP INDEX apples_lower;"+
		"CREATE UNIQUE INDEX apples_lower ON apples ((lower(name) < 'z')) WHERE weight < 5")
	pol := orchardPolicy(t, "", "")
	p := o.reinit(t, pol)
	schema, state := server.Schema(t, o.url), look(t, o.db)
	_, err := o.apply(t, p, pol)
	if !errors.Is(err, database.ErrConstraint) || !strings.Contains(err.Error(), "apples_lower") {
		t.Errorf("%v", err)
	}
	identical(t, state, look(t, o.db))
	if diff := cmp.Diff(schema, withoutOurs(server.Schema(t, o.url))); diff != "" {
		t.Error(diff)
	}
}

// Few rows, or a small part of all, are added with the indexes in place; SQLite
// has them always in place.
func TestLittleIsAddedWithTheIndexesInPlace(t *testing.T) {
	pol := orchardPolicy(t, "", "seed \"o.kind\" {\n on = always\n records = [{ name = \"one more\" }]\n}\n")
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		for name, c := range map[string]struct {
			from, live int
			announced  bool
		}{
			"one row in two":    {1, 1, true},
			"one row in four":   {1, 3, true},
			"one row in five":   {1, 4, false},
			"too few":           {2, 1, false},
			"too few, as usual": {0, 1, false},
		} {
			o := fresh(t)
			for i := 1; i < c.live; i++ {
				o.run(t, fmt.Sprintf("INSERT INTO kinds (name) VALUES ('kind %d')", i))
			}
			o.engine.RebuildFrom = c.from
			got := slices.Contains(codes(o.reinit(t, pol)), "apply.set_aside.kinds")
			if want := c.announced && o.dialect == "postgres"; got != want {
				t.Errorf("%s: announced %v", name, got)
			}
		}
	})
}
