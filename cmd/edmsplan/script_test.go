package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Each script shows one behaviour of the command on a live database. A script
// knows these variables and commands beside testscript's own:
//
//	$LIVE, $TARGET          the live database's URL and name
//	$EXAMPLE                the folder examples/edms
//	[sqlite], [postgres]    which kind of database it runs on
//	makedb [FILE…]          makes the live database: the example's, or of SQL files
//	sql STATEMENT           another client's change
//	lock, unlock            another client's lock on all tables
//	fingerprint FILE        writes what changes when anything in the database does
//	code N COMMAND…         runs a command that must end with this exit code
//	edit FILE OLD NEW       replaces a text that must be there
//	seal FOLDER             makes the checksums of a changed package right
//	pack FILE FOLDER [NAME] makes a .tar or .tar.gz of a package; NAME is a further member
//	valid KIND FILE         checks JSON: "plan" against the schema, "events" line by line
//	cut FILE NEW N          copies the first N bytes of a file
//	absent TEXT FILE…       no file holds the text, compressed or not
func TestScripts(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			if kind == "postgres" {
				server.Database(t) // skips or fails here when there is no server
			}
			runScripts(t, kind)
		})
	}
}

func runScripts(t *testing.T, kind string) {
	example := filepath.Join(root(t), "examples", "edms")
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			d := newTestDatabase(e.T().(testing.TB), kind, e.WorkDir)
			e.Values[databaseKey{}] = d
			e.Setenv("LIVE", d.url)
			e.Setenv("TARGET", d.target)
			e.Setenv("EXAMPLE", example)
			e.Setenv("EDMSPLAN_ACTOR", "tester")
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "sqlite" && cond != "postgres" {
				return false, fmt.Errorf("there is no condition %s", cond)
			}
			return cond == kind, nil
		},
		Cmds: scriptCommands(),
	})
}
