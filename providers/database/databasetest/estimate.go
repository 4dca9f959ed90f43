package databasetest

import (
	"testing"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

func testEstimate(t *testing.T, a Adapter) {
	f := open(t, a)
	teams, empty := f.table("teams"), f.table(`we"ird ; table`)
	missing := &schema.Table{Name: "missing", Relation: "missing"}
	f.run("INSERT INTO teams VALUES ('a', 'A'), ('b', 'B'), ('c', 'C')")
	for name, s := range map[string]database.Snapshot{"snapshot": f.view(), "transaction": f.begin()} {
		e, ok := s.(database.Estimator)
		if !ok {
			t.Skip("it does not estimate")
		}
		got, err := e.Estimate(t.Context(), []*schema.Table{teams, missing, empty})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		// A few rows are as good as counted, or nothing is known of them.
		if len(got) != 3 || got[0] != 3 && got[0] != -1 || got[1] != -1 || got[2] != 0 && got[2] != -1 {
			t.Errorf("%s: %v, want 3, -1 for the table that is not there, and 0", name, got)
		}
		if rows := f.rows(s, teams, teams.Columns[0].Name); len(rows) != 3 {
			t.Errorf("%s: %d rows are read afterwards", name, len(rows))
		}
		f.close(s)
		if _, err := e.Estimate(t.Context(), nil); err == nil {
			t.Errorf("a closed %s estimates", name)
		}
	}
}
