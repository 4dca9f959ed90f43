package engine_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// A sequence that fills another column than a primary key of its own must be
// left past what an apply writes: the application would give the number again.
func TestSequencesOfOtherColumnsAreLeftPastWhatIsWritten(t *testing.T) {
	t.Parallel()
	s := postgresTemplate(t)(t)
	s.run(t, `CREATE TABLE tickets (site integer NOT NULL, id serial, number bigserial NOT NULL, name varchar(20) NOT NULL UNIQUE, PRIMARY KEY (site, id));
		INSERT INTO tickets (site, name) VALUES (1, 'old')`)
	pol, list := policy.Parse([]policy.File{{Name: "tickets.hcl", Content: []byte(`policy { name = "tickets" }
model "t.ticket" {
  table       = tickets
  natural_key = [name]
}
seed "t.ticket" {
  on      = always
  records = [{ name = "new", site = 1, id = 7, number = 20 }, { name = "newer", site = 1, id = 3, number = 30 }]
}
`)}}, policy.Options{})
	must(t, list.Err())
	o := &orchard{s, s.engine(t)}
	p, err := o.engine.Plan(t.Context(), engine.Request{Policy: pol, Reinit: true})
	must(t, err)
	defer func() { must(t, p.Close()) }()
	_, err = o.apply(t, saved(t, &p.Plan), pol)
	must(t, err)
	s.run(t, "INSERT INTO tickets (site, name) VALUES (1, 'next')")
	tx, err := s.db.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	got, err := tx.(database.Querier).Query(t.Context(), "SELECT id || ' ' || number FROM tickets WHERE name = 'next'")
	must(t, err)
	if got.Text != "8 31" {
		t.Errorf("the next row has the id and number %s, want 8 31", got.Text)
	}
}
