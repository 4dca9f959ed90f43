package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// JSON writes the plan as one JSON object, described by docs/plan.schema.json.
// Each element of its lists stands on a line of its own; the changes are
// streamed, in the plan's order.
func JSON(w io.Writer, p *plans.Plan) error {
	out := bufio.NewWriter(w)
	head, err := marshal(headOf(p))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s", bytes.TrimSuffix(head, []byte("}")))
	for _, write := range []func() error{
		func() error { return writeList(out, "accounting", all(p.Accounting, accountingOf)) },
		func() error { return writeList(out, "changes", changeDocs(p)) },
		func() error { return writeList(out, "remaps", all(p.Remaps, remapOf)) },
		func() error { return writeList(out, "decisions", all(p.Decisions, decisionOf)) },
		func() error { return writeList(out, "skips", all(p.Skips, skipOf)) },
		func() error { return writeList(out, "diagnostics", all(p.Diagnostics, diagnosticOf)) },
		func() error { return writeList(out, "untouched", all(p.Untouched, strings.Clone)) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	fmt.Fprint(out, "\n}\n")
	return out.Flush()
}

func changeDocs(p *plans.Plan) iter.Seq2[changeDoc, error] {
	return func(yield func(changeDoc, error) bool) {
		if p.Changes == nil {
			return
		}
		for r, err := range p.Changes() {
			var d changeDoc
			if err == nil {
				d = changeOf(r)
			}
			if !yield(d, err) {
				return
			}
		}
	}
}

func all[T, D any](list []T, doc func(T) D) iter.Seq2[D, error] {
	return func(yield func(D, error) bool) {
		for _, v := range list {
			if !yield(doc(v), nil) {
				return
			}
		}
	}
}

// writeList writes a member that is a list. An error of the writer is kept by
// it until the end.
func writeList[D any](w *bufio.Writer, name string, elements iter.Seq2[D, error]) error {
	fmt.Fprintf(w, ",\n%q:[", name)
	separator := "\n"
	for d, err := range elements {
		if err != nil {
			return err
		}
		b, err := marshal(d)
		if err != nil {
			return err
		}
		fmt.Fprint(w, separator)
		if _, err := w.Write(b); err != nil {
			return err
		}
		separator = ",\n"
	}
	_, err := w.WriteString("]")
	return err
}
