package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/providers/database"
)

// loose are what a scratch database is used with: nobody else reads it, and
// after a crash nobody will, so it need not survive.
var loose = []string{"synchronous(OFF)", "journal_mode(MEMORY)"}

// Scratch is a database for trying something out.
type Scratch struct {
	database.Database
	path string
}

// NewScratch makes an empty database in a private folder below dir. What a
// killed process leaves behind is a folder named edmsplan-scratch-… in dir.
func NewScratch(ctx context.Context, dir string) (*Scratch, error) {
	private, err := os.MkdirTemp(dir, "edmsplan-scratch-*")
	if err != nil {
		return nil, err
	}
	s := &Scratch{path: filepath.Join(private, "scratch.sqlite")}
	if err := Script(ctx, s.path, "PRAGMA user_version = 1"); err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	f, err := find(s.path)
	if err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	f.pragmas = loose
	s.Database = f
	return s, nil
}

// Script runs SQL statements, as the function does.
func (s *Scratch) Script(ctx context.Context, sql string) error {
	return Script(ctx, s.path, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; "+sql)
}

// Remove removes the database, once it is closed.
func (s *Scratch) Remove(context.Context) error { return os.RemoveAll(filepath.Dir(s.path)) }

// OpenScratch is NewScratch for who needs no Script: it returns how to remove
// the database once it is closed.
func OpenScratch(ctx context.Context, dir string) (database.Database, func(context.Context) error, error) {
	s, err := NewScratch(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	return s.Database, s.Remove, nil
}
