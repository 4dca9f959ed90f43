package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// Create makes a table. A sequence becomes an AUTOINCREMENT.
func (t *tx) Create(ctx context.Context, table *schema.Table) error {
	return t.do(ctx, writing, func() error {
		if _, err := t.conn.exec(ctx, createSQL(table)); err != nil {
			return fmt.Errorf("cannot create table %q: %w", table.Name, translate(err))
		}
		return nil
	})
}

func createSQL(t *schema.Table) string {
	var parts []string
	own := "" // the column that is the key by itself
	for _, c := range t.Columns {
		if c.Sequence != nil && c.Type.Kind == schema.Integer && slices.Equal(t.PrimaryKey, []string{c.Name}) {
			own = c.Name
			parts = append(parts, quote(c.Name)+" integer NOT NULL PRIMARY KEY AUTOINCREMENT")
			continue
		}
		parts = append(parts, columnSQL(c, slices.Contains(t.PrimaryKey, c.Name)))
	}
	if len(t.PrimaryKey) > 0 && own == "" {
		parts = append(parts, "PRIMARY KEY ("+quoteAll("", t.PrimaryKey)+")")
	}
	for _, u := range t.Uniques {
		name := ""
		if u.Name != "" {
			name = "CONSTRAINT " + quote(u.Name) + " "
		}
		parts = append(parts, name+"UNIQUE ("+quoteAll("", u.Columns)+")")
	}
	return "CREATE TABLE IF NOT EXISTS " + quote(relation(t)) + " (" + strings.Join(parts, ", ") + ")"
}

// columnSQL is a column's definition. SQLite lets the columns of most primary
// keys be null unless told otherwise.
func columnSQL(c schema.Column, key bool) string {
	native := nativeOf(c.Type)
	if key && strings.EqualFold(native, "integer") {
		native = "bigint" // "integer" would make it the rowid, and number rows by itself
	}
	sql := strings.TrimSpace(quote(c.Name) + " " + native)
	if c.NotNull || key {
		sql += " NOT NULL"
	}
	if c.Default != "" {
		sql += " DEFAULT (" + c.Default + ")"
	}
	return sql
}

// Advance leaves an AUTOINCREMENT past last. Any other INTEGER PRIMARY KEY
// goes on from the greatest that is in the table.
func (t *tx) Advance(ctx context.Context, table *schema.Table, column string, last int64) error {
	if c := table.Column(column); c == nil || c.Sequence == nil {
		return t.fail(fmt.Errorf("column %q of table %q has no sequence", column, table.Name))
	}
	return t.do(ctx, writing, func() error {
		if err := advance(ctx, t.conn, relation(table), last); err != nil {
			return fmt.Errorf("cannot advance the sequence of table %q: %w", table.Name, translate(err))
		}
		return nil
	})
}

func advance(ctx context.Context, c *conn, table string, last int64) error {
	row, err := c.one(ctx, "SELECT sql, name FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)", table)
	if err != nil {
		return err
	}
	if row == nil {
		return errors.New("there is no such table")
	}
	if !parseTable(ownText(row[0])).AutoIncrement {
		return nil
	}
	name := row[1] // as sqlite_sequence spells it
	n, err := c.exec(ctx, "UPDATE sqlite_sequence SET seq = max(coalesce(seq, 0), ?) WHERE name = ?", last, name)
	if err == nil && n == 0 && last > 0 {
		_, err = c.exec(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, last)
	}
	return err
}
