package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Script runs SQL statements in the database file at path, which it makes if
// it is missing. It is for fixtures and demonstrations, where Open's promise
// never to make a file is in the way; nothing that works on a live database
// uses it. The statements see SQLite's defaults: no transaction unless they
// begin one, but foreign keys are enforced.
func Script(ctx context.Context, path, sql string) error {
	full, err := filepath.Abs(strings.TrimPrefix(path, "sqlite:"))
	if err != nil {
		return err
	}
	c, err := connect(ctx, full, "rwc")
	if err != nil {
		return fmt.Errorf("cannot make the SQLite database %q: %w", path, err)
	}
	if _, err = c.exec(ctx, sql); err != nil {
		err = fmt.Errorf("cannot run the script in %q: %w", path, translate(err))
	}
	return errors.Join(err, c.close())
}
