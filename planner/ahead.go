package planner

import (
	"iter"

	"github.com/edmsplan/edmsplan/schema/ahead"
)

// runAhead yields what seq does, which runs in a goroutine of its own some
// batches ahead. Values stay valid when the next one is asked for.
func runAhead[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var failure error
		batches := func(send func([]T) bool) {
			var b []T
			for v, err := range seq {
				if err != nil {
					failure = err
					break
				}
				if b = append(b, v); len(b) == batchRows {
					if !send(b) {
						return
					}
					b = nil
				}
			}
			send(b)
		}
		for b := range ahead.Run(batches, laneRoom) {
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
