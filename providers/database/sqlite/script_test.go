package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database/sqlite"
)

func TestScriptWithoutStatementsMakesAnEmptyDatabase(t *testing.T) {
	for name, sql := range map[string]string{"nothing": "", "a comment": "-- nothing to do\n"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "empty.sqlite")
			if err := sqlite.Script(context.Background(), path, sql); err != nil {
				t.Fatal(err)
			}
			db, err := sqlite.Open(context.Background(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
