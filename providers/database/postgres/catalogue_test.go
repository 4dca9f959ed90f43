package postgres_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// own is what only PostgreSQL has.
const own = `
CREATE SCHEMA hr; CREATE SCHEMA edmsplan_log; CREATE TABLE edmsplan_log.entries (id int);
CREATE DOMAIN score AS integer NOT NULL DEFAULT 5 CHECK (value > 0);
CREATE SEQUENCE shared_seq START WITH 100; CREATE SEQUENCE "Odd ""seq" MAXVALUE 50;
CREATE TABLE hr.people (
	id bigserial PRIMARY KEY,
	badge integer GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5),
	score score,
	shared integer DEFAULT nextval('shared_seq'),
	odd integer DEFAULT nextval('"Odd ""seq"'),
	a integer CONSTRAINT people_a_key UNIQUE DEFERRABLE,
	b integer CONSTRAINT people_b_key UNIQUE NULLS NOT DISTINCT,
	c text CONSTRAINT c_known CHECK (c IN ('x', 'y'))
);
CREATE UNIQUE INDEX people_ac ON hr.people (a, c DESC) INCLUDE (b) WHERE a > 0;
CREATE TABLE people (
	id integer PRIMARY KEY,
	boss bigint CONSTRAINT boss_fk REFERENCES hr.people DEFERRABLE INITIALLY IMMEDIATE,
	gone integer
);
ALTER TABLE people DROP COLUMN gone; ALTER TABLE people ADD COLUMN extra point;
CREATE TABLE empty ();
CREATE TABLE log (at date NOT NULL, person integer REFERENCES people ON DELETE SET NULL, PRIMARY KEY (at)) PARTITION BY RANGE (at);
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE VIEW everyone AS SELECT * FROM people;
CREATE TEMPORARY TABLE passing (id integer);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	RAISE EXCEPTION 'no % here', NEW.c;
END $$;
CREATE TABLE ruled (id integer PRIMARY KEY);
CREATE RULE ruled_gone AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE RULE ruled_added AS ON INSERT TO ruled DO ALSO NOTHING;
CREATE TRIGGER people_refuse BEFORE INSERT OR UPDATE ON hr.people FOR EACH ROW WHEN (NEW.c = 'y') EXECUTE FUNCTION refuse();
CREATE TRIGGER people_off AFTER DELETE ON hr.people FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE hr.people DISABLE TRIGGER people_off;
CREATE TRIGGER people_truncate BEFORE TRUNCATE ON hr.people EXECUTE FUNCTION refuse();
`

func catalogueOf(t *testing.T, db database.Database) *schema.Catalogue {
	t.Helper()
	s, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c, err := s.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalogueOfWhatOnlyPostgreSQLHas(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, own)
	integer := schema.Type{Kind: schema.Integer, Bits: 32, Native: "integer"}
	bigint := schema.Type{Kind: schema.Integer, Bits: 64, Native: "bigint"}
	point := schema.Type{Kind: schema.Other, Native: "point"}
	text := schema.Type{Kind: schema.Text, Native: "text"}
	score := schema.Type{Kind: schema.Integer, Bits: 32, Native: "score"}
	date := schema.Type{Kind: schema.Date, Native: "date"}
	const most, mostInt = 1<<63 - 1, 1<<31 - 1
	want := []*schema.Table{
		{Name: "empty", Schema: "public", Relation: "empty"},
		{
			Name: "hr.people", Schema: "hr", Relation: "people",
			Columns: []schema.Column{
				{
					Name: "id", Type: bigint, NotNull: true, HasDefault: true, Default: "nextval('hr.people_id_seq'::regclass)",
					Sequence: &schema.Sequence{Name: "hr.people_id_seq", Max: most},
				},
				{Name: "badge", Type: integer, NotNull: true, HasDefault: true, Sequence: &schema.Sequence{Name: "hr.people_badge_seq", Last: 5, Max: mostInt}},
				{Name: "score", Type: score, NotNull: true, HasDefault: true, Default: "5"},
				{
					Name: "shared", Type: integer, HasDefault: true, Default: "nextval('shared_seq'::regclass)",
					Sequence: &schema.Sequence{Name: "shared_seq", Last: 99, Max: most},
				},
				{
					Name: "odd", Type: integer, HasDefault: true, Default: `nextval('"Odd ""seq"'::regclass)`,
					Sequence: &schema.Sequence{Name: `"Odd ""seq"`, Max: 50},
				},
				{Name: "a", Type: integer},
				{Name: "b", Type: integer},
				{Name: "c", Type: text},
			},
			PrimaryKey: []string{"id"},
			Uniques: []schema.Unique{
				{Name: "people_a_key", Columns: []string{"a"}, Deferrable: true},
				{Name: "people_ac", Columns: []string{"a", "c"}, Predicate: "(a > 0)"},
				{Name: "people_b_key", Columns: []string{"b"}, NullsNotDistinct: true},
			},
			Checks:   []schema.Check{{Name: "c_known", Expression: "(c = ANY (ARRAY['x'::text, 'y'::text]))"}},
			Triggers: []string{"people_refuse"},
		},
		{
			Name: "log", Schema: "public", Relation: "log",
			Columns:     []schema.Column{{Name: "at", Type: date, NotNull: true}, {Name: "person", Type: integer}},
			PrimaryKey:  []string{"at"},
			ForeignKeys: []schema.ForeignKey{{Name: "log_person_fkey", Columns: []string{"person"}, RefTable: "people", RefColumns: []string{"id"}, OnDelete: "set null", OnUpdate: "no action"}},
		},
		{
			Name: "people", Schema: "public", Relation: "people",
			Columns:     []schema.Column{{Name: "id", Type: integer, NotNull: true}, {Name: "boss", Type: bigint}, {Name: "extra", Type: point}},
			PrimaryKey:  []string{"id"},
			ForeignKeys: []schema.ForeignKey{{Name: "boss_fk", Columns: []string{"boss"}, RefTable: "hr.people", RefColumns: []string{"id"}, Deferrable: true, OnDelete: "no action", OnUpdate: "no action"}},
		},
		{
			Name: "ruled", Schema: "public", Relation: "ruled", Columns: []schema.Column{{Name: "id", Type: integer, NotNull: true}},
			PrimaryKey: []string{"id"}, Triggers: []string{"ruled_gone"},
		},
	}
	if diff := cmp.Diff(want, catalogueOf(t, connect(t, url)).Tables); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}

	t.Run("names follow the search path", func(t *testing.T) {
		c := catalogueOf(t, connect(t, url+"&search_path=hr"))
		var got []string
		for _, table := range c.Tables {
			got = append(got, table.Name)
		}
		if diff := cmp.Diff([]string{"people", "public.empty", "public.log", "public.people", "public.ruled"}, got); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	})
	t.Run("a sequence's state is told from its mere value", func(t *testing.T) {
		for sql, want := range map[string]int64{
			"SELECT setval('hr.people_id_seq', 1, false)":      0,
			"SELECT setval('hr.people_id_seq', 1, true)":       1,
			"SELECT setval('hr.people_id_seq', 700, false)":    699,
			"ALTER SEQUENCE hr.people_id_seq RESTART WITH 300": 299,
		} {
			server.Exec(t, url, sql)
			if got := catalogueOf(t, connect(t, url)).Table("hr.people").Column("id").Sequence.Last; got != want {
				t.Errorf("after %s it stands at %d, want %d", sql, got, want)
			}
		}
	})
	t.Run("the identity does not depend on the connection", func(t *testing.T) {
		server.Exec(t, url, "CREATE ROLE nobody_special LOGIN")
		a, b := catalogueOf(t, connect(t, url)), catalogueOf(t, connect(t, url+"&user=nobody_special"))
		if a.Identity != b.Identity || len(a.Identity) != 32 {
			t.Errorf("identities %q and %q", a.Identity, b.Identity)
		}
	})
}

// TestCatalogueOfARealSchema reads the schema of a Django application.
func TestCatalogueOfARealSchema(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "edms")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the real schema is not here: %v", err)
	}
	url := server.Database(t)
	server.LoadFile(t, url, filepath.Join(dir, "schema.sql"))
	server.LoadFile(t, url, filepath.Join(dir, "state-populated.sql"))
	c := catalogueOf(t, connect(t, url))
	var foreignKeys, deferrable, uniques, partial, sequences, others int
	for _, table := range c.Tables {
		for _, fk := range table.ForeignKeys {
			foreignKeys++
			if fk.Deferrable {
				deferrable++
			}
			if c.Table(fk.RefTable) == nil {
				t.Errorf("%s refers to %q, which is not in the catalogue", table.Name, fk.RefTable)
			}
		}
		for _, u := range table.Uniques {
			uniques++
			if u.Predicate != "" {
				partial++
			}
		}
		for _, column := range table.Columns {
			if column.Sequence != nil {
				sequences++
			}
			if column.Type.Kind == schema.Other {
				others++
			}
		}
	}
	got := []int{len(c.Tables), foreignKeys, deferrable, uniques, partial, sequences, others}
	if diff := cmp.Diff([]int{82, 139, 139, 101, 1, 79, 0}, got); diff != "" {
		t.Errorf("tables, foreign keys, deferrable ones, uniques, partial ones, sequences, columns of unknown type (-want +got):\n%s", diff)
	}
	if last := c.Table("users").Column("id").Sequence.Last; last != 755 {
		t.Errorf("the sequence of users stands at %d, want 755", last)
	}
}

func TestColumnsThatDoNotTellAllTextsApart(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, `
CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN word AS text COLLATE caseless;
CREATE TABLE words (a text, b text COLLATE caseless, c word, d text COLLATE "C", e integer)`)
	for name, want := range map[string]bool{"a": false, "b": true, "c": true, "d": false, "e": false} {
		if got := catalogueOf(t, connect(t, url)).Table("words").Column(name).Loose; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestLargeObjectsAreCounted(t *testing.T) {
	url := server.Database(t)
	db := connect(t, url)
	if got := catalogueOf(t, db).Beside; got != nil {
		t.Errorf("beside the tables of an empty database: %v", got)
	}
	server.Exec(t, url, "SELECT lo_from_bytea(0, 'a'), lo_from_bytea(0, 'b')")
	if diff := cmp.Diff([]schema.Beside{{Name: "large objects", Rows: 2}}, catalogueOf(t, db).Beside); diff != "" {
		t.Errorf("beside the tables (-want +got):\n%s", diff)
	}
}
