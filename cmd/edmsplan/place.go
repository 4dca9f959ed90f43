package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
	"github.com/edmsplan/edmsplan/providers/storage/s3"
)

// place is where a package is or is going to be: a store, and the name in it.
type place struct {
	store storage.Store
	name  string
	// text is how it was named.
	text string
}

// isBucket reports whether the text names something in an object store.
func isBucket(text string) bool { return strings.HasPrefix(text, s3.Scheme) }

// isDatabase reports whether the text is a database's URL.
func isDatabase(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
	}
	return u.Scheme == "postgres" || u.Scheme == "postgresql" || u.Scheme == "sqlite"
}

// openStore opens a folder or a bucket, s3://BUCKET/PREFIX.
func openStore(ctx context.Context, s streams, text string) (storage.Store, error) {
	if isBucket(text) {
		return s3.Open(ctx, text, s.env)
	}
	folder, err := local.Open(text)
	if err != nil {
		return nil, err // not folder, which would be a Store that is not nil
	}
	return folder, nil
}

// openPlace opens the store that a file is in. The caller closes it.
func openPlace(ctx context.Context, s streams, text string) (*place, error) {
	dir, name := filepath.Split(filepath.Clean(text))
	if isBucket(text) {
		u, err := url.Parse(text)
		if err != nil || strings.Trim(u.Path, "/") == "" {
			return nil, fmt.Errorf("%s names no file: write %sBUCKET/NAME", text, s3.Scheme)
		}
		name = path.Base(u.Path)
		u.Path = path.Dir(u.Path)
		dir = u.String()
	} else if dir == "" {
		dir = "."
	}
	store, err := openStore(ctx, s, dir)
	if err != nil {
		return nil, err
	}
	return &place{store: store, name: name, text: text}, nil
}

// beside is the text that names another file in the same place.
func (p *place) beside(name string) string {
	if isBucket(p.text) {
		return strings.TrimSuffix(p.text, p.name) + name
	}
	return filepath.Join(filepath.Dir(p.text), name)
}

// Close closes the store.
func (p *place) Close() error { return p.store.Close() }

// fetch copies a file of a bucket to a private temporary file, which is gone
// when it is closed.
func fetch(ctx context.Context, s streams, text string) (_ *fetched, err error) {
	p, err := openPlace(ctx, s, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	r, info, err := p.store.Open(ctx, p.name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return spool(backup.Watched(ctx, p.name, info.Size, r))
}

// fetched is a private copy of a file.
type fetched struct{ *os.File }

// spool copies what it reads to a private temporary file.
func spool(r io.Reader) (*fetched, error) {
	f, err := os.CreateTemp("", "edmsplan-package-*")
	if err != nil {
		return nil, err
	}
	c := &fetched{f}
	if _, err := io.Copy(f, r); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close closes and removes the copy.
func (f *fetched) Close() error {
	err := f.File.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return errors.Join(err, os.Remove(f.Name()))
}
