package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Whoever refers to a row that a plan is about must not come in between.
func TestTablesThatAPlanReachesAreLocked(t *testing.T) {
	refers := func(name, onUpdate string) *schema.Table {
		return &schema.Table{Name: name, ForeignKeys: []schema.ForeignKey{{Columns: []string{"a"}, RefTable: "rates", RefColumns: []string{"id"}, OnUpdate: onUpdate}}}
	}
	c := &schema.Catalogue{Tables: []*schema.Table{
		refers("follows", "cascade"), refers("loses", "set null"), refers("stays", "no action"),
		{Name: "other"},
		{Name: "rates", Columns: []schema.Column{{Name: "id"}}, PrimaryKey: []string{"id"}},
	}}
	pol := &policy.Policy{Models: []*policy.Model{{Label: "a.rate", Table: policy.Name{Text: "rates"}, NaturalKey: []policy.Name{{Text: "id"}}}}}
	for name, c2 := range map[string]struct {
		a    plans.Accounting
		want []string
	}{
		"added":     {plans.Accounting{Added: 1}, []string{"rates"}},
		"changed":   {plans.Accounting{Changed: 1}, []string{"rates", "follows", "loses"}},
		"destroyed": {plans.Accounting{Destroyed: 1}, []string{"rates", "follows", "loses", "stays"}},
	} {
		t.Run(name, func(t *testing.T) {
			c2.a.Table = "rates"
			var got []string
			for _, table := range toLock(&plans.Plan{Accounting: []plans.Accounting{c2.a}}, pol, c) {
				got = append(got, table.Name)
			}
			if diff := cmp.Diff(c2.want, got); diff != "" {
				t.Errorf("locked (-want +got):\n%s", diff)
			}
		})
	}
}
