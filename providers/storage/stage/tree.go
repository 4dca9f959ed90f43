package stage

import (
	"context"
	"fmt"
	"strings"
)

// checkTree refuses adds after which a file would stand where another needs a
// folder: an object store could hold both, a disk cannot, and after the commit
// it would be too late to find out. Files that are destroyed are in nobody's
// way, for Finish removes them first.
func (p *preparation) checkTree(ctx context.Context) error {
	folders := map[string]bool{} // known to be no file, or found to be one
	for _, e := range p.entries {
		if e.Action != Add {
			continue
		}
		for i, c := range []byte(e.Name) {
			if c != '/' {
				continue
			}
			blocked, err := p.isFile(ctx, e.Name[:i], folders)
			if err != nil {
				return err
			}
			if blocked {
				return fmt.Errorf("%q is %w, %q", e.Name[:i], ErrBlocked, e.Name)
			}
		}
		if err := p.checkBelow(ctx, e.Name); err != nil {
			return err
		}
	}
	return nil
}

// isFile reports whether the folder's name will be a file's. It remembers what
// it finds.
func (p *preparation) isFile(ctx context.Context, name string, known map[string]bool) (bool, error) {
	switch p.taken[name] {
	case Add, Change:
		return true, nil
	case Destroy:
		return false, nil
	}
	found, seen := known[name]
	if seen {
		return found, nil
	}
	found, err := exists(ctx, p.store, name)
	if err != nil {
		return false, err
	}
	known[name] = found
	return found, nil
}

// checkBelow refuses a name below which files will stay.
func (p *preparation) checkBelow(ctx context.Context, name string) error {
	for info, err := range p.store.List(ctx, name) {
		if err != nil {
			return err
		}
		if p.taken[info.Name] != Destroy && strings.HasPrefix(info.Name, name+"/") {
			return fmt.Errorf("%q is %w, %q", info.Name, ErrBlocked, name)
		}
	}
	return nil
}
