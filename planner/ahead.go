package planner

import (
	"iter"
	"sync"
)

// ahead yields what seq does, which runs in a goroutine of its own some batches
// ahead. Values stay valid when the next one is asked for. When the loop ends,
// so has the goroutine.
func ahead[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var failure error
		batches, quit := make(chan []T, 2), make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(quit)
		running.Go(func() {
			defer close(batches)
			var b []T
			send := func() bool {
				select {
				case batches <- b:
					b = nil
					return true
				case <-quit:
					return false
				}
			}
			for v, err := range seq {
				if err != nil {
					failure = err
					break
				}
				if b = append(b, v); len(b) == batchRows && !send() {
					return
				}
			}
			send()
		})
		for b := range batches {
			for _, v := range b {
				if !yield(v, nil) {
					return
				}
			}
		}
		if failure != nil {
			var none T
			yield(none, failure)
		}
	}
}
