package planner

import (
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func TestColumnsInWhichTheDatabaseMixesTextsUpAreNamed(t *testing.T) {
	in := world{
		tables: "people: id serial, login text ! unique, mail text unique, note text\nnotes: id serial, code text ! unique, by text",
		policy: "model \"a.person\" {\n table = people\n natural_key = [login]\n}\nmodel \"a.note\" {\n table = notes\n natural_key = [code]\n}",
	}.input(t)
	for _, c := range []string{"login", "mail", "note"} {
		in.Catalogue.Table("people").Column(c).Loose = true
	}
	in.Catalogue.Table("notes").Column("by").Loose = true
	notes := in.Catalogue.Table("notes")
	notes.ForeignKeys = append(notes.ForeignKeys, schema.ForeignKey{Name: "by", Columns: []string{"by"}, RefTable: "people", RefColumns: []string{"login"}})
	var got []string
	for _, d := range plan(t, in).result.Diagnostics {
		if d.Code == "policy.loose" && d.Severity == diag.Warning {
			got = append(got, d.Summary)
		}
	}
	if len(got) != 1 || !strings.HasSuffix(got[0], " in login, mail of a.person") {
		t.Errorf("named %q", got)
	}
}
