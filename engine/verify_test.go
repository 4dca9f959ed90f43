package engine_test

import (
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema/policy"
)

const shelfTables = `
CREATE TABLE kinds (id integer PRIMARY KEY, app varchar(20) NOT NULL, model varchar(20) NOT NULL, UNIQUE (app, model));
CREATE TABLE cups (id integer PRIMARY KEY, name varchar(20) NOT NULL, inside integer REFERENCES cups (id));
CREATE TABLE spoons (id integer PRIMARY KEY, name varchar(20) NOT NULL UNIQUE);
CREATE TABLE cups_spoons (id integer PRIMARY KEY, cup_id integer NOT NULL REFERENCES cups (id), spoon_id integer NOT NULL REFERENCES spoons (id));
CREATE TABLE notes (id integer PRIMARY KEY, text varchar(20) NOT NULL UNIQUE, kind_id integer REFERENCES kinds (id), object text);
INSERT INTO kinds VALUES (1, 'd', 'cup'), (2, 'd', 'gone');
INSERT INTO cups VALUES (1, 'blue', 2), (2, 'red', NULL);
INSERT INTO spoons VALUES (5, 'tin');
INSERT INTO cups_spoons VALUES (9, 1, 5);
INSERT INTO notes VALUES (1, 'n', 1, '2');
`

const shelfPolicy = `
policy { name = "shelf" }
model "d.kind" {
  table       = kinds
  natural_key = [app, model]
}
model "d.cup" {
  table       = cups
  natural_key = [name]
}
model "d.spoon" {
  table       = spoons
  natural_key = [name]
}
model "d.note" {
  table       = notes
  natural_key = [text]
  generic_reference "about" {
    type = kind
    id   = object
  }
}
`

// What a level is for, it finds; what is only odd, it lists.
func TestEachLevelFindsWhatItIsFor(t *testing.T) {
	pol, list := policy.Parse([]policy.File{{Name: "shelf.hcl", Content: []byte(shelfPolicy)}}, policy.Options{})
	must(t, list.Err())
	for name, c := range map[string]struct {
		sql    string
		failed int
		says   string // among the problems of the level that failed, else among what the second one lists
	}{
		"nothing is wrong":                         {"", 0, ""},
		"a reference leads nowhere":                {"UPDATE cups SET inside = 77 WHERE id = 2", 2, "d.cup.inside: 1 of 2 references to d.cup lead to no record of the package, the first in record"},
		"a member is missing":                      {"DELETE FROM spoons", 2, "d.cup.spoons: 1 of 1 references to d.spoon lead to no record"},
		"a generic reference leads nowhere":        {"UPDATE notes SET object = '99'", 0, "d.note.object: 1 of 1 references to d.cup lead to no record of the package"},
		"a generic reference to what is not in it": {"UPDATE notes SET kind_id = 2", 0, "d.note.object: 1 references to d.gone lead outside the package."},
		"two records that the policy cannot tell":  {"UPDATE cups SET name = 'blue'", 3, "natural key"},
		"a record without what identifies it":      {"CREATE TABLE loose (id integer PRIMARY KEY, name text); DROP TABLE notes; ALTER TABLE loose RENAME TO notes_; CREATE TABLE notes (id integer PRIMARY KEY, text varchar(20), kind_id integer REFERENCES kinds (id), object text); INSERT INTO notes VALUES (3, NULL, NULL, NULL)", 3, "natural key"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sqliteTemplate(t)(t)
			s.run(t, shelfTables)
			s.run(t, "PRAGMA foreign_keys = OFF; "+c.sql)
			b, _ := bytesOf(t, s.engine(t), engine.BackupRequest{Policy: pol, Kind: backup.Database}, native.WriterOptions{})
			db, drop, err := sqlite.OpenScratch(t.Context(), t.TempDir())
			must(t, err)
			v, err := engine.Verify(t.Context(), engine.VerifyRequest{Package: openBytes(t, b, nil), Level: 3, Scratch: db})
			must(t, err)
			must(t, db.Close())
			must(t, drop(t.Context()))
			if v.Failed() != c.failed {
				t.Fatalf("level %d failed, want %d: %+v", v.Failed(), c.failed, v.Levels)
			}
			found := strings.Join(v.Levels[1].Listed, " ")
			if c.failed > 0 {
				found = strings.Join(v.Levels[c.failed-1].Problems, " ")
			}
			if !strings.Contains(found, c.says) {
				t.Errorf("found %q, want %q", found, c.says)
			}
		})
	}
}

// A scratch database has no foreign keys that close a circle, and a package of
// tables that have is sound all the same.
func TestTablesThatReferToEachOtherAreRestored(t *testing.T) {
	pol, list := policy.Parse([]policy.File{{Name: "circle.hcl", Content: []byte(`policy { name = "circle" }
model "c.cart" {
  table       = carts
  natural_key = [name]
}
model "c.horse" {
  table       = horses
  natural_key = [cart, name]
}
model "c.bell" {
  table       = bells
  natural_key = [name]
}
`)}}, policy.Options{})
	must(t, list.Err())
	s := sqliteTemplate(t)(t)
	s.run(t, `CREATE TABLE carts (id integer PRIMARY KEY, name text NOT NULL UNIQUE, horse_id integer REFERENCES horses (id));
		CREATE TABLE horses (id integer PRIMARY KEY, name text NOT NULL, cart_id integer NOT NULL REFERENCES carts (id), UNIQUE (id, cart_id));
		CREATE TABLE bells (id integer PRIMARY KEY, name text NOT NULL UNIQUE, horse_id integer, cart_id integer, FOREIGN KEY (horse_id, cart_id) REFERENCES horses (id, cart_id));
		INSERT INTO carts VALUES (1, 'hay', NULL), (2, 'corn', NULL); INSERT INTO horses VALUES (7, 'ada', 2), (8, 'bo', 1);
		UPDATE carts SET horse_id = 9 - id; INSERT INTO bells VALUES (3, 'tin', 7, 2)`)
	b, _ := bytesOf(t, s.engine(t), engine.BackupRequest{Policy: pol, Kind: backup.Database}, native.WriterOptions{})
	sound(t, openBytes(t, b, nil))

	db, drop, err := postgres.OpenScratch(t.Context(), postgresTemplate(t)(t).url)
	must(t, err)
	v, err := engine.Verify(t.Context(), engine.VerifyRequest{Package: openBytes(t, b, nil), Level: 3, Scratch: db})
	must(t, err)
	must(t, db.Close())
	must(t, drop(t.Context()))
	if v.Failed() > 0 {
		t.Errorf("the package failed level %d: %+v", v.Failed(), v.Levels[len(v.Levels)-1].Problems)
	}
}
