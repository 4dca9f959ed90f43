// Makedb makes the example's SQLite database of SQL files, so that the demo
// needs nothing but Go:
//
//	go run ./examples/edms/makedb OUT.sqlite FILE.sql…
//
// It refuses to write into a file that exists. Use edmsplan for everything
// else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/edmsplan/edmsplan/providers/database/sqlite"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "makedb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: makedb OUT.sqlite FILE.sql…")
	}
	out, files := args[0], args[1:]
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already, or its folder cannot be read: remove it first", out)
	}
	for _, name := range files {
		sql, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := sqlite.Script(ctx, out, string(sql)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
