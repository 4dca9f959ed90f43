// Package ahead runs a sequence in a goroutine of its own, so that its next
// values are made while one is being used. It imports nothing of ours.
package ahead

import (
	"iter"
	"sync"
)

// Run yields what seq does. Up to depth values wait to be taken: when yield
// returns, all values but the last depth+1 are done with, and what they point to
// may be used again. When the loop over Run ends, so has seq.
func Run[V any](seq iter.Seq[V], depth int) iter.Seq[V] {
	return func(yield func(V) bool) {
		values, quit := make(chan V, depth), make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(quit)
		running.Go(func() {
			defer close(values)
			seq(func(v V) bool {
				select {
				case values <- v:
					return true
				case <-quit:
					return false
				}
			})
		})
		for v := range values {
			if !yield(v) {
				return
			}
		}
	}
}
