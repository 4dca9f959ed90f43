package stage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Prepare stages the operations under the apply id, which was not used before,
// and returns the manifest. No file changes. On an error nothing stays staged,
// unless the store fails at that too.
//
// The error wraps storage.ErrExists for an add of a file that is there,
// storage.ErrNotExist for a change or destroy of one that is not, ErrChanged
// if a file's digest is not the operation's Old, storage.ErrDigest if the
// contents are not those of its Digest, and ErrBlocked if the tree that would result has a
// file where it needs a folder. An error that the sequence yields ends it and
// is returned.
func Prepare(ctx context.Context, s storage.Store, id string, operations iter.Seq2[Operation, error]) (_ Manifest, err error) {
	in, err := folder(id)
	if err != nil {
		return Manifest{}, err
	}
	if err := unused(ctx, s, in); err != nil {
		return Manifest{}, err
	}
	defer func() {
		if err != nil {
			// Whoever cancelled this wants it undone all the more.
			err = errors.Join(err, Abandon(context.WithoutCancel(ctx), s, id))
		}
	}()
	p := preparation{store: s, folder: in, taken: map[string]Action{}}
	for o, err := range operations {
		if err == nil {
			err = p.add(ctx, o)
		}
		if err != nil {
			return Manifest{}, err
		}
	}
	if err := p.checkTree(ctx); err != nil {
		return Manifest{}, err
	}
	return Manifest{Apply: id, Entries: p.entries}, nil
}

// unused refuses an id that has staged files, which are another's.
func unused(ctx context.Context, s storage.Store, in string) error {
	for info, err := range s.List(ctx, in) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%q: %w", info.Name, storage.ErrExists)
	}
	return nil
}

// preparation is a Prepare under way.
type preparation struct {
	store   storage.Store
	folder  string
	entries []Entry
	// taken says what happens to each name.
	taken map[string]Action
}

// add stages one operation.
func (p *preparation) add(ctx context.Context, o Operation) error {
	if err := checkName(o.Name); err != nil {
		return err
	}
	if _, twice := p.taken[o.Name]; twice {
		return fmt.Errorf("%q is changed twice: %w", o.Name, ErrBlocked)
	}
	p.taken[o.Name] = o.Action
	e := Entry{Action: o.Action, Name: o.Name}
	old, err := p.old(ctx, o)
	if err != nil {
		return err
	}
	e.Old = old.Digest
	if o.Action != Destroy {
		if o.Content == nil {
			return fmt.Errorf("%s %q: it has no contents", o.Action, o.Name)
		}
		if o.Mode == 0 {
			o.Mode = old.Mode
		}
		e.Staged = fmt.Sprintf("%s/%08d", p.folder, len(p.entries)+1)
		made, err := p.store.Create(ctx, e.Staged, o.Content, storage.CreateOptions{IfAbsent: true, Digest: o.Digest, Mode: o.Mode})
		if err != nil {
			return fmt.Errorf("stage %q: %w", o.Name, err)
		}
		e.Size, e.Digest = made.Size, made.Digest
	}
	p.entries = append(p.entries, e)
	return nil
}

// old returns what the file is before the operation; nothing for an add.
func (p *preparation) old(ctx context.Context, o Operation) (storage.Info, error) {
	switch o.Action {
	case Add:
		there, err := exists(ctx, p.store, o.Name)
		if err == nil && there {
			err = fmt.Errorf("add %q: %w", o.Name, storage.ErrExists)
		}
		return storage.Info{}, err
	case Change, Destroy:
		old, err := storage.Digest(ctx, p.store, o.Name)
		if err == nil && o.Old != "" && o.Old != old.Digest {
			err = fmt.Errorf("%s %q: %w", o.Action, o.Name, ErrChanged)
		}
		return old, err
	}
	return storage.Info{}, fmt.Errorf("%q is no action", o.Action)
}

// exists reports whether there is a file of that name.
func exists(ctx context.Context, s storage.Store, name string) (bool, error) {
	r, _, err := s.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, r.Close()
}
