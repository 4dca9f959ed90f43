package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

// A primary key that is not known yet is told from one that the fields give.
func TestAddedRecordsHaveThePrimaryKeyThatTheyHave(t *testing.T) {
	for name, c := range map[string]struct {
		records  int
		key      plans.Value
		inFields bool
		want     string
	}{
		"one that comes from a sequence":     {1, "", false, "will be created        id = (known after apply)\n"},
		"the package's":                      {1, "7", false, "will be created        id = 7\n"},
		"one that the fields give":           {1, "", true, "will be created\n"},
		"several that come from a sequence":  {9, "", false, "+ 9 records: id = (known after apply)\n"},
		"several that their own fields give": {9, "", true, "+ 9 records\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var records []*plans.Record
			for i := range c.records {
				records = append(records, &plans.Record{Model: "s.shelf", Key: plans.Value(fmt.Sprintf(`["N",%d]`, i)), Action: plans.Add, PrimaryKey: c.key})
			}
			p := planstest.New(planstest.Header(), []plans.Accounting{{Model: "s.shelf", Added: c.records, KeyInFields: c.inFields}}, nil, records)
			if got := rendering(t, p, text(Options{})); !strings.Contains(got, c.want) {
				t.Errorf("%s lacks %q", got, c.want)
			}
		})
	}
}
