package ahead_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema/ahead"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// count yields the numbers from 0.
func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

func ExampleRun() {
	for v := range ahead.Run(count(3), 1) {
		fmt.Println(v)
	}
	// Output:
	// 0
	// 1
	// 2
}

// What runs ahead comes whole and in order, however much of it is wanted.
func TestRunYieldsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, depth := rapid.IntRange(0, 20).Draw(t, "n"), rapid.IntRange(0, 4).Draw(t, "depth")
		wanted := rapid.IntRange(1, 25).Draw(t, "wanted")
		var got, want []int
		for v := range ahead.Run(count(n), depth) {
			if got = append(got, v); len(got) == wanted {
				break
			}
		}
		for i := range min(n, wanted) {
			want = append(want, i)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// It runs so far ahead as values may wait, and no further.
func TestRunIsBounded(t *testing.T) {
	const depth = 3
	made := make(chan int, 100)
	seq := func(yield func(int) bool) {
		for i := range 50 {
			made <- i
			if !yield(i) {
				return
			}
		}
	}
	taken := 0
	for range ahead.Run(seq, depth) {
		taken++
		time.Sleep(time.Millisecond)
		if waiting := len(made) - taken; waiting > depth+1 {
			t.Fatalf("%d values are ahead", waiting)
		}
	}
	if taken != 50 {
		t.Errorf("%d values", taken)
	}
}

// Who leaves the loop is not overtaken by what ran ahead.
func TestLeavingWaitsForTheEnd(t *testing.T) {
	ended := false
	seq := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
		time.Sleep(10 * time.Millisecond)
		ended = true
	}
	for v := range ahead.Run(seq, 2) {
		if v == 5 {
			break
		}
	}
	if !ended {
		t.Error("it still runs")
	}
}
