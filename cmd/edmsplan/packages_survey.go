package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/engine/retention"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/storage"
)

// surveyed is a package of a place, as far as it can be told.
type surveyed struct {
	retention.Package
	kind    string
	records int
	// signature says that there is one beside it.
	signature bool
	modified  time.Time
}

// survey opens all packages of a place, newest first. What is not named like
// one is left alone.
func survey(ctx context.Context, s streams, keys keyFlags, where string, told *progress) (_ []surveyed, err error) {
	store, err := openStore(ctx, s, where)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	open, err := newOpener(s, keys.keys(s), nil)
	if err != nil {
		return nil, err
	}
	var out []surveyed
	signed := map[string]bool{}
	for info, err := range store.List(ctx, "") {
		switch {
		case errors.Is(err, storage.ErrIrregular), errors.Is(err, storage.ErrName):
			continue // never ours
		case err != nil:
			return nil, err
		}
		if name, ok := strings.CutSuffix(info.Name, envelope.SignatureSuffix); ok {
			signed[name] = true
		}
		if strings.HasSuffix(info.Name, native.Extension) && !strings.Contains(info.Name, "/") {
			out = append(out, surveyed{Package: retention.Package{Name: info.Name, Size: info.Size}, modified: info.ModTime})
		}
	}
	looking := told.each("Looking at the packages", "packages", len(out))
	for i := range out {
		p := &out[i]
		looking(i, p.Name)
		p.signature = signed[p.Name]
		if err := p.look(told.reading(ctx), open, within(where, p.Name)); err != nil {
			return nil, err
		}
		if p.Locked, err = locked(ctx, store, p.Name); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b surveyed) int { return b.Created.Compare(a.Created) })
	return out, nil
}

// within names a package of a place.
func within(where, name string) string { return strings.TrimSuffix(where, "/") + "/" + name }

// decide decides which packages to keep. Where something is to be removed, the
// content of each package that stands as the last good one of its group is read
// and has to be sound: else the one before it stands.
func decide(ctx context.Context, s streams, keys keyFlags, where string, found []surveyed, rules retention.Rules, told *progress) ([]retention.Decision, error) {
	open, err := newOpener(s, keys.keys(s), nil)
	if err != nil {
		return nil, err
	}
	all := make([]retention.Package, len(found))
	for i, p := range found {
		all[i] = p.Package
	}
	sound := map[string]bool{}
	for {
		decisions, err := retention.Decide(all, rules, time.Now())
		if err != nil || len(retention.Removals(decisions)) == 0 {
			return decisions, err
		}
		next := slices.IndexFunc(decisions, func(d retention.Decision) bool { return d.LastGood && !sound[d.Name] })
		if next < 0 {
			return decisions, nil
		}
		name := decisions[next].Name
		refused, err := readThrough(ctx, open, within(where, name), told)
		if err != nil {
			return nil, err
		}
		sound[name] = refused == nil
		if refused != nil {
			p := &all[slices.IndexFunc(all, func(p retention.Package) bool { return p.Name == name })]
			p.Good, p.Problem = false, refused.Error()
		}
	}
}

// readThrough reads the content of a package and compares its digests. refused
// says why it is not sound; err is for what kept it from being judged.
func readThrough(ctx context.Context, open *opener, where string, told *progress) (refused, err error) {
	pkg, err := open.open(told.reading(ctx), where)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	v, ok := pkg.(backup.Verifier)
	if !ok {
		return nil, nil // it was read when it was opened
	}
	if _, err := v.Verify(ctx, told.verifying(pkg), nil); errors.Is(err, backup.ErrRefused) {
		return err, nil
	} else if err != nil {
		return nil, err
	}
	return nil, nil
}

// look opens the package and reads what it says of itself. Here it is whole if
// all its members are there, and those of its ancestors; whether their content
// is sound, edmsplan verify tells, and decide before anything is removed.
func (p *surveyed) look(ctx context.Context, open *opener, where string) (err error) {
	pkg, err := open.open(ctx, where)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.Problem, p.Written = err.Error(), p.modified.Add(time.Second) // a store may tell whole seconds only
		if errors.Is(err, envelope.ErrKey) {
			p.Problem = "encrypted, and no key opens it"
		}
		return nil
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	n, ok := pkg.(*native.Package)
	if !ok {
		p.Problem = "not an " + native.Extension
		return nil
	}
	h := n.Header()
	p.Created, p.kind, p.records, p.Good = h.Created, string(h.Kind), n.Info().Records, !n.Salvaged()
	if n.Salvaged() {
		p.Problem = "salvaged from a damaged package"
	}
	p.Group = strings.TrimSpace(fmt.Sprintf("%s %s %s", h.Source.Name, h.Kind, h.Scope))
	if h.Source.Identity != "" {
		p.Group += " (" + h.Source.Identity[:min(12, len(h.Source.Identity))] + ")"
	}
	p.Parent, _, _ = n.Parent()
	return nil
}

// locked says how the store itself keeps a file, "" when it does not.
func locked(ctx context.Context, store storage.Store, name string) (string, error) {
	l, ok := store.(storage.Locker)
	if !ok {
		return "", nil
	}
	until, held, err := l.Locked(ctx, name)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, storage.ErrNotExist):
		return "", nil
	case err != nil:
		return "perhaps (" + err.Error() + ")", nil
	case held:
		return "by a legal hold", nil
	case until.After(time.Now()):
		return "until " + until.UTC().Format(time.RFC3339), nil
	}
	return "", nil
}

// abandoned is how old what a killed backup left behind must be to be removed: a
// backup that still runs may have written nothing for hours.
const abandoned = 7 * 24 * time.Hour

// sweep removes what killed backups left behind long ago.
func sweep(ctx context.Context, s streams, where string) (err error) {
	store, err := openStore(ctx, s, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	sweeper, ok := store.(storage.Sweeper)
	if !ok {
		return nil
	}
	n, err := sweeper.Sweep(ctx, time.Now().Add(-abandoned))
	if n > 0 {
		fmt.Fprintf(s.out, "Removed what %s left behind.\n", counted(n, "interrupted backup", "interrupted backups"))
	}
	return err
}

// removePackages removes packages with their signatures, each after it was
// asked once more whether the store has locked it.
func removePackages(ctx context.Context, s streams, where string, found []surveyed, removals []retention.Package) (err error) {
	store, err := openStore(ctx, s, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for _, p := range removals {
		lock, err := locked(ctx, store, p.Name)
		if err != nil {
			return err
		}
		if lock != "" {
			return fmt.Errorf("%s has been locked meanwhile, %s: nothing more is removed", p.Name, lock)
		}
		if err := store.Remove(ctx, p.Name); err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(f surveyed) bool { return f.Name == p.Name && f.signature }) {
			if err := store.Remove(ctx, p.Name+envelope.SignatureSuffix); err != nil {
				return err
			}
		}
		fmt.Fprintf(s.out, "Removed %s.\n", printable(p.Name))
	}
	return nil
}
