package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// options are the command line's.
type options struct {
	sizes                          []size
	only                           *regexp.Regexp
	bin, out, server, dir, profile string
	runs, djangoRows, djangoRuns   int
	alone                          bool
	// command is the command line again, but for what is only this machine's.
	command string
}

// size is a number of rows to measure with.
type size struct {
	rows, runs int
	// usual and django tell which tasks are measured.
	usual, django bool
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	rows := f.String("rows", "5000,100000", "how many rows, separated by commas; 10000000:1 is with another number of runs")
	only := f.String("only", "", "a regular expression: the tasks to run")
	f.IntVar(&o.runs, "runs", 5, "how many runs of each side are counted")
	f.BoolVar(&o.alone, "alone", false, "run our side only")
	f.IntVar(&o.djangoRows, "django-rows", 100_000, "at most how many rows Django's commands get, which do some 1,000 a second")
	f.IntVar(&o.djangoRuns, "django-runs", 1, "how many runs of Django's commands are counted")
	f.StringVar(&o.bin, "bin", "", "the edmsplan to measure (default: built from the sources)")
	f.StringVar(&o.out, "out", "", "the file to write the table to as well")
	f.StringVar(&o.server, "server", "", "the URL of a PostgreSQL superuser's database (default: a server of its own)")
	f.StringVar(&o.dir, "dir", "", "the folder to keep the data in for another run with the same -server")
	f.StringVar(&o.profile, "profile", "", "the folder to leave profiles of our side in, a folder for each size and task")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.command = "go run ./testdata/bench"
	f.Visit(func(v *flag.Flag) {
		switch v.Name {
		case "bin", "out", "server", "dir", "profile":
		default:
			value := v.Value.String()
			if strings.ContainsAny(value, " |*()$") {
				value = "'" + value + "'"
			}
			o.command += " -" + v.Name + "=" + value
		}
	})
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("-only: %w", err)
	}
	if o.dir != "" && o.server == "" {
		return o, errors.New("-dir needs -server: a server of its own forgets the databases that the folder's packages belong to")
	}
	if f.NArg() > 0 || o.runs < 1 || o.djangoRuns < 1 || o.djangoRows < 1 {
		return o, errors.New("only flags, and numbers of 1 and more: see -help")
	}
	o.sizes, err = sizes(*rows, o)
	return o, err
}

// sizes are those of -rows in ascending order, and that of Django's commands,
// which are measured once.
func sizes(list string, o options) ([]size, error) {
	var out []size
	for word := range strings.SplitSeq(list, ",") {
		s := size{runs: o.runs, usual: true}
		rows, runs, more := strings.Cut(strings.TrimSpace(word), ":")
		var err, err2 error
		s.rows, err = strconv.Atoi(rows)
		if more {
			s.runs, err2 = strconv.Atoi(runs)
		}
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("-rows: %w", err)
		}
		if s.rows < 100 || s.runs < 1 {
			return nil, errors.New("-rows: at least 100 rows and a run")
		}
		out = append(out, s)
	}
	byRows := func(a, b size) int { return cmp.Compare(a.rows, b.rows) }
	slices.SortFunc(out, byRows)
	out = slices.CompactFunc(out, func(a, b size) bool { return a.rows == b.rows })
	rows := min(o.djangoRows, out[len(out)-1].rows)
	at, found := slices.BinarySearchFunc(out, size{rows: rows}, byRows)
	if !found {
		out = slices.Insert(out, at, size{rows: rows, runs: o.runs})
	}
	out[at].django = true
	return out, nil
}
