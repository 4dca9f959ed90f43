package plans

import (
	"fmt"
	"iter"
	"testing"
)

// Each record is in one part, whatever their number.
func TestPlansAreComparedInParts(t *testing.T) {
	planOf := func(from, to int) *Plan {
		return &Plan{Changes: func() iter.Seq2[*Record, error] {
			return func(yield func(*Record, error) bool) {
				for i := from; i < to && yield(&Record{Action: Add, Model: "a.a", Key: Value(fmt.Sprintf("[%d]", i))}, nil); i++ {
				}
			}
		}}
	}
	for _, parts := range []int{1, 3, 16} {
		came, went := map[Value]int{}, map[Value]int{}
		m := matching{yield: func(d Difference, err error) bool {
			switch {
			case err != nil:
				t.Fatal(err)
			case d.Old == nil:
				came[d.New.Key]++
			case d.New == nil:
				went[d.Old.Key]++
			default:
				t.Errorf("%s is said to differ", d.New.Key)
			}
			return true
		}}
		m.byParts(planOf(0, 200), planOf(50, 230), parts)
		if len(came) != 30 || len(went) != 50 || came["[229]"] != 1 || went["[0]"] != 1 {
			t.Errorf("in %d parts: %d came, %d went", parts, len(came), len(went))
		}
	}
}
