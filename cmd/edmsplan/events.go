package main

import (
	"context"
	"errors"

	"github.com/edmsplan/edmsplan/plans/render"
)

// events is the stream of -json, nil without it. Its first line is written
// before any work begins.
type events struct{ *render.Stream }

func startEvents(s streams, asJSON bool) (*events, error) {
	if !asJSON {
		return nil, nil
	}
	stream, err := render.NewStream(s.out, version())
	if err != nil {
		return nil, err
	}
	return &events{stream}, nil
}

// end puts what went wrong on the stream as well, so that a program that reads
// it needs no standard error. It returns the error.
func (e *events) end(ctx context.Context, err error) error {
	if e == nil || err == nil {
		return err
	}
	_, problems := outcome(ctx, err)
	return errors.Join(err, e.Diagnostics(problems))
}
