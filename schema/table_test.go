package schema

import "testing"

func TestColumnsOfForeignKeysLeadToWhatTheyIdentify(t *testing.T) {
	c := &Catalogue{Tables: []*Table{
		{Name: "tenants", PrimaryKey: []string{"id"}},
		{
			Name: "people", PrimaryKey: []string{"id"},
			ForeignKeys: []ForeignKey{
				{Columns: []string{"tenant"}, RefTable: "tenants", RefColumns: []string{"id"}},
				{Columns: []string{"tenant", "boss"}, RefTable: "people", RefColumns: []string{"tenant", "id"}},
			},
		},
		{
			Name: "calls",
			ForeignKeys: []ForeignKey{
				{Columns: []string{"tenant", "person"}, RefTable: "people", RefColumns: []string{"tenant", "id"}},
				{Columns: []string{"plant", "lot"}, RefTable: "lots", RefColumns: []string{"plant", "lot"}},
				{Columns: []string{"gone"}, RefTable: "gone", RefColumns: []string{"id"}},
			},
		},
		{
			Name: "lots", PrimaryKey: []string{"plant", "lot"},
			ForeignKeys: []ForeignKey{{Columns: []string{"plant", "lot"}, RefTable: "lots", RefColumns: []string{"plant", "lot"}}}, // in a circle
		},
	}}
	for where, want := range map[[2]string]string{
		{"people", "tenant"}: "tenants.id", {"people", "boss"}: "people.id",
		{"calls", "tenant"}: "tenants.id", {"calls", "person"}: "people.id",
		{"calls", "plant"}: "", {"calls", "lot"}: "", {"calls", "gone"}: "gone.id", {"lots", "lot"}: "", {"tenants", "id"}: "",
	} {
		got := ""
		if fk := c.Reference(c.Table(where[0]), where[1]); fk != nil {
			got = fk.RefTable + "." + fk.RefColumns[0]
		}
		if got != want {
			t.Errorf("%s.%s leads to %q, want %q", where[0], where[1], got, want)
		}
	}
}
