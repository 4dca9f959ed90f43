package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/schema"
)

// oddSchema has about everything that an index or a foreign key can have. Of
// "Load" nothing but what the comments name stays in place.
const oddSchema = `
CREATE SCHEMA "Odd ""one""";
SET search_path = "Odd ""one""", public;
CREATE FUNCTION norm(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';
CREATE TABLE parent (id bigint PRIMARY KEY, code text NOT NULL, UNIQUE (code, id));
CREATE TABLE "Load" (
	id bigint NOT NULL, "Parent" bigint, other bigint, late bigint, gone bigint, self bigint,
	code text NOT NULL, note text, tags text[], doc jsonb,
	CONSTRAINT load_pk PRIMARY KEY (id) INCLUDE (code) WITH (fillfactor = 71),
	CONSTRAINT load_code UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT load_note UNIQUE (note, id) DEFERRABLE,
	CONSTRAINT load_parent FOREIGN KEY ("Parent") REFERENCES parent DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT load_other FOREIGN KEY (other) REFERENCES parent (id) MATCH FULL ON DELETE RESTRICT DEFERRABLE,
	CONSTRAINT load_gone FOREIGN KEY (gone) REFERENCES parent ON DELETE CASCADE, -- stays
	CONSTRAINT load_self FOREIGN KEY (self) REFERENCES "Load"
);
ALTER TABLE "Load" ADD COLUMN added integer NOT NULL DEFAULT 7;
ALTER TABLE "Load" ADD CONSTRAINT load_late FOREIGN KEY (late) REFERENCES parent NOT VALID; -- stays
CREATE INDEX load_gone_index ON "Load" (gone); -- stays: the cascade looks for rows with it
CREATE INDEX load_partial ON "Load" (code) WHERE note IS NOT NULL AND id > 5;
CREATE INDEX "Load ""expression""" ON "Load" (norm(code), (id % 7) DESC NULLS LAST, note);
ALTER INDEX "Load ""expression""" ALTER COLUMN 1 SET STATISTICS 321;
ALTER INDEX "Load ""expression""" ALTER COLUMN 2 SET STATISTICS 0;
CREATE INDEX load_pattern ON "Load" (code text_pattern_ops, note COLLATE "C") INCLUDE (other) WITH (fillfactor = 55, deduplicate_items = off);
CREATE INDEX load_gin ON "Load" USING gin (doc jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX load_tags ON "Load" USING gin (tags);
CREATE INDEX load_brin ON "Load" USING brin (id) WITH (pages_per_range = 3);
CREATE INDEX load_hash ON "Load" USING hash (note);
CREATE UNIQUE INDEX load_replica ON "Load" (code, id);
ALTER TABLE "Load" REPLICA IDENTITY USING INDEX load_replica;
ALTER TABLE "Load" CLUSTER ON load_pattern;
COMMENT ON INDEX load_partial IS 'it''s \ partial; "really"';
COMMENT ON CONSTRAINT load_pk ON "Load" IS 'the key';
COMMENT ON INDEX load_pk IS 'the index of the key';
COMMENT ON CONSTRAINT load_parent ON "Load" IS 'leads up';
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
RESET search_path;`

// world is a database with oddSchema.
type world struct {
	url   string
	db    database.Database
	table *schema.Table
}

func oddWorld(t *testing.T, more string) *world {
	t.Helper()
	w := &world{url: server.Database(t)}
	server.Exec(t, w.url, oddSchema+more)
	w.db = connect(t, w.url)
	view, err := w.db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := view.Catalogue(t.Context())
	if err := errors.Join(err, view.Close()); err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		if table.Relation == "Load" {
			w.table = table
		}
	}
	return w
}

// begin opens a transaction that has the table's lock.
func (w *world) begin(t *testing.T) interface {
	database.Tx
	database.Rebuilder
} {
	t.Helper()
	tx, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := tx.Lock(t.Context(), []*schema.Table{w.table}, time.Second); err != nil {
		t.Fatal(err)
	}
	return tx.(interface {
		database.Tx
		database.Rebuilder
	})
}

// write adds rows, each of which has a value for each of the columns.
func (w *world) write(t *testing.T, tx database.Tx, columns []string, rows ...[]string) error {
	t.Helper()
	_, err := tx.Write(t.Context(), schema.Batch{
		Op: schema.Insert, Table: w.table, Columns: columns, Count: int64(len(rows)),
		Rows: func(yield func([]schema.Value, error) bool) {
			for _, row := range rows {
				values := make([]schema.Value, len(row))
				for i := range row {
					values[i] = schema.NewValue(row[i])
				}
				if !yield(values, nil) {
					return
				}
			}
		},
	})
	return err
}

func partNames(asides []database.Aside) []string {
	var out []string
	for _, a := range asides {
		out = append(out, slices.Concat(a.Indexes, a.ForeignKeys)...)
	}
	slices.Sort(out)
	return out
}

func TestWhatIsSetAsideIsPutBackExactly(t *testing.T) {
	w := oddWorld(t, "")
	before := server.Schema(t, w.url)
	tx := w.begin(t)
	asides, err := tx.SetAside(t.Context(), []*schema.Table{w.table}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`Load "expression"`, "load_brin", "load_code", "load_gin", "load_hash", "load_note", "load_other",
		"load_parent", "load_partial", "load_pattern", "load_pk", "load_replica", "load_self", "load_tags",
	}
	if diff := cmp.Diff(want, partNames(asides)); diff != "" {
		t.Errorf("set aside: %s", diff)
	}
	left, err := tx.(database.Querier).Query(t.Context(), `SELECT string_agg(relname, ' ' ORDER BY relname)
		FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = '"Odd ""one"""."Load"'::regclass`)
	if err != nil || left.Text != "load_gone_index" {
		t.Errorf("in place: %s, %v", left.Text, err)
	}
	var rows [][]string
	for i := range 50 {
		rows = append(rows, []string{strconv.Itoa(i + 1), fmt.Sprintf("Code %d", i), "1", "2", "1", "2", "3", `{"a": 1}`})
	}
	if err := w.write(t, tx, []string{"id", "code", "Parent", "other", "gone", "late", "self", "doc"}, rows...); err != nil {
		t.Fatal(err)
	}
	if err := tx.PutBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, server.Schema(t, w.url)); diff != "" {
		t.Errorf("the schema differs: %s", diff)
	}
	// The constraints are not there in name only.
	for what, row := range map[string][]string{"a key twice": {"1", "new", "1"}, "a reference to nothing": {"99", "new", "9"}} {
		tx := w.begin(t)
		err := w.write(t, tx, []string{"id", "code", "Parent"}, row)
		if err == nil {
			err = tx.Commit(t.Context())
		}
		if !errors.Is(err, database.ErrConstraint) {
			t.Errorf("%s: %v", what, err)
		}
		if err := tx.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A snapshot says beforehand what a transaction sets aside.
func TestWhatWouldBeSetAsideIsKnownBefore(t *testing.T) {
	w := oddWorld(t, "")
	view, err := w.db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	announced, err := view.(database.Surveyor).Rebuildable(t.Context(), []*schema.Table{w.table})
	if err := errors.Join(err, view.Close()); err != nil {
		t.Fatal(err)
	}
	done, err := w.begin(t).SetAside(t.Context(), []*schema.Table{w.table}, time.Second)
	if diff := cmp.Diff(announced, done); diff != "" || err != nil || len(done) == 0 {
		t.Error(err, diff)
	}
}

func TestWhatSomethingElseNeedsStaysInPlace(t *testing.T) {
	const load = `"Odd ""one"""."Load"`
	for name, c := range map[string]struct {
		sql  string
		stay []string // of what is set aside otherwise; nil is all
	}{
		"a view that groups by the primary key":  {`CREATE VIEW v AS SELECT id, code, note FROM ` + load + ` GROUP BY id`, []string{"load_pk"}},
		"a foreign key from another table":       {`CREATE TABLE outside (a text, b bigint, FOREIGN KEY (a, b) REFERENCES ` + load + ` (code, id))`, []string{"load_replica"}},
		"a choice of indexes for a foreign key":  {`CREATE UNIQUE INDEX ON "Odd ""one""".parent (id) INCLUDE (code)`, []string{"load_parent", "load_other"}},
		"an extension":                           {`ALTER INDEX "Odd ""one""".load_gin DEPENDS ON EXTENSION plpgsql`, []string{"load_gin"}},
		"a constraint whose trigger is off":      {`DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE ` + load + ` DISABLE TRIGGER %I', tgname) FROM pg_trigger JOIN pg_constraint k ON k.oid = tgconstraint WHERE conname = 'load_note'); END $$`, []string{"load_note"}},
		"a foreign key whose triggers are off":   {`DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE ` + load + ` DISABLE TRIGGER %I', tgname) FROM pg_trigger JOIN pg_constraint k ON k.oid = tgconstraint WHERE conname = 'load_parent' AND tgrelid = conrelid LIMIT 1); END $$`, []string{"load_parent"}},
		"a publication, whose replicas need one": {`CREATE PUBLICATION p`, []string{"load_replica"}},
		"a trigger":                              {`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER g BEFORE INSERT ON ` + load + ` FOR EACH ROW EXECUTE FUNCTION f()`, nil},
		"a rule":                                 {`CREATE RULE r AS ON DELETE TO ` + load + ` DO ALSO NOTHING`, nil},
		"row security":                           {`ALTER TABLE ` + load + ` ENABLE ROW LEVEL SECURITY`, nil},
		"a child table":                          {`CREATE TABLE child () INHERITS (` + load + `)`, nil},
		"an event trigger":                       {`CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e()`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := oddWorld(t, "")
			survey := func() []string {
				view, err := w.db.View(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				asides, err := view.(database.Surveyor).Rebuildable(t.Context(), []*schema.Table{w.table})
				if err := errors.Join(err, view.Close()); err != nil {
					t.Fatal(err)
				}
				return partNames(asides)
			}
			want := survey()
			server.Exec(t, w.url, c.sql)
			want = slices.DeleteFunc(want, func(n string) bool { return c.stay == nil || slices.Contains(c.stay, n) })
			if diff := cmp.Diff(want, survey(), cmp.Transformer("none", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Who does not own a table changes nothing of it but its rows.
func TestOnlyTheOwnerSetsAside(t *testing.T) {
	w := oddWorld(t, `
		CREATE ROLE clerk LOGIN; GRANT USAGE, CREATE ON SCHEMA "Odd ""one""" TO clerk;
		GRANT ALL ON ALL TABLES IN SCHEMA "Odd ""one""" TO clerk`)
	t.Cleanup(func() { server.Exec(t, w.url, "DROP OWNED BY clerk; DROP ROLE clerk") })
	db, err := postgres.Open(context.Background(), strings.Replace(w.url, "user=postgres", "user=clerk", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	view, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asides, err := view.(database.Surveyor).Rebuildable(t.Context(), []*schema.Table{w.table})
	if err := errors.Join(err, view.Close()); err != nil || len(asides) > 0 {
		t.Errorf("%v, %v", asides, err)
	}
}

// A row that a constraint refuses fails the whole transaction, and the error
// names the constraint but no value.
func TestARowThatIsRefusedFailsThePutBack(t *testing.T) {
	for name, c := range map[string]struct {
		columns    []string
		rows       [][]string
		constraint string
	}{
		"a reference to nothing":                   {[]string{"id", "code", "Parent"}, [][]string{{"1", "x", "4711"}}, "load_parent"},
		"a reference of a foreign key that stayed": {[]string{"id", "code", "late"}, [][]string{{"1", "x", "4711"}}, "load_late"},
		"a value twice":                            {[]string{"id", "code"}, [][]string{{"1", "4711"}, {"2", "4711"}}, "load_code"},
		"a key twice":                              {[]string{"id", "code"}, [][]string{{"4711", "x"}, {"4711", "y"}}, "load_pk"},
	} {
		t.Run(name, func(t *testing.T) {
			w := oddWorld(t, "")
			before := server.Schema(t, w.url)
			tx := w.begin(t)
			if _, err := tx.SetAside(t.Context(), []*schema.Table{w.table}, time.Second); err != nil {
				t.Fatal(err)
			}
			err := w.write(t, tx, c.columns, c.rows...)
			if err == nil {
				err = tx.PutBack(t.Context())
			}
			if !errors.Is(err, database.ErrConstraint) || !strings.Contains(err.Error(), c.constraint) || strings.Contains(err.Error(), "4711") {
				t.Errorf("%v", err)
			}
			if err := tx.Close(); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(before, server.Schema(t, w.url)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACatalogueThatDiffersFailsThePutBack(t *testing.T) {
	w := oddWorld(t, "")
	before := server.Schema(t, w.url)
	tx := w.begin(t)
	if _, err := tx.SetAside(t.Context(), []*schema.Table{w.table}, time.Second); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Run(t.Context(), tx, `ALTER TABLE "Odd ""one"""."Load" ALTER COLUMN note SET STATISTICS 5`); err != nil {
		t.Fatal(err)
	}
	if err := tx.PutBack(t.Context()); err == nil || !strings.Contains(err.Error(), "the catalogue is not what it was") || !strings.Contains(err.Error(), "note") {
		t.Errorf("%v", err)
	}
	if err := tx.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, server.Schema(t, w.url)); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsCommittedWhileIndexesAreAside(t *testing.T) {
	w := oddWorld(t, "")
	before := server.Schema(t, w.url)
	tx := w.begin(t)
	if _, err := tx.SetAside(t.Context(), []*schema.Table{w.table}, time.Second); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err == nil {
		t.Error("committed")
	}
	if diff := cmp.Diff(before, server.Schema(t, w.url)); diff != "" {
		t.Error(diff)
	}
}

// A reader that does not let go in time is named.
func TestAReaderKeepsIndexesInPlace(t *testing.T) {
	w := oddWorld(t, "")
	view, err := w.db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range view.Scan(t.Context(), schema.Selection{Table: w.table, Columns: []string{"id"}}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.begin(t).SetAside(t.Context(), []*schema.Table{w.table}, 50*time.Millisecond)
	if !errors.Is(err, database.ErrLocked) || !strings.Contains(err.Error(), `table "Load" is held by process`) {
		t.Errorf("%v", err)
	}
	if err := view.Close(); err != nil {
		t.Error(err)
	}
}
