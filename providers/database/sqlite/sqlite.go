package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// file is a database file. It holds no connection: each snapshot and each
// transaction has its own.
type file struct {
	path string // absolute, links resolved
	// pragmas are what a connection that writes begins with.
	pragmas []string
}

// Open opens the database file at path, which may have "sqlite:" before it. A
// file that does not exist is an error: it is never created.
func Open(ctx context.Context, path string) (database.Database, error) {
	path = strings.TrimPrefix(path, "sqlite:")
	f, err := find(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the SQLite database %q: %w", path, err)
	}
	c, err := f.reading(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot open the SQLite database %q: %w", path, err)
	}
	return f, c.close()
}

func find(path string) (*file, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if full, err = filepath.EvalSymlinks(full); err != nil {
		return nil, err
	}
	info, err := os.Stat(full)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a file")
	}
	return &file{path: full}, nil
}

// reading opens a connection for reading and takes a snapshot. A database that
// SQLite cannot read without writing beside it (one left by a crash) is opened
// for writing, with a promise not to.
func (f *file) reading(ctx context.Context) (*conn, error) {
	c, err := f.snapshot(ctx, "ro")
	if err != nil && ctx.Err() == nil && !errors.Is(err, database.ErrLocked) {
		if w, e := f.snapshot(ctx, "rw", "query_only(1)"); e == nil {
			return w, nil
		}
	}
	return c, err
}

func (f *file) snapshot(ctx context.Context, mode string, pragmas ...string) (*conn, error) {
	c, err := connect(ctx, f.path, mode, pragmas...)
	if err != nil {
		return nil, err
	}
	if _, err = c.exec(ctx, "BEGIN"); err == nil {
		// A transaction has its snapshot from the first page that it reads.
		_, err = c.one(ctx, "SELECT count(*) FROM sqlite_schema")
	}
	if err != nil {
		return nil, errors.Join(translate(err), c.close())
	}
	return c, nil
}

// View opens a snapshot.
func (f *file) View(ctx context.Context) (database.Snapshot, error) {
	c, err := f.reading(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	return &view{file: f, conn: c}, nil
}

// Close releases nothing, as nothing is held between snapshots.
func (f *file) Close() error { return nil }

// describe fills what a catalogue says of the database itself.
func (f *file) describe(ctx context.Context, c *conn, cat *schema.Catalogue) error {
	version, err := c.one(ctx, "SELECT sqlite_version()")
	if err != nil {
		return err
	}
	id, err := c.one(ctx, "PRAGMA application_id")
	if err != nil {
		return err
	}
	cat.Dialect = "sqlite"
	cat.Server = "SQLite " + ownText(version[0])
	cat.Name = filepath.Base(f.path)
	// A file has no identity of its own. Where it is has to do, and what
	// application it says it belongs to.
	sum := sha256.Sum256([]byte("sqlite\x00" + ownText(id[0]) + "\x00" + f.path))
	cat.Identity = hex.EncodeToString(sum[:])
	return nil
}
