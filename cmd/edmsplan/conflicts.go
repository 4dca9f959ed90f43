package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/decisions"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// decisionFlags are the files in which people settle single records.
type decisionFlags struct {
	conflicts    []string
	pairs        []string
	conflictsOut string
}

func (o *decisionFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&o.conflicts, "conflicts", nil, "`FILE` of conflicts that were decided, as -conflicts-out wrote it; may be repeated")
	f.StringVar(&o.conflictsOut, "conflicts-out", "", "`FILE` to write the conflicts to that nobody has decided; it must not exist")
	f.StringArrayVar(&o.pairs, "id-map", nil, "`FILE` of records that are known to be one: model,package,live; may be repeated")
}

// readDecisions reads what was decided.
func (o *decisionFlags) readDecisions() ([]plans.Decision, error) {
	var out []plans.Decision
	for _, kind := range []struct {
		names []string
		read  func(io.Reader, string) ([]plans.Decision, error)
	}{{o.conflicts, decisions.Read}, {o.pairs, decisions.ReadPairs}} {
		for _, name := range kind.names {
			f, err := os.Open(name)
			if err != nil {
				return nil, err
			}
			list, err := kind.read(f, name)
			if err := errors.Join(err, f.Close()); err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
	}
	return out, nil
}

// vacant refuses a file that is there already: it may hold decisions.
func (o *decisionFlags) vacant() error {
	if o.conflictsOut == "" {
		return nil
	}
	switch _, err := os.Lstat(o.conflictsOut); {
	case err == nil:
		return fmt.Errorf("%s exists and may hold decisions: name another file for -conflicts-out, or remove it", o.conflictsOut)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return nil
}

// writeConflicts writes those that are left, if there are any.
func (o *decisionFlags) writeConflicts(p *engine.Planned) (err error) {
	if o.conflictsOut == "" || len(p.Conflicts) == 0 {
		return nil
	}
	// They hold the data of both sides, as a saved plan does: only for the owner.
	f, err := os.OpenFile(o.conflictsOut, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(decisions.Write(f, p.Conflicts), f.Close())
}

// sayConflicts tells how to go on with the conflicts that were written, or that
// they can be.
func sayConflicts(w io.Writer, o *decisionFlags, p *engine.Planned) {
	n := len(p.Conflicts)
	if o.conflictsOut == "" && slices.ContainsFunc(p.Diagnostics, func(d diag.Diagnostic) bool { return planner.Decidable(d.Code) }) {
		fmt.Fprintln(w, "\nTo decide record by record, plan again with -conflicts-out conflicts.csv")
	}
	if n == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s in %s.\n", counted(n, "conflict to be decided is", "conflicts to be decided are"), o.conflictsOut)
	if more := p.MoreConflicts; more > 0 {
		fmt.Fprintf(w, "%s not: they are too many for one file.\n", counted(more, "more is", "more are"))
	}
	if more := p.FollowingConflicts; more > 0 {
		fmt.Fprintf(w, "%s: what is decided may settle that too.\n", counted(more, "conflict more follows", "conflicts more follow"))
	}
	fmt.Fprintf(w, "Fill in the column decision, and plan again with -conflicts %s\n", o.conflictsOut)
}
