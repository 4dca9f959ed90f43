package planner

import (
	"strings"
	"testing"
)

// Two records cannot swap a value that is kept unique row by row, and what the
// plan says to do about it has to help.
func TestASwapOfUniqueValuesSaysWhatHelps(t *testing.T) {
	swap := func(first, second string) *outcome {
		w := world{
			tables: "places: id serial, name text ! unique, pos int unique",
			policy: "model \"a.place\" {\n table = places\n natural_key = [name]\n}",
			live:   `places {"id":1,"name":"a","pos":` + first + `}` + "\n" + `places {"id":2,"name":"b","pos":` + second + `}`,
			pkg:    `a.place {"pk":1,"name":"a","pos":2}` + "\n" + `a.place {"pk":2,"name":"b","pos":1}`,
		}
		in := w.input(t)
		for i := range in.Catalogue.Table("places").Uniques {
			in.Catalogue.Table("places").Uniques[i].Deferrable = false
		}
		return plan(t, in)
	}
	o := swap("1", "2")
	if len(o.problems) != 2 {
		t.Fatalf("problems %q", o.problems)
	}
	if !strings.HasPrefix(o.result.Diagnostics[0].Remedy, "Give both of them other values first") {
		t.Errorf("the remedy is %q", o.result.Diagnostics[0].Remedy)
	}
	if o := swap("98", "99"); len(o.problems) > 0 {
		t.Errorf("that does not help: %q", o.problems)
	}
}
