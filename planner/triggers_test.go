package planner

import (
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// A trigger may make other values of what a plan writes: a plan must not look
// as if it were all that happens.
func TestTriggersOfTablesThatAreWrittenAreNamed(t *testing.T) {
	w := world{
		tables: "notes: id serial, code text ! unique, version int\nlists: id serial, name text ! unique",
		policy: "model \"n.note\" {\n table = notes\n natural_key = [code]\n}\nmodel \"n.list\" {\n table = lists\n natural_key = [name]\n}",
		live:   `notes {"id":1,"code":"a","version":1}` + "\n" + `lists {"id":1,"name":"l"}`,
	}
	cases := map[string]struct {
		pkg, want string
	}{
		"of a table with a change":        {`n.note {"pk":1,"code":"a","version":2}`, "notes: t_audit, t_touch."},
		"of a table with an added row":    {`n.list {"pk":2,"name":"new"}`, "lists: t_list."},
		"of no table that stays as it is": {`n.note {"pk":1,"code":"a","version":1}`, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w.pkg = c.pkg
			in := w.input(t)
			in.Catalogue.Table("notes").Triggers = []string{"t_audit", "t_touch"}
			in.Catalogue.Table("lists").Triggers = []string{"t_list"}
			if got := triggersNamed(plan(t, in).result.Diagnostics); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("named %q, want %q", got, c.want)
			}
		})
	}
}

func TestTriggersOfTablesThatAnUndoWritesAreNamed(t *testing.T) {
	c := catalogue(t, shop, "")
	c.Table("people").Triggers = []string{"t_touch"}
	c.Table("notes").Triggers = []string{"t_other"}
	before := newLive(t, c, `people {"id": 1, "name": "ann"}`)
	after := newLive(t, c, `people {"id": 1, "name": "bob"}`)
	imgs := difference(c, before, after)
	if got := triggersNamed(undo(t, after, imgs).result.Diagnostics); !strings.HasPrefix(got, "people: t_touch.") {
		t.Errorf("named %q", got)
	}
}

func triggersNamed(list diag.List) string {
	for _, d := range list {
		if d.Code == "database.triggers" && d.Severity == diag.Warning {
			return d.Detail
		}
	}
	return ""
}
