package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

var (
	_ database.Surveyor  = (*snapshot)(nil)
	_ database.Rebuilder = (*tx)(nil)
)

// part is an index or a foreign key that can be dropped and made again.
type part struct {
	table   int // which of the tables asked for
	foreign bool
	name    string
	target  string // of a foreign key: the table it leads to, spelt for SQL
	drop    string
	make    []string // statements
}

// Rebuildable implements database.Surveyor.
func (s *snapshot) Rebuildable(ctx context.Context, tables []*schema.Table) ([]database.Aside, error) {
	if s.conn == nil {
		return nil, errClosed
	}
	parts, err := s.parts(ctx, tables)
	if err != nil {
		return nil, fmt.Errorf("cannot find out which indexes can be rebuilt: %w", plain(err))
	}
	return asides(tables, parts), nil
}

func (s *snapshot) parts(ctx context.Context, tables []*schema.Table) ([]part, error) {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = literal(tableName(s.db.place(t)))
	}
	if len(names) == 0 {
		return nil, nil
	}
	rows, err := query(ctx, s.conn, fmt.Sprintf(partsSQL, strings.Join(names, ", ")))
	if err != nil {
		return nil, err
	}
	out := make([]part, len(rows))
	for i, r := range rows {
		at, err := strconv.Atoi(r[0])
		if err != nil {
			return nil, err
		}
		out[i] = part{table: at - 1, foreign: r[1] == "f", name: r[2], target: r[3], drop: r[4], make: slices.DeleteFunc(r[5:], func(s string) bool { return s == "" })}
	}
	return out, nil
}

// asides names the parts, table by table.
func asides(tables []*schema.Table, parts []part) []database.Aside {
	var out []database.Aside
	for i, t := range tables {
		a := database.Aside{Table: t.Name}
		for _, p := range parts {
			switch {
			case p.table != i:
			case p.foreign:
				a.ForeignKeys = append(a.ForeignKeys, p.name)
			default:
				a.Indexes = append(a.Indexes, p.name)
			}
		}
		if len(a.Indexes)+len(a.ForeignKeys) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// suspended is what a transaction has set aside.
type suspended struct {
	parts []part
	// names are the tables and those that their foreign keys lead to, spelt for
	// SQL; before is what the catalogue said of them.
	names  []string
	before []string
}

// SetAside implements database.Rebuilder. What is dropped is gone for this
// transaction only: DDL is rolled back with it.
func (t *tx) SetAside(ctx context.Context, tables []*schema.Table, wait time.Duration) ([]database.Aside, error) {
	if t.conn == nil {
		return nil, errClosed
	}
	if t.aside != nil {
		return nil, errors.New("cannot set indexes aside twice")
	}
	parts, err := t.parts(ctx, tables)
	if err != nil || len(parts) == 0 {
		return nil, plain(err)
	}
	held := &suspended{parts: parts}
	for _, p := range parts {
		held.names = append(held.names, tableName(t.db.place(tables[p.table])))
		if p.foreign {
			held.names = append(held.names, p.target)
		}
	}
	slices.Sort(held.names)
	held.names = slices.Compact(held.names)
	began := time.Now()
	if err := t.conn.Exec(ctx, lockSQL(held.names, "ACCESS EXCLUSIVE", wait)).Close(); err != nil {
		return nil, t.locked(ctx, err, wait, time.Since(began), tableHolders(held.names, true))
	}
	// Only now nobody can change them any more.
	if held.parts, err = t.parts(ctx, tables); err != nil {
		return nil, plain(err)
	}
	if held.before, err = t.portrait(ctx, held.names); err != nil {
		return nil, plain(err)
	}
	for _, p := range held.parts {
		if err := t.conn.Exec(ctx, p.drop).Close(); err != nil {
			return nil, fmt.Errorf("cannot set %s aside: %w", p.name, plain(err))
		}
	}
	t.aside = held
	return asides(tables, held.parts), nil
}

// PutBack implements database.Rebuilder. Indexes come first: foreign keys lead
// to unique ones.
func (t *tx) PutBack(ctx context.Context) error {
	if t.conn == nil {
		return errClosed
	}
	held := t.aside
	if held == nil {
		return nil
	}
	// A table that a deferred constraint has yet to look at cannot be altered.
	if err := t.Judge(ctx); err != nil {
		return err
	}
	// An index without a tablespace is in that of its database, whatever the
	// session would choose.
	if err := t.conn.Exec(ctx, "SET LOCAL default_tablespace = ''").Close(); err != nil {
		return plain(err)
	}
	for _, foreign := range []bool{false, true} {
		for _, p := range held.parts {
			if p.foreign != foreign {
				continue
			}
			for _, sql := range p.make {
				if err := t.conn.Exec(ctx, sql).Close(); err != nil {
					return fmt.Errorf("cannot put %s back: %w", p.name, judge(err, ""))
				}
			}
		}
	}
	if err := t.conn.Exec(ctx, "RESET default_tablespace").Close(); err != nil {
		return plain(err)
	}
	after, err := t.portrait(ctx, held.names)
	if err != nil {
		return plain(err)
	}
	t.aside = nil
	return sameCatalogue(held.before, after)
}

// sameCatalogue compares two portraits. Its error names a few differences.
func sameCatalogue(before, after []string) error {
	if slices.Equal(before, after) {
		return nil
	}
	var differ []string
	for _, side := range []struct {
		word     string
		of, from []string
	}{{"before: ", before, after}, {"after: ", after, before}} {
		for _, line := range side.of {
			if !slices.Contains(side.from, line) {
				differ = append(differ, side.word+line)
			}
		}
	}
	return fmt.Errorf("the catalogue is not what it was before indexes and foreign keys were set aside: %s", strings.Join(differ[:min(len(differ), 4)], "; "))
}

// portrait is all that the catalogue says of tables, their columns, indexes,
// constraints and triggers and of what depends on them, in lines. What a
// rebuilt index cannot keep is left out: object identifiers, files, counts.
func (t *tx) portrait(ctx context.Context, names []string) ([]string, error) {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = literal(n)
	}
	rows, err := query(ctx, t.conn, fmt.Sprintf(portraitSQL, strings.Join(quoted, ", ")))
	if err != nil {
		return nil, err
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.Join(r, " ")
	}
	slices.Sort(out)
	return out, nil
}
