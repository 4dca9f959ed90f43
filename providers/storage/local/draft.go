package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Draft implements storage.Drafter. The draft is a hidden file beside its
// place, readable by its owner only until it is published, with
// storage.DefaultMode. What a killed process leaves of it, Sweep removes. With
// ifAbsent it needs a disk that has hard links.
func (s *Store) Draft(ctx context.Context, name string, ifAbsent bool) (storage.Draft, error) {
	if err := storage.CheckName(name); err != nil {
		return nil, err
	}
	d, err := s.draft(ctx, name, ifAbsent)
	if err != nil {
		return nil, fmt.Errorf("draft %q: %w", name, err)
	}
	return d, nil
}

func (s *Store) draft(ctx context.Context, name string, ifAbsent bool) (*draft, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.free(name, ifAbsent); err != nil {
		return nil, err
	}
	f, temp, err := s.temp(name)
	if err != nil {
		return nil, err
	}
	return &draft{store: s, name: name, ifAbsent: ifAbsent, f: f, temp: temp, digest: sha256.New()}, nil
}

// draft is a file under a temporary name.
type draft struct {
	store    *Store
	name     string
	ifAbsent bool
	f        *os.File
	temp     string
	digest   hash.Hash
	size     int64
	// ended is why nothing can be written or published any more.
	ended     error
	published bool
	closed    bool
}

var (
	errPublished = errors.New("the draft was published")
	errClosed    = fmt.Errorf("the draft was closed: %w", os.ErrClosed)
)

func (d *draft) Write(p []byte) (int, error) {
	if d.ended != nil {
		return 0, fmt.Errorf("write the draft of %q: %w", d.name, d.ended)
	}
	n, err := d.f.Write(p)
	d.digest.Write(p[:n])
	d.size += int64(n)
	if err != nil {
		// What a writer does not know to be there must not be published.
		d.ended = fmt.Errorf("it is incomplete: %w", err)
	}
	return n, err
}

func (d *draft) ReadAt(p []byte, off int64) (int, error) { return d.f.ReadAt(p, off) }

func (d *draft) Size() int64 { return d.size }

func (d *draft) Publish(ctx context.Context) (storage.Info, error) {
	i, err := d.publish(ctx)
	if err != nil {
		return storage.Info{}, fmt.Errorf("publish %q: %w", d.name, err)
	}
	made := info(d.name, i)
	made.Digest = hex.EncodeToString(d.digest.Sum(nil))
	return made, nil
}

func (d *draft) publish(ctx context.Context) (os.FileInfo, error) {
	if d.ended != nil {
		return nil, d.ended
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.f.Chmod(storage.DefaultMode); err != nil {
		return nil, err
	}
	if err := d.f.Sync(); err != nil {
		return nil, err
	}
	i, err := d.f.Stat()
	if err != nil {
		return nil, err
	}
	if i.Size() != d.size {
		return nil, fmt.Errorf("the draft has %d bytes, and %d were written", i.Size(), d.size)
	}
	if err := d.store.publish(ctx, d.temp, d.name, d.ifAbsent); err != nil {
		return nil, err
	}
	d.published, d.ended = true, errPublished
	return i, nil
}

func (d *draft) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	err := d.f.Close()
	if !d.published {
		d.ended = errClosed
		if removed := d.store.root.Remove(d.temp); removed != nil && !errors.Is(removed, os.ErrNotExist) {
			err = errors.Join(err, removed)
		}
		d.store.dropEmptied(d.temp)
	}
	if err != nil {
		return fmt.Errorf("close the draft of %q: %w", d.name, err)
	}
	return nil
}
