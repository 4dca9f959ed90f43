package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/engine"
)

// pruneOptions are the flags of log prune.
type pruneOptions struct {
	keepLast  int
	olderThan time.Duration
	dryRun    bool
	wait      time.Duration
	flags     *pflag.FlagSet
}

func (o *pruneOptions) add(flags *pflag.FlagSet) {
	o.flags = flags
	flags.IntVar(&o.keepLast, "keep-last", 0, "prune: keep the row images of the last `N` applies that have any")
	flags.DurationVar(&o.olderThan, "older-than", 0, "prune: drop only row images older than this `DURATION`, such as 720h")
	flags.BoolVar(&o.dryRun, "dry-run", false, "prune: only say what would be dropped")
	flags.DurationVar(&o.wait, "lock-timeout", 10*time.Second, "prune: `DURATION` to wait for other clients")
}

// named reports whether any of the flags was given.
func (o *pruneOptions) named() bool {
	for _, name := range []string{"keep-last", "older-than", "dry-run", "lock-timeout"} {
		if o.flags.Changed(name) {
			return true
		}
	}
	return false
}

// pruneLog drops the row images of old applies.
func pruneLog(ctx context.Context, s streams, o logOptions) (err error) {
	p := &o.prune
	if !p.flags.Changed("keep-last") && !p.flags.Changed("older-than") {
		return errors.New("say what is to be pruned: -keep-last N, -older-than DURATION or both")
	}
	if p.keepLast < 0 || p.olderThan < 0 {
		return errors.New("-keep-last and -older-than are not negative")
	}
	live, err := openLive(ctx, o.live)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	keep := engine.PruneOptions{KeepLast: p.keepLast, Wait: p.wait}
	if p.flags.Changed("older-than") {
		keep.Before = time.Now().Add(-p.olderThan)
	}
	ids, err := newEngine(s, live, o.live).PruneImages(ctx, keep, p.dryRun)
	if err != nil {
		return err
	}
	return tellPruned(s, ids, o.json, p.dryRun)
}

// prunedDoc is a line of log prune -json.
type prunedDoc struct {
	Apply  string `json:"apply"`
	DryRun bool   `json:"dry_run"`
}

func tellPruned(s streams, ids []string, asJSON, dryRun bool) error {
	for _, id := range ids {
		if asJSON {
			if err := writeJSON(s.out, prunedDoc{id, dryRun}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(s.out, printable(id))
	}
	if asJSON {
		return nil
	}
	said := "%s can no longer be undone. The change log itself is kept.\n"
	switch {
	case len(ids) == 0:
		_, err := fmt.Fprintln(s.out, "There are no row images to drop.")
		return err
	case dryRun:
		said = "%s could no longer be undone. Nothing was dropped.\n"
	}
	_, err := fmt.Fprintf(s.out, said, counted(len(ids), "apply", "applies"))
	return err
}
