package planner

import (
	"errors"
	"iter"
	"runtime"
	"testing"
	"time"
)

func TestAheadYieldsTheSame(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		n, stop int
		fails   error
	}{
		"nothing":                         {0, -1, nil},
		"a part of a batch":               {7, -1, nil},
		"a whole batch":                   {batchRows, -1, nil},
		"many batches":                    {10*batchRows + 3, -1, nil},
		"what comes before an error":      {3*batchRows + 3, -1, broken},
		"nothing but an error":            {0, -1, broken},
		"as much as is wanted":            {100 * batchRows, 2*batchRows + 1, nil},
		"no error that was not come upon": {100 * batchRows, 5, broken},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			var seq iter.Seq2[int, error] = func(yield func(int, error) bool) {
				for i := range c.n {
					if !yield(i, nil) {
						return
					}
				}
				if c.fails != nil {
					yield(0, c.fails)
				}
			}
			want, wantErr, got := c.n, c.fails, 0
			if c.stop >= 0 {
				want, wantErr = c.stop, nil
			}
			var failed error
			for v, err := range runAhead(seq) {
				if got == c.stop {
					break
				}
				if failed = err; err == nil && v != got {
					t.Fatalf("%d instead of %d", v, got)
				}
				if err == nil {
					got++
				}
			}
			if got != want || !errors.Is(failed, wantErr) {
				t.Errorf("%d values and %v, want %d and %v", got, failed, want, wantErr)
			}
			for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("a goroutine was left behind")
				}
			}
		})
	}
}
