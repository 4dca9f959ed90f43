package postgres_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/schema"
)

// Moments and uuids are read in the server's binary format; they must be printed
// as it prints them.
func TestMomentsAndUUIDsAreSpeltAsTheServerSpellsThem(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, `
SET TimeZone = 'UTC'; SET DateStyle = ISO; SELECT setseed(0.25);
CREATE DOMAIN born AS date;
CREATE TABLE moments (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	d date, b born, t timestamp, z timestamptz, p timestamp(3), u uuid,
	d_text text, b_text text, t_text text, z_text text, p_text text, u_text text
);
INSERT INTO moments (d, b, t, z, p, u)
SELECT v::date, v::date, v, v, v, md5(v::text)::uuid FROM (
	SELECT '2000-01-01'::timestamp + (random() * 400 - 200) * interval '1 year' + random() * interval '1 day' AS v FROM generate_series(1, 2000)
	UNION ALL SELECT '2000-01-01'::timestamp + (random() * 290000 - 4000) * interval '1 year' FROM generate_series(1, 2000)
	UNION ALL SELECT '0001-01-01'::timestamp + n * interval '1 day' FROM generate_series(-1500, 1500) n
	UNION ALL SELECT date_trunc('day', '1999-02-26'::timestamp) + n * interval '6 hours' FROM generate_series(1, 2000) n
	UNION ALL SELECT '2026-01-02 03:04:05'::timestamp + 10 ^ n * interval '1 microsecond' FROM generate_series(0, 6) n
	UNION ALL SELECT unnest(ARRAY['4713-01-01 00:00:00 BC', '0001-12-31 23:59:59.999999 BC', '9999-12-31 23:59:59.999999', '10000-01-01',
		'294276-12-31 23:59:59.999', '1970-01-01', '1999-12-31 23:59:59.999999', '2000-02-29', '1900-02-28 23:59:59', '-infinity', 'infinity']::timestamp[])
	UNION ALL SELECT NULL
) x;
INSERT INTO moments (d) VALUES ('5874897-12-31'), ('4714-11-24 BC');
INSERT INTO moments (t, z) VALUES ('294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00'), ('4714-11-24 BC', '4714-11-24 00:00:00+00 BC');
UPDATE moments SET d_text = d::text, b_text = b::text, t_text = t::text, z_text = z::text, p_text = p::text, u_text = u::text;`)
	db := connect(t, url)
	view, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = view.Close() }()
	moments := catalogueOf(t, db).Table("moments")
	columns := []string{"id", "d", "b", "t", "z", "p", "u", "d_text", "b_text", "t_text", "z_text", "p_text", "u_text"}
	rows := 0
	for rec, err := range view.Scan(t.Context(), schema.Selection{Table: moments, Columns: columns}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
		for i := 1; i <= 6; i++ {
			if got, want := rec.Fields[i].Value, rec.Fields[i+6].Value; got != want {
				t.Errorf("row %s: %s is %v, and the server prints %v", rec.Fields[0].Value.Text, rec.Fields[i].Name, got, want)
			}
		}
		if t.Failed() {
			return
		}
	}
	if rows < 9000 {
		t.Errorf("only %d rows were read", rows)
	}
}
