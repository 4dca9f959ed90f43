package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/frozen"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// formats are the package formats, in the order in which they are tried.
func formats() []backup.Format {
	return slices.Concat(native.Formats(), edms.Formats(django.Open), django.Formats())
}

// openReadable opens what a plan may be made against: a live database, or a
// package that stands in for one that cannot be reached.
func openReadable(ctx context.Context, s streams, live string, open *opener) (database.Database, error) {
	if live == "" || isDatabase(live) {
		return openLive(ctx, live)
	}
	if _, err := os.Stat(live); err != nil && !isBucket(live) {
		return openLive(ctx, live) // whose message says what a live database is
	}
	p, err := open.open(ctx, live)
	if err != nil {
		return nil, err
	}
	n, ok := p.(*native.Package)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s cannot stand in for the live database: only an %s knows its tables", live, native.Extension), p.Close())
	}
	return frozen.New(n, n.Close), nil
}

// openLive opens a database by its URL: postgres://… or sqlite:PATH.
func openLive(ctx context.Context, live string) (database.Database, error) {
	scheme, rest, _ := strings.Cut(live, ":")
	switch scheme {
	case "":
		return nil, errors.New("no live database is named: give it with -live, or in the policy (live { url = … }) or in EDMSPLAN_LIVE")
	case "postgres", "postgresql":
		return postgres.Open(ctx, live)
	case "sqlite":
		return sqlite.Open(ctx, strings.TrimPrefix(rest, "//"))
	}
	if u, err := url.Parse(live); err == nil && u.Scheme != "" && u.Host != "" {
		return nil, fmt.Errorf("databases of %s are not known: the live database is postgres://USER@HOST/NAME or sqlite:PATH", u.Scheme)
	}
	return nil, errors.New("the live database is not a URL: write postgres://USER@HOST/NAME or sqlite:PATH")
}

// work is what plan and apply work with: a package, an engine on the live
// database, and progress, nil when nothing is to be told.
type work struct {
	pkg      backup.Package
	live     database.Database
	engine   *engine.Engine
	progress *progress
}

// openWork opens the live database and the package, if one is named. The
// caller closes it.
func openWork(ctx context.Context, s streams, url, path string, open *opener, quiet bool) (*work, error) {
	w := &work{}
	if !quiet {
		w.progress = startProgress(s)
	}
	var err error
	if path != "" {
		if !quiet {
			w.progress.say("Reading the package %s", path)
		}
		if w.pkg, err = open.open(w.progress.reading(ctx), path); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	if !quiet {
		w.progress.say("Opening the live database")
	}
	if w.live, err = openReadable(ctx, s, url, open); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.engine = newEngine(s, w.live, url)
	if !quiet {
		w.engine.Observer = w.progress
	}
	return w, nil
}

// resume tells of progress again, after it was stopped to show something.
func (w *work) resume(s streams) {
	if w.progress != nil {
		w.progress = startProgress(s)
		w.engine.Observer = w.progress
	}
}

// Close stops the progress and closes what was opened.
func (w *work) Close() error {
	var err error
	w.progress.stop()
	if w.live != nil {
		err = w.live.Close()
	}
	if w.pkg != nil {
		err = errors.Join(err, w.pkg.Close())
	}
	return err
}

// openTree opens the folder of a files block, which must exist.
func openTree(path string) (storage.Store, error) {
	s, err := local.Open(path)
	if err != nil {
		return nil, err // not s, which would be a Store that is not nil
	}
	return s, nil
}

// newEngine is a silent engine on a live database.
func newEngine(s streams, live database.Database, url string) *engine.Engine {
	return &engine.Engine{Live: live, LiveURL: url, Actor: actor(s), Program: version(), OpenTree: openTree}
}

// liveURL is the database that the policy names, else EDMSPLAN_LIVE.
func liveURL(s streams, p *policy.Policy) string {
	if p.LiveURL == "" {
		p.LiveURL, _ = s.env("EDMSPLAN_LIVE")
	}
	return p.LiveURL
}

// policyFlags are the inputs of a policy.
type policyFlags struct {
	path     string
	vars     []string
	varFiles []string
	live     string
}

func (f *policyFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "policy", "", "policy `FILE` or folder")
	f.addInputs(flags)
}

// addInputs adds the flags that also make sense for a policy in a saved plan.
func (f *policyFlags) addInputs(flags *pflag.FlagSet) {
	flags.StringVar(&f.live, "live", "", "live database `URL`: postgres://… or sqlite:PATH (default: the policy's, then EDMSPLAN_LIVE)")
	flags.StringArrayVar(&f.vars, "var", nil, "`NAME=VALUE` of a variable of the policy; may be repeated")
	flags.StringArrayVar(&f.varFiles, "var-file", nil, "`FILE` with values of variables; may be repeated")
}

func (f *policyFlags) options(s streams) policy.Options {
	return policy.Options{Vars: f.vars, VarFiles: f.varFiles, Env: s.env, LiveURL: f.live}
}

// load reads the policy; its warnings are returned with it.
func (f *policyFlags) load(s streams) (*policy.Policy, diag.List, error) {
	if f.path == "" {
		return nil, nil, errors.New("no policy is named: give it with -policy")
	}
	p, list := policy.Load(f.path, f.options(s))
	if p != nil {
		p.LiveURL = liveURL(s, p)
	}
	return p, list, list.Err()
}
