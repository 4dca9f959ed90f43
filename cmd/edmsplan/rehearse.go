package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// rehearse carries a plan out in a transaction that is taken back, and says
// what the database made of it.
func (w *work) rehearse(ctx context.Context, s streams, stream *events, p *plans.Plan, pol *policy.Policy, wait time.Duration) error {
	done, err := w.engine.Rehearse(ctx, p, pol, w.pkg, wait)
	if err != nil {
		return err
	}
	w.progress.stop()
	if stream != nil {
		return errors.Join(stream.Rehearsed(), stream.Diagnostics(afterwards(done)))
	}
	fmt.Fprintf(s.out, "\n%s\n", render.RehearsedLine())
	return render.Diagnostics(s.err, afterwards(done), s.look(s.err))
}
