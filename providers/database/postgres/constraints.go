package postgres

import (
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// uniques reads the rows of uniquesSQL.
func (r *reader) uniques(rows [][]string) error {
	for _, row := range rows {
		t := r.tables[row[0]]
		columns, err := names(row[7])
		if err != nil {
			return err
		}
		if row[2] == "t" {
			t.PrimaryKey = columns
			continue
		}
		u := schema.Unique{
			Name:             row[1],
			Predicate:        row[5],
			Deferrable:       row[3] == "t",
			NullsNotDistinct: row[4] == "true",
		}
		u.Columns = slices.DeleteFunc(columns, func(c string) bool { return c == "" })
		if u.Expression = len(u.Columns) < len(columns); u.Expression {
			u.Definition = row[6]
		}
		t.Uniques = append(t.Uniques, u)
	}
	return nil
}

// constraints reads the rows of constraintsSQL.
func (r *reader) constraints(rows [][]string) error {
	for _, row := range rows {
		t := r.tables[row[0]]
		if row[1] == "c" {
			t.Checks = append(t.Checks, schema.Check{Name: row[2], Expression: row[10]})
			continue
		}
		columns, err := names(row[6])
		if err != nil {
			return err
		}
		refColumns, err := names(row[9])
		if err != nil {
			return err
		}
		addForeignKey(t, schema.ForeignKey{
			Name:       row[2],
			Columns:    columns,
			RefTable:   r.name(row[7], row[8]),
			RefColumns: refColumns,
			Deferrable: row[3] == "t",
			OnDelete:   action(row[4]),
			OnUpdate:   action(row[5]),
		})
	}
	return nil
}

// addForeignKey adds it unless the table has one like it: each partition may
// have one of its own. The stricter of two counts.
func addForeignKey(t *schema.Table, fk schema.ForeignKey) {
	for i := range t.ForeignKeys {
		has := &t.ForeignKeys[i]
		if has.RefTable != fk.RefTable || !slices.Equal(has.Columns, fk.Columns) || !slices.Equal(has.RefColumns, fk.RefColumns) {
			continue
		}
		has.Deferrable = has.Deferrable && fk.Deferrable
		if has.OnDelete == action("a") {
			has.OnDelete = fk.OnDelete
		}
		if has.OnUpdate == action("a") {
			has.OnUpdate = fk.OnUpdate
		}
		return
	}
	t.ForeignKeys = append(t.ForeignKeys, fk)
}

func (r *reader) triggers(rows [][]string) {
	for _, row := range rows {
		t := r.tables[row[0]]
		t.Triggers = append(t.Triggers, row[1])
	}
}

// action spells pg_constraint's code of a foreign key's action.
func action(code string) string {
	switch code {
	case "r":
		return "restrict"
	case "c":
		return "cascade"
	case "n":
		return "set null"
	case "d":
		return "set default"
	}
	return "no action"
}
