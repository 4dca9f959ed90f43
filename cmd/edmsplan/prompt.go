package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/render"
)

// approve shows the plan and asks. Where records are destroyed, the name of
// the target is asked for: a word that is typed without reading does not do.
func approve(ctx context.Context, s streams, saved *plans.Plan) error {
	if err := render.Text(s.out, saved, s.look(s.out)); err != nil {
		return err
	}
	want, hint := "yes", "Only 'yes' will be accepted to approve."
	if n := saved.Summary.Destroy; n > 0 {
		want = saved.Header.Target
		hint = fmt.Sprintf("%s will be destroyed.\n  Only the name of the target, '%s', will be accepted to approve.",
			counted(n, "record", "records"), printable(want))
	}
	return ask(ctx, s, "Do you want to perform these actions?", hint, want, "Apply cancelled. Nothing was changed.")
}

// ask goes on when the answer is the one wanted, and only then.
func ask(ctx context.Context, s streams, question, hint, want, otherwise string) error {
	fmt.Fprintf(s.out, "\n%s\n  %s\n\n  Enter a value: ", question, hint)
	answer, err := readLine(ctx, s.in)
	if err != nil {
		fmt.Fprintln(s.out)
		return err
	}
	if answer == want {
		fmt.Fprintln(s.out)
		return nil
	}
	fmt.Fprintln(s.out, "\n"+otherwise)
	return codeError(exitError)
}

// readLine reads the answer without its line's end; at the end of the input
// that is what there is. An interruption does not wait for the answer: the
// reading goroutine is left behind, as the program ends then.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		read <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-read:
		if got.err != nil && got.err != io.EOF { //nolint:errorlint // io.Reader's contract
			return "", got.err
		}
		return strings.TrimSpace(got.line), nil
	}
}
