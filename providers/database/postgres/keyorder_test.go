package postgres_test

import (
	"strconv"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
)

// Rows come in the order of the primary key where they lie nearly so, and as
// they lie where the server would have to sort them.
func TestKeyOrderIsForTablesThatHaveIt(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, `
CREATE TABLE kept (id integer PRIMARY KEY, filler text);
INSERT INTO kept SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n;
DELETE FROM kept WHERE id = 5; INSERT INTO kept VALUES (5, '');
CREATE TABLE mixed (id integer PRIMARY KEY, filler text);
INSERT INTO mixed SELECT n * 7919 % 20011, repeat('x', 100) FROM generate_series(1, 20000) n;
CREATE TABLE small (id integer PRIMARY KEY, filler text);
INSERT INTO small SELECT n * 7919 % 20011, '' FROM generate_series(1, 200) n;
CREATE TABLE pairs (a integer, b integer, PRIMARY KEY (a, b));
INSERT INTO pairs VALUES (2, 1), (1, 1);
ANALYZE kept, mixed`)
	db := connect(t, url)
	c := catalogueOf(t, db)
	view, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = view.Close() }()
	for table, want := range map[string]bool{"kept": true, "mixed": false, "small": true, "pairs": false} {
		tab := c.Table(table)
		ordered, last, rows := true, 0, 0
		for rec, err := range view.Scan(t.Context(), schema.Selection{Table: tab, Columns: tab.PrimaryKey[:1], KeyOrder: true}) {
			if err != nil {
				t.Fatal(err)
			}
			id, err := strconv.Atoi(rec.Fields[0].Value.Text)
			if err != nil {
				t.Fatal(err)
			}
			ordered, last = ordered && id > last, id
			rows++
		}
		if n, err := strconv.Atoi(map[string]string{"kept": "20000", "mixed": "20000", "small": "200", "pairs": "2"}[table]); rows != n || err != nil {
			t.Errorf("%s: %d rows", table, rows)
		}
		if ordered != want {
			t.Errorf("%s: in the order of its primary key is %v, want %v", table, ordered, want)
		}
	}
}
