package stage

import (
	"context"
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Finish brings the files to the state that the manifest describes. It is
// called after the commit and may be called again after it failed or was
// killed, until it succeeds; then nothing of the apply is staged any more.
//
// Files that are as they should be count as done. What cannot be done is left
// alone, everything else is done all the same, and the error names the files:
// it wraps ErrChanged for a file that is neither as before nor as wanted,
// storage.ErrNotExist or storage.ErrDigest for staged contents that are missing
// or altered, and storage.ErrIrregular or storage.ErrExists when something else
// has come to stand where the file or its folder belongs. Any other error ends
// Finish at once.
//
// Between looking at a file and moving it away, another program's write may be
// lost: no store can prevent that.
func Finish(ctx context.Context, s storage.Store, m Manifest) error {
	if err := m.check(); err != nil {
		return err
	}
	f := finish{store: s}
	// Contents first: they show whether the manifest is this tree's.
	sound := make([]bool, len(m.Entries))
	for i, e := range m.Entries {
		if e.Action == Destroy {
			continue
		}
		var err error
		sound[i], err = f.staged(ctx, e)
		if err := f.ends(e, err); err != nil {
			return err
		}
	}
	for _, e := range m.Entries {
		if e.Action == Destroy {
			if err := f.ends(e, f.destroy(ctx, e)); err != nil {
				return err
			}
		}
	}
	for i, e := range m.Entries {
		if sound[i] {
			if err := f.ends(e, f.place(ctx, e)); err != nil {
				return err
			}
		}
	}
	return f.problems.err()
}

// finish is a Finish under way.
type finish struct {
	store    storage.Store
	problems problems
}

// ends returns the errors that end Finish and notes those that are about one
// file.
func (f *finish) ends(e Entry, err error) error {
	if errors.Is(err, storage.ErrIrregular) || errors.Is(err, storage.ErrExists) {
		f.problems.add("%q: %w", e.Name, err)
		return nil
	}
	return err
}

// staged reports whether the entry can be placed: its contents are staged, or
// in place already.
func (f *finish) staged(ctx context.Context, e Entry) (bool, error) {
	have, err := f.digest(ctx, e.Staged)
	if err != nil || have == e.Digest {
		return err == nil, err
	}
	there, err := f.digest(ctx, e.Name)
	if err != nil || there == e.Digest {
		return err == nil, err
	}
	if have == "" {
		f.problems.add("%q: its staged contents %q are %w", e.Name, e.Staged, storage.ErrNotExist)
	} else {
		f.problems.add("%q: its staged contents %q were altered: %w", e.Name, e.Staged, storage.ErrDigest)
	}
	return false, nil
}

// destroy removes the file.
func (f *finish) destroy(ctx context.Context, e Entry) error {
	have, err := f.digest(ctx, e.Name)
	switch {
	case err != nil || have == "":
		return err
	case have != e.Old:
		f.problems.add("%q was to be destroyed: %w", e.Name, ErrChanged)
		return nil
	}
	return f.store.Remove(ctx, e.Name)
}

// place moves the staged contents to their name.
func (f *finish) place(ctx context.Context, e Entry) error {
	have, err := f.digest(ctx, e.Name)
	switch {
	case err != nil:
		return err
	case have == e.Digest:
		return f.store.Remove(ctx, e.Staged)
	case have != "" && have != e.Old:
		f.problems.add("%q was to be written: %w", e.Name, ErrChanged)
		return nil
	}
	if r, ok := f.store.(storage.Renamer); ok {
		if err := r.Rename(ctx, e.Staged, e.Name); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if err := f.copy(ctx, e); err != nil {
		return err
	}
	return f.store.Remove(ctx, e.Staged)
}

// copy puts the staged contents in place where they cannot be renamed.
func (f *finish) copy(ctx context.Context, e Entry) (err error) {
	r, info, err := f.store.Open(ctx, e.Staged)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	_, err = f.store.Create(ctx, e.Name, r, storage.CreateOptions{Digest: e.Digest, Mode: info.Mode})
	return err
}

// digest returns the file's digest, "" when there is none.
func (f *finish) digest(ctx context.Context, name string) (string, error) {
	info, err := storage.Digest(ctx, f.store, name)
	if errors.Is(err, storage.ErrNotExist) {
		return "", nil
	}
	return info.Digest, err
}

// problems collects errors, the first few whole and the rest counted.
type problems struct {
	first []error
	more  int
}

func (p *problems) add(format string, args ...any) {
	if len(p.first) == 10 {
		p.more++
		return
	}
	p.first = append(p.first, fmt.Errorf(format, args...))
}

func (p *problems) err() error {
	all := p.first
	if p.more > 0 {
		all = append(all, fmt.Errorf("and %d more files", p.more))
	}
	return errors.Join(all...)
}
