package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/providers/database"
)

// OpenScratch makes an empty database in a private folder below dir, for
// trying something out, and returns how to remove it once it is closed. What a
// killed process leaves behind is a folder named edmsplan-scratch-… in dir.
func OpenScratch(ctx context.Context, dir string) (database.Database, func(context.Context) error, error) {
	private, err := os.MkdirTemp(dir, "edmsplan-scratch-*")
	if err != nil {
		return nil, nil, err
	}
	remove := func(context.Context) error { return os.RemoveAll(private) }
	path := filepath.Join(private, "scratch.sqlite")
	// Nobody else reads it, and after a crash nobody will: it need not survive.
	if err := Script(ctx, path, "PRAGMA user_version = 1"); err != nil {
		return nil, nil, errors.Join(err, remove(ctx))
	}
	f, err := find(path)
	if err != nil {
		return nil, nil, errors.Join(err, remove(ctx))
	}
	f.pragmas = []string{"synchronous(OFF)", "journal_mode(MEMORY)"}
	return f, remove, nil
}
