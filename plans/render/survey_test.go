package render

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
)

// What is remembered of the record before does not show.
func TestShapesDoNotDependOnTheRecordBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(what string) string { return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, what) }
		var shapes shaper
		for range rapid.IntRange(1, 20).Draw(t, "records") {
			r := &plans.Record{
				Model: text("model"), Key: plans.Value(text("key")), Action: rapid.SampledFrom([]plans.Action{plans.Add, plans.Change, plans.Destroy}).Draw(t, "action"),
				OldKey: plans.Value(text("old key")), PrimaryKey: plans.Value(text("primary key")), Reason: text("reason"), Stub: rapid.Bool().Draw(t, "stub"),
			}
			r.Rule.Start.Line = rapid.IntRange(0, 1).Draw(t, "line")
			for range rapid.IntRange(0, 1).Draw(t, "fields") {
				r.Fields = append(r.Fields, plans.Field{Name: text("field"), After: plans.Value(text("after"))})
			}
			if shapes.of(r) != shapeOf(r) {
				t.Fatalf("another shape than alone: %+v", r)
			}
		}
	})
}
