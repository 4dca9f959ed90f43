package engine

import (
	"testing"

	"github.com/edmsplan/edmsplan/schema"
)

func TestNumbersAreTheHighestOfThoseThatASequenceCanGive(t *testing.T) {
	table := &schema.Table{
		Name: "tickets", PrimaryKey: []string{"id"},
		Columns: []schema.Column{{Name: "id", Sequence: &schema.Sequence{Max: 99}}, {Name: "name"}, {Name: "number", Sequence: &schema.Sequence{Max: 99, Last: 5}}},
	}
	rows := func(texts ...[]string) schema.Batch {
		return schema.Batch{Table: table, Columns: []string{"name", "number"}, Rows: func(yield func([]schema.Value, error) bool) {
			for _, r := range texts {
				var values []schema.Value
				for _, v := range r {
					values = append(values, schema.Value{Text: v, Valid: v != ""})
				}
				if !yield(values, nil) {
					return
				}
			}
		}}
	}
	for name, c := range map[string]struct {
		op    schema.Op
		batch schema.Batch
		want  int64
	}{
		"of added rows":              {schema.Insert, rows([]string{"90", "7"}, []string{"91", "6"}), 7},
		"of changed rows, past keys": {schema.Update, rows([]string{"98", "90", "8"}), 8},
		"none that was given":        {schema.Insert, rows([]string{"a", "5"}), 0},
		"none beyond the sequence":   {schema.Insert, rows([]string{"a", "100"}), 0},
		"none where there is none":   {schema.Insert, rows([]string{"a", ""}), 0},
	} {
		t.Run(name, func(t *testing.T) {
			x := numbers{}
			c.batch.Op = c.op
			if c.op == schema.Update {
				c.batch.Key = []string{"id"}
			}
			for _, err := range x.watch(c.batch) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := x[numbered{table, "number"}]; got != c.want || len(x) > 1 {
				t.Errorf("noted %v, want %d", x, c.want)
			}
		})
	}
}
