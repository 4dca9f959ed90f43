package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// task is one row of the table: our work, what it is measured against, and
// how much it may take.
type task struct {
	name, peer string
	// limit is of the ratio to the peer's time, or of our time in seconds.
	limit   float64
	seconds bool
	// only is the one size that it is measured at, django that of Django.
	only   int
	django bool
	// make is nil for what cannot be measured.
	make func(context.Context, *place) (ours, peer side, err error)
}

func (t task) measuredAt(s size) bool {
	switch {
	case t.django:
		return s.django
	case t.only != 0:
		return s.usual && s.rows == t.only
	}
	return s.usual
}

// lowest is the fewest rows that the limits of ratios are for: with few rows a
// program's start is what is measured.
const lowest = 100_000

const (
	copyOut  = "`psql`, COPY TO binary"
	dumper   = "`pg_dump -Fc`"
	dumpdata = "`dumpdata --natural-foreign --natural-primary`"
	checked  = "full backup, verified"
)

// tasks are the rows of the table.
func tasks(o options) []task {
	return []task{
		{name: "plan, nothing changed, own package", peer: copyOut, limit: 1.4, make: planning((*place).own, "full", false)},
		{name: "plan, nothing changed, fixture", peer: copyOut, limit: 1.6, make: planning((*place).fixture, "full", false)},
		{name: "plan, 1 % changed, own package", peer: copyOut, limit: 1.4, make: planning((*place).own, "full", true)},
		{name: "plan, 1 % changed, fixture", peer: copyOut, limit: 1.6, make: planning((*place).fixture, "full", true)},
		{name: "plan, empty target, own package", peer: copyOut, limit: 0.7, make: planning((*place).own, "empty", false)},
		{name: "plan, empty target, fixture", peer: copyOut, limit: 1.0, make: planning((*place).fixture, "empty", false)},
		{name: "plan and apply, empty target, own package", peer: "`pg_restore -1 --data-only`", limit: 0.45, make: restoring},
		{name: "plan and apply, empty target, fixture", peer: "`manage.py loaddata`", limit: 0.01, django: true, make: loading(o.djangoRuns)},
		{name: "apply, 1 % changed, own package", peer: "UPDATE … FROM a staging table", limit: 1.3, make: updating},
		{name: checked, peer: dumper, limit: 0.35, make: backingUp},
		{name: "full backup, not verified", peer: dumper, limit: 0.2},
		{name: "fixture backup, verified", peer: dumpdata, limit: 0.005, django: true, make: dumping(o.djangoRuns)},
		{name: "the whole command: plan, nothing changed, own package", limit: 0.25, seconds: true, only: 5000, make: alone(planning((*place).own, "full", false))},
		{name: "the whole command: plan, empty target, own package", limit: 0.25, seconds: true, only: 5000, make: alone(planning((*place).own, "empty", false))},
		{name: "the whole command: apply, empty target, own package", limit: 0.5, seconds: true, only: 5000, make: applying("empty", false)},
		{name: "SQLite: plan, nothing changed, own package", peer: "`sqlite3 db .dump`", limit: 1.0, make: planningSQLite((*place).own)},
		{name: "SQLite: plan, nothing changed, fixture", peer: "`sqlite3 db .dump`", limit: 1.0, make: planningSQLite((*place).fixture)},
	}
}

// maker makes a package.
type maker func(p *place, ctx context.Context, changed bool) (string, error)

// setting makes the sides of a task.
type setting = func(context.Context, *place) (ours, peer side, err error)

// alone is a task without a peer.
func alone(of setting) setting {
	return func(ctx context.Context, p *place) (side, side, error) {
		ours, _, err := of(ctx, p)
		return ours, side{}, err
	}
}

// planning plans a package against a database; the peer copies the tables out.
func planning(pkg maker, live string, changed bool) setting {
	return func(ctx context.Context, p *place) (ours, peer side, err error) {
		path, err := pkg(p, ctx, changed)
		if err != nil {
			return
		}
		full, err := p.full(ctx, false)
		if err != nil {
			return
		}
		if _, err = p.empty(ctx); err != nil {
			return
		}
		script, err := p.once("copy.sql", func(path string) error {
			return create(ctx, path, func(w io.Writer) error {
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

func (p *place) backup(live, out string, more ...string) []string {
	return append([]string{p.bin, "backup", "-policy", p.path("policy.hcl"), "-live", live, "-kind", "database", "-out", out}, more...)
}

// fresh makes the database target anew.
func (p *place) fresh(from string) func(context.Context) error {
	return func(ctx context.Context) error { return p.copyOf(ctx, from, "target") }
}

// restoring fills an empty database, change log and row images included.
func restoring(ctx context.Context, p *place) (ours, peer side, err error) {
	pkg, err := p.own(ctx, false)
	target, dump := p.url("target"), p.path("dump")
	ours = side{prepare: p.fresh("empty"), commands: [][]string{p.plan(pkg, target), p.apply(target)}}
	peer.prepare = func(ctx context.Context) error {
		if err := p.dump(ctx); err != nil {
			return err
		}
		return p.copyOf(ctx, "empty", "target")
	}
	peer.commands = [][]string{{"pg_restore", "-1", "--data-only", "-d", target, dump}}
	return
}

func (p *place) dump(ctx context.Context) error {
	_, err := p.once("dump", func(path string) error {
		full, err := p.full(ctx, false)
		if err != nil {
			return err
		}
		// Dumped with --data-only, the tables come in the order of their foreign
		// keys; from a whole dump pg_restore would fail.
		c, err := p.machine.resolve([][]string{{"pg_dump", "-Fc", "--data-only", "-f", path, full}})
		if err != nil {
			return err
		}
		return run(ctx, c[0][0], c[0][1:]...)
	})
	return err
}

// loading fills an empty database from a fixture. The tables are there, as
// migrations would have made them.
func loading(runs int) setting {
	return func(ctx context.Context, p *place) (ours, peer side, err error) {
		fixture, err := p.fixture(ctx, false)
		target := p.url("target")
		ours = side{prepare: p.fresh("empty"), commands: [][]string{p.plan(fixture, target), p.apply(target)}}
		peer = side{prepare: p.fresh("empty"), commands: [][]string{{djangoWord, target, "loaddata", fixture}}, once: runs}
		return
	}
}

// updating applies a plan that was made beforehand; the peer has the rows that
// differ and only those.
func updating(ctx context.Context, p *place) (ours, peer side, err error) {
	ours, _, err = applying("full", true)(ctx, p)
	if err != nil {
		return
	}
	script, err := p.once("update.sql", func(path string) error { return create(ctx, path, p.writeUpdates) })
	peer = side{prepare: p.fresh("full"), commands: [][]string{{"psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-f", script, p.url("target")}}}
	return
}

// applying applies a plan of the own package that was made beforehand.
func applying(live string, changed bool) setting {
	return func(ctx context.Context, p *place) (ours, peer side, err error) {
		pkg, err := p.own(ctx, changed)
		target := p.url("target")
		ours.prepare = func(ctx context.Context) error {
			if err := p.copyOf(ctx, live, "target"); err != nil {
				return err
			}
			c := p.plan(pkg, target)
			return run(ctx, c[0], c[1:]...)
		}
		ours.commands = [][]string{p.apply(target)}
		return
	}
}

// writeUpdates copies the changed rows into staging tables and updates the
// column that differs.
func (p *place) writeUpdates(w io.Writer) error {
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
}

// The files that the tasks of backups leave, whose sizes are compared.
const (
	ourBackup  = "backup.edmspkg"
	peerBackup = "backup.dump"
)

func backingUp(ctx context.Context, p *place) (ours, peer side, err error) {
	full, err := p.full(ctx, false)
	out, dump := p.path(ourBackup), p.path(peerBackup)
	ours = side{prepare: without(out), commands: [][]string{p.backup(full, out)}}
	peer = side{prepare: without(dump), commands: [][]string{{"pg_dump", "-Fc", "-f", dump, full}}}
	return
}

func dumping(runs int) setting {
	return func(ctx context.Context, p *place) (ours, peer side, err error) {
		full, err := p.full(ctx, false)
		out, dump := p.path("backup.json"), p.path("dumpdata.json")
		ours = side{prepare: without(out), commands: [][]string{p.backup(full, out, "-format", "django")}}
		peer = side{prepare: without(dump), commands: [][]string{{djangoWord, full, "dumpdata", "--natural-foreign", "--natural-primary", "-o", dump}}, once: runs}
		return
	}
}

func without(path string) func(context.Context) error {
	return func(context.Context) error { return forget(path) }
}

func planningSQLite(pkg maker) setting {
	return func(ctx context.Context, p *place) (ours, peer side, err error) {
		path, err := pkg(p, ctx, false)
		if err != nil {
			return
		}
		db, err := p.sqlite(ctx)
		ours.commands = [][]string{p.plan(path, "sqlite:"+db)}
		peer.commands = [][]string{{"sqlite3", db, ".dump"}}
		return
	}
}
