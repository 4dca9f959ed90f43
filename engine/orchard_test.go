package engine_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// orchard is a small database: three apples, of which a re-initialisation
// clears all but the first.
type orchard struct {
	*site
	engine *engine.Engine
}

// onOrchards runs a test on databases of each kind.
func onOrchards(t *testing.T, test func(t *testing.T, fresh func(*testing.T) *orchard)) {
	t.Helper()
	t.Parallel()
	for _, tg := range targets() {
		t.Run(tg.dialect, func(t *testing.T) {
			template := tg.template(t)
			test(t, func(t *testing.T) *orchard {
				t.Helper()
				s := template(t)
				serial := s.only("integer NOT NULL PRIMARY KEY AUTOINCREMENT", "serial PRIMARY KEY")
				s.run(t, "CREATE TABLE kinds (id "+serial+", name varchar(20) NOT NULL UNIQUE);"+
					"CREATE TABLE apples (id "+serial+", name varchar(20) NOT NULL UNIQUE, weight integer,"+
					" kind_id integer REFERENCES kinds (id) DEFERRABLE INITIALLY DEFERRED);"+
					"INSERT INTO kinds (name) VALUES ('red');"+
					"INSERT INTO apples (name, weight, kind_id) VALUES ('ann', 5, 1), ('bob', 6, NULL), ('cox', 7, 1)")
				return &orchard{s, s.engine(t)}
			})
		})
	}
}

// orchardPolicy is a policy of the apples with some attributes, and other
// blocks beside.
func orchardPolicy(t *testing.T, apple, rest string) *policy.Policy {
	t.Helper()
	text := "policy { name = \"orchard\" }\n" +
		"model \"o.kind\" {\n table = kinds\n natural_key = [name]\n}\n" +
		"model \"o.apple\" {\n table = apples\n natural_key = [name]\n reinit { clear = self.name != \"ann\" }\n" + apple + "\n}\n" +
		"seed \"o.apple\" {\n on = reinit\n records = [{ name = \"new\", weight = 1, kind = \"red\" }]\n}\n" + rest
	p, list := policy.Parse([]policy.File{{Name: "orchard.hcl", Content: []byte(text)}}, policy.Options{})
	must(t, list.Err())
	return p
}

// reinit plans a re-initialisation and saves it.
func (o *orchard) reinit(t *testing.T, pol *policy.Policy) *plans.Plan {
	t.Helper()
	p, err := o.engine.Plan(t.Context(), engine.Request{Policy: pol, Reinit: true})
	must(t, err)
	defer func() { must(t, p.Close()) }()
	return saved(t, &p.Plan)
}

func (o *orchard) apply(t *testing.T, p *plans.Plan, pol *policy.Policy) (*engine.Applied, error) {
	t.Helper()
	return o.engine.Apply(t.Context(), p, pol, nil, lockWait)
}
