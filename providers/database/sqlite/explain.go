package sqlite

import (
	"context"
	"fmt"
	"strings"

	lib "modernc.org/sqlite/lib"
)

// explain says what SQLite's error leaves out, as far as it can be said without
// a value. It is asked while the transaction that failed is still open.
func (c *conn) explain(ctx context.Context, err error) string {
	switch code(err) {
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return c.dangling(ctx)
	case lib.SQLITE_CONSTRAINT_TRIGGER:
		return c.raised(ctx, message(err))
	}
	return ""
}

// dangling says which tables the broken foreign keys are between: SQLite says
// only that there are some. It looks through the whole database, when an apply
// has failed anyway.
func (c *conn) dangling(ctx context.Context) string {
	var pairs []string
	const check = `SELECT DISTINCT "table", parent FROM pragma_foreign_key_check LIMIT 5`
	for row, err := range c.query(ctx, check) {
		if err != nil {
			break
		}
		pairs = append(pairs, fmt.Sprintf("%s refers to rows that %s lacks", ownText(row[0]), ownText(row[1])))
	}
	if len(pairs) == 0 {
		return ""
	}
	return " (" + strings.Join(pairs, "; ") + ")"
}

// raised repeats what a trigger said if it stands in the trigger's text as a
// string: then it is no row's value.
func (c *conn) raised(ctx context.Context, said string) string {
	literal := "'" + strings.ReplaceAll(said, "'", "''") + "'"
	row, err := c.one(ctx, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND instr(sql, ?)", literal)
	if err != nil || row == nil {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", ownText(row[0]), said)
}
