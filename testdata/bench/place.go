package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// place is where one size is measured: databases and packages of it, made
// when they are first asked for.
type place struct {
	rows    int
	dir     string
	machine *machine
	bin     string // edmsplan
	tables  []*table
}

// path is a file of the place.
func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// url is a database of the place.
func (p *place) url(name string) string { return p.machine.database(p.database(name)) }

func (p *place) database(name string) string {
	return fmt.Sprintf("edmsplan_bench_%s_%d", strings.ReplaceAll(name, "-", "_"), p.rows)
}

// leave removes the databases and files, but keeps for another run what that
// can use.
func (p *place) leave(ctx context.Context, keep bool) error {
	if keep {
		return p.drop(ctx, "target")
	}
	return errors.Join(p.drop(ctx, "target", "full-changed", "full", "empty"), os.RemoveAll(p.dir))
}

// drop removes databases. A command that was interrupted may have left its
// session in one.
func (p *place) drop(ctx context.Context, names ...string) error {
	var failed error
	for _, name := range names {
		failed = errors.Join(failed, execute(ctx, p.machine.admin, "DROP DATABASE IF EXISTS "+p.database(name)+" WITH (FORCE)"))
	}
	return failed
}

// once makes a file of the place unless it is there. It has its name only when
// it is whole.
func (p *place) once(name string, make func(path string) error) (string, error) {
	path, part := p.path(name), p.path("part-"+name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	err := forget(part)
	if err == nil {
		err = make(part)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return path, nil
}

// fixture is the package as a Django fixture.
func (p *place) fixture(ctx context.Context, changed bool) (string, error) {
	return p.once(variant("fixture", changed)+".json", func(path string) error {
		return create(ctx, path, func(w io.Writer) error { return writeFixture(w, p.tables, changed) })
	})
}

// own is the package in our own format: a backup of the database.
func (p *place) own(ctx context.Context, changed bool) (string, error) {
	return p.once(variant("own", changed)+".edmspkg", func(path string) error {
		name := variant("full", changed)
		live, err := p.full(ctx, changed)
		if err != nil {
			return err
		}
		c := p.backup(live, path)
		err = run(ctx, c[0], c[1:]...)
		if changed && err == nil {
			// It was for this only.
			err = errors.Join(forget(p.path(name)), p.drop(ctx, name))
		}
		return err
	})
}

func variant(name string, changed bool) string {
	if changed {
		return name + "-changed"
	}
	return name
}

// create writes a file until it is told to stop.
func create(ctx context.Context, path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(stoppable{f, ctx}, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	return errors.Join(err, f.Close())
}

type stoppable struct {
	io.Writer
	ctx context.Context
}

func (s stoppable) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Writer.Write(b)
}

func forget(path string) error {
	if err := os.Remove(path); !os.IsNotExist(err) {
		return err
	}
	return nil
}

// empty is a database with tables and no rows.
func (p *place) empty(ctx context.Context) (string, error) {
	_, err := p.once("empty", func(path string) error {
		if err := p.drop(ctx, "empty"); err != nil {
			return err
		}
		if err := execute(ctx, p.machine.admin, "CREATE DATABASE "+p.database("empty")+" TEMPLATE template0"); err != nil {
			return err
		}
		if err := execute(ctx, p.url("empty"), schemaFor("postgres")); err != nil {
			return err
		}
		return os.WriteFile(path, nil, 0o600)
	})
	return p.url("empty"), err
}

// full is a database with all rows, loaded by COPY.
func (p *place) full(ctx context.Context, changed bool) (string, error) {
	name := variant("full", changed)
	_, err := p.once(name, func(path string) error {
		if err := p.copyOf(ctx, "empty", name); err != nil {
			return err
		}
		if err := load(ctx, p.url(name), p.tables, changed); err != nil {
			return err
		}
		return os.WriteFile(path, nil, 0o600)
	})
	return p.url(name), err
}

// sqlite is a SQLite database with all rows.
func (p *place) sqlite(ctx context.Context) (string, error) {
	return p.once("full.sqlite", func(path string) error { return loadSQLite(ctx, path, p.tables) })
}

// copyOf makes a database anew as a copy of another one.
func (p *place) copyOf(ctx context.Context, from, name string) error {
	var err error
	if from == "empty" {
		_, err = p.empty(ctx)
	} else {
		_, err = p.full(ctx, false)
	}
	if err != nil {
		return err
	}
	if err := p.drop(ctx, name); err != nil {
		return err
	}
	strategy := ""
	if p.machine.number >= 150000 {
		strategy = " STRATEGY file_copy" // as older ones do: the WAL does not hold the rows
	}
	if err := execute(ctx, p.machine.admin, "CREATE DATABASE "+p.database(name)+" TEMPLATE "+p.database(from)+strategy); err != nil {
		return err
	}
	return execute(ctx, p.machine.admin, "CHECKPOINT")
}
