package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// task is one row of the table: our work, what it is measured against, and
// how much of the peer's time it may take.
type task struct {
	name, peer string
	limit      float64
	make       func(*place) (ours, theirs side, err error)
}

const copyOut = "`psql`, COPY TO binary"

// tasks are the rows of issue 5 that are measured.
func tasks() []task {
	return []task{
		{name: "plan, nothing changed, own package", peer: copyOut, limit: 1.4, make: planning(own, "full", false)},
		{name: "plan, nothing changed, fixture", peer: copyOut, limit: 1.6, make: planning(fixture, "full", false)},
		{name: "plan, 1 % changed, own package", peer: copyOut, limit: 1.4, make: planning(own, "full", true)},
		{name: "plan, 1 % changed, fixture", peer: copyOut, limit: 1.6, make: planning(fixture, "full", true)},
		{name: "plan, empty target, own package", peer: copyOut, limit: 0.7, make: planning(own, "empty", false)},
		{name: "plan, empty target, fixture", peer: copyOut, limit: 1.0, make: planning(fixture, "empty", false)},
		{name: "plan and apply, empty target, own package", peer: "`pg_restore -1 --data-only`", limit: 0.45, make: restoring},
		{name: "apply, 1 % changed, own package", peer: "UPDATE … FROM a staging table", limit: 1.3, make: updating},
		{name: "full backup", peer: "`pg_dump -Fc`", limit: 0.35, make: backingUp},
		{name: "SQLite: plan, nothing changed, fixture", peer: "`sqlite3 db .dump`", limit: 1.0, make: planningSQLite},
	}
}

func own(p *place, changed bool) (string, error)     { return p.native(changed) }
func fixture(p *place, changed bool) (string, error) { return p.fixture(changed) }

// planning plans a package against a database; the peer copies the tables out.
func planning(pkg func(*place, bool) (string, error), live string, changed bool) func(*place) (side, side, error) {
	return func(p *place) (ours, peer side, err error) {
		path, err := pkg(p, changed)
		if err != nil {
			return
		}
		full, err := p.full(false)
		if err != nil {
			return
		}
		if _, err = p.empty(); err != nil {
			return
		}
		script, err := p.once("copy.sql", func(path string) error {
			return create(path, func(w io.Writer) error {
				for _, t := range p.tables {
					if _, err := fmt.Fprintf(w, "COPY %s TO STDOUT (FORMAT binary);\n", t.name); err != nil {
						return err
					}
				}
				return nil
			})
		})
		ours.commands = [][]string{p.plan(path, p.url(live))}
		peer.commands = [][]string{{"psql", "-qX", "-f", script, full}}
		return
	}
}

func (p *place) plan(pkg, live string) []string {
	return []string{p.bin, "plan", "-policy", p.path("policy.hcl"), "-package", pkg, "-live", live, "-out", p.path("plan")}
}

func (p *place) apply(live string) []string {
	return []string{p.bin, "apply", "-auto-approve", "-live", live, p.path("plan")}
}

// restoring fills an empty database, change log and row images included.
func restoring(p *place) (ours, peer side, err error) {
	pkg, err := p.native(false)
	if err != nil {
		return
	}
	dump, err := p.dump()
	if err != nil {
		return
	}
	fresh := func() error { _, err := p.copyOf("empty", "target"); return err }
	target := p.url("target")
	ours = side{fresh, [][]string{p.plan(pkg, target), p.apply(target)}}
	peer = side{fresh, [][]string{{"pg_restore", "-1", "--data-only", "-d", target, dump}}}
	return
}

func (p *place) dump() (string, error) {
	return p.once("dump", func(path string) error {
		full, err := p.full(false)
		if err != nil {
			return err
		}
		// Dumped with --data-only, the tables come in the order of their foreign
		// keys; from a whole dump pg_restore would fail.
		return run("pg_dump", "-Fc", "--data-only", "-f", path, full)
	})
}

// updating applies a plan that was made beforehand.
func updating(p *place) (ours, peer side, err error) {
	pkg, err := p.native(true)
	if err != nil {
		return
	}
	script, err := p.once("update.sql", p.updateScript)
	if err != nil {
		return
	}
	target := p.url("target")
	fresh := func() error { _, err := p.copyOf("full", "target"); return err }
	ours.prepare = func() error {
		if err := fresh(); err != nil {
			return err
		}
		c := p.plan(pkg, target)
		return run(c[0], c[1:]...)
	}
	ours.commands = [][]string{p.apply(target)}
	peer = side{fresh, [][]string{{"psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-f", script, target}}}
	return
}

// updateScript copies the changed rows into staging tables and updates the
// column that differs.
func (p *place) updateScript(path string) error {
	return create(path, func(w io.Writer) error {
		var same, other row
		for _, t := range p.tables {
			column := ""
			var rows strings.Builder
			for i := 50; i < t.rows && t.model != ""; i += 100 {
				t.make(i, &same, false)
				t.make(i, &other, true)
				for n := range same.cells {
					if same.cells[n] != other.cells[n] {
						column = t.columns[n].name
						fmt.Fprintf(&rows, "%d\t%s\n", i+1, appendCopy(nil, other.cells[n]))
					}
				}
			}
			if column == "" {
				continue
			}
			_, err := fmt.Fprintf(w, "CREATE TEMPORARY TABLE stage_%[1]s AS SELECT id, %[2]s AS value FROM %[1]s WITH NO DATA;\nCOPY stage_%[1]s FROM stdin;\n%[3]s\\.\n"+
				"ANALYZE stage_%[1]s;\nUPDATE %[1]s t SET %[2]s = s.value FROM stage_%[1]s s WHERE t.id = s.id;\n", t.name, column, rows.String())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func backingUp(p *place) (ours, peer side, err error) {
	full, err := p.full(false)
	if err != nil {
		return
	}
	out, dump := p.path("backup.edmspkg"), p.path("backup.dump")
	ours = side{func() error { return forget(out) }, [][]string{{p.bin, "backup", "-policy", p.path("policy.hcl"), "-live", full, "-kind", "database", "-out", out}}}
	peer = side{func() error { return forget(dump) }, [][]string{{"pg_dump", "-Fc", "-f", dump, full}}}
	return
}

func forget(path string) error {
	if err := os.Remove(path); !os.IsNotExist(err) {
		return err
	}
	return nil
}

func planningSQLite(p *place) (ours, peer side, err error) {
	pkg, err := p.fixture(false)
	if err != nil {
		return
	}
	db, err := p.sqlite()
	ours.commands = [][]string{p.plan(pkg, "sqlite:"+db)}
	peer.commands = [][]string{{"sqlite3", db, ".dump"}}
	return
}
