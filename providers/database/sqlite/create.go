package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// Create makes a table. A sequence of a primary key becomes an AUTOINCREMENT,
// whose values have 64 bits; elsewhere there is none. Uniques are never
// deferrable, and never take two nulls for equal.
func (t *tx) Create(ctx context.Context, table *schema.Table) error {
	return t.do(ctx, writing, func() error {
		there, err := t.conn.exists(ctx, table)
		if err == nil && !there {
			var sql string
			if sql, err = createSQL(table); err == nil {
				_, err = t.conn.exec(ctx, sql)
			}
		}
		if err != nil {
			return fmt.Errorf("cannot create table %q: %w", table.Name, translate(err))
		}
		return nil
	})
}

// exists reports whether the table is there. To SQLite, People is people: what
// another database tells apart must not be taken for one.
func (c *conn) exists(ctx context.Context, t *schema.Table) (bool, error) {
	row, err := c.one(ctx, "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?)", relation(t))
	if err != nil || row == nil {
		return false, err
	}
	if name, kind := ownText(row[0]), ownText(row[1]); name != relation(t) || kind != "table" {
		return false, fmt.Errorf("there is a %s %q, which has the same name to SQLite", kind, name)
	}
	return true, nil
}

func createSQL(t *schema.Table) (string, error) {
	if err := checkNames(t); err != nil {
		return "", err
	}
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
		if !u.Expression && u.Predicate == "" {
			parts = append(parts, constraintName(u.Name)+"UNIQUE ("+quoteAll("", u.Columns)+")")
		}
	}
	for _, fk := range t.ForeignKeys {
		part, err := foreignKeySQL(fk)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return "CREATE TABLE " + quote(relation(t)) + " (" + strings.Join(parts, ", ") + ")", nil
}

// checkNames refuses what would end the statement or mean another name.
func checkNames(t *schema.Table) error {
	if len(t.Columns) == 0 {
		return errors.New("SQLite has no tables without columns")
	}
	names := append([]string{t.Name}, t.PrimaryKey...)
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	for _, u := range t.Uniques {
		names = append(append(names, u.Name), u.Columns...)
	}
	for _, fk := range t.ForeignKeys {
		names = append(append(append(names, fk.Name, fk.RefTable), fk.Columns...), fk.RefColumns...)
	}
	for _, n := range names {
		if strings.IndexByte(n, 0) >= 0 {
			return fmt.Errorf("the name %q holds a NUL character", n)
		}
	}
	return nil
}

func constraintName(name string) string {
	if name == "" {
		return ""
	}
	return "CONSTRAINT " + quote(name) + " "
}

// columnSQL is a column's definition. SQLite lets the columns of most primary
// keys be null unless told otherwise.
func columnSQL(c schema.Column, key bool) string {
	native := nameOf(c.Type)
	if key && strings.EqualFold(native, "integer") {
		native = "bigint" // "integer" would make it the rowid, and number rows by itself
	}
	sql := strings.TrimSpace(quote(c.Name) + " " + native)
	if c.NotNull && !c.Generated || key {
		sql += " NOT NULL"
	}
	return sql
}

func foreignKeySQL(fk schema.ForeignKey) (string, error) {
	sql := constraintName(fk.Name) + "FOREIGN KEY (" + quoteAll("", fk.Columns) + ") REFERENCES " + quote(fk.RefTable)
	if len(fk.RefColumns) > 0 {
		sql += " (" + quoteAll("", fk.RefColumns) + ")"
	}
	for _, on := range []struct{ event, action string }{{"DELETE", fk.OnDelete}, {"UPDATE", fk.OnUpdate}} {
		switch on.action {
		case "", "no action":
		case "restrict", "cascade", "set null", "set default":
			sql += " ON " + on.event + " " + strings.ToUpper(on.action)
		default:
			return "", fmt.Errorf("foreign key %q: no such action: %q", fk.Name, on.action)
		}
	}
	return sql + " DEFERRABLE INITIALLY DEFERRED", nil
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
