package planner

import (
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
)

// Rows that no change of the plan speaks of must not lose a value because the
// database sets it to null when what they refer to changes.
func TestRowsThatTheDatabaseWouldChangeWithOthers(t *testing.T) {
	const models = "model \"a.rate\" {\n table = rates\n natural_key = [name]\n}\nmodel \"a.price\" {\n table = prices\n natural_key = [item]\n}"
	cases := map[string]struct {
		onUpdate, live, pkg, want string
	}{
		"set to null":              {"set null", `prices {"id":1,"item":"tea","code":"EU"}`, "", "error predicted.follow.prices.code"},
		"set to a default":         {"set default", `prices {"id":1,"item":"tea","code":"EU"}`, "", "error predicted.follow.prices.code"},
		"of a table unlisted":      {"set null", `notes {"code":"EU"}`, "", "error predicted.follow.notes.code"},
		"following":                {"cascade", `prices {"id":1,"item":"tea","code":"EU"}`, "", "warning predicted.follow.prices.code"},
		"none that refers":         {"set null", `prices {"id":1,"item":"tea","code":"US"}`, "", ""},
		"left behind":              {"", `prices {"id":1,"item":"tea","code":"EU"}`, "", "error predicted.changed.prices.code"},
		"left behind, restricted":  {"restrict", `prices {"id":1,"item":"tea","code":"EU"}`, "", "error predicted.changed.prices.code"},
		"left behind and unlisted": {"no action", `notes {"code":"EU"}`, "", "error predicted.changed.notes.code"},
		"none that is left behind": {"", `prices {"id":1,"item":"tea","code":"US"}`, "", ""},
		"left to another record":   {"", `prices {"id":1,"item":"tea","code":"EU"}`, `a.rate {"pk":3,"name":"eu","code":"EU"}`, ""},
		"moving on too late": {
			"no action", `prices {"id":1,"item":"tea","code":"EU"}`, `a.price {"pk":1,"item":"tea","code":"US"}`, "error predicted.changed.prices.code",
		},
		"none that moves on": {
			"set null", `prices {"id":1,"item":"tea","code":"EU"}`, `a.price {"pk":1,"item":"tea","code":"US"}`, "",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{
				tables: "rates: id serial, name text ! unique, code text unique\nprices: id serial, item text ! unique, code text\nnotes: code text",
				policy: models,
				live:   `rates {"id":1,"name":"euro","code":"EU"}` + "\n" + `rates {"id":2,"name":"dollar","code":"US"}` + "\n" + c.live,
				pkg:    `a.rate {"pk":1,"name":"euro","code":"EUR"}` + "\n" + `a.rate {"pk":2,"name":"dollar","code":"US"}` + "\n" + c.pkg,
			}
			in := w.input(t)
			for _, name := range []string{"prices", "notes"} {
				table := in.Catalogue.Table(name)
				table.ForeignKeys = append(table.ForeignKeys, schema.ForeignKey{
					Name: "by_code", Columns: []string{"code"}, RefTable: "rates", RefColumns: []string{"code"}, OnUpdate: c.onUpdate,
				})
			}
			if got := strings.Join(plan(t, in).problems, "\n"); got != c.want {
				t.Errorf("problems %q, want %q", got, c.want)
			}
		})
	}
}

func TestForeignKeysWithoutANameAreCalledByTheirColumns(t *testing.T) {
	if got := nameOfKey(&schema.ForeignKey{Columns: []string{"a", "b"}}); got != "(a, b)" {
		t.Errorf("called %q", got)
	}
}
