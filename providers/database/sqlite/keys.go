package sqlite

import (
	"context"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// index is one index as index_list has it.
type index struct {
	name, origin, sql string
	unique, partial   bool
}

// indexes reads the unique constraints and unique indexes. It reports whether
// the primary key has an index of its own.
func (s source) indexes(ctx context.Context, c *conn, t *schema.Table) (ownKey bool, err error) {
	const list = `SELECT l.name, l.origin, l."unique", l.partial, coalesce(m.sql, '') FROM pragma_index_list(?) AS l
		LEFT JOIN sqlite_schema AS m ON m.type = 'index' AND m.name = l.name`
	var all []index
	for row, err := range c.query(ctx, list, s.name) {
		if err != nil {
			return false, err
		}
		all = append(all, index{
			name: ownText(row[0]), origin: ownText(row[1]), unique: isTrue(row[2]), partial: isTrue(row[3]), sql: ownText(row[4]),
		})
	}
	for _, x := range all {
		if x.origin == "pk" {
			ownKey = true
			continue
		}
		if !x.unique {
			continue
		}
		u, err := s.unique(ctx, c, x)
		if err != nil {
			return false, err
		}
		t.Uniques = append(t.Uniques, u)
	}
	slices.SortFunc(t.Uniques, func(a, b schema.Unique) int { return strings.Compare(a.Name, b.Name) })
	return ownKey, nil
}

// unique describes a unique index. One that stands for a constraint takes the
// constraint's name, when it has one.
func (s source) unique(ctx context.Context, c *conn, x index) (schema.Unique, error) {
	u := schema.Unique{Name: x.name}
	for row, err := range c.query(ctx, "SELECT cid, name FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno", x.name) {
		switch {
		case err != nil:
			return u, err
		case number(row[0]) < 0:
			u.Expression, u.Definition = true, x.sql
		default:
			u.Columns = append(u.Columns, ownText(row[1]))
		}
	}
	if x.partial {
		u.Predicate = predicate(x.sql)
	}
	if x.origin == "u" {
		for _, d := range s.def.Uniques {
			if d.Name != "" && slices.EqualFunc(d.Columns, u.Columns, strings.EqualFold) {
				u.Name = d.Name
			}
		}
	}
	return u, nil
}

// foreignKeys reads the foreign keys. foreign_key_list has them in the reverse
// order of the text, from which names and deferrability come.
func (s source) foreignKeys(ctx context.Context, c *conn, t *schema.Table) error {
	const list = `SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq`
	last := int64(-1)
	for row, err := range c.query(ctx, list, s.name) {
		if err != nil {
			return err
		}
		if id := number(row[0]); id != last || len(t.ForeignKeys) == 0 {
			last = id
			t.ForeignKeys = append(t.ForeignKeys, schema.ForeignKey{
				RefTable: ownText(row[1]), OnUpdate: strings.ToLower(ownText(row[4])), OnDelete: strings.ToLower(ownText(row[5])),
			})
		}
		fk := &t.ForeignKeys[len(t.ForeignKeys)-1]
		fk.Columns = append(fk.Columns, ownText(row[2]))
		if row[3] != nil { // else the primary key is meant
			fk.RefColumns = append(fk.RefColumns, ownText(row[3]))
		}
	}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		if i < len(s.def.ForeignKeys) && slices.EqualFunc(s.def.ForeignKeys[i].Columns, fk.Columns, strings.EqualFold) {
			fk.Name, fk.Deferrable = s.def.ForeignKeys[i].Name, s.def.ForeignKeys[i].Deferrable
		}
	}
	return nil
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
