package engine

import (
	"context"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/schema"
)

type heard struct {
	Observer
	rows []int64
}

func (h *heard) Planning(string, planner.Side, int) {}

func (h *heard) Writing(_ string, rows, total int64) {
	if total >= 0 {
		panic("nobody knows how many there are")
	}
	h.rows = append(h.rows, rows)
}

// What leaves is chosen in passes whose number nobody knows: all that is looked
// at is counted.
func TestChoosingWhatLeavesIsObserved(t *testing.T) {
	var h heard
	e := &Engine{Observer: &h}
	scan := e.looked(func(context.Context, *schema.Model) iter.Seq2[*schema.Record, error] {
		return func(yield func(*schema.Record, error) bool) {
			for range often + 1 {
				if !yield(&schema.Record{}, nil) {
					return
				}
			}
		}
	})
	for range 2 {
		for _, err := range scan(t.Context(), &schema.Model{Label: "a.b"}) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff([]int64{often, 2 * often}, h.rows); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
