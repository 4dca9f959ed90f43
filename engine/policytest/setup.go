package policytest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// makeTables makes the tables and runs the test's own SQL.
func (c *testCase) makeTables(ctx context.Context) error {
	sources, ok := c.file.Schema.For(c.Dialect)
	if !ok {
		return c.noDialect("schema", c.file.Schema)
	}
	for _, s := range sources {
		if isSQL(s) {
			if err := c.script(ctx, s, c.file.Schema.Range); err != nil {
				return err
			}
			continue
		}
		if !strings.Contains(s, "://") && !strings.HasPrefix(s, "sqlite:") {
			s = c.path(s)
		}
		tables, err := c.Tables(ctx, s)
		if err == nil {
			err = engine.CreateTables(ctx, c.scratch, tables)
		}
		if err != nil {
			return at(c.file.Schema.Range, "The tables cannot be made", err.Error(), "Name an SQL file, a database or an .edmspkg.")
		}
	}
	if c.test.LiveFrom.Range.IsZero() {
		return nil
	}
	files, ok := c.test.LiveFrom.For(c.Dialect)
	if !ok {
		return c.noDialect("live_from", c.test.LiveFrom)
	}
	for _, f := range files {
		if !isSQL(f) {
			c.livePackages = append(c.livePackages, f)
			continue
		}
		if err := c.script(ctx, f, c.test.LiveFrom.Range); err != nil {
			return err
		}
	}
	return nil
}

func isSQL(path string) bool { return strings.HasSuffix(path, ".sql") }

func (c *testCase) noDialect(attribute string, p policy.Paths) error {
	return at(p.Range, fmt.Sprintf("%s names nothing for %s", attribute, c.Dialect), "The tests run on this kind of database.",
		fmt.Sprintf("Write %s = { %s = \"FILE\", … }.", attribute, c.Dialect))
}

func (c *testCase) script(ctx context.Context, path string, rng diag.Range) error {
	sql, err := os.ReadFile(c.path(path))
	if err == nil {
		err = c.scratch.Script(ctx, string(sql))
	}
	if err != nil {
		return at(rng, "The SQL file "+path+" cannot be run", err.Error(), "Paths start in the folder of the test file; the SQL is that of "+c.Dialect+".")
	}
	return nil
}

func (c *testCase) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, filepath.FromSlash(p))
}

// at is an error with a place.
func at(rng diag.Range, summary, detail, remedy string) error {
	return diag.List{{Severity: diag.Error, Code: "test", Summary: summary, Detail: sentence(detail), Remedy: remedy, Range: rng}}.Err()
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

func (c *testCase) open(ctx context.Context, path string, rng diag.Range) (backup.Package, error) {
	pkg, err := c.Package(ctx, c.path(path), c.policy)
	if err != nil {
		return nil, at(rng, "The package "+path+" cannot be opened", err.Error(), "Paths start in the folder of the test file.")
	}
	return pkg, nil
}

// openPackage is the test's package, nil for a re-initialisation alone.
func (c *testCase) openPackage(ctx context.Context) (backup.Package, error) {
	if p := c.test.PackageFrom; !p.Range.IsZero() {
		paths, ok := p.For(c.Dialect)
		if !ok {
			return nil, c.noDialect("package_from", p)
		}
		if len(paths) != 1 {
			return nil, at(p.Range, "A test has one package", fmt.Sprintf("%d are named.", len(paths)), "Name one of them.")
		}
		return c.open(ctx, paths[0], p.Range)
	}
	written := slices.Concat(c.file.Package, c.test.Package)
	files := slices.ContainsFunc(slices.Concat(c.file.Files, c.test.Files), func(f *policy.TestFiles) bool { return f.Packaged })
	if len(written) == 0 && !files {
		return nil, nil
	}
	pkg := c.records("package", written)
	for label, list := range pkg.byModel {
		m := c.models[label]
		for _, rec := range list {
			if key, ok := keyOf(m, rec); !ok || !c.stays[label][keyID(key)] {
				c.fill(m, rec, c.derived(label)...)
			}
		}
	}
	return pkg, nil
}
