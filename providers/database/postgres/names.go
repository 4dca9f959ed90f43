package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/edmsplan/edmsplan/schema"
)

// quote spells one name so that it means itself in SQL.
func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// relation spells a table where its rows are meant. Those of tables that
// inherit from it are not among them: each of these is a table of its own, and
// a row that two tables had would be backed up and restored twice.
func relation(t *schema.Table) string {
	if t.Inherited {
		return "ONLY " + tableName(t)
	}
	return tableName(t)
}

// tableName spells a table's name. A table that no catalogue described has only
// a Name, which is then taken as it is.
func tableName(t *schema.Table) string {
	switch {
	case t.Relation == "":
		return quote(t.Name)
	case t.Schema == "":
		return quote(t.Relation)
	default:
		return pgx.Identifier{t.Schema, t.Relation}.Sanitize()
	}
}

// list spells names with commas between.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// literal spells a string constant; standard_conforming_strings is on.
func literal(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
