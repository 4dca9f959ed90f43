package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// indexes reads the unique constraints and unique indexes, and whether the
// primary keys have indexes of their own.
func (all sources) indexes(ctx context.Context, c *conn) error {
	const indexes = `SELECT t.name, l.name, l.origin, l.partial, coalesce(m.sql, ''), x.cid, x.name, x.coll` + eachTable +
		`CROSS JOIN pragma_index_list(t.name) AS l CROSS JOIN pragma_index_xinfo(l.name) AS x
		LEFT JOIN sqlite_schema AS m ON m.type = 'index' AND m.name = l.name
		WHERE l."unique" AND x.key ORDER BY t.name, l.name, x.seqno`
	err := all.each(ctx, c, indexes, func(s *source, row []driver.Value) {
		name, origin, sql := ownText(row[0]), ownText(row[1]), ownText(row[3])
		if col := s.Column(ownText(row[5])); col != nil && !strings.EqualFold(ownText(row[6]), "binary") {
			col.Loose = true // without regard to case, or to blanks at the end
		}
		if origin == "pk" {
			s.ownKey = true
			return
		}
		last := len(s.Uniques) - 1
		if last < 0 || s.Uniques[last].Name != name {
			s.Uniques = append(s.Uniques, schema.Unique{Name: name})
			last++
		}
		u := &s.Uniques[last]
		if isTrue(row[2]) {
			u.Predicate = predicate(sql)
		}
		if number(row[4]) < 0 {
			u.Expression, u.Definition = true, sql
		} else {
			u.Columns = append(u.Columns, ownText(row[5]))
		}
	})
	for _, s := range all {
		s.nameUniques()
	}
	return err
}

// nameUniques gives the unique indexes that stand for constraints the names of
// those that have one.
func (s *source) nameUniques() {
	for i := range s.Uniques {
		u := &s.Uniques[i]
		if !strings.HasPrefix(u.Name, "sqlite_autoindex_") { // which SQLite lets nobody else choose
			continue
		}
		for _, d := range s.def.Uniques {
			if d.Name != "" && slices.EqualFunc(d.Columns, u.Columns, strings.EqualFold) {
				u.Name = d.Name
			}
		}
	}
	slices.SortFunc(s.Uniques, func(a, b schema.Unique) int { return strings.Compare(a.Name, b.Name) })
}

// foreignKeys reads the foreign keys. foreign_key_list has them in the reverse
// order of the text, from which names and deferrability come.
func (all sources) foreignKeys(ctx context.Context, c *conn) error {
	const list = `SELECT t.name, l.id, l."table", l."from", l."to", l.on_update, l.on_delete` + eachTable +
		"CROSS JOIN pragma_foreign_key_list(t.name) AS l ORDER BY t.name, l.id DESC, l.seq"
	last := int64(-1)
	err := all.each(ctx, c, list, func(s *source, row []driver.Value) {
		if id := number(row[0]); id != last || len(s.ForeignKeys) == 0 {
			last = id
			s.ForeignKeys = append(s.ForeignKeys, schema.ForeignKey{
				RefTable: ownText(row[1]), OnUpdate: strings.ToLower(ownText(row[4])), OnDelete: strings.ToLower(ownText(row[5])),
			})
		}
		fk := &s.ForeignKeys[len(s.ForeignKeys)-1]
		fk.Columns = append(fk.Columns, ownText(row[2]))
		if row[3] != nil { // else the primary key is meant
			fk.RefColumns = append(fk.RefColumns, ownText(row[3]))
		}
	})
	for _, s := range all {
		for i := range min(len(s.ForeignKeys), len(s.def.ForeignKeys)) {
			fk, d := &s.ForeignKeys[i], s.def.ForeignKeys[i]
			if slices.EqualFunc(d.Columns, fk.Columns, strings.EqualFold) {
				fk.Name, fk.Deferrable = d.Name, d.Deferrable
			}
		}
	}
	return err
}

// resolve spells the names in foreign keys as the tables and columns
// themselves do, since SQLite does not mind case, and fills in the primary
// keys that are meant.
func resolve(cat *schema.Catalogue) {
	tables := map[string]*schema.Table{}
	for _, t := range cat.Tables {
		tables[strings.ToLower(t.Name)] = t
	}
	for _, t := range cat.Tables {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			spell(fk.Columns, t)
			target := tables[strings.ToLower(fk.RefTable)]
			if target == nil {
				continue
			}
			fk.RefTable = target.Name
			if fk.RefColumns == nil {
				fk.RefColumns = slices.Clone(target.PrimaryKey)
			}
			spell(fk.RefColumns, target)
		}
	}
}

func spell(columns []string, t *schema.Table) {
	for i, name := range columns {
		for _, c := range t.Columns {
			if strings.EqualFold(c.Name, name) {
				columns[i] = c.Name
			}
		}
	}
}
