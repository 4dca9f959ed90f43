package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "modernc.org/sqlite" // the driver
)

// place is where one size is measured: databases and packages of it, made
// when they are first asked for.
type place struct {
	rows   int
	dir    string
	admin  string // URL of the server's database postgres
	bin    string // edmsplan
	tables []*table
}

// path is a file of the place.
func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// url is a database of the place.
func (p *place) url(name string) string {
	u, err := url.Parse(p.admin)
	if err != nil {
		panic(err) // it was parsed before
	}
	u.Path = "/" + p.database(name)
	return u.String()
}

func (p *place) database(name string) string { return fmt.Sprintf("%s_%d", name, p.rows) }

// once makes a file of the place unless it is there.
func (p *place) once(name string, make func(path string) error) (string, error) {
	path := p.path(name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := make(path); err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return path, nil
}

// fixture is the package as a Django fixture.
func (p *place) fixture(changed bool) (string, error) {
	return p.once(variant("fixture", changed)+".json", func(path string) error {
		return create(path, func(w io.Writer) error { return writeFixture(w, p.tables, changed) })
	})
}

// native is the package in our own format: a backup of the database.
func (p *place) native(changed bool) (string, error) {
	return p.once(variant("own", changed)+".edmspkg", func(path string) error {
		live, err := p.full(changed)
		if err != nil {
			return err
		}
		return run(p.bin, "backup", "-policy", p.path("policy.hcl"), "-live", live, "-kind", "database", "-out", path)
	})
}

func variant(name string, changed bool) string {
	if changed {
		return name + "-changed"
	}
	return name
}

func create(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if e := w.Flush(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// empty is a database with tables and no rows.
func (p *place) empty() (string, error) {
	_, err := p.once("empty", func(path string) error {
		if err := execute(p.admin, "DROP DATABASE IF EXISTS "+p.database("empty")); err != nil {
			return err
		}
		if err := execute(p.admin, "CREATE DATABASE "+p.database("empty")); err != nil {
			return err
		}
		if err := execute(p.url("empty"), schemaFor("postgres")); err != nil {
			return err
		}
		return os.WriteFile(path, nil, 0o600)
	})
	return p.url("empty"), err
}

// full is a database with all rows, loaded by COPY.
func (p *place) full(changed bool) (string, error) {
	name := strings.ReplaceAll(variant("full", changed), "-", "_")
	_, err := p.once(name, func(path string) error {
		if _, err := p.copyOf("empty", name); err != nil {
			return err
		}
		if err := p.load(p.url(name), changed); err != nil {
			return err
		}
		return os.WriteFile(path, nil, 0o600)
	})
	return p.url(name), err
}

// copyOf makes a database anew as a copy of another one.
func (p *place) copyOf(from, name string) (string, error) {
	if from == "empty" {
		if _, err := p.empty(); err != nil {
			return "", err
		}
	} else if _, err := p.full(false); err != nil {
		return "", err
	}
	if err := execute(p.admin, "DROP DATABASE IF EXISTS "+p.database(name)); err != nil {
		return "", err
	}
	if err := execute(p.admin, "CREATE DATABASE "+p.database(name)+" TEMPLATE "+p.database(from)+" STRATEGY file_copy"); err != nil {
		return "", err
	}
	return p.url(name), execute(p.admin, "CHECKPOINT")
}

// load fills the tables, sets their sequences and lets the server's planner
// know.
func (p *place) load(url string, changed bool) error {
	c, err := pgconn.Connect(context.Background(), url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.Background()) }()
	if err := c.Exec(context.Background(), "BEGIN").Close(); err != nil {
		return err
	}
	for _, t := range p.tables {
		r, w := io.Pipe()
		go func() {
			b := bufio.NewWriterSize(w, 1<<20)
			err := writeCopy(b, t, changed)
			if err == nil {
				err = b.Flush()
			}
			w.CloseWithError(err)
		}()
		if _, err := c.CopyFrom(context.Background(), r, "COPY "+t.name+" FROM STDIN"); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		set := fmt.Sprintf("SELECT setval('%s_id_seq', %d)", t.name, t.rows)
		if err := c.Exec(context.Background(), set).Close(); err != nil {
			return err
		}
	}
	if err := c.Exec(context.Background(), "COMMIT").Close(); err != nil {
		return err
	}
	return c.Exec(context.Background(), "VACUUM ANALYZE").Close()
}

// sqlite is a SQLite database with all rows.
func (p *place) sqlite() (string, error) {
	return p.once("full.sqlite", func(path string) error {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		if _, err := db.Exec("PRAGMA synchronous = OFF; " + schemaFor("sqlite")); err != nil {
			return err
		}
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		for _, t := range p.tables {
			if err := insert(tx, t); err != nil {
				return err
			}
		}
		return tx.Commit()
	})
}

func insert(tx *sql.Tx, t *table) error {
	st, err := tx.Prepare("INSERT INTO " + t.name + " VALUES (?" + strings.Repeat(", ?", len(t.columns)) + ")")
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	var r row
	args := make([]any, len(t.columns)+1)
	for i := range t.rows {
		t.make(i, &r, false)
		args[0] = i + 1
		for n, c := range r.cells {
			args[n+1] = c.argument()
		}
		if _, err := st.Exec(args...); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// execute runs statements on a connection of its own.
func execute(url, sql string) error {
	c, err := pgconn.Connect(context.Background(), url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.Background()) }()
	return c.Exec(context.Background(), sql).Close()
}
